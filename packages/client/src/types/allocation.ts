/**
 * Allocations: one copy of a group of tasks on one node.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/allocations.
 */
import type { Dictionary, Indexes, List, Nanoseconds, UnixNanoseconds } from "./json.ts";
import type { Job } from "./job.ts";

export type DesiredStatus = "run" | "stop" | "evict";
export type ClientStatus = "pending" | "running" | "complete" | "failed" | "lost" | "unknown";

/** An allocation in a list. */
export interface AllocationStub extends Indexes {
  readonly ID: string;
  readonly EvalID: string;
  /** `job.group[index]` */
  readonly Name: string;
  readonly Namespace: string;
  readonly NodeID: string;
  readonly NodeName: string;
  readonly JobID: string;
  readonly JobType: string;
  readonly JobVersion: number;
  readonly TaskGroup: string;
  readonly DesiredStatus: DesiredStatus;
  readonly DesiredDescription: string;
  readonly ClientStatus: ClientStatus;
  readonly ClientDescription: string;
  readonly TaskStates: Dictionary<TaskState>;
  readonly DeploymentStatus: AllocationHealth | null;
  readonly FollowupEvalID: string;
  readonly RescheduleTracker: RescheduleTracker | null;
  readonly CreateTime: UnixNanoseconds;
  readonly ModifyTime: UnixNanoseconds;
}

export interface Allocation extends Omit<AllocationStub, "JobType" | "JobVersion"> {
  readonly Job: Job | null;
  readonly AllocatedResources: AllocatedResources | null;
  readonly Metrics: AllocationMetric | null;
  readonly DeploymentID: string;
  readonly PreviousAllocation: string;
  readonly NextAllocation: string;
  readonly NetworkStatus?: { readonly InterfaceName: string; readonly Address: string } | null;
  readonly PreemptedByAllocation: string;
}

export interface AllocationHealth {
  /** Null until it is known. */
  readonly Healthy: boolean | null;
  /** RFC 3339 */
  readonly Timestamp: string;
  readonly Canary: boolean;
}

export interface RescheduleTracker {
  readonly Events: List<{
    readonly RescheduleTime: UnixNanoseconds;
    readonly PrevAllocID: string;
    readonly PrevNodeID: string;
    readonly Delay: Nanoseconds;
  }>;
}

export interface AllocatedResources {
  readonly Tasks: Dictionary<AllocatedTask>;
  readonly Shared: {
    readonly DiskMB: number;
    readonly Networks: List<AllocatedNetwork>;
    readonly Ports: List<AllocatedPort>;
  };
}

export interface AllocatedTask {
  readonly Cpu: { readonly CpuShares: number; readonly ReservedCores?: List<number> };
  readonly Memory: { readonly MemoryMB: number; readonly MemoryMaxMB: number };
  readonly Networks?: List<AllocatedNetwork>;
}

export interface AllocatedNetwork {
  readonly IP: string;
  readonly Mode?: string;
  readonly DynamicPorts?: List<{ readonly Label: string; readonly Value: number; readonly To: number }>;
  readonly ReservedPorts?: List<{ readonly Label: string; readonly Value: number; readonly To: number }>;
}

export interface AllocatedPort {
  readonly Label: string;
  readonly Value: number;
  readonly To: number;
  readonly HostIP: string;
}

export interface TaskState {
  readonly State: "pending" | "running" | "dead";
  readonly Failed: boolean;
  readonly Restarts: number;
  readonly LastRestart: string | null;
  /** RFC 3339; null or a time before 1970 until it began. */
  readonly StartedAt: string | null;
  readonly FinishedAt: string | null;
  readonly Events: List<TaskEvent>;
}

export interface TaskEvent {
  readonly Type: string;
  readonly Time: UnixNanoseconds;
  readonly DisplayMessage: string;
  readonly Details: Dictionary<string>;
  readonly Message?: string;
  readonly ExitCode?: number;
  readonly Signal?: number;
}

/** How a place was looked for, and why copies found none. */
export interface AllocationMetric {
  readonly NodesEvaluated?: number;
  readonly NodesFiltered?: number;
  readonly NodesInPool?: number;
  readonly NodePool?: string;
  /** By datacenter. */
  readonly NodesAvailable?: Dictionary<number>;
  readonly ClassFiltered?: Dictionary<number>;
  readonly ConstraintFiltered?: Dictionary<number>;
  readonly NodesExhausted?: number;
  readonly ClassExhausted?: Dictionary<number>;
  readonly DimensionExhausted?: Dictionary<number>;
  readonly QuotaExhausted?: List<string>;
  readonly CoalescedFailures?: number;
  readonly AllocationTime?: Nanoseconds;
  readonly ScoreMetaData?: List<NodeScore>;
}

export interface NodeScore {
  readonly NodeID: string;
  readonly Scores: Dictionary<number>;
  readonly NormScore: number;
}

/** What health checks of Nomad's own services found last, by the check's ID. */
export type AllocationChecks = Readonly<Record<string, AllocationCheck>>;

export interface AllocationCheck {
  readonly ID: string;
  readonly Check: string;
  readonly Service: string;
  readonly Task: string;
  readonly Group: string;
  readonly Mode: string;
  readonly Output: string;
  readonly Status: "success" | "failure" | "pending";
  readonly StatusCode?: number;
  /** Unix seconds. */
  readonly Timestamp: number;
}

/** What keeps a task apart from the machine, aspect by aspect; an extension of Fractus. */
export type Isolation = Readonly<Record<string, readonly IsolationAspect[]>>;

export interface IsolationAspect {
  readonly Aspect: string;
  readonly Holds: boolean;
  readonly Words: string;
}

/** Use of resources at one moment. */
export interface AllocationUsage {
  readonly ResourceUsage: ResourceUsage | null;
  readonly Tasks: Dictionary<{ readonly ResourceUsage: ResourceUsage | null }>;
  readonly Timestamp: UnixNanoseconds;
}

export interface ResourceUsage {
  readonly MemoryStats: { readonly RSS: number; readonly Usage: number; readonly MaxUsage: number } | null;
  readonly CpuStats: { readonly Percent: number; readonly TotalTicks: number } | null;
}

export interface FileInfo {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  readonly FileMode: string;
  readonly ModTime: string;
  readonly ContentType?: string;
}
