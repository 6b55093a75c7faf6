/**
 * Which one stays when a node comes back and its allocation has substitutes by now.
 *
 * An original that failed, or that somebody wants gone, makes way. A newer version of the job always
 * wins. Otherwise the group's `reconcile` decides; by default the original stays, unless the
 * substitute runs and has the better score.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/disconnect#reconcile
 */
import { isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import type { DisconnectPolicy } from "@fractus/core/job.ts";

export interface Reunion {
  /** Originals that stay. */
  readonly kept: readonly Allocation[];
  /** Originals and substitutes that make way. */
  readonly stopped: readonly Allocation[];
}

/**
 * @param returned allocations whose node is back
 * @param present allocations that may have stood in for them
 * @param choice.history every allocation of the group, to find out who stood in for whom
 * @param choice.isBatch whether an original that has completed is the result that was wanted
 */
export function reunite(
  returned: readonly Allocation[],
  present: readonly Allocation[],
  choice: {
    readonly policy: DisconnectPolicy | undefined;
    readonly isBatch: boolean;
    readonly history: readonly Allocation[];
  },
): Reunion {
  const returnedIds = new Set(returned.map((one) => one.id));
  const gone = returned.filter((one) => isLost(one, choice.isBatch));
  const byId = new Map(choice.history.map((one) => [one.id, one]));
  const substitutes = present.filter((one) => !isTerminal(one) && one.unknownSinceMs === undefined);
  const rivalry = [...returned.filter((one) => !gone.includes(one)), ...substitutes];
  const kept: Allocation[] = [];
  const stopped = [...gone];
  for (const rivals of Map.groupBy(rivalry, (one) => rootOf(one, byId)).values()) {
    if (!rivals.some((one) => returnedIds.has(one.id))) continue;
    const winner = inOrderOfBirth(rivals).reduce((best, next) =>
      wins(next, best, choice.policy) ? next : best,
    );
    if (returnedIds.has(winner.id)) kept.push(winner);
    stopped.push(...rivals.filter((one) => one !== winner));
  }
  return { kept, stopped };
}

/** The first of the line of allocations that stood in for each other. */
function rootOf(allocation: Allocation, byId: ReadonlyMap<string, Allocation>): string {
  let root = allocation;
  for (let steps = byId.size; steps > 0 && root.previousId !== undefined; steps--) {
    const previous = byId.get(root.previousId);
    if (!previous) return root.previousId;
    root = previous;
  }
  return root.id;
}

function inOrderOfBirth(allocations: readonly Allocation[]): Allocation[] {
  return allocations.toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
}

/** Nothing is left of the original that could stay. */
function isLost(original: Allocation, isBatch: boolean): boolean {
  if (original.desired !== "run" || original.transition.migrate) return true;
  return original.status === "failed" || (original.status === "complete" && !isBatch);
}

function wins(substitute: Allocation, original: Allocation, policy: DisconnectPolicy | undefined): boolean {
  if (original.status === "complete") return false;
  if (substitute.jobVersion !== original.jobVersion) return substitute.jobVersion > original.jobVersion;
  switch (policy?.reconcile) {
    case "keep_original":
      return false;
    case "keep_replacement":
      return true;
    case "longest_running":
      return runningSinceMs(substitute) < runningSinceMs(original);
    default:
      return substitute.status === "running" && (substitute.score ?? 0) > (original.score ?? 0);
  }
}

function runningSinceMs(allocation: Allocation): number {
  const starts = Object.values(allocation.tasks)
    .filter((task) => task.status === "running")
    .flatMap((task) => task.startedAtMs ?? []);
  return starts.length > 0 ? Math.max(...starts) : Infinity;
}
