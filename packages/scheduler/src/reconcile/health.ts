/**
 * When a copy of a group counts as healthy.
 *
 *     unknown ──▶ healthy     all tasks run, and with `checks` all checks pass, for `minHealthyMs`
 *        └─────▶ unhealthy    a task fails or ends, or `healthyDeadlineMs` has passed
 *
 * Neither is left again. A prestart or poststart task may end, if it does so well; poststop tasks do
 * not count. With `manual`, only a person decides.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/update
 */
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Group, HealthCheck, Task } from "@fractus/core/job.ts";

export interface HealthPolicy {
  readonly healthCheck: HealthCheck;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
}

export interface HealthVerdict {
  /** Absent as long as it is not known. */
  readonly isHealthy?: boolean;
  /** When the answer may change by itself. */
  readonly wakeAtMs?: number;
}

/**
 * @param checksPassSinceMs since when all checks of the copy pass; absent if they do not. Of no
 *   account for a group without checks.
 */
export function judgeHealth(question: {
  readonly allocation: Allocation;
  readonly group: Group;
  readonly policy: HealthPolicy;
  readonly joinedAtMs: number;
  readonly checksPassSinceMs: number | undefined;
  readonly nowMs: number;
}): HealthVerdict {
  const { allocation, group, policy, nowMs } = question;
  if (policy.healthCheck === "manual") return {};
  if (hasFailed(allocation, group)) return { isHealthy: false };
  const goodSinceMs = goodSince(question);
  const deadlineMs = question.joinedAtMs + policy.healthyDeadlineMs;
  const healthyAtMs = goodSinceMs === undefined ? Infinity : goodSinceMs + policy.minHealthyMs;
  if (healthyAtMs <= Math.min(nowMs, deadlineMs)) return { isHealthy: true };
  if (deadlineMs <= nowMs) return { isHealthy: false };
  return { wakeAtMs: Math.min(healthyAtMs, deadlineMs) };
}

function hasFailed(allocation: Allocation, group: Group): boolean {
  if (allocation.status === "failed" || allocation.status === "complete") return true;
  return group.tasks.some((task) => {
    const state = allocation.tasks[task.name];
    if (state?.status !== "dead" || isPoststop(task)) return false;
    return state.failed || !mayEnd(task);
  });
}

function isPoststop(task: Task): boolean {
  return task.lifecycle?.hook === "poststop";
}

function mayEnd(task: Task): boolean {
  return task.lifecycle !== undefined && !task.lifecycle.sidecar;
}

/** Since when everything has been as it should be, or undefined if it is not. */
function goodSince(question: Parameters<typeof judgeHealth>[0]): number | undefined {
  const { allocation, group, policy } = question;
  if (allocation.status !== "running") return undefined;
  const since: number[] = [question.joinedAtMs];
  for (const task of group.tasks.filter((task) => !isPoststop(task))) {
    const state = allocation.tasks[task.name];
    const hasEndedWell = state?.status === "dead" && mayEnd(task);
    if (!hasEndedWell && state?.status !== "running") return undefined;
    since.push((hasEndedWell ? state.finishedAtMs : state.startedAtMs) ?? question.joinedAtMs);
  }
  if (policy.healthCheck === "checks" && hasChecks(group)) {
    if (question.checksPassSinceMs === undefined) return undefined;
    since.push(question.checksPassSinceMs);
  }
  return Math.max(...since);
}

function hasChecks(group: Group): boolean {
  const services = [...group.services, ...group.tasks.flatMap((task) => task.services)];
  return services.some((service) => service.checks.length > 0);
}
