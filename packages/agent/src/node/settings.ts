import type { HostNetwork, HostVolume, NodeCapacity, NodeReserve } from "@fractus/core/node.ts";

/** What an operator says of a node; everything else is measured. */
export interface NodeSettings {
  readonly name: string;
  readonly zone: string;
  readonly pool: string;
  readonly class: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly reserved: NodeReserve;
  readonly hostVolumes: Readonly<Record<string, HostVolume>>;
  /** Without `default`, that is the machine's own address. */
  readonly hostNetworks: Readonly<Record<string, HostNetwork>>;
  readonly networkModes: readonly string[];
  readonly dynamicPorts: { readonly low: number; readonly high: number };
  /** In place of what the machine has: for several nodes on one machine. */
  readonly budget?: Partial<NodeCapacity>;
  readonly maxInstances?: number;
  /** Attributes in place of measured ones, or in addition to them. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A node of which nothing particular is said. */
export function defaultNodeSettings(name: string): NodeSettings {
  return {
    name,
    zone: "dc1",
    pool: "default",
    class: "",
    meta: {},
    reserved: { cpuMhz: 0, cores: 0, memoryBytes: 0, diskBytes: 0, ports: [] },
    hostVolumes: {},
    hostNetworks: {},
    networkModes: ["host"],
    dynamicPorts: { low: 20_000, high: 31_999 },
  };
}
