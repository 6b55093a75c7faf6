import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { useState } from "react";
import { ActionButton } from "./action.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { Mark, Panel, Table } from "./parts.tsx";
import { formatMegabytes, formatMegahertz } from "./format.ts";
import { allocationStanding, isAlive } from "./status.ts";
import { strings } from "./strings.ts";

const words = strings.job;
type Group = NonNullable<Job["TaskGroups"]>[number];

/** How many copies of each group there are of those that are wanted, and a field to want others. */
export function JobGroups({ job, allocations }: { job: Job; allocations: readonly AllocationStub[] }) {
  const canScale = job.Type === "service" || job.Type === "batch";
  return (
    <Panel title={words.groups}>
      <Table
        label={words.groups}
        heads={[words.group, words.running, strings.allocation.tasks, ...(canScale ? [words.count] : [])]}
      >
        {(job.TaskGroups ?? []).map((group) => {
          const own = allocations.filter((one) => one.TaskGroup === group.Name);
          return (
            <tr key={group.Name}>
              <th scope="row">{group.Name}</th>
              <td>
                <Running group={group} job={job} allocations={own} />
              </td>
              <td className="soft">{tasksText(group)}</td>
              {canScale && (
                <td>
                  <Scale key={group.Count} job={job} group={group} />
                </td>
              )}
            </tr>
          );
        })}
      </Table>
    </Panel>
  );
}

function Running({
  group,
  job,
  allocations,
}: {
  group: Group;
  job: Job;
  allocations: readonly AllocationStub[];
}) {
  const alive = allocations.filter(isAlive);
  const wanted = job.Stop ? 0 : job.Type === "system" || job.Type === "sysbatch" ? alive.length : group.Count;
  const running = alive.filter((one) => one.ClientStatus === "running").length;
  const complete = allocations.filter(
    (one) => one.ClientStatus === "complete" && one.DesiredStatus === "run",
  );
  const standings = Map.groupBy(alive.map(allocationStanding), ({ text }) => text);
  return (
    <div className="running">
      <strong className="number">
        {running + (job.Type === "batch" ? complete.length : 0)} / {wanted}
      </strong>
      {[...standings].map(([text, [{ tone }, ...others]]) => (
        <Mark key={text} tone={tone} text={`${others.length + 1} ${text}`} />
      ))}
      {complete.length > 0 && <Mark tone="idle" text={`${complete.length} ${strings.statuses.complete}`} />}
    </div>
  );
}

function tasksText(group: Group): string {
  return (group.Tasks ?? [])
    .map(({ Name, Driver, Resources }) => {
      const cpu = Resources.Cores > 0 ? `${Resources.Cores} cores` : formatMegahertz(Resources.CPU);
      return `${Name} (${Driver}, ${cpu}, ${formatMegabytes(Resources.MemoryMB)})`;
    })
    .join(", ");
}

const mostCopies = 1_000_000;

function Scale({ job, group }: { job: Job; group: Group }) {
  const { client } = useSession();
  const [count, setCount] = useState(group.Count);
  const { ID: id, Namespace: namespace } = job;
  const isSame = count === group.Count;
  return (
    <div className="scale">
      <input
        type="number"
        min={0}
        max={mostCopies}
        aria-label={words.scaleTo(group.Name)}
        value={count}
        onChange={(event) =>
          setCount(Math.max(0, Math.min(mostCopies, Math.floor(event.target.valueAsNumber || 0))))
        }
      />
      <ActionButton
        name={words.scale}
        line={commands.scaleJob({ id, namespace }, group.Name, count)}
        act={() => client.jobs.scale(id, { group: group.Name, count }, { namespace })}
        whyNot={isSame ? words.sameCount : undefined}
      />
      {!isSame && <code>{commands.scaleJob({ id, namespace }, group.Name, count)}</code>}
    </div>
  );
}
