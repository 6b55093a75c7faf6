/**
 * What becomes of the copies of one group of a service or batch job.
 *
 * Each copy is first sorted by what has happened to it (classify.ts); those that failed, by when they
 * are replaced (reschedule.ts). Those that hold a place of the group's `count` are then made to agree
 * with what is wanted:
 *
 *   1. too many, or two of one name: the surplus stops (stop-surplus.ts);
 *   2. made from an older specification: changed in place, or replaced (tasks-updated.ts), as are
 *      those whose nodes a new affinity or spread puts far behind others (preferences.ts);
 *   3. too few: what failed or was lost is placed anew under its name, the rest under the lowest
 *      free names.
 *
 * Replacement of good copies by new ones goes in steps. If the group wants canaries, these come
 * first, beside the old copies, and nothing else is replaced until they are promoted; while that is
 * so, an old copy that dies is replaced by an old one. Afterwards no more than `maxParallel` copies
 * are replaced and not yet healthy at any time; none at all while one is unhealthy, or the
 * deployment is paused or has failed. Gaps left by lost and failed copies are filled even then.
 */
import { isOver, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { awaitsPromotion, type GroupRollout } from "@fractus/core/deployment.ts";
import type { Group } from "@fractus/core/job.ts";
import { changesOf, type SpecChanges } from "./changes.ts";
import { classify } from "./classify.ts";
import { sortCopies, type Copies, type GroupCase } from "./copies.ts";
import {
  emptyGroupDecision,
  stopReasons,
  type GroupDecision,
  type Placement,
  type ReconcileInput,
} from "./decision.ts";
import { fillGaps } from "./fill.ts";
import { followUpsFor } from "./follow-up.ts";
import { byIndex, canaryNames } from "./names.ts";
import { withMoves } from "./preferences.ts";
import { reunite } from "./reconnect.ts";
import {
  beginRollout,
  isFulfilled,
  isRolledOut,
  isStalled,
  isUntried,
  joinedDeploymentId,
  replacementLimit,
  withWanted,
} from "./rollout.ts";
import { chooseSurplus, doubles } from "./stop-surplus.ts";

export interface GroupResult {
  readonly decision: GroupDecision;
  /** How the group takes part in the deployment; absent if it does not. */
  readonly rollout?: GroupRollout;
  /** Whether the deployment has nothing left to do here; a group that takes no part in it holds nothing up. */
  readonly isComplete: boolean;
}

/** @param unneededCanaryIds canaries of a deployment that is over and was not promoted */
export function reconcileGroup(subject: GroupCase, unneededCanaryIds: ReadonlySet<string>): GroupResult {
  const decision = emptyGroupDecision();
  const wanted = stopUnneededCanaries(subject, unneededCanaryIds, decision);
  const copies = sortCopies(subject, wanted);
  giveUpLost(subject, copies, decision);
  reuniteCopies(subject, copies, decision);
  disconnectCopies(subject, copies, decision);
  setCanariesAside(subject, copies, decision);
  stopSurplus(subject, copies, decision);
  const changes = withMoves(subject, changesOf(subject, copies.standing), decision.stops);
  decision.inPlace.push(...changes.inPlace);

  const lacking = lackingCanaries(subject, copies, changes);
  const isOnTrial = isTrial(subject.rollout) || lacking > 0;
  if (!isStalled(subject.deployment)) placeCanaries(subject, { copies, changes, lacking }, decision);
  const filled = fillGaps(subject, { copies, isOnTrial }, decision);
  const outdated = replaceOutdated(subject, { copies, changes, isOnTrial, filled }, decision);
  copies.later = copies.later.filter(({ allocation }) => !outdated.includes(allocation));
  migrateCopies(subject, { copies, isOnTrial }, decision);
  decision.followUps.push(...followUpsFor("alloc-failure", copies.later));

  const rollout = rolloutAfter(subject, { changes, lacking, filled });
  joinDeployment(subject, rollout, decision);
  summarize(decision, { copies, changes, filled, replaced: outdated.length });
  const isComplete = !rollout || (isQuiet(decision, { copies, changes }) && isFulfilled(rollout));
  return { decision, rollout, isComplete };
}

/** Stops everything of a group that is not wanted at all. */
export function stopGroup(
  input: ReconcileInput,
  allocations: readonly Allocation[],
  group: Group | undefined,
): GroupDecision {
  const decision = emptyGroupDecision();
  for (const allocation of byIndex(allocations)) {
    if (!isUnwanted(allocation)) stop(allocation, { input, group, reason: stopReasons.notNeeded }, decision);
  }
  const ignore = allocations.length - decision.stops.length;
  decision.desired = { ...decision.desired, stop: decision.stops.length, ignore };
  return decision;
}

/** One whose node does not answer cannot stop any more: it is given up. */
function stop(
  allocation: Allocation,
  why: { readonly input: ReconcileInput; readonly group: Group | undefined; readonly reason: string },
  decision: GroupDecision,
): void {
  const { input, group } = why;
  const node = input.nodes.get(allocation.nodeId);
  const isLost = classify(allocation, { node, policy: group?.disconnect, nowMs: input.nowMs }) === "lost";
  decision.stops.push({ allocation, reason: isLost ? stopReasons.lost : why.reason, isLost });
}

function stopUnneededCanaries(
  { input, group, allocations }: GroupCase,
  unneededIds: ReadonlySet<string>,
  decision: GroupDecision,
): Allocation[] {
  const isUnneeded = (one: Allocation) => unneededIds.has(one.id) && !isUnwanted(one);
  for (const canary of allocations.filter(isUnneeded)) {
    stop(canary, { input, group, reason: stopReasons.notNeeded }, decision);
  }
  return allocations.filter((one) => !isUnneeded(one));
}

function giveUpLost({ input, group }: GroupCase, copies: Copies, decision: GroupDecision): void {
  const heldMs = group.disconnect?.stopOnNodeAfterMs ?? 0;
  for (const allocation of copies.lost) {
    decision.stops.push({ allocation, reason: stopReasons.lost, isLost: true });
  }
  if (heldMs === 0) return;
  const atMs = input.nowMs + heldMs;
  const appointments = copies.lost.map((allocation) => ({ allocation, atMs }));
  decision.followUps.push(...followUpsFor("alloc-failure", appointments));
  copies.held.push(...copies.lost.splice(0));
}

/** Of an original that is back and its substitute, one stays. */
function reuniteCopies(subject: GroupCase, copies: Copies, decision: GroupDecision): void {
  const isBatch = subject.job.type === "batch";
  const choice = { policy: subject.group.disconnect, isBatch, history: subject.allocations };
  const { kept, stopped } = reunite(copies.reconnecting, [...copies.standing, ...copies.migrating], choice);
  for (const original of kept) {
    const { unknownSinceMs: _, ...returned } = original;
    decision.reconnects.push(returned);
    copies.standing.push(returned);
  }
  for (const allocation of stopped) {
    decision.stops.push({ allocation, reason: stopReasons.reconnected, isLost: false });
    if (allocation.nextId === undefined && copies.reconnecting.includes(allocation))
      copies.gaps.push(allocation);
  }
  remove(copies, new Set(stopped));
}

function disconnectCopies({ input, group }: GroupCase, copies: Copies, decision: GroupDecision): void {
  const lostAfterMs = group.disconnect?.lostAfterMs;
  for (const allocation of copies.disconnecting) {
    decision.disconnects.push({ ...allocation, status: "unknown", unknownSinceMs: input.nowMs });
  }
  if (group.disconnect?.replace === false) copies.standing.push(...copies.disconnecting.splice(0));
  if (lostAfterMs === undefined) return;
  const atMs = input.nowMs + lostAfterMs;
  const appointments = decision.disconnects.map((allocation) => ({ allocation, atMs }));
  decision.followUps.push(...followUpsFor("max-disconnect-timeout", appointments));
}

/** Canaries on trial hold no place of the count; those that cannot stay where they are, are placed anew. */
function setCanariesAside(
  { input, group, rollout }: GroupCase,
  copies: Copies,
  decision: GroupDecision,
): void {
  if (!rollout || !isTrial(rollout)) return;
  const ids = new Set(rollout.placedCanaries);
  const isCanary = (one: Allocation) => ids.has(one.id);
  const [kept, surplus] = splitCanaries(copies.standing.filter(isCanary), rollout.desiredCanaries);
  for (const canary of surplus) stop(canary, { input, group, reason: stopReasons.notNeeded }, decision);
  copies.canaries = kept;
  const leaving = new Set([...copies.migrating, ...copies.lost, ...copies.disconnecting].filter(isCanary));
  for (const canary of copies.migrating.filter(isCanary)) {
    stop(canary, { input, group, reason: stopReasons.migrating }, decision);
  }
  remove(copies, new Set([...surplus, ...leaving]));
  copies.standing = copies.standing.filter((one) => !kept.includes(one));
}

/** One that came back may find another in its place: the healthy and the elder stay. */
function splitCanaries(canaries: readonly Allocation[], desired: number): [Allocation[], Allocation[]] {
  const isWell = (one: Allocation) => Number(one.health?.isHealthy ?? false);
  const bestFirst = canaries.toSorted((a, b) => isWell(b) - isWell(a) || a.createdAtMs - b.createdAtMs);
  return [bestFirst.slice(0, desired), bestFirst.slice(desired)];
}

function stopSurplus({ input, group, rollout }: GroupCase, copies: Copies, decision: GroupDecision): void {
  const promotedIds = new Set(isTrial(rollout) ? [] : rollout?.placedCanaries);
  const holding = copies.standing.length + copies.migrating.length + copies.held.length;
  const chosen = chooseSurplus(
    {
      standing: copies.standing.filter((one) => one.status !== "complete" && !isUnwanted(one)),
      migrating: copies.migrating,
      promoted: copies.standing.filter((one) => promotedIds.has(one.id)),
    },
    holding - group.count,
  );
  remove(copies, new Set(chosen));
  const twins = isTrial(rollout)
    ? []
    : doubles([...copies.standing, ...copies.migrating].filter((one) => !isOver(one)));
  remove(copies, new Set(twins));
  for (const allocation of [...chosen, ...twins]) {
    stop(allocation, { input, group, reason: stopReasons.notNeeded }, decision);
  }
}

/** Takes allocations out of every list that could still act on them. */
function remove(copies: Copies, gone: ReadonlySet<Allocation>): void {
  if (gone.size === 0) return;
  const ids = new Set([...gone].map((one) => one.id));
  const stays = (one: Allocation) => !ids.has(one.id);
  copies.standing = copies.standing.filter(stays);
  copies.migrating = copies.migrating.filter(stays);
  copies.lost = copies.lost.filter(stays);
  copies.disconnecting = copies.disconnecting.filter(stays);
  copies.failed = copies.failed.filter(stays);
  copies.later = copies.later.filter(({ allocation }) => stays(allocation));
}

function isTrial(rollout: GroupRollout | undefined): boolean {
  return rollout !== undefined && awaitsPromotion(rollout);
}

/** A trial that has begun goes on, even if none of the old copies is left. */
function lackingCanaries({ job, group, rollout }: GroupCase, copies: Copies, changes: SpecChanges): number {
  if (!isRolledOut(job, group) || rollout?.isPromoted) return 0;
  if (changes.destructive.length === 0 && !isTrial(rollout)) return 0;
  const failed = copies.failed.filter((one) => rollout?.placedCanaries.includes(one.id)).length;
  return Math.max(0, group.update.canaries - copies.canaries.length - failed);
}

function placeCanaries(
  { job, group }: GroupCase,
  need: { readonly copies: Copies; readonly changes: SpecChanges; readonly lacking: number },
  decision: GroupDecision,
): void {
  const { copies } = need;
  const sets = {
    canaries: copies.canaries,
    replaced: need.changes.destructive,
    others: [...copies.standing, ...copies.migrating],
  };
  for (const name of canaryNames({ jobId: job.id, group: group.name }, sets, need.lacking)) {
    decision.placements.push({
      name,
      group: group.name,
      jobVersion: job.version,
      isCanary: true,
      isUpdate: false,
      reschedules: [],
      penaltyNodeIds: [],
    });
  }
}

/** Replaces as many outdated copies as the step allows, and says which. */
function replaceOutdated(
  { job, group, deployment }: GroupCase,
  step: {
    readonly copies: Copies;
    readonly changes: SpecChanges;
    readonly isOnTrial: boolean;
    readonly filled: number;
  },
  decision: GroupDecision,
): Allocation[] {
  const members = [...step.copies.standing, ...step.copies.canaries];
  const limit = replacementLimit({ job, group, deployment, members, isOnTrial: step.isOnTrial });
  const chosen = byIndex(step.changes.destructive).slice(0, Math.max(0, limit - step.filled));
  for (const previous of chosen) {
    decision.placements.push({
      name: previous.name,
      group: group.name,
      jobVersion: job.version,
      isCanary: false,
      previous,
      stopPreviousReason: stopReasons.updating,
      isUpdate: true,
      reschedules: [],
      penaltyNodeIds: [],
    });
  }
  return chosen;
}

/** Whoever is to move stops, and is placed anew. */
function migrateCopies(
  { job, group }: GroupCase,
  { copies, isOnTrial }: { readonly copies: Copies; readonly isOnTrial: boolean },
  decision: GroupDecision,
): void {
  for (const previous of byIndex(copies.migrating)) {
    decision.stops.push({ allocation: previous, reason: stopReasons.migrating, isLost: false });
    decision.placements.push({
      name: previous.name,
      group: group.name,
      jobVersion: isOnTrial ? previous.jobVersion : job.version,
      isCanary: false,
      previous,
      isUpdate: false,
      reschedules: previous.reschedules,
      penaltyNodeIds: [],
    });
  }
}

/**
 * All places of the group are part of it, but for those of copies that have nothing to do with it. It
 * wants at least one, so that it does not succeed with nothing.
 */
function rolloutAfter(
  { job, group, deployment, rollout, allocations }: GroupCase,
  step: { readonly changes: SpecChanges; readonly lacking: number; readonly filled: number },
): GroupRollout | undefined {
  const desiredCanaries = step.lacking > 0 ? (group.update?.canaries ?? 0) : undefined;
  const isOutside = (one: Allocation) => !deployment || one.deploymentId !== deployment.id;
  const desired = group.count - step.changes.unchanged.filter(isOutside).length;
  if (rollout) return withWanted(rollout, { desired: Math.max(1, desired), desiredCanaries });
  if (!isRolledOut(job, group) || isStalled(deployment)) return undefined;
  const changed = step.changes.destructive.length + step.changes.inPlace.length;
  const isFirstRun = isUntried(job, allocations);
  if (changed + step.filled === 0 || (changed === 0 && !isFirstRun)) return undefined;
  return beginRollout(group.update, { desired, desiredCanaries: desiredCanaries ?? 0 });
}

/** New and changed copies of this version become part of the deployment. */
function joinDeployment(
  { input, job, deployment }: GroupCase,
  rollout: GroupRollout | undefined,
  decision: GroupDecision,
): void {
  const deploymentId = joinedDeploymentId(input, { deployment, rollout });
  if (deploymentId === undefined) return;
  const joins = (one: Placement) => (one.jobVersion === job.version ? { ...one, deploymentId } : one);
  const health = { joinedAtMs: input.nowMs, isCanary: false };
  decision.placements.splice(0, Infinity, ...decision.placements.map(joins));
  const changed = decision.inPlace.map((one) => ({ ...one, deploymentId, health }));
  decision.inPlace.splice(0, Infinity, ...changed);
}

function summarize(
  decision: GroupDecision,
  sums: {
    readonly copies: Copies;
    readonly changes: SpecChanges;
    readonly filled: number;
    readonly replaced: number;
  },
): void {
  const { copies, changes } = sums;
  const stoppedIds = new Set(decision.stops.map((one) => one.allocation.id));
  const stays = decision.reconnects.filter((one) => !stoppedIds.has(one.id));
  decision.reconnects.splice(0, Infinity, ...stays);
  const rescheduled = decision.placements.filter((one) => one.stopPreviousReason === stopReasons.rescheduled);
  decision.desired = {
    ignore:
      copies.ignored +
      copies.away.length +
      copies.canaries.length +
      changes.unchanged.length +
      changes.destructive.length -
      sums.replaced +
      copies.failed.length -
      rescheduled.length,
    place: sums.filled,
    migrate: copies.migrating.length,
    stop: decision.stops.length + rescheduled.length,
    inPlace: decision.inPlace.length,
    destructive: sums.replaced,
    canary: decision.placements.filter((one) => one.isCanary).length,
    preemptions: 0,
    disconnect: decision.disconnects.length,
    reconnect: decision.reconnects.length,
    rescheduleNow: rescheduled.length,
    rescheduleLater: copies.later.length,
  };
}

function isQuiet(
  decision: GroupDecision,
  { copies, changes }: { readonly copies: Copies; readonly changes: SpecChanges },
): boolean {
  const underway = decision.placements.length + decision.inPlace.length + changes.destructive.length;
  return underway + copies.later.length + copies.failed.length === 0;
}
