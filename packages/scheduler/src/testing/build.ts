import type { Node } from "@fractus/core/node.ts";
import { MEBIBYTE, noResources, type Resources } from "@fractus/core/resources.ts";
import { type Ask, plainAsk } from "../ask.ts";

/** A node of a usual size that accepts work, but for what the changes say. */
export function nodeWith(changes: Partial<Node> & { readonly id: string }): Node {
  return {
    name: changes.id,
    zone: "dc1",
    pool: "default",
    class: "",
    status: "ready",
    isEligible: true,
    attributes: {},
    meta: {},
    capacity: { cpuMhz: 4000, cores: 4, memoryBytes: 4096 * MEBIBYTE, diskBytes: 100_000 * MEBIBYTE },
    reserved: { cpuMhz: 0, cores: 0, memoryBytes: 0, diskBytes: 0, ports: [] },
    mhzPerCore: 1000,
    drivers: {},
    devices: [],
    hostVolumes: {},
    hostNetworks: { default: { address: "10.0.0.1" } },
    networkModes: ["host", "bridge"],
    dynamicPorts: { low: 20_000, high: 31_999 },
    ...changes,
  };
}

/** Resources as job files write them: MHz and mebibytes. */
export function resourcesOf(amounts: {
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly cores?: number;
  readonly millis?: number;
}): Resources {
  return {
    ...noResources,
    cpuMhz: amounts.cpu ?? 0,
    cpuMillis: amounts.millis ?? 0,
    cores: amounts.cores ?? 0,
    memoryBytes: (amounts.memory ?? 0) * MEBIBYTE,
    diskBytes: (amounts.disk ?? 0) * MEBIBYTE,
  };
}

/** A group of a job named like it that wants nothing in particular, but for what the changes say. */
export function askWith(changes: Partial<Ask> & { readonly name: string }): Ask {
  return {
    ...plainAsk,
    job: changes.name,
    group: changes.name,
    resources: resourcesOf({ cpu: 100, memory: 300 }),
    ...changes,
  };
}
