import type { Dice } from "@fractus/core/dice.ts";
import type { JobType, Lifecycle, RestartPolicy } from "@fractus/core/job.ts";
import { durationText } from "./duration-text.ts";

/** How often a task was restarted in the present interval. */
export interface RestartCount {
  readonly count: number;
  readonly sinceMs: number;
}

export type Ending = "success" | "failure" | "unrecoverable";

export type RestartDecision =
  | {
      readonly restarts: true;
      readonly delayMs: number;
      readonly reason: string;
      readonly count: RestartCount;
    }
  | { readonly restarts: false; readonly isFailure: boolean; readonly reason: string };

/**
 * Whether a task that ended by itself is started again, and when.
 *
 * The interval begins with the first restart that it counts. When its attempts are used up, the task is given up
 * (`fail`) or waits for the end of the interval (`delay`). Up to a quarter of the delay is added by chance, so that
 * tasks that fell together do not rise together. Source: https://developer.hashicorp.com/nomad/docs/job-specification/restart
 */
export function decideRestart(
  ending: Ending,
  to: {
    readonly policy: RestartPolicy;
    readonly count: RestartCount | undefined;
    readonly jobType: JobType;
    readonly lifecycle: Lifecycle | undefined;
    readonly nowMs: number;
    readonly dice: Dice;
  },
): RestartDecision {
  const { policy, nowMs } = to;
  if (ending === "unrecoverable") return giveUp("Error was unrecoverable");
  if (ending === "success" && isMeantToEnd(to.jobType, to.lifecycle))
    return { restarts: false, isFailure: false, reason: "" };
  if (policy.attempts === 0) return giveUp("Policy allows no restarts");
  const isFresh = to.count === undefined || nowMs - to.count.sinceMs > policy.intervalMs;
  const { count: earlier, sinceMs } = isFresh || !to.count ? { count: 0, sinceMs: nowMs } : to.count;
  const count = { count: earlier + 1, sinceMs };
  if (count.count <= policy.attempts) {
    const delayMs = policy.delayMs + Math.floor(to.dice.roll() * policy.delayMs * 0.25);
    return { restarts: true, delayMs, reason: "Restart within policy", count };
  }
  const exceeded = `Exceeded allowed attempts ${policy.attempts} in interval ${durationText(policy.intervalMs)} and mode is "${policy.mode}"`;
  if (policy.mode === "fail") return giveUp(exceeded);
  return { restarts: true, delayMs: sinceMs + policy.intervalMs - nowMs + 1, reason: exceeded, count };
}

/** A task of a batch job, or one that prepares or tidies up. */
export function isMeantToEnd(jobType: JobType, lifecycle: Lifecycle | undefined): boolean {
  if (lifecycle) return lifecycle.hook === "poststop" || !lifecycle.sidecar;
  return jobType === "batch" || jobType === "sysbatch";
}

function giveUp(reason: string): RestartDecision {
  return { restarts: false, isFailure: true, reason };
}
