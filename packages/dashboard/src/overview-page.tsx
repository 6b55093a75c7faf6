import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { AllocatedResources, AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Node, NodeStub } from "@fractus/client/types/node.ts";
import { AnswerView } from "./answer-view.tsx";
import { CapacityMeters } from "./capacity-meters.tsx";
import { grantedByNode, roomOf, sum } from "./capacity.ts";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { EndpointsPanel } from "./endpoints-panel.tsx";
import { timeOf } from "./format.ts";
import { Ago, Facts, Mark, Panel } from "./parts.tsx";
import { ProblemList } from "./problem-list.tsx";
import { jobAddress } from "./route.ts";
import { Link } from "./link.tsx";
import { jobStanding, totalsOf } from "./status.ts";
import { strings } from "./strings.ts";
import { useHostUse } from "./use-host-use.ts";
import { useQuery } from "./use-query.ts";

type NodeWithRoom = NodeStub & Pick<Node, "NodeResources" | "ReservedResources">;
type Granted = AllocationStub & { readonly AllocatedResources: AllocatedResources | null };

export interface Overview {
  readonly status: Awaited<ReturnType<Client["agent"]["status"]>>;
  readonly nodes: readonly NodeWithRoom[];
  readonly jobs: Awaited<ReturnType<Client["jobs"]["list"]>>;
  readonly alive: readonly Granted[];
  readonly troubled: readonly AllocationStub[];
  readonly evaluations: Awaited<ReturnType<Client["evaluations"]["list"]>>;
  readonly deployments: Awaited<ReturnType<Client["deployments"]["list"]>>;
}

/** The allocations among which something may be wrong. */
const troubleFilter =
  'DesiredStatus == "run" and (ClientStatus == "failed" or ClientStatus == "lost" or ' +
  'ClientStatus == "unknown" or ClientStatus == "pending" or DeploymentStatus.Healthy == false)';

async function read(client: Client, query: Query): Promise<Overview> {
  const all = { ...query, namespace: "*" };
  const alive = { ...all, filter: 'ClientStatus == "running" or ClientStatus == "pending"' };
  const [status, nodes, jobs, granted, troubled, evaluations, deployments] = await Promise.all([
    client.agent.status(query),
    client.http.get<NodeWithRoom[]>("/nodes", query, { resources: true }),
    client.jobs.list(all),
    client.http.get<Granted[]>("/allocations", alive, { resources: true, task_states: false }),
    client.allocations.list({ ...all, filter: troubleFilter }),
    client.evaluations.list({ status: "blocked" }, all),
    client.deployments.list({ ...all, filter: 'Status == "running" or Status == "failed"' }),
  ]);
  return { status, nodes, jobs, alive: granted, troubled, evaluations, deployments };
}

/** What is wrong comes first; then how full the nodes are, where things can be reached, what runs. */
export function OverviewPage() {
  const answer = useQuery("overview", read, {
    topics: ["Job", "Allocation", "Evaluation", "Deployment", "Node", "Service"],
  });
  return (
    <>
      <h1>{strings.overview.heading}</h1>
      <AnswerView answer={answer}>{(overview) => <Content overview={overview} />}</AnswerView>
    </>
  );
}

function Content({ overview }: { overview: Overview }) {
  const { status, jobs } = overview;
  return (
    <>
      <p className="lead">{strings.overview.counts(status.Jobs, overview.alive.length, status.Nodes)}</p>
      {jobs.length === 0 ? (
        <div className="empty">
          <p>{strings.overview.empty}</p>
          <CommandLine line={commands.runFile()} />
          <Link className="button is-main" to="run">
            {strings.nav.run}
          </Link>
        </div>
      ) : (
        <ProblemList overview={overview} />
      )}
      <div className="columns">
        <Capacity overview={overview} />
        <EndpointsPanel addresses={status.Addresses ?? []} />
        {jobs.length > 0 && <RunningJobs jobs={jobs} />}
        <Panel title={strings.overview.server}>
          <Facts
            facts={[
              [strings.overview.version, status.Version],
              [strings.overview.since, <Ago key="since" atMs={timeOf(status.StartedAt)} />],
              [strings.overview.data, <code key="data">{status.DataDirectory}</code>],
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function Capacity({ overview: { nodes, alive } }: { overview: Overview }) {
  const ready = nodes.filter((node) => node.Status === "ready");
  const use = useHostUse(ready.map(({ ID }) => ID));
  return (
    <Panel title={strings.overview.capacity}>
      <CapacityMeters room={sum(ready.map(roomOf))} granted={sum(grantedByNode(alive).values())} use={use} />
    </Panel>
  );
}

const mostJobs = 8;

function RunningJobs({ jobs }: { jobs: Overview["jobs"] }) {
  const shown = jobs.filter((job) => job.Status === "running" && !job.ParentID).slice(0, mostJobs);
  return (
    <Panel
      title={strings.overview.running}
      aside={
        <Link className="quiet" to="jobs">
          {strings.jobs.heading}
        </Link>
      }
    >
      <ul className="list">
        {shown.map((job) => (
          <li key={`${job.Namespace}/${job.ID}`}>
            <Link to={jobAddress(job.ID, job.Namespace)}>{job.Name}</Link>
            <span className="soft">{job.Type}</span>
            <span className="grow" />
            <span className="number">{totalsOf(job).Running || ""}</span>
            <Mark {...jobStanding(job)} />
          </li>
        ))}
        {shown.length === 0 && <li className="soft">{strings.none}</li>}
      </ul>
    </Panel>
  );
}
