import type { Dictionary, Indexes, List, Nanoseconds } from "./json.ts";

export type DeploymentStatus =
  | "initializing"
  | "running"
  | "paused"
  | "pending"
  | "blocked"
  | "unblocking"
  | "successful"
  | "failed"
  | "cancelled";

/** The way from one version of a job to the next. After https://developer.hashicorp.com/nomad/api-docs/deployments. */
export interface Deployment extends Indexes {
  readonly ID: string;
  readonly Namespace: string;
  readonly JobID: string;
  readonly JobVersion: number;
  readonly JobModifyIndex: number;
  readonly JobCreateIndex: number;
  readonly TaskGroups: Dictionary<DeploymentGroup>;
  readonly Status: DeploymentStatus;
  readonly StatusDescription: string;
}

export interface DeploymentGroup {
  readonly PlacedCanaries: List<string>;
  readonly AutoRevert: boolean;
  readonly AutoPromote?: boolean;
  readonly ProgressDeadline: Nanoseconds;
  /** RFC 3339 */
  readonly RequireProgressBy: string;
  readonly Promoted: boolean;
  readonly DesiredCanaries: number;
  readonly DesiredTotal: number;
  readonly PlacedAllocs: number;
  readonly HealthyAllocs: number;
  readonly UnhealthyAllocs: number;
}

/** What a change of a deployment answers. */
export interface DeploymentAnswer {
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly DeploymentModifyIndex: number;
  /** The version that is gone back to, if the deployment failed and reverts. */
  readonly RevertedJobVersion?: number | null;
}
