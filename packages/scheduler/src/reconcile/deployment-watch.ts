/**
 * Watches over a deployment: a step that is taken whenever something of it changes, or its time has
 * come.
 *
 *   1. Each copy becomes healthy or unhealthy (health.ts), and is counted.
 *   2. Each copy that becomes healthy moves the group's deadline to that time plus the progress
 *      deadline.
 *   3. If every group with canaries promotes by itself and all of them are healthy, they are promoted.
 *   4. It fails if the deadline passes before enough copies are healthy; at once, if a copy is
 *      unhealthy and there is no deadline, or it failed with no attempts left. Otherwise a copy that
 *      failed, even after it was healthy, may now be replaced. Canaries that are all healthy wait for
 *      promotion without limit.
 *   5. When it fails and a group wants it, the job goes back to its newest stable version.
 *
 * A paused deployment only counts.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/update
 */
import { isOver, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import {
  awaitsPromotion,
  deploymentReasons,
  isActive,
  type Deployment,
  type GroupRollout,
} from "@fractus/core/deployment.ts";
import { groupOf, type Job } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { judgeHealth } from "./health.ts";
import { hasAttemptsLeft } from "./reschedule.ts";
import { runningReason } from "./rollout.ts";
import { newestStable, sameSpec } from "./versions.ts";

export interface WatchInput {
  readonly deployment: Deployment;
  /** The job in the version that is deployed. */
  readonly job: Job;
  /** All versions of the job that are kept. */
  readonly versions: readonly Job[];
  /** All allocations of the job; those of other deployments are of no account. */
  readonly allocations: readonly Allocation[];
  /** Since when all checks of an allocation pass, by allocation id. */
  readonly checksPassSinceMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export interface WatchStep {
  /** The deployment as it becomes; the very same object if nothing changes. */
  readonly deployment: Deployment;
  /** Allocations whose health became known, or that may now be replaced. */
  readonly allocations: readonly Allocation[];
  /** Whether the job has to be looked at again. */
  readonly needsEvaluation: boolean;
  /** The version to go back to. */
  readonly revertTo?: number;
  /** When to step again if nothing happens before. */
  readonly wakeAtMs?: number;
}

/** One step. Taken twice at the same time it changes nothing the second time. */
export function watchDeployment(input: WatchInput): WatchStep {
  if (!isActive(input.deployment)) {
    return { deployment: input.deployment, allocations: [], needsEvaluation: false };
  }
  const judged = judgeMembers(input);
  const counted = countMembers(input, judged.members);
  if (input.deployment.status === "paused") return outcome(input, { ...judged, deployment: counted });
  const promoted = promoteByItself(counted, judged.members, input.nowMs);
  const failure = reasonToFail(input, promoted, judged.members);
  if (failure !== undefined) return outcome(input, { ...judged, ...failed(input, promoted, failure) });
  const allowed = allowReplacements(judged);
  const deadlineMs = nextDeadlineMs(promoted, judged.members);
  return outcome(input, { ...allowed, deployment: promoted, deadlineMs });
}

interface Judged {
  /** Members of the deployment, with their health as it is now. */
  readonly members: readonly Allocation[];
  readonly changed: readonly Allocation[];
  readonly wakeAtMs: number;
}

function judgeMembers(input: WatchInput): Judged {
  const changed: Allocation[] = [];
  let wakeAtMs = Infinity;
  const own = input.allocations.filter((one) => one.deploymentId === input.deployment.id);
  const members = own.map((allocation) => {
    const group = groupOf(input.job, allocation.group);
    if (!group?.update || allocation.health?.isHealthy !== undefined || isUnwanted(allocation))
      return allocation;
    const verdict = judgeHealth({
      allocation,
      group,
      policy: group.update,
      joinedAtMs: allocation.health?.joinedAtMs ?? allocation.createdAtMs,
      checksPassSinceMs: input.checksPassSinceMs.get(allocation.id),
      nowMs: input.nowMs,
    });
    wakeAtMs = Math.min(wakeAtMs, verdict.wakeAtMs ?? Infinity);
    if (verdict.isHealthy === undefined) return allocation;
    const judged = withHealth(allocation, { isHealthy: verdict.isHealthy, nowMs: input.nowMs });
    changed.push(judged);
    return judged;
  });
  return { members, changed, wakeAtMs };
}

/** The allocation with its health decided, by the watch or by a person. */
export function withHealth(
  allocation: Allocation,
  verdict: { readonly isHealthy: boolean; readonly nowMs: number },
): Allocation {
  const known = allocation.health ?? { joinedAtMs: allocation.createdAtMs, isCanary: false };
  return {
    ...allocation,
    health: { ...known, isHealthy: verdict.isHealthy, decidedAtMs: verdict.nowMs },
    modifiedAtMs: verdict.nowMs,
  };
}

/** The deployment with its sums put right; the same object if they were. */
function countMembers({ deployment }: WatchInput, members: readonly Allocation[]): Deployment {
  const groups: Record<string, GroupRollout> = {};
  let isChanged = false;
  for (const [name, rollout] of Object.entries(deployment.groups)) {
    const own = members.filter((one) => one.group === name);
    groups[name] = countGroup(rollout, own);
    isChanged ||= groups[name] !== rollout;
  }
  return isChanged ? { ...deployment, groups } : deployment;
}

/**
 * Healthy are those that are so and still run. The deadline is first set when something is placed.
 */
function countGroup(rollout: GroupRollout, members: readonly Allocation[]): GroupRollout {
  const placed = members.length;
  const healthy = members.filter(isHealthyNow).length;
  const unhealthy = members.filter((one) => one.health?.isHealthy === false).length;
  const placedCanaries = members.filter((one) => one.health?.isCanary).map((one) => one.id);
  const canaries = [...new Set([...rollout.placedCanaries, ...placedCanaries])];
  const requireProgressByMs = deadlineAfter(rollout, members);
  const isSame =
    placed === rollout.placed &&
    healthy === rollout.healthy &&
    unhealthy === rollout.unhealthy &&
    canaries.length === rollout.placedCanaries.length &&
    requireProgressByMs === rollout.requireProgressByMs;
  if (isSame) return rollout;
  return { ...rollout, placed, healthy, unhealthy, placedCanaries: canaries, requireProgressByMs };
}

function isHealthyNow(allocation: Allocation): boolean {
  return allocation.health?.isHealthy === true && !isUnwanted(allocation) && !isOver(allocation);
}

function deadlineAfter(rollout: GroupRollout, members: readonly Allocation[]): number | undefined {
  if (rollout.progressDeadlineMs === 0 || members.length === 0) return rollout.requireProgressByMs;
  const steps = members.flatMap((one) => (one.health?.isHealthy ? (one.health.decidedAtMs ?? []) : []));
  const firstMs = Math.min(...members.map((one) => one.health?.joinedAtMs ?? one.createdAtMs));
  const latestMs = Math.max(firstMs, ...steps) + rollout.progressDeadlineMs;
  return Math.max(rollout.requireProgressByMs ?? 0, latestMs);
}

function promoteByItself(deployment: Deployment, members: readonly Allocation[], nowMs: number): Deployment {
  const waiting = Object.entries(deployment.groups).filter(([, rollout]) => awaitsPromotion(rollout));
  const isReady = ([, rollout]: [string, GroupRollout]) =>
    rollout.autoPromote && healthyCanaries(rollout, members) >= rollout.desiredCanaries;
  if (waiting.length === 0 || !waiting.every(isReady)) return deployment;
  return withPromoted(
    deployment,
    waiting.map(([name]) => name),
    nowMs,
  );
}

function withPromoted(deployment: Deployment, names: readonly string[], nowMs: number): Deployment {
  const groups = { ...deployment.groups };
  for (const name of names) {
    groups[name] = {
      ...groups[name],
      isPromoted: true,
      requireProgressByMs: resetDeadline(groups[name], nowMs),
    };
  }
  return { ...deployment, groups, statusReason: runningReason(groups), modifiedAtMs: nowMs };
}

function resetDeadline(rollout: GroupRollout, nowMs: number): number | undefined {
  return rollout.progressDeadlineMs === 0 ? undefined : nowMs + rollout.progressDeadlineMs;
}

function healthyCanaries(rollout: GroupRollout, members: readonly Allocation[]): number {
  return members.filter((one) => rollout.placedCanaries.includes(one.id) && isHealthyNow(one)).length;
}

function reasonToFail(
  input: WatchInput,
  deployment: Deployment,
  members: readonly Allocation[],
): string | undefined {
  for (const [name, rollout] of Object.entries(deployment.groups)) {
    const own = members.filter((one) => one.group === name && !isUnwanted(one));
    const unhealthy = own.filter((one) => one.health?.isHealthy === false);
    const isHopeless = (one: Allocation) =>
      one.status === "failed" && one.nextId === undefined && !mayBeReplaced(input.job, one);
    if (rollout.progressDeadlineMs === 0 && unhealthy.length > 0) return deploymentReasons.unhealthy;
    if (own.some(isHopeless)) return deploymentReasons.unhealthy;
    if (isOverdue(rollout, own, input.nowMs)) return deploymentReasons.noProgress;
  }
  return undefined;
}

function mayBeReplaced(job: Job, allocation: Allocation): boolean {
  const policy = groupOf(job, allocation.group)?.reschedule;
  return policy !== undefined && hasAttemptsLeft(allocation, policy);
}

function isOverdue(rollout: GroupRollout, members: readonly Allocation[], nowMs: number): boolean {
  if (rollout.requireProgressByMs === undefined || rollout.requireProgressByMs > nowMs) return false;
  return !isSettled(rollout, members);
}

/** Nothing more is expected of the group before somebody promotes it, or at all. */
function isSettled(rollout: GroupRollout, members: readonly Allocation[]): boolean {
  if (awaitsPromotion(rollout)) return healthyCanaries(rollout, members) >= rollout.desiredCanaries;
  return rollout.healthy >= rollout.desired;
}

function failed(
  input: WatchInput,
  deployment: Deployment,
  reason: string,
): { readonly deployment: Deployment; readonly revertTo?: number } {
  const wantsRevert = Object.values(deployment.groups).some((rollout) => rollout.autoRevert);
  const way = wantsRevert ? wayBack(input.job, input.versions) : { words: "" };
  return {
    deployment: {
      ...deployment,
      status: "failed",
      statusReason: reason + way.words,
      modifiedAtMs: input.nowMs,
    },
    revertTo: way.version,
  };
}

/** Where a failed version goes back to, and how clients are told. */
function wayBack(job: Job, versions: readonly Job[]): { readonly words: string; readonly version?: number } {
  const stable = newestStable(versions, job.version);
  if (!stable) return { words: " - no stable job version to auto revert to" };
  if (sameSpec(stable, job)) {
    return {
      words: ` - not rolling back to stable job version ${stable.version} as current job has same specification`,
    };
  }
  return { words: ` - rolling back to job version ${stable.version}`, version: stable.version };
}

/** The watch has seen the failure, so the reconciler may replace the copy. */
function allowReplacements(judged: Judged): Judged {
  const changed = new Map(judged.changed.map((one) => [one.id, one]));
  for (const member of judged.members) {
    if (member.status !== "failed" || isUnwanted(member) || member.transition.reschedule) continue;
    changed.set(member.id, { ...member, transition: { ...member.transition, reschedule: true } });
  }
  return { ...judged, changed: [...changed.values()] };
}

function nextDeadlineMs(deployment: Deployment, members: readonly Allocation[]): number {
  const open = Object.values(deployment.groups).filter((rollout) => !isSettled(rollout, members));
  return Math.min(Infinity, ...open.map((rollout) => rollout.requireProgressByMs ?? Infinity));
}

function outcome(
  input: WatchInput,
  step: {
    readonly deployment: Deployment;
    readonly changed: readonly Allocation[];
    readonly wakeAtMs: number;
    readonly deadlineMs?: number;
    readonly revertTo?: number;
  },
): WatchStep {
  const wakeAtMs = Math.min(step.wakeAtMs, laterThan(input.nowMs, step.deadlineMs));
  return {
    deployment: step.deployment,
    allocations: step.changed,
    needsEvaluation: step.changed.length > 0 || step.deployment !== input.deployment,
    revertTo: step.revertTo,
    wakeAtMs: isActive(step.deployment) && Number.isFinite(wakeAtMs) ? wakeAtMs : undefined,
  };
}

/** A deadline that has passed without failing anything needs no waking. */
function laterThan(nowMs: number, deadlineMs: number | undefined): number {
  return deadlineMs !== undefined && deadlineMs > nowMs ? deadlineMs : Infinity;
}

/**
 * Promotes canaries by hand.
 *
 * @param groups names; all groups that wait, if not given
 * @throws Refusal conflict if not all canaries are healthy, or nothing waits
 */
export function promote(
  deployment: Deployment,
  choice: {
    readonly groups?: readonly string[];
    readonly allocations: readonly Allocation[];
    readonly nowMs: number;
  },
): Deployment {
  refuseIfOver(deployment, "promote");
  const names = choice.groups ?? Object.keys(deployment.groups);
  const waiting = names.filter(
    (name) => name in deployment.groups && awaitsPromotion(deployment.groups[name]),
  );
  if (waiting.length === 0) throw new Refusal("conflict", "No canaries to promote.");
  for (const name of waiting) {
    const rollout = deployment.groups[name];
    const healthy = healthyCanaries(rollout, choice.allocations);
    if (healthy < rollout.desiredCanaries) {
      const message = `Task group "${name}" has ${healthy}/${rollout.desiredCanaries} healthy allocations.`;
      throw new Refusal("conflict", message);
    }
  }
  return withPromoted(deployment, waiting, choice.nowMs);
}

/** Stops or resumes the replacing. Either gives the groups a new deadline. */
export function pause(
  deployment: Deployment,
  wish: { readonly isPaused: boolean; readonly nowMs: number },
): Deployment {
  refuseIfOver(deployment, "pause");
  const groups = Object.fromEntries(
    Object.entries(deployment.groups).map(([name, rollout]) => [
      name,
      rollout.requireProgressByMs === undefined
        ? rollout
        : { ...rollout, requireProgressByMs: resetDeadline(rollout, wish.nowMs) },
    ]),
  );
  return {
    ...deployment,
    groups,
    status: wish.isPaused ? "paused" : "running",
    statusReason: wish.isPaused ? deploymentReasons.paused : runningReason(groups),
    modifiedAtMs: wish.nowMs,
  };
}

/** Fails a deployment by hand; the job goes back if a group wants that. */
export function failByHand(
  input: Pick<WatchInput, "deployment" | "job" | "versions" | "nowMs">,
): Pick<WatchStep, "deployment" | "revertTo"> {
  refuseIfOver(input.deployment, "fail");
  const whole = { ...input, allocations: [], checksPassSinceMs: new Map<string, number>() };
  return failed(whole, input.deployment, deploymentReasons.byHand);
}

function refuseIfOver(deployment: Deployment, verb: string): void {
  if (isActive(deployment)) return;
  throw new Refusal("conflict", `Can't ${verb} terminal deployment (it is ${deployment.status}).`);
}
