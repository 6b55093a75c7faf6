/**
 * What the runs of one check add up to.
 *
 *     pending ──▶ success ◀──▶ failure
 *        └───────────────────────▲
 *
 * It becomes `success` after `successesBeforePassing` good runs in a row and `failure` after
 * `failuresBeforeCritical` bad ones; until then it stays what it was. Source:
 * https://developer.hashicorp.com/nomad/docs/job-specification/check
 */
import type { CheckRestart, ServiceCheck } from "@fractus/core/job.ts";
import type { CheckResult } from "../agent-access.ts";
import type { Outcome } from "./outcome.ts";

export type CheckStatus = CheckResult["status"];

export interface Tally {
  readonly status: CheckStatus;
  /** The last run that counted towards the status was a warning. */
  readonly isWarning: boolean;
  readonly successes: number;
  readonly failures: number;
  /** Bad runs in a row that count towards a restart. */
  readonly strikes: number;
}

export function firstTally(check: Pick<ServiceCheck, "initialStatus">): Tally {
  const status = check.initialStatus === "passing" ? "success" : "pending";
  return { status, isWarning: false, successes: 0, failures: 0, strikes: 0 };
}

export function count(tally: Tally, outcome: Outcome, check: ServiceCheck): Tally {
  const isGood = outcome.verdict === "pass";
  const successes = isGood ? tally.successes + 1 : 0;
  const failures = isGood ? 0 : tally.failures + 1;
  const turns = isGood
    ? successes >= (check.successesBeforePassing ?? 0)
    : failures >= (check.failuresBeforeCritical ?? 0);
  return {
    status: turns ? (isGood ? "success" : "failure") : tally.status,
    isWarning: turns ? outcome.verdict === "warning" : tally.isWarning,
    successes,
    failures,
    strikes: tally.strikes,
  };
}

/**
 * The tally after the restart rule looked at the run too, and whether the limit is reached. A run within
 * the grace after the task's start, or while the task does not run, is of no account.
 */
export function strike(
  tally: Tally,
  outcome: Outcome,
  rule: CheckRestart | undefined,
  runningForMs: number | undefined,
): { readonly tally: Tally; readonly isOut: boolean } {
  const isGood = outcome.verdict === "pass" || (outcome.verdict === "warning" && rule?.ignoresWarnings);
  if (!rule || rule.limit <= 0 || isGood) return { tally: { ...tally, strikes: 0 }, isOut: false };
  if (runningForMs === undefined || runningForMs < rule.graceMs) return { tally, isOut: false };
  const strikes = tally.strikes + 1;
  const isOut = strikes >= rule.limit;
  return { tally: { ...tally, strikes: isOut ? 0 : strikes }, isOut };
}

/** Whether a check in this state stands in the way of its service. */
export function isPassing(tally: Tally, onUpdate: string | undefined): boolean {
  if (tally.status === "success") return true;
  return tally.status === "failure" && tally.isWarning && onUpdate === "ignore_warnings";
}
