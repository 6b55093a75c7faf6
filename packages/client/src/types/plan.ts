/**
 * What `POST /v1/job/:id/plan` answers.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan.
 */
import type { AllocationMetric, AllocationStub } from "./allocation.ts";
import type { JobDiff } from "./diff.ts";
import type { Dictionary, List } from "./json.ts";

export interface DesiredUpdates {
  readonly Ignore: number;
  readonly Place: number;
  readonly Migrate: number;
  readonly Stop: number;
  readonly InPlaceUpdate: number;
  readonly DestructiveUpdate: number;
  readonly Canary: number;
  readonly Preemptions: number;
}

export interface PlanAnnotations {
  readonly DesiredTGUpdates: Dictionary<DesiredUpdates>;
  readonly PreemptedAllocs?: List<AllocationStub>;
}

/** Where a copy of a group would go; an extension of Fractus. */
export interface PlannedPlacement {
  readonly Group: string;
  readonly Name: string;
  readonly NodeID: string;
  readonly NodeName: string;
}

export interface PlanAnswer {
  readonly JobModifyIndex: number;
  readonly Diff: JobDiff | null;
  readonly Annotations: PlanAnnotations | null;
  readonly FailedTGAllocs: Dictionary<AllocationMetric>;
  readonly NextPeriodicLaunch: string | null;
  readonly Warnings: string;
  /** Why here, why not there, and the smallest change that would help; an extension of Fractus. */
  readonly Explanation?: List<string>;
  readonly Placements?: List<PlannedPlacement>;
}
