import type { AllocationStub, TaskState } from "@fractus/client/types/allocation.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { watch } from "@fractus/client/watch.ts";
import { until, type Context } from "../context.ts";
import { inNamespace } from "../find.ts";

/**
 * Waits until a batch job is dead and gives the exit code of its tasks: 0 if all ended well, otherwise that of
 * the first that did not; 1 for one that never came to an exit code. Other jobs have no end, so there is
 * nothing to wait for.
 */
export async function waitForEnd(
  context: Context,
  which: { readonly id: string; readonly namespace: string | undefined },
): Promise<number> {
  const { client, surroundings } = context;
  const inJobs = inNamespace(which.namespace);
  for await (const job of watch((query) => client.jobs.get(which.id, { ...query, ...inJobs }), {
    ...until(surroundings),
    wait: "5s",
    evenUnchanged: true,
  })) {
    if (!endsByItself(job)) return 0;
    if (job.Status !== "dead") continue;
    const allocations = await client.jobs.allocations(which.id, {}, inJobs);
    const code = exitCodeOf(allocations ?? []);
    context.print(`==> Job "${which.id}" has ended with exit code ${code}`);
    return code;
  }
  return 1;
}

function endsByItself(job: Job): boolean {
  const launches = Boolean(job.Periodic) || (Boolean(job.ParameterizedJob) && !job.Dispatched);
  return (job.Type === "batch" || job.Type === "sysbatch") && !launches;
}

/** Of the last try of each allocation's name, as earlier ones were made up for. */
export function exitCodeOf(allocations: readonly AllocationStub[]): number {
  const last = new Map<string, AllocationStub>();
  for (const allocation of [...allocations].sort((a, b) => a.CreateIndex - b.CreateIndex)) {
    const { Name, NodeID, JobType } = allocation;
    last.set(JobType === "sysbatch" ? `${Name} ${NodeID}` : Name, allocation);
  }
  if (last.size === 0) return 1;
  for (const allocation of last.values()) {
    if (allocation.ClientStatus !== "complete") return failureCode(allocation);
  }
  return 0;
}

function failureCode(allocation: AllocationStub): number {
  for (const state of Object.values(allocation.TaskStates ?? {})) {
    const code = lastExitCode(state);
    if (state.Failed && code !== undefined && code !== 0) return code;
  }
  return 1;
}

/** Of the newest event that tells of the end of the task. */
function lastExitCode(state: TaskState): number | undefined {
  const terminated = (state.Events ?? []).findLast((event) => event.Type === "Terminated");
  if (!terminated) return undefined;
  const code = Number(terminated.Details?.["exit_code"] ?? terminated.ExitCode);
  return Number.isInteger(code) ? code : undefined;
}
