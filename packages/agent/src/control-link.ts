/**
 * What an agent needs of the control plane: to make itself known, to hear what is to run on its
 * node, and to say what became of it. Control is reached by a plain call in the same process, or
 * over TLS from another machine; the agent does not know which.
 *
 * Every call may fail with `unavailable` at any time and may then be made again: saying the same thing
 * twice is harmless.
 */
import type { Allocation, InstanceStatus, TaskState } from "@fractus/core/allocation.ts";
import type { Job } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";

export interface ControlLink {
  /** Makes the node known, or tells what is now different about it. */
  register(node: NodeFacts): Promise<HeartbeatTerms>;
  /** Refuses with `not-found` if control does not know the node: it has to register again. */
  heartbeat(nodeId: string): Promise<HeartbeatTerms>;
  /**
   * What the node is to have: everything that is to run, or that is to stop and is not known to have
   * done so. An allocation that is in the list no more may be forgotten with its files.
   *
   * Answers at once if the list differs from that of `afterIndex`, else as soon as it does, or after a
   * minute.
   */
  assignments(nodeId: string, afterIndex: number, signal?: AbortSignal): Promise<Assignments>;
  /** Resolves when the reports are on disk. Those about allocations that are gone are left out. */
  report(nodeId: string, reports: readonly AllocationReport[]): Promise<void>;
  /** Makes these the services of the allocation; an empty list takes them away. */
  setServices(allocationId: string, services: readonly ServiceRegistration[]): Promise<void>;
  /** Instances of a service, in the order of their ids. */
  services(project: string, name: string): Promise<readonly ServiceRegistration[]>;
  /** The items of a variable, or undefined if there is none at that path that the job may read. */
  variable(project: string, path: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The paths of variables below a prefix. */
  variablePaths(project: string, prefix: string): Promise<readonly string[]>;
  /** Resolves when a service or variable may have changed since `afterIndex`, or after a minute. */
  changed(afterIndex: number, signal?: AbortSignal): Promise<number>;
}

/** What an agent knows about its node; whether work is to be placed there, control decides. */
export type NodeFacts = Omit<Node, "status" | "isEligible" | "drain">;

export interface HeartbeatTerms {
  /** The next heartbeat has to come within this time. */
  readonly ttlMs: number;
}

export interface Assignments {
  readonly index: number;
  readonly list: readonly Assignment[];
}

export interface Assignment {
  readonly allocation: Allocation;
  /** In the version that the allocation has, or is to take over in place. */
  readonly job: Job;
}

export interface AllocationReport {
  readonly allocationId: string;
  readonly status: InstanceStatus;
  readonly statusReason?: string;
  /** By task name. */
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** Since when all checks pass, or absent. */
  readonly checksPassSinceMs?: number;
}

/** One instance of a service, as it can be reached. */
export interface ServiceRegistration {
  /** The same for the same service of the same allocation. */
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly nodeId: string;
  readonly zone: string;
  readonly jobId: string;
  readonly allocationId: string;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly address: string;
  /** 0 for a service without a port. */
  readonly port: number;
  /** All of its checks pass; one without checks is healthy while its task runs. */
  readonly isHealthy: boolean;
}
