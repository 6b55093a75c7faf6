/** How a group takes part in a deployment. The rules are those of `group.ts` and `system.ts`. */
import type { Allocation } from "@fractus/core/allocation.ts";
import {
  awaitsPromotion,
  deploymentReasons,
  isActive,
  type Deployment,
  type GroupRollout,
} from "@fractus/core/deployment.ts";
import type { Group, Job, UpdatePolicy } from "@fractus/core/job.ts";
import type { ReconcileInput } from "./decision.ts";

/** Whether changes of the group are rolled out in steps, under a deployment. */
export function isRolledOut(job: Job, group: Group): group is Group & { readonly update: UpdatePolicy } {
  return (job.type === "service" || job.type === "system") && (group.update?.maxParallel ?? 0) > 0;
}

/** Nothing of this version has ever run; of one that turned out well, all copies may be forgotten. */
export function isUntried(job: Job, allocations: readonly Allocation[]): boolean {
  return !job.stable && allocations.every((one) => one.jobVersion !== job.version);
}

/** A group's part before anything is placed. */
export function beginRollout(
  update: UpdatePolicy,
  wanted: { readonly desired: number; readonly desiredCanaries: number },
): GroupRollout {
  return {
    autoRevert: update.autoRevert,
    autoPromote: update.autoPromote,
    isPromoted: false,
    ...wanted,
    placedCanaries: [],
    placed: 0,
    healthy: 0,
    unhealthy: 0,
    progressDeadlineMs: update.progressDeadlineMs,
  };
}

/**
 * The rollout with what is wanted of it now: nodes come and go, and copies that were away return.
 * The same object if that is what it wants already.
 */
export function withWanted(
  rollout: GroupRollout,
  wanted: { readonly desired: number; readonly desiredCanaries?: number },
): GroupRollout {
  const { desired, desiredCanaries = rollout.desiredCanaries } = wanted;
  const isSame = desired === rollout.desired && desiredCanaries === rollout.desiredCanaries;
  return isSame ? rollout : { ...rollout, desired, desiredCanaries };
}

/**
 * How many good copies may be replaced now: `maxParallel`, less those on their way, and none while
 * one is unhealthy. Without a policy, all.
 */
export function replacementLimit(situation: {
  readonly job: Job;
  readonly group: Group;
  readonly deployment: Deployment | undefined;
  readonly members: readonly Allocation[];
  readonly isOnTrial: boolean;
}): number {
  const { job, group, deployment } = situation;
  if (isStalled(deployment) || situation.isOnTrial) return 0;
  if (!isRolledOut(job, group)) return Infinity;
  if (!deployment) return group.update.maxParallel;
  const members = situation.members.filter((one) => one.deploymentId === deployment.id);
  if (members.some((one) => one.health?.isHealthy === false)) return 0;
  const underway = members.filter((one) => one.health?.isHealthy === undefined).length;
  return Math.max(0, group.update.maxParallel - underway);
}

/** A deployment that is paused or has failed replaces nothing. */
export function isStalled(deployment: Deployment | undefined): boolean {
  return deployment?.status === "paused" || deployment?.status === "failed";
}

/**
 * Everybody is there and healthy, and the canaries were promoted. Promotion took all of them to be
 * healthy; those beyond the group's count have stopped since.
 */
export function isFulfilled(rollout: GroupRollout): boolean {
  return !awaitsPromotion(rollout) && rollout.healthy >= rollout.desired;
}

/** A deployment that is about to begin, as yet without groups. */
export function beginDeployment(input: ReconcileInput, job: Job): Deployment {
  return {
    id: input.newDeploymentId,
    project: job.project,
    jobId: job.id,
    jobVersion: job.version,
    jobCreatedIndex: job.createdIndex,
    specIndex: job.specIndex,
    status: "running",
    statusReason: deploymentReasons.running,
    groups: {},
    createdAtMs: input.nowMs,
    modifiedAtMs: input.nowMs,
  };
}

/** What clients are told about a running deployment. */
export function runningReason(groups: Readonly<Record<string, GroupRollout>>): string {
  const waiting = Object.values(groups).filter(awaitsPromotion);
  if (waiting.length === 0) return deploymentReasons.running;
  return waiting.every((rollout) => rollout.autoPromote)
    ? deploymentReasons.runningAutoPromotion
    : deploymentReasons.runningManualPromotion;
}

/** The deployment that new copies belong to, if there is one. */
export function joinedDeploymentId(
  input: ReconcileInput,
  part: { readonly deployment: Deployment | undefined; readonly rollout: GroupRollout | undefined },
): string | undefined {
  if (!part.rollout) return undefined;
  if (!part.deployment) return input.newDeploymentId;
  return isActive(part.deployment) ? part.deployment.id : undefined;
}
