import type { Allocation } from "@fractus/core/allocation.ts";
import type { EvaluationCause } from "@fractus/core/evaluation.ts";
import type { FollowUp } from "./decision.ts";

/** Appointments that are no further apart share one evaluation. */
const windowMs = 5_000;

/** One evaluation for each window of appointments, at the time of its first. */
export function followUpsFor(
  cause: EvaluationCause,
  appointments: readonly { readonly allocation: Allocation; readonly atMs: number }[],
): FollowUp[] {
  const followUps: { cause: EvaluationCause; atMs: number; allocationIds: string[] }[] = [];
  for (const { allocation, atMs } of appointments.toSorted((a, b) => a.atMs - b.atMs)) {
    const last = followUps.at(-1);
    if (last && atMs - last.atMs < windowMs) last.allocationIds.push(allocation.id);
    else followUps.push({ cause, atMs, allocationIds: [allocation.id] });
  }
  return followUps;
}
