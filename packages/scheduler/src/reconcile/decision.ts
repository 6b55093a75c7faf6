import type { Allocation, RescheduleEvent } from "@fractus/core/allocation.ts";
import type { Deployment, DeploymentStatus } from "@fractus/core/deployment.ts";
import type { EvaluationCause } from "@fractus/core/evaluation.ts";
import type { Group, Job } from "@fractus/core/job.ts";

/** What is known when a job is looked at. Nothing in it is modified. */
export interface ReconcileInput {
  /** Absent when the job is gone from the store; it is then treated as stopped. */
  readonly job?: Job;
  readonly jobId: string;
  /** The job as it was, by version: what its older allocations were made from. */
  readonly versions: ReadonlyMap<number, Job>;
  /** All allocations of the job that the store still has. */
  readonly allocations: readonly Allocation[];
  /** The job's newest deployment, whatever its status. */
  readonly deployment?: Deployment;
  /** Nodes by id; an id that is missing belongs to a node that is gone. */
  readonly nodes: ReadonlyMap<string, NodeCondition>;
  readonly evaluationId: string;
  /** The id for a deployment, if one is begun. */
  readonly newDeploymentId: string;
  readonly nowMs: number;
  /** Whether an allocation may stay on its node with a changed group. Always, if not given. */
  readonly mayStay?: (allocation: Allocation, group: Group) => boolean;
  /**
   * Which of a group's running copies would do clearly better on another node, when those that are
   * leaving are gone. None, if not given.
   */
  readonly outranked?: (question: {
    readonly copies: readonly Allocation[];
    readonly leaving: readonly Allocation[];
    readonly group: Group;
  }) => ReadonlySet<string>;
  /** Of system jobs: whether the node suits the group at all. Always, if not given. */
  readonly suits?: (nodeId: string, group: Group) => boolean;
}

export interface NodeCondition {
  readonly status: "initializing" | "ready" | "down" | "disconnected";
  readonly isDraining: boolean;
  readonly isEligible: boolean;
  /** Whether it is in the job's zones and pool. */
  readonly isInReach: boolean;
}

/** What is to be done so that what runs becomes what is wanted. */
export interface Decision {
  readonly placements: readonly Placement[];
  readonly stops: readonly Stop[];
  /** Allocations as they become: the same id and place, the new specification. */
  readonly inPlace: readonly Allocation[];
  /** Allocations that become `unknown` because their node does not answer. */
  readonly disconnects: readonly Allocation[];
  /** Allocations that stay, now that their node is back. */
  readonly reconnects: readonly Allocation[];
  readonly followUps: readonly FollowUp[];
  /** The deployment as it becomes, if one is begun or one that runs changes. */
  readonly deployment?: Deployment;
  readonly deploymentUpdates: readonly DeploymentUpdate[];
  /** By group name: the summary that `plan` shows. */
  readonly desired: Readonly<Record<string, DesiredUpdates>>;
}

export interface Placement {
  readonly name: string;
  readonly group: string;
  /** The version of the job whose specification it gets. */
  readonly jobVersion: number;
  readonly isCanary: boolean;
  /** The allocation in whose stead it comes. */
  readonly previous?: Allocation;
  /** If given, `previous` is stopped with this reason, but only once this has found its place. */
  readonly stopPreviousReason?: string;
  /** Whether `previous` makes room for it, so that its resources count as free. */
  readonly isUpdate: boolean;
  /** The history that the new allocation carries. */
  readonly reschedules: readonly RescheduleEvent[];
  /** Nodes on which it had better not be: it failed there. */
  readonly penaltyNodeIds: readonly string[];
  readonly deploymentId?: string;
  /** Of system jobs: the very node. */
  readonly nodeId?: string;
}

export interface Stop {
  readonly allocation: Allocation;
  readonly reason: string;
  /** Given up because its node does not answer: its status becomes `lost`. */
  readonly isLost: boolean;
}

/** An evaluation that is to be made for later, and the allocations that wait for it. */
export interface FollowUp {
  readonly cause: EvaluationCause;
  readonly atMs: number;
  readonly allocationIds: readonly string[];
}

export interface DeploymentUpdate {
  readonly deploymentId: string;
  readonly status: DeploymentStatus;
  readonly reason: string;
}

export interface DesiredUpdates {
  readonly ignore: number;
  readonly place: number;
  readonly migrate: number;
  readonly stop: number;
  readonly inPlace: number;
  readonly destructive: number;
  readonly canary: number;
  readonly preemptions: number;
  readonly disconnect: number;
  readonly reconnect: number;
  readonly rescheduleNow: number;
  readonly rescheduleLater: number;
}

/** What one group contributes to a decision. */
export interface GroupDecision {
  readonly placements: Placement[];
  readonly stops: Stop[];
  readonly inPlace: Allocation[];
  readonly disconnects: Allocation[];
  readonly reconnects: Allocation[];
  readonly followUps: FollowUp[];
  desired: DesiredUpdates;
}

export const nothingDesired: DesiredUpdates = {
  ignore: 0,
  place: 0,
  migrate: 0,
  stop: 0,
  inPlace: 0,
  destructive: 0,
  canary: 0,
  preemptions: 0,
  disconnect: 0,
  reconnect: 0,
  rescheduleNow: 0,
  rescheduleLater: 0,
};

export function emptyGroupDecision(): GroupDecision {
  return {
    placements: [],
    stops: [],
    inPlace: [],
    disconnects: [],
    reconnects: [],
    followUps: [],
    desired: nothingDesired,
  };
}

/** The sentences that clients show as `DesiredDescription`. Source: Nomad's HTTP API. */
export const stopReasons = {
  notNeeded: "alloc not needed due to job update",
  migrating: "alloc is being migrated",
  rescheduled: "alloc was rescheduled because it failed",
  lost: "alloc is lost since its node is down",
  updating: "alloc is being updated due to job update",
  reconnected: "alloc not needed due to disconnected client reconnect",
  nodeLeft: "alloc not needed as node is tainted",
} as const;
