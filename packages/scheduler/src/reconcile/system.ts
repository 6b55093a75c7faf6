/**
 * What becomes of the copies of one group of a system or sysbatch job: one on each node that suits.
 *
 * For each copy, by its node:
 *
 *     gone or down                        lost
 *     does not answer, `lost after`       unknown until then
 *     drained (and the drain reached it)  stops
 *     left the job's zones and pool       stops
 *     not eligible                        stays as it is
 *     ready                               kept, changed in place, or replaced on the same node
 *
 * A ready node without a copy gets one. Of a sysbatch job, a copy of this version that has ended is
 * not run again. Replacements go `maxParallel` at a time; canaries, a percentage of the nodes, first.
 * An unpromoted canary of a failed deployment stays: nothing else is on its node.
 */
import { allocationName, isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { awaitsPromotion, type GroupRollout } from "@fractus/core/deployment.ts";
import { changesOf, type SpecChanges } from "./changes.ts";
import { classify } from "./classify.ts";
import type { GroupCase } from "./copies.ts";
import {
  emptyGroupDecision,
  nothingDesired,
  stopReasons,
  type GroupDecision,
  type NodeCondition,
  type Placement,
} from "./decision.ts";
import { followUpsFor } from "./follow-up.ts";
import type { GroupResult } from "./group.ts";
import { byIndex } from "./names.ts";
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

/** The copies of a group, by what is to be done about them. */
interface Present {
  /** On ready nodes, and to stay there in one form or another. */
  readonly ready: Allocation[];
  /** Somebody asked for them to leave, or their node is drained. */
  readonly leaving: Allocation[];
  readonly lost: Allocation[];
  /** On nodes that the job does not reach any more, or not wanted for another reason. */
  readonly unneeded: Allocation[];
  readonly disconnecting: Allocation[];
  readonly returned: Allocation[];
  ignored: number;
}

export function reconcileSystemGroup(subject: GroupCase): GroupResult {
  const decision = emptyGroupDecision();
  const present = sortByNode(subject);
  stopAndDisconnect(subject, present, decision);
  const changes = changesOf(subject, present.ready);
  decision.inPlace.push(...changes.inPlace);
  const empty = emptyNodes(subject, present);
  for (const nodeId of empty) decision.placements.push(onNode(subject, nodeId, present));

  const canaries = canaryCount(subject, { nodes: present.ready.length + empty.length, changes });
  const replaced = replaceOutdated(subject, { present, changes, canaries }, decision);
  const rollout = rolloutAfter(subject, { present, changes, empty: empty.length, canaries });
  joinDeployment(subject, rollout, decision);
  decision.desired = {
    ...nothingDesired,
    ignore: present.ignored + changes.unchanged.length + changes.destructive.length - replaced,
    place: empty.length,
    stop: decision.stops.length,
    migrate: present.leaving.length,
    inPlace: decision.inPlace.length,
    destructive: replaced,
    canary: decision.placements.filter((one) => one.isCanary).length,
    disconnect: decision.disconnects.length,
    reconnect: decision.reconnects.length,
  };
  const isQuiet = decision.placements.length + decision.inPlace.length + changes.destructive.length === 0;
  return { decision, rollout, isComplete: !rollout || (isQuiet && isFulfilled(rollout)) };
}

function sortByNode(subject: GroupCase): Present {
  const present: Present = {
    ready: [],
    leaving: [],
    lost: [],
    unneeded: [],
    disconnecting: [],
    returned: [],
    ignored: 0,
  };
  const seen = new Set<string>();
  for (const allocation of byIndex(subject.allocations)) {
    if (isTerminal(allocation)) present.ignored++;
    else if (seen.has(allocation.nodeId)) present.unneeded.push(allocation);
    else {
      seen.add(allocation.nodeId);
      sortLive(subject, allocation, present);
    }
  }
  return present;
}

function sortLive({ input, group }: GroupCase, allocation: Allocation, present: Present): void {
  const node = input.nodes.get(allocation.nodeId);
  switch (classify(allocation, { node, policy: group.disconnect, nowMs: input.nowMs })) {
    case "lost":
      return void present.lost.push(allocation);
    case "disconnecting":
      return void present.disconnecting.push(allocation);
    case "migrating":
      return void present.leaving.push(allocation);
    case "reconnecting":
      present.returned.push(allocation);
  }
  if (node && !node.isInReach) present.unneeded.push(allocation);
  else if (node && isReady(node) && allocation.status !== "unknown") present.ready.push(allocation);
  else present.ignored++;
}

function stopAndDisconnect({ input, group }: GroupCase, present: Present, decision: GroupDecision): void {
  const { lost, leaving, unneeded, disconnecting } = present;
  const stop = (reason: string, isLost: boolean) => (allocation: Allocation) =>
    decision.stops.push({ allocation, reason, isLost });
  lost.forEach(stop(stopReasons.lost, true));
  leaving.forEach(stop(stopReasons.migrating, false));
  unneeded.forEach(stop(stopReasons.nodeLeft, false));
  for (const allocation of disconnecting) {
    decision.disconnects.push({ ...allocation, status: "unknown", unknownSinceMs: input.nowMs });
  }
  for (const { unknownSinceMs: _, ...allocation } of present.returned) {
    if (!unneeded.some((one) => one.id === allocation.id)) decision.reconnects.push(allocation);
  }
  if (group.disconnect?.lostAfterMs === undefined) return;
  const atMs = input.nowMs + group.disconnect.lostAfterMs;
  const appointments = disconnecting.map((allocation) => ({ allocation, atMs }));
  decision.followUps.push(...followUpsFor("max-disconnect-timeout", appointments));
}

function isReady(node: NodeCondition): boolean {
  return node.status === "ready" && !node.isDraining && node.isEligible;
}

/** Ready nodes that suit the group and have no copy of it, lowest id first. */
function emptyNodes({ input, job, group, allocations }: GroupCase, present: Present): string[] {
  if (group.count === 0) return [];
  const leaving = new Set(present.leaving);
  const holds = (one: Allocation) => (isTerminal(one) ? isResult(job, one) : !leaving.has(one));
  const taken = new Set(allocations.filter(holds).map((one) => one.nodeId));
  const isEmpty = (id: string, node: NodeCondition) =>
    isReady(node) && node.isInReach && !taken.has(id) && (input.suits?.(id, group) ?? true);
  return [...input.nodes].flatMap(([id, node]) => (isEmpty(id, node) ? id : [])).sort();
}

/** A sysbatch job of this very specification has been there already. */
function isResult(job: GroupCase["job"], allocation: Allocation): boolean {
  const hasEnded = !isUnwanted(allocation) && allocation.status !== "lost";
  return job.type === "sysbatch" && hasEnded && allocation.specIndex === job.specIndex;
}

function onNode({ job, group, allocations }: GroupCase, nodeId: string, present: Present): Placement {
  const previous =
    present.leaving.find((one) => one.nodeId === nodeId) ??
    allocations.findLast((one) => one.nodeId === nodeId && one.nextId === undefined);
  return {
    name: allocationName({ jobId: job.id, group: group.name, index: 0 }),
    group: group.name,
    jobVersion: job.version,
    isCanary: false,
    previous,
    isUpdate: previous !== undefined && present.leaving.includes(previous),
    reschedules: [],
    penaltyNodeIds: [],
    nodeId,
  };
}

interface Canaries {
  readonly desired: number;
  readonly lacking: number;
  /** Copies that were not placed as canaries, and count as such from now on. */
  readonly adopted: readonly Allocation[];
}

const noCanaries: Canaries = { desired: 0, lacking: 0, adopted: [] };

/** Canaries still to be placed: the percentage of nodes that the policy names, at least one, less those there are. */
function canaryCount(
  { job, group, deployment, rollout }: GroupCase,
  step: { readonly nodes: number; readonly changes: SpecChanges },
): Canaries {
  if (!isRolledOut(job, group) || rollout?.isPromoted || group.update.canaries === 0) return noCanaries;
  if (rollout && awaitsPromotion(rollout)) return onTrial(step.changes, { deployment, rollout });
  if (step.changes.destructive.length === 0) return noCanaries;
  const desired = Math.min(
    Math.ceil((step.nodes * group.update.canaries) / 100),
    step.changes.destructive.length,
  );
  return { desired, lacking: desired, adopted: [] };
}

/** Before one more old copy is replaced, those that new nodes got already become part of the trial. */
function onTrial(
  { unchanged }: SpecChanges,
  { deployment, rollout }: { readonly deployment: GroupCase["deployment"]; readonly rollout: GroupRollout },
): Canaries {
  const isCanary = (one: Allocation) => rollout.placedCanaries.includes(one.id);
  const desired = rollout.desiredCanaries;
  const lacking = Math.max(0, desired - unchanged.filter(isCanary).length);
  const members = unchanged.filter((one) => one.deploymentId === deployment?.id && !isCanary(one));
  const adopted = members.slice(0, lacking);
  return { desired, lacking: lacking - adopted.length, adopted };
}

function replaceOutdated(
  { job, group, deployment }: GroupCase,
  step: {
    readonly present: Present;
    readonly changes: SpecChanges;
    readonly canaries: Canaries;
  },
  decision: GroupDecision,
): number {
  const isCanary = step.canaries.desired > 0;
  const members = step.present.ready;
  const limit = replacementLimit({ job, group, deployment, members, isOnTrial: isCanary });
  const canaries = isStalled(deployment) ? 0 : step.canaries.lacking;
  const inOrder = step.changes.destructive.toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const chosen = inOrder.slice(0, isCanary ? canaries : limit);
  for (const previous of chosen) {
    decision.placements.push({
      name: previous.name,
      group: group.name,
      jobVersion: job.version,
      isCanary,
      previous,
      stopPreviousReason: stopReasons.updating,
      isUpdate: true,
      reschedules: [],
      penaltyNodeIds: [],
      nodeId: previous.nodeId,
    });
  }
  return chosen.length;
}

function rolloutAfter(
  { input, job, group, deployment, rollout, allocations }: GroupCase,
  step: {
    readonly present: Present;
    readonly changes: SpecChanges;
    readonly empty: number;
    readonly canaries: Canaries;
  },
): GroupRollout | undefined {
  const { present, changes, canaries } = step;
  const changed = changes.destructive.length + changes.inPlace.length;
  if (rollout) {
    const gone = new Set([...present.lost, ...present.leaving, ...present.unneeded]);
    const isMember = (one: Allocation) => one.deploymentId === deployment?.id && !isTerminal(one);
    const members = allocations.filter((one) => isMember(one) && !gone.has(one));
    const outside = changes.inPlace.filter((one) => !isMember(one)).length + changes.destructive.length;
    const desired = members.length + outside + step.empty || leastWanted(input, group);
    return withCanaries(withWanted(rollout, { desired }), canaries);
  }
  const desired = changed + step.empty;
  if (!isRolledOut(job, group) || isStalled(deployment) || desired === 0) return undefined;
  const isFirstRun = isUntried(job, allocations);
  if (changed === 0 && !isFirstRun) return undefined;
  return beginRollout(group.update, { desired, desiredCanaries: canaries.desired });
}

/** While nodes that the group could be on are away, it does not succeed with nothing; without any such node it does. */
function leastWanted({ nodes, suits }: GroupCase["input"], group: GroupCase["group"]): number {
  return [...nodes].some(([id, { isInReach }]) => isInReach && (suits?.(id, group) ?? true)) ? 1 : 0;
}

function withCanaries(rollout: GroupRollout, { adopted }: Canaries): GroupRollout {
  if (adopted.length === 0) return rollout;
  return { ...rollout, placedCanaries: [...rollout.placedCanaries, ...adopted.map((one) => one.id)] };
}

/** New and changed copies become part of the deployment. */
function joinDeployment(
  { input, deployment }: GroupCase,
  rollout: GroupRollout | undefined,
  decision: GroupDecision,
): void {
  const deploymentId = joinedDeploymentId(input, { deployment, rollout });
  if (deploymentId === undefined) return;
  const health = { joinedAtMs: input.nowMs, isCanary: false };
  const placements = decision.placements.map((one) => ({ ...one, deploymentId }));
  const inPlace = decision.inPlace.map((one) => ({ ...one, deploymentId, health }));
  decision.placements.splice(0, Infinity, ...placements);
  decision.inPlace.splice(0, Infinity, ...inPlace);
}
