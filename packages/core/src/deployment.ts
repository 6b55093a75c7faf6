/**
 * The rollout of one version of a job.
 *
 *     pending ──▶ running ◀──▶ paused          pause, resume
 *                    │            │
 *                    ├────────────┴──▶ successful   every copy is there, healthy and promoted
 *                    ├────────────┴──▶ failed       unhealthy copies, no progress, or by hand
 *                    └────────────┴──▶ cancelled    a newer version, or the job was stopped
 *
 * `initializing`, `blocked` and `unblocking` belong to rollouts over several regions; they are known
 * so that no client is surprised, and never entered here.
 */
import type { Transitions } from "./transitions.ts";
import { isFinal } from "./transitions.ts";

export type DeploymentStatus =
  | "initializing"
  | "pending"
  | "running"
  | "paused"
  | "blocked"
  | "unblocking"
  | "successful"
  | "failed"
  | "cancelled";

export const deploymentTransitions: Transitions<DeploymentStatus> = {
  initializing: ["pending", "running", "cancelled"],
  pending: ["running", "failed", "cancelled"],
  running: ["paused", "blocked", "successful", "failed", "cancelled"],
  paused: ["running", "successful", "failed", "cancelled"],
  blocked: ["unblocking", "failed", "cancelled"],
  unblocking: ["successful", "failed", "cancelled"],
  successful: [],
  failed: [],
  cancelled: [],
};

export interface Deployment {
  readonly id: string;
  readonly project: string;
  readonly jobId: string;
  readonly jobVersion: number;
  readonly jobCreatedIndex: number;
  readonly specIndex: number;
  readonly status: DeploymentStatus;
  readonly statusReason: string;
  /** By group name; groups without an update policy are not in it. */
  readonly groups: Readonly<Record<string, GroupRollout>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** How far one group has come. */
export interface GroupRollout {
  readonly autoRevert: boolean;
  readonly autoPromote: boolean;
  /** Whether the canaries were found good; true of groups that want none is of no account. */
  readonly isPromoted: boolean;
  readonly desiredCanaries: number;
  /** Allocation ids. */
  readonly placedCanaries: readonly string[];
  readonly desired: number;
  readonly placed: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly progressDeadlineMs: number;
  /** Absent until something is placed. */
  readonly requireProgressByMs?: number;
}

/** The sentences that clients show, and some compare. Source: Nomad's HTTP API, field `StatusDescription`. */
export const deploymentReasons = {
  running: "Deployment is running",
  runningManualPromotion: "Deployment is running but requires manual promotion",
  runningAutoPromotion: "Deployment is running pending automatic promotion",
  paused: "Deployment is paused",
  successful: "Deployment completed successfully",
  stoppedJob: "Cancelled because job is stopped",
  newerJob: "Cancelled due to newer version of job",
  unhealthy: "Failed due to unhealthy allocations",
  noProgress: "Failed due to progress deadline",
  byHand: "Deployment marked as failed",
} as const;

/** Whether the deployment still decides what may happen. */
export function isActive(deployment: Pick<Deployment, "status">): boolean {
  return !isFinal(deploymentTransitions, deployment.status);
}

/** Whether canaries wait for somebody to promote them. */
export function awaitsPromotion(rollout: GroupRollout): boolean {
  return rollout.desiredCanaries > 0 && !rollout.isPromoted;
}

/** Whether the deployment has such a group. */
export function hasUnpromotedCanaries(deployment: Pick<Deployment, "groups">): boolean {
  return Object.values(deployment.groups).some(awaitsPromotion);
}
