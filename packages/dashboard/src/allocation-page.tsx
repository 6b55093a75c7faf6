import type { Allocation } from "@fractus/client/types/allocation.ts";
import { Actions } from "./action.tsx";
import { AllocationChecksPanel } from "./allocation-checks.tsx";
import { AllocationPorts } from "./allocation-ports.tsx";
import { AnswerView } from "./answer-view.tsx";
import { grantedTo } from "./capacity.ts";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { millisecondsOf, shortId } from "./format.ts";
import { IsolationPanel } from "./isolation-panel.tsx";
import { Link } from "./link.tsx";
import { LogPanel } from "./log-panel.tsx";
import { Ago, Facts, Mark, Panel } from "./parts.tsx";
import { allocationAddress, jobAddress, nodeAddress } from "./route.ts";
import { allocationStanding } from "./status.ts";
import { strings } from "./strings.ts";
import { TaskStates } from "./task-states.tsx";
import { UsagePanel } from "./usage-panel.tsx";
import { useQuery } from "./use-query.ts";

const words = strings.allocation;

export function AllocationPage({ id }: { id: string }) {
  const answer = useQuery(`allocation ${id}`, (client, query) => client.allocations.get(id, query), {
    topics: ["Allocation"],
  });
  return (
    <AnswerView answer={answer} missing={words.missing}>
      {(allocation) => <Content allocation={allocation} />}
    </AnswerView>
  );
}

function Content({ allocation }: { allocation: Allocation }) {
  const isRunning = allocation.ClientStatus === "running";
  const asked = grantedTo(allocation.AllocatedResources);
  const tasks = tasksOf(allocation);
  return (
    <>
      <Heading allocation={allocation} />
      <TaskStates allocation={allocation} />
      {tasks.length > 0 && <LogPanel key={allocation.ID} allocation={allocation} tasks={tasks} />}
      <div className="columns">
        {isRunning ? (
          <UsagePanel allocations={[allocation]} asked={asked} />
        ) : (
          <Panel title={strings.job.usage}>
            <p className="soft pad">{words.noUsage}</p>
          </Panel>
        )}
        <AllocationPorts allocation={allocation} />
        <AllocationChecksPanel id={allocation.ID} isRunning={isRunning} />
        <IsolationPanel id={allocation.ID} />
        <AllocationActions allocation={allocation} />
      </div>
    </>
  );
}

/** Those that the job names, in its order. */
function tasksOf({ Job: job, TaskGroup, TaskStates: states }: Allocation): readonly string[] {
  const group = (job?.TaskGroups ?? []).find(({ Name }) => Name === TaskGroup);
  return (group?.Tasks ?? []).map(({ Name }) => Name).concat(group ? [] : Object.keys(states ?? {}));
}

function Heading({ allocation }: { allocation: Allocation }) {
  const {
    JobID,
    Namespace,
    NodeID,
    NodeName,
    PreviousAllocation: previous,
    NextAllocation: next,
  } = allocation;
  const link = (id: string) => (
    <Link className="mono" to={allocationAddress(id)}>
      {shortId(id)}
    </Link>
  );
  return (
    <>
      <h1>
        {allocation.Name} <Mark {...allocationStanding(allocation)} />
      </h1>
      <Facts
        facts={[
          [
            words.job,
            <Link key="job" to={jobAddress(JobID, Namespace)}>
              {JobID}
            </Link>,
          ],
          [
            words.node,
            <Link key="node" to={nodeAddress(NodeID)}>
              {NodeName || shortId(NodeID)}
            </Link>,
          ],
          [words.version, String(allocation.Job?.Version ?? "")],
          [words.created, <Ago key="created" atMs={millisecondsOf(allocation.CreateTime)} />],
          [words.desired, allocation.DesiredStatus !== "run" && allocation.DesiredStatus],
          [words.description, allocation.DesiredDescription || allocation.ClientDescription],
          [words.previous, previous && link(previous)],
          [words.next, next && link(next)],
          [
            words.id,
            <code key="id" title={allocation.ID}>
              {shortId(allocation.ID)}
            </code>,
          ],
        ]}
      />
    </>
  );
}

function AllocationActions({ allocation: { ID: id, Name, ClientStatus } }: { allocation: Allocation }) {
  const { client } = useSession();
  const hasEnded = ClientStatus !== "running" && ClientStatus !== "pending";
  const whyNot = hasEnded ? words.ended : undefined;
  return (
    <Panel title={words.actions}>
      <Actions
        acts={[
          {
            name: words.restart,
            line: commands.restartAllocation(id),
            act: () => client.allocations.restart(id),
            sure: words.restartSure(Name),
            whyNot,
          },
          {
            name: words.stop,
            line: commands.stopAllocation(id),
            act: () => client.allocations.stop(id),
            sure: words.stopSure(Name),
            whyNot,
            isDangerous: true,
          },
        ]}
      />
    </Panel>
  );
}
