/**
 * Jobs as the API holds them: what the job file says, and what became of it.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/jobs.
 */
import type { Job as JobFile } from "@fractus/hcl/job/api.ts";
import type { JobDiff } from "./diff.ts";
import type { Dictionary, Indexes, List, UnixNanoseconds } from "./json.ts";

export type JobStatus = "pending" | "running" | "dead";

/** A registered job: the canonical job file with the fields that only the server sets. */
export interface Job extends JobFile, Indexes {
  readonly Status: JobStatus;
  readonly StatusDescription: string;
  readonly Stop: boolean;
  readonly Stable: boolean;
  readonly Version: number;
  readonly SubmitTime: UnixNanoseconds;
  readonly JobModifyIndex: number;
  readonly ParentID: string;
  readonly Dispatched: boolean;
  /** Base64. */
  readonly Payload: string | null;
}

/** A job in a list. */
export interface JobStub extends Indexes {
  readonly ID: string;
  readonly ParentID: string;
  readonly Name: string;
  readonly Namespace: string;
  readonly Datacenters: List<string>;
  readonly NodePool: string;
  readonly Type: string;
  readonly Priority: number;
  readonly Periodic: boolean;
  readonly ParameterizedJob: boolean;
  readonly Stop: boolean;
  readonly Status: JobStatus;
  readonly StatusDescription: string;
  readonly JobSummary: JobSummary | null;
  readonly JobModifyIndex: number;
  readonly SubmitTime: UnixNanoseconds;
}

export interface JobSummary {
  readonly JobID: string;
  readonly Namespace: string;
  readonly Summary: Dictionary<GroupSummary>;
  readonly Children: ChildrenSummary | null;
}

export interface GroupSummary {
  readonly Queued: number;
  readonly Starting: number;
  readonly Running: number;
  /** Failed and Complete only go up, over the whole life of the job. */
  readonly Failed: number;
  readonly Complete: number;
  readonly Lost: number;
  readonly Unknown?: number;
}

export interface ChildrenSummary {
  readonly Pending: number;
  readonly Running: number;
  readonly Dead: number;
}

/** The file that a job was made from, kept beside it. */
export interface JobSubmission {
  readonly Source: string;
  readonly Format: "hcl1" | "hcl2" | "json";
  readonly VariableFlags?: Dictionary<string>;
  /** The contents of the files with variables. */
  readonly Variables?: string;
}

export interface RegisterAnswer {
  /** Empty for jobs that only make others: periodic and parameterized ones. */
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly JobModifyIndex: number;
  readonly Warnings: string;
}

export interface DeregisterAnswer {
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly JobModifyIndex: number;
}

export interface DispatchAnswer {
  readonly DispatchedJobID: string;
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly JobCreateIndex: number;
}

export interface ValidateAnswer {
  readonly DriverConfigValidated: boolean;
  readonly ValidationErrors: List<string>;
  readonly Error: string;
  readonly Warnings: string;
}

export interface JobVersions {
  readonly Versions: List<Job>;
  /** What each version changed against the one before; asked for with `diffs`. */
  readonly Diffs: List<JobDiff>;
}

export interface ScaleStatus {
  readonly JobID: string;
  readonly JobStopped: boolean;
  readonly TaskGroups: Dictionary<{
    readonly Desired: number;
    readonly Placed: number;
    readonly Running: number;
    readonly Healthy: number;
    readonly Unhealthy: number;
  }>;
}
