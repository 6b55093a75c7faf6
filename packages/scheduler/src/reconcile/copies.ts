import { isOver, isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import type { Deployment, GroupRollout } from "@fractus/core/deployment.ts";
import type { Group, Job } from "@fractus/core/job.ts";
import { classify, endsForGood } from "./classify.ts";
import type { ReconcileInput } from "./decision.ts";
import { judgeReschedule } from "./reschedule.ts";

/** One group of a service or batch job, and what is known of it. */
export interface GroupCase {
  readonly input: ReconcileInput;
  readonly job: Job;
  readonly group: Group;
  /** Every allocation of the group. */
  readonly allocations: readonly Allocation[];
  /** The deployment of this version, unless it has succeeded. */
  readonly deployment?: Deployment;
  /** The group's part in it. */
  readonly rollout?: GroupRollout;
}

/** The copies of a group, by what is to be done about them. */
export interface Copies {
  /** They hold a place of the group's count. */
  standing: Allocation[];
  /** Canaries that wait for their promotion: they come on top of the count. */
  canaries: Allocation[];
  /** Their nodes do not answer, and others may stand in for them. */
  away: Allocation[];
  migrating: Allocation[];
  /** To be given up now. */
  lost: Allocation[];
  disconnecting: Allocation[];
  reconnecting: Allocation[];
  /** Failed, to be replaced now. */
  failed: Allocation[];
  /** Failed, to be replaced later; until then they are among the standing. */
  later: { readonly allocation: Allocation; readonly atMs: number }[];
  /** Given up earlier and not replaced since. */
  gaps: Allocation[];
  /** Given up, but their cut-off nodes have time to stop them before somebody takes their place. */
  held: Allocation[];
  /** Past caring. */
  ignored: number;
}

/** Sorts the copies by the state of their nodes and by their own. */
export function sortCopies(subject: GroupCase, allocations: readonly Allocation[]): Copies {
  const copies: Copies = {
    standing: [],
    canaries: [],
    away: [],
    migrating: [],
    lost: [],
    disconnecting: [],
    reconnecting: [],
    failed: [],
    later: [],
    gaps: [],
    held: [],
    ignored: 0,
  };
  for (const allocation of allocations) {
    if (isOfEarlierRun(subject, allocation)) copies.ignored++;
    else sortByNode(subject, allocation, copies);
  }
  return copies;
}

/** Results of an earlier version of a batch job say nothing about this one. */
function isOfEarlierRun({ job }: GroupCase, allocation: Allocation): boolean {
  return job.type === "batch" && allocation.jobVersion < job.version && isTerminal(allocation);
}

function sortByNode(subject: GroupCase, allocation: Allocation, copies: Copies): void {
  const { input, group } = subject;
  const node = input.nodes.get(allocation.nodeId);
  switch (classify(allocation, { node, policy: group.disconnect, nowMs: input.nowMs })) {
    case "over":
      return sortGivenUp(subject, allocation, copies);
    case "migrating":
      return void copies.migrating.push(allocation);
    case "lost":
      return void copies.lost.push(allocation);
    case "disconnecting":
      return void copies.disconnecting.push(allocation);
    case "reconnecting":
      return void copies.reconnecting.push(allocation);
    case "standing":
      return sortStanding(subject, allocation, copies);
  }
}

function sortGivenUp({ input, group }: GroupCase, allocation: Allocation, copies: Copies): void {
  copies.ignored++;
  if (allocation.status !== "lost" || allocation.nextId !== undefined) return;
  const isAwaited = allocation.followUpEvaluationId !== undefined;
  const heldMs = isAwaited ? (group.disconnect?.stopOnNodeAfterMs ?? 0) : 0;
  if (allocation.modifiedAtMs + heldMs > input.nowMs) copies.held.push(allocation);
  else copies.gaps.push(allocation);
}

function sortStanding(subject: GroupCase, allocation: Allocation, copies: Copies): void {
  const isBatch = subject.job.type === "batch";
  if (isUnwanted(allocation)) {
    if (isBatch && allocation.nextId === undefined && endsForGood(allocation))
      copies.standing.push(allocation);
    else copies.ignored++;
  } else if (allocation.status === "lost") sortGivenUp(subject, allocation, copies);
  else if (isOver(allocation) && allocation.nextId !== undefined) copies.ignored++;
  else if (allocation.status === "unknown" && subject.group.disconnect?.replace !== false) {
    copies.away.push(allocation);
  } else if (allocation.status === "failed") sortFailed(subject, allocation, copies);
  else if (allocation.status === "complete" && !isBatch) copies.ignored++;
  else copies.standing.push(allocation);
}

function sortFailed({ input, group, deployment }: GroupCase, allocation: Allocation, copies: Copies): void {
  const isInRollout = allocation.deploymentId !== undefined && allocation.deploymentId === deployment?.id;
  const isHeldBack = isInRollout && deployment?.status !== "failed" && !allocation.transition.reschedule;
  const verdict = judgeReschedule({
    allocation,
    policy: group.reschedule,
    nowMs: input.nowMs,
    isHeldBack,
    isDue: allocation.followUpEvaluationId === input.evaluationId,
  });
  if (verdict.kind === "now") return void copies.failed.push(allocation);
  copies.standing.push(allocation);
  if (verdict.kind === "later" && allocation.followUpEvaluationId === undefined) {
    copies.later.push({ allocation, atMs: verdict.atMs });
  }
}
