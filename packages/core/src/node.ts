/**
 * A machine that runs instances, as its agent last described it.
 *
 * `initializing` (registered, not yet evaluated) becomes `ready`; a missed heartbeat makes it `down`,
 * or `disconnected` while something on it may still come back; it returns by way of `initializing`.
 * Draining and ineligible are decisions of an operator and independent of the status.
 */
export interface Node {
  readonly id: string;
  readonly name: string;
  /** Availability zone; job files say datacenter. */
  readonly zone: string;
  readonly pool: string;
  /** A free word of the operator, such as `large`. */
  readonly class: string;
  readonly status: NodeStatus;
  readonly isEligible: boolean;
  readonly drain?: Drain;
  /** Flat names without the `attr.` in front: `kernel.name`, `unique.hostname`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly meta: Readonly<Record<string, string>>;
  readonly capacity: NodeCapacity;
  readonly reserved: NodeReserve;
  /** Clock rate of one core, by which thousandths of a core and whole cores become MHz. */
  readonly mhzPerCore: number;
  readonly drivers: Readonly<Record<string, DriverState>>;
  readonly devices: readonly DeviceGroup[];
  readonly hostVolumes: Readonly<Record<string, HostVolume>>;
  /** By alias. `default` is the one used where none is named. */
  readonly hostNetworks: Readonly<Record<string, HostNetwork>>;
  /** What groups may ask for: `host`, `bridge`, `cni/NAME` … `none` is always there. */
  readonly networkModes: readonly string[];
  /** Ports that may be chosen, both included. */
  readonly dynamicPorts: { readonly low: number; readonly high: number };
  /** At most so many instances; without it any number. */
  readonly maxInstances?: number;
}

export type NodeStatus = "initializing" | "ready" | "down" | "disconnected";

export interface NodeCapacity {
  readonly cpuMhz: number;
  /** Cores that can be given to one instance alone. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** What the machine keeps for itself. */
export interface NodeReserve extends NodeCapacity {
  readonly ports: readonly number[];
}

export interface DriverState {
  readonly isDetected: boolean;
  readonly isHealthy: boolean;
  readonly description?: string;
}

export interface DeviceGroup {
  readonly vendor: string;
  readonly type: string;
  readonly name: string;
  readonly ids: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

export interface HostVolume {
  readonly path: string;
  readonly isReadOnly: boolean;
}

export interface HostNetwork {
  readonly address: string;
}

/** How a node is emptied. */
export interface Drain {
  readonly startedAtMs: number;
  /** When whatever is left is forced off; without it there is no limit. */
  readonly forceAtMs?: number;
  readonly ignoresSystemJobs: boolean;
}

/** Where a group without a `host_network` has its ports. */
export const defaultHostNetwork = "default";

/** Whether new work may be placed here. */
export function acceptsWork(node: Node): boolean {
  return node.status === "ready" && node.isEligible && node.drain === undefined;
}
