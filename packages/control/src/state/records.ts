/** What the control plane keeps beside the nouns of `core`. */
import type { Job } from "@fractus/core/job.ts";
import type { GroupSummary } from "@fractus/scheduler/reconcile/versions.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A job, in the words of the door through which it came as well: what a client sent, it gets back. */
export interface JobRecord {
  readonly job: Job;
  /** The door's own form of it, with all defaults. */
  readonly definition: Json;
  /** The text it was made from. */
  readonly submission?: Submission;
  /** A name somebody gave to this version, so that it is kept. */
  readonly tag?: VersionTag;
}

export interface Submission {
  readonly source: string;
  /** `hcl1`, `hcl2` or `json`. */
  readonly format: string;
  readonly variables: string;
  readonly variableFlags: Readonly<Record<string, string>>;
}

export interface VersionTag {
  readonly name: string;
  readonly description: string;
  readonly taggedAtMs: number;
}

/** Counts of a job's allocations, kept up as they change. */
export interface JobSummary {
  readonly project: string;
  readonly jobId: string;
  /** By group name. */
  readonly groups: Readonly<Record<string, GroupSummary>>;
  /** Allocations that are wanted and not over. */
  readonly live: number;
  /** Allocations there ever were. */
  readonly total: number;
}

/** A launch of a periodic job: when the last one was. */
export interface PeriodicLaunch {
  readonly project: string;
  readonly jobId: string;
  readonly atMs: number;
}

export interface Variable {
  readonly project: string;
  readonly path: string;
  readonly items: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly lock?: VariableLock;
}

export interface VariableLock {
  readonly id: string;
  readonly ttlMs: number;
  readonly delayMs: number;
  readonly expiresAtMs: number;
}

/** A project: job files say namespace. */
export interface Project {
  readonly name: string;
  readonly description: string;
  readonly meta: Readonly<Record<string, string>>;
  /** What its instances may take together; absent: any amount. */
  readonly quota?: Quota;
  readonly capabilities?: {
    readonly enabledDrivers: readonly string[];
    readonly disabledDrivers: readonly string[];
  };
}

export interface Quota {
  readonly cpuMhz?: number;
  readonly memoryBytes?: number;
  readonly instances?: number;
}

export interface NodePool {
  readonly name: string;
  readonly description: string;
  readonly meta: Readonly<Record<string, string>>;
}

/** An ACL policy: its rules are HCL, in Nomad's words. */
export interface Policy {
  readonly name: string;
  readonly description: string;
  readonly rules: string;
}

/** Who may do what: a secret is known by its digest only. */
export interface Token {
  readonly accessorId: string;
  /** SHA-256 in hexadecimal. */
  readonly secretDigest: string;
  readonly name: string;
  /** `management` may do everything. */
  readonly type: "client" | "management";
  readonly policies: readonly string[];
  readonly roles: readonly string[];
  readonly isGlobal: boolean;
  readonly createdAtMs: number;
  readonly expiresAtMs?: number;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly policies: readonly string[];
}

/** How the scheduler decides, for the whole cloud. */
export interface SchedulerSettings {
  readonly algorithm: "binpack" | "spread";
  /** By job type: whether less important instances may be evicted. */
  readonly preemption: {
    readonly system: boolean;
    readonly service: boolean;
    readonly batch: boolean;
    readonly sysbatch: boolean;
  };
  readonly memoryOversubscription: boolean;
  readonly rejectsJobs: boolean;
  /** No evaluation is looked at while this is set. */
  readonly isPaused: boolean;
}

/** What happened to a node, for people. */
export interface NodeEvent {
  readonly message: string;
  /** `Cluster`, `Drain`, `Driver`. */
  readonly subsystem: string;
  readonly details: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** What control knows of a node beside what the agent says. */
export interface NodeNotes {
  readonly nodeId: string;
  /** The last ten. */
  readonly events: readonly NodeEvent[];
  readonly statusReason?: string;
  readonly statusChangedAtMs: number;
  readonly lastDrain?: {
    readonly startedAtMs: number;
    readonly updatedAtMs: number;
    readonly status: "draining" | "complete" | "canceled";
    readonly accessorId: string;
    readonly meta: Readonly<Record<string, string>>;
  };
}
