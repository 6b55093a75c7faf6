import type { AllocationMetric } from "./allocation.ts";
import type { Dictionary, Indexes, List, UnixNanoseconds } from "./json.ts";

export type EvaluationStatus = "pending" | "blocked" | "complete" | "failed" | "canceled";

/** One look of the scheduler at one job. After https://developer.hashicorp.com/nomad/api-docs/evaluations. */
export interface Evaluation extends Indexes {
  readonly ID: string;
  readonly Priority: number;
  readonly Type: string;
  /** `job-register`, `node-update`, `alloc-stop`, …. */
  readonly TriggeredBy: string;
  readonly Namespace: string;
  readonly JobID: string;
  readonly JobModifyIndex: number;
  readonly NodeID: string;
  readonly DeploymentID: string;
  readonly Status: EvaluationStatus;
  readonly StatusDescription: string;
  /** RFC 3339; what it waits for. */
  readonly WaitUntil?: string | null;
  readonly NextEval: string;
  readonly PreviousEval: string;
  /** The evaluation that waits for room for what found no place. */
  readonly BlockedEval: string;
  readonly RelatedEvals?: List<{ readonly ID: string; readonly Status: EvaluationStatus }>;
  readonly FailedTGAllocs: Dictionary<AllocationMetric>;
  readonly QueuedAllocations: Dictionary<number>;
  readonly CreateTime: UnixNanoseconds;
  readonly ModifyTime: UnixNanoseconds;
}
