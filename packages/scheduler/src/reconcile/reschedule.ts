/**
 * When an allocation that failed is replaced.
 *
 * The first replacement comes `delayMs` after the failure. Then the delay stays (`constant`),
 * doubles (`exponential`) or is the sum of the last two (`fibonacci`), up to `maxDelayMs`; an
 * allocation that held out longer than that starts again at `delayMs`. Unless they are unlimited,
 * only so many replacements happen within one interval.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/reschedule
 */
import type { Allocation, RescheduleEvent } from "@fractus/core/allocation.ts";
import type { ReschedulePolicy } from "@fractus/core/job.ts";

export type RescheduleVerdict =
  | { readonly kind: "never" }
  | { readonly kind: "now" }
  | { readonly kind: "later"; readonly atMs: number };

/** Waiting less than this is not worth an evaluation of its own. */
const soonMs = 1_000;

/** An unlimited policy remembers this many replacements. */
const rememberedEvents = 5;

/**
 * Says whether and when a failed allocation is to be replaced.
 *
 * @param isHeldBack its deployment runs and has not yet allowed the replacement
 * @param isDue this evaluation was made for it
 */
export function judgeReschedule(question: {
  readonly allocation: Allocation;
  readonly policy: ReschedulePolicy | undefined;
  readonly nowMs: number;
  readonly isHeldBack: boolean;
  readonly isDue: boolean;
}): RescheduleVerdict {
  const { allocation, policy, nowMs } = question;
  if (allocation.transition.forceReschedule) return { kind: "now" };
  if (!policy || question.isHeldBack || !hasAttemptsLeft(allocation, policy)) return { kind: "never" };
  const atMs = failedAtMs(allocation) + nextDelayMs(allocation, policy);
  if (question.isDue || atMs <= nowMs + soonMs) return { kind: "now" };
  return { kind: "later", atMs };
}

/** How long after its failure the allocation is replaced. */
export function nextDelayMs(allocation: Allocation, policy: ReschedulePolicy): number {
  const events = allocation.reschedules;
  const last = events.at(-1);
  const delayMs = growingDelayMs(events, policy);
  if (policy.maxDelayMs <= 0 || delayMs <= policy.maxDelayMs || policy.delayFunction === "constant") {
    return delayMs;
  }
  const heldOutMs = last === undefined ? 0 : failedAtMs(allocation) - last.atMs;
  return heldOutMs > policy.maxDelayMs ? policy.delayMs : policy.maxDelayMs;
}

function growingDelayMs(events: readonly RescheduleEvent[], policy: ReschedulePolicy): number {
  const [beforeLast, last] = [events.at(-2), events.at(-1)];
  if (!last) return policy.delayMs;
  switch (policy.delayFunction) {
    case "exponential":
      return last.delayMs * 2;
    case "fibonacci":
      if (!beforeLast) return policy.delayMs;
      // After a fresh start the older of the two is the cap, which is not part of the new series.
      if (last.delayMs === policy.delayMs && beforeLast.delayMs >= policy.maxDelayMs) return policy.delayMs;
      return last.delayMs + beforeLast.delayMs;
    default:
      return policy.delayMs;
  }
}

/** Whether the policy allows one more replacement, now or later. */
export function hasAttemptsLeft(allocation: Allocation, policy: ReschedulePolicy): boolean {
  if (policy.unlimited) return true;
  const sinceMs = failedAtMs(allocation) - policy.intervalMs;
  const used = allocation.reschedules.filter((event) => event.atMs > sinceMs).length;
  return used < policy.attempts && nextDelayMs(allocation, policy) < policy.intervalMs;
}

/** The history of the allocation that replaces this one. */
export function historyAfter(
  allocation: Allocation,
  policy: ReschedulePolicy | undefined,
  nowMs: number,
): readonly RescheduleEvent[] {
  const event: RescheduleEvent = {
    atMs: nowMs,
    previousId: allocation.id,
    previousNodeId: allocation.nodeId,
    delayMs: policy ? nextDelayMs(allocation, policy) : 0,
  };
  const all = [...allocation.reschedules, event];
  if (!policy || policy.unlimited) return all.slice(-rememberedEvents);
  return all.filter((past) => past.atMs > nowMs - policy.intervalMs);
}

/** When its last task ended; if no task says so, when it was last heard of. */
export function failedAtMs(allocation: Allocation): number {
  const ends = Object.values(allocation.tasks).flatMap((task) => task.finishedAtMs ?? []);
  return ends.length > 0 ? Math.max(...ends) : allocation.modifiedAtMs;
}
