/**
 * Turns a decision into the records that the store is to write. Where copies go, somebody else
 * decides: it is asked for all places at once, replacements of outdated copies first, because these
 * free the room they need.
 */
import { strict as assert } from "node:assert";
import {
  desiredTransitions,
  instanceTransitions,
  type Allocation,
  type Grant,
} from "@fractus/core/allocation.ts";
import type { Deployment, GroupRollout } from "@fractus/core/deployment.ts";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import type { Job } from "@fractus/core/job.ts";
import { mayBecome } from "@fractus/core/transitions.ts";
import type { Decision, FollowUp, Placement, ReconcileInput } from "./decision.ts";

/** Where a copy goes, and what it gets there. */
export interface Place {
  readonly nodeId: string;
  readonly grant: Grant;
  /** The mean of its scores, between -1 and 1. */
  readonly score?: number;
}

/** Records as they become; those that are new have new ids. */
export interface Changes {
  readonly allocations: readonly Allocation[];
  readonly deployments: readonly Deployment[];
  /** Evaluations for later. */
  readonly evaluations: readonly Evaluation[];
  /** The new allocations among them, with what they were made from. */
  readonly placed: readonly Placed[];
  /** Placements that found no place. */
  readonly unplaced: readonly Placement[];
  /** The version of the job that turned out well. */
  readonly stableVersion?: number;
}

export interface Means {
  /**
   * Finds places, for the first of the list first; what is not in the answer has none. The copies
   * that the decision stops need no room any more.
   */
  readonly placeAll: (placements: readonly Placement[]) => ReadonlyMap<Placement, Place>;
  readonly newId: () => string;
}

/** @param input what the decision was made from */
export function carryOut(input: ReconcileInput, decision: Decision, means: Means): Changes {
  const records = new Map<string, Allocation>();
  const known = new Map(input.allocations.map((one) => [one.id, one]));
  const write = (id: string, change: (now: Allocation) => Allocation) => {
    const present = records.get(id) ?? known.get(id);
    if (!present) return;
    const after = change(present);
    assertLawful(present, after);
    records.set(id, { ...after, modifiedAtMs: input.nowMs });
  };
  for (const one of [...decision.disconnects, ...decision.reconnects, ...decision.inPlace])
    write(one.id, () => one);
  for (const { allocation, reason, isLost } of decision.stops) {
    const status = isLost ? "lost" : allocation.status;
    write(allocation.id, (now) => ({ ...now, desired: "stop", desiredReason: reason, status }));
  }
  const evaluations = decision.followUps.map((followUp) => evaluationFor(followUp, input, means.newId()));
  evaluations.forEach((evaluation, index) => {
    for (const id of decision.followUps[index].allocationIds) {
      write(id, (now) => ({ ...now, followUpEvaluationId: evaluation.id }));
    }
  });
  const { placed, unplaced } = placeAll(input, decision, means);
  for (const { placement, allocation } of placed) {
    records.set(allocation.id, allocation);
    if (placement.previous) write(placement.previous.id, (now) => succeeded(now, placement, allocation.id));
  }
  const deployments = deploymentsAfter(
    input,
    decision,
    placed.map((one) => one.allocation),
  );
  const isWell = deployments.some((one) => one.status === "successful");
  const stableVersion = isWell ? input.deployment?.jobVersion : undefined;
  return { allocations: [...records.values()], deployments, evaluations, placed, unplaced, stableVersion };
}

function assertLawful(before: Allocation, after: Allocation): void {
  const desired = { from: before.desired, to: after.desired };
  const status = { from: before.status, to: after.status };
  assert.ok(
    mayBecome(desiredTransitions, desired),
    `${before.id} goes from ${desired.from} to ${desired.to}`,
  );
  assert.ok(mayBecome(instanceTransitions, status), `${before.id} goes from ${status.from} to ${status.to}`);
}

function evaluationFor(followUp: FollowUp, input: ReconcileInput, id: string): Evaluation {
  return {
    id,
    project: input.job?.project ?? input.allocations[0]?.project ?? "default",
    jobId: input.jobId,
    type: input.job?.type ?? "service",
    priority: input.job?.priority ?? 50,
    cause: followUp.cause,
    status: "pending",
    waitUntilMs: followUp.atMs,
    previousId: input.evaluationId,
    createdAtMs: input.nowMs,
    modifiedAtMs: input.nowMs,
  };
}

/** A new allocation, and the placement it came from. */
export interface Placed {
  readonly placement: Placement;
  readonly allocation: Allocation;
}

function placeAll(
  input: ReconcileInput,
  decision: Decision,
  means: Means,
): { readonly placed: readonly Placed[]; readonly unplaced: readonly Placement[] } {
  const inOrder = decision.placements.toSorted((a, b) => Number(b.isUpdate) - Number(a.isUpdate));
  const known = inOrder.filter((placement) => versionOf(input, placement.jobVersion) !== undefined);
  const places = means.placeAll(known);
  const placed = known.flatMap((placement) => {
    const [place, job] = [places.get(placement), versionOf(input, placement.jobVersion)];
    if (!place || !job) return [];
    return { placement, allocation: newAllocation(input, { placement, place, job, id: means.newId() }) };
  });
  return { placed, unplaced: inOrder.filter((placement) => !places.has(placement)) };
}

/** The job as it was in a version, or as it is. */
export function versionOf(input: ReconcileInput, version: number): Job | undefined {
  return input.job?.version === version ? input.job : input.versions.get(version);
}

function newAllocation(
  input: ReconcileInput,
  made: { readonly placement: Placement; readonly place: Place; readonly job: Job; readonly id: string },
): Allocation {
  const { placement, place, job, id } = made;
  const { nowMs } = input;
  const health = placement.deploymentId ? { joinedAtMs: nowMs, isCanary: placement.isCanary } : undefined;
  return {
    id,
    project: job.project,
    name: placement.name,
    nodeId: place.nodeId,
    desired: "run",
    status: "pending",
    grant: place.grant,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    jobId: job.id,
    jobVersion: job.version,
    specIndex: job.specIndex,
    group: placement.group,
    evaluationId: input.evaluationId,
    transition: {},
    tasks: {},
    deploymentId: placement.deploymentId,
    health,
    previousId: placement.previous?.id,
    reschedules: placement.reschedules,
    score: place.score,
  };
}

/** The allocation in whose stead another one came. */
function succeeded(now: Allocation, placement: Placement, nextId: string): Allocation {
  const after = { ...now, nextId };
  if (placement.stopPreviousReason === undefined) return after;
  return { ...after, desired: "stop", desiredReason: placement.stopPreviousReason };
}

function deploymentsAfter(
  input: ReconcileInput,
  decision: Decision,
  placed: readonly Allocation[],
): Deployment[] {
  const { nowMs } = input;
  const cancelled = decision.deploymentUpdates.flatMap(({ deploymentId, status, reason }) =>
    input.deployment?.id === deploymentId
      ? { ...input.deployment, status, statusReason: reason, modifiedAtMs: nowMs }
      : [],
  );
  const base = decision.deployment ?? input.deployment;
  const canaries = placed.filter((one) => one.health?.isCanary && one.deploymentId === base?.id);
  if (!base || (!decision.deployment && canaries.length === 0)) return cancelled;
  const groups: Record<string, GroupRollout> = { ...base.groups };
  for (const { id, group } of canaries) {
    groups[group] = { ...groups[group], placedCanaries: [...groups[group].placedCanaries, id] };
  }
  return [...cancelled, { ...base, groups, modifiedAtMs: nowMs }];
}
