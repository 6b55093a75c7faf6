import type { Context } from "@fractus/control/context.ts";
import type { JobSummary } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import { isTerminal } from "@fractus/core/allocation.ts";
import { countTransition, emptySummary, type GroupSummary } from "@fractus/scheduler/reconcile/versions.ts";

/**
 * Counts the allocations of each job anew. What ended is counted for the life of a job, so of those
 * counts the present ones stay where they are higher than what can still be seen.
 */
export function reconcileSummaries({ ledger }: Pick<Context, "ledger">): Promise<number> {
  return ledger.transact("job-status", (draft) => {
    for (const key of draft.state.jobs.ids()) {
      const known = draft.state.summaries.get(key);
      const counted = known && recount(draft.state, key, known);
      if (counted && JSON.stringify(counted) !== JSON.stringify(known)) draft.put("summaries", counted);
    }
    return draft.changes().length > 0 ? draft.index : draft.state.index;
  });
}

function recount(state: State, key: string, known: JobSummary): JobSummary {
  const allocations = state.allocations.by("job", key);
  const groups: Record<string, GroupSummary> = {};
  for (const [name, before] of Object.entries(known.groups))
    groups[name] = { ...emptySummary, queued: before.queued };
  for (const one of allocations) {
    const { queued } = groups[one.group] ?? emptySummary;
    groups[one.group] = { ...countTransition(groups[one.group] ?? emptySummary, { to: one.status }), queued };
  }
  for (const [name, before] of Object.entries(known.groups)) {
    const { failed, complete } = groups[name];
    groups[name] = {
      ...groups[name],
      failed: Math.max(failed, before.failed),
      complete: Math.max(complete, before.complete),
    };
  }
  const live = allocations.filter((one) => !isTerminal(one)).length;
  return { ...known, groups, live, total: Math.max(known.total, allocations.length) };
}
