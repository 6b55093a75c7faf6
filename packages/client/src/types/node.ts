/**
 * Nodes: machines that run allocations.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/nodes.
 */
import type { Dictionary, Indexes, List, Nanoseconds } from "./json.ts";

export type NodeStatus = "initializing" | "ready" | "down" | "disconnected";
export type Eligibility = "eligible" | "ineligible";

interface NodeBase extends Indexes {
  readonly ID: string;
  readonly Name: string;
  readonly Datacenter: string;
  readonly NodeClass: string;
  readonly NodePool: string;
  readonly Drain: boolean;
  readonly SchedulingEligibility: Eligibility;
  readonly Status: NodeStatus;
  readonly StatusDescription: string;
  readonly Drivers: Dictionary<DriverState>;
}

/** A node in a list. */
export interface NodeStub extends NodeBase {
  readonly Address: string;
  readonly Version: string;
}

export interface Node extends NodeBase {
  readonly HTTPAddr: string;
  readonly Attributes: Dictionary<string>;
  readonly Meta: Dictionary<string>;
  readonly NodeResources: {
    readonly Cpu: { readonly CpuShares: number };
    readonly Memory: { readonly MemoryMB: number };
    readonly Disk: { readonly DiskMB: number };
    readonly MinDynamicPort?: number;
    readonly MaxDynamicPort?: number;
  } | null;
  readonly ReservedResources: {
    readonly Cpu: { readonly CpuShares: number };
    readonly Memory: { readonly MemoryMB: number };
    readonly Disk: { readonly DiskMB: number };
  } | null;
  readonly DrainStrategy: DrainStrategy | null;
  readonly HostVolumes: Dictionary<{
    readonly Name: string;
    readonly Path: string;
    readonly ReadOnly: boolean;
  }>;
  /** Unix seconds. */
  readonly StatusUpdatedAt: number;
  readonly Events: List<NodeEvent>;
}

export interface DriverState {
  readonly Attributes?: Dictionary<string>;
  readonly Detected: boolean;
  readonly Healthy: boolean;
  readonly HealthDescription: string;
  readonly UpdateTime: string;
}

export interface NodeEvent {
  readonly Message: string;
  readonly Subsystem: string;
  readonly Details: Dictionary<string>;
  /** RFC 3339 */
  readonly Timestamp: string;
}

/** How a node is emptied. A deadline of 0 waits for ever, a negative one does not wait. */
export interface DrainSpecification {
  readonly Deadline: Nanoseconds;
  readonly IgnoreSystemJobs: boolean;
}

export interface DrainStrategy extends DrainSpecification {
  readonly ForceDeadline: string;
  readonly StartedAt: string;
}

/** The use of a whole machine. */
export interface HostStats {
  readonly Memory: {
    readonly Total: number;
    readonly Available: number;
    readonly Used: number;
    readonly Free: number;
  } | null;
  readonly CPU: List<{
    readonly CPU: string;
    readonly User: number;
    readonly System: number;
    readonly Idle: number;
  }>;
  readonly CPUTicksConsumed: number;
  /** Seconds. */
  readonly Uptime: number;
}

/** Meta that was set while the node ran, that of its configuration, and what comes of both. */
export interface NodeMetadata {
  readonly Meta: Dictionary<string>;
  readonly Dynamic: Dictionary<string | null>;
  readonly Static: Dictionary<string>;
}
