import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { AllocationTable } from "./allocation-table.tsx";
import { AnswerView } from "./answer-view.tsx";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { DispatchForm } from "./dispatch-form.tsx";
import { millisecondsOf } from "./format.ts";
import { JobActions } from "./job-actions.tsx";
import { JobDeployment } from "./job-deployment.tsx";
import { JobEndpoints } from "./job-endpoints.tsx";
import { JobGroups } from "./job-groups.tsx";
import { JobTable } from "./jobs-page.tsx";
import { JobVersions } from "./job-versions.tsx";
import { Link } from "./link.tsx";
import { Ago, Facts, Mark, Panel } from "./parts.tsx";
import { jobAddress, usualNamespace } from "./route.ts";
import { isAlive, jobStanding } from "./status.ts";
import { strings } from "./strings.ts";
import { UsagePanel } from "./usage-panel.tsx";
import { useQuery } from "./use-query.ts";
import { WhyLines } from "./why-lines.tsx";

const words = strings.job;

export interface JobView {
  readonly job: Job;
  readonly allocations: readonly AllocationStub[];
  readonly deployment: Deployment | null;
  readonly standing: ReturnType<typeof jobStanding>;
}

async function read(client: Client, id: string, query: Query): Promise<JobView> {
  const [job, allocations, deployment, summary] = await Promise.all([
    client.jobs.get(id, query),
    client.jobs.allocations(id, {}, query),
    client.jobs.latestDeployment(id, query),
    client.jobs.summary(id, query),
  ]);
  const isTemplate = { Periodic: job.Periodic !== null, ParameterizedJob: isParameterized(job) };
  const standing = jobStanding({ ...job, ...isTemplate, JobSummary: summary });
  return { job, allocations, deployment, standing };
}

export function isParameterized(job: Job): boolean {
  return job.ParameterizedJob !== null && !job.Dispatched;
}

/** How an application fares: its health, what it uses, where it is reached. (CL-207) */
export function JobPage({ id, namespace }: { id: string; namespace: string }) {
  const answer = useQuery(
    `job ${namespace} ${id}`,
    (client, query) => read(client, id, { ...query, namespace }),
    { topics: ["Job", "Allocation", "Deployment", "Evaluation"] },
  );
  return (
    <AnswerView answer={answer} missing={words.missing(id)}>
      {(view) => <Content view={view} />}
    </AnswerView>
  );
}

function Content({ view }: { view: JobView }) {
  const { job, allocations, deployment, standing } = view;
  const running = allocations.filter((one) => one.ClientStatus === "running");
  const isTemplate = job.Periodic !== null || isParameterized(job);
  const isInTrouble = standing.tone === "bad" && !isTemplate;
  return (
    <>
      <Heading view={view} />
      {isInTrouble && <WhyPanel job={job} />}
      {isTemplate ? (
        <Launches job={job} />
      ) : (
        <>
          <JobGroups job={job} allocations={allocations} />
          {deployment && deployment.JobVersion === job.Version && (
            <JobDeployment deployment={deployment} job={job} />
          )}
          <Panel title={words.allocations}>
            <AllocationTable allocations={allocations} empty={words.noAllocations} />
          </Panel>
        </>
      )}
      <div className="columns">
        {running.length > 0 && <UsagePanel allocations={running} />}
        {!isTemplate && <JobEndpoints job={job} allocations={allocations.filter(isAlive)} />}
        {!isTemplate && !isInTrouble && <WhyPanel job={job} />}
        <Panel title={words.actions}>
          <JobActions view={view} />
        </Panel>
        <JobVersions job={job} />
      </div>
    </>
  );
}

function Heading({ view: { job, standing } }: { view: JobView }) {
  return (
    <>
      <h1>
        {job.Name} <Mark {...standing} />
      </h1>
      <Facts
        facts={[
          [words.type, job.Type],
          [words.version, String(job.Version)],
          [words.priority, String(job.Priority)],
          [words.namespace, job.Namespace !== usualNamespace && job.Namespace],
          [words.pool, job.NodePool !== "default" && job.NodePool],
          [words.datacenters, (job.Datacenters ?? []).filter((name) => name !== "*").join(", ")],
          [words.submitted, <Ago key="submitted" atMs={millisecondsOf(job.SubmitTime)} />],
          [
            words.parent,
            job.ParentID !== "" && (
              <Link key="parent" to={jobAddress(job.ParentID, job.Namespace)}>
                {job.ParentID}
              </Link>
            ),
          ],
        ]}
      />
    </>
  );
}

function WhyPanel({ job: { ID: id, Namespace: namespace } }: { job: Job }) {
  const answer = useQuery(
    `why ${namespace} ${id}`,
    (client, query) => client.jobs.why(id, { ...query, namespace }),
    { topics: ["Job", "Evaluation", "Node", "Allocation"] },
  );
  return (
    <Panel title={words.why} aside={<CommandLine line={commands.why({ id, namespace })} />}>
      <AnswerView answer={answer}>{(why) => <WhyLines why={why} />}</AnswerView>
    </Panel>
  );
}

/** What a periodic or parameterized job has brought about. */
function Launches({ job }: { job: Job }) {
  const { ID: id, Namespace: namespace } = job;
  const answer = useQuery(
    `launches ${namespace} ${id}`,
    (client, query) => client.jobs.list({ ...query, namespace, prefix: `${id}/` }),
    { topics: ["Job", "Allocation"] },
  );
  return (
    <Panel title={words.launches}>
      {isParameterized(job) && <DispatchForm job={job} />}
      <AnswerView answer={answer}>
        {(jobs) => {
          const own = jobs.filter((one) => one.ParentID === id);
          const newest = [...own].sort((a, b) => b.SubmitTime - a.SubmitTime);
          return own.length > 0 ? <JobTable jobs={newest} /> : <p className="soft pad">{strings.none}</p>;
        }}
      </AnswerView>
    </Panel>
  );
}
