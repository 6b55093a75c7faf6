import type { Affinity, Constraint, DeviceAsk, PortAsk, Spread, VolumeAsk } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import type { Resources } from "@fractus/core/resources.ts";

/** What one instance takes up on its node, and on whose behalf. */
export interface Footprint {
  /** Whose it is: `project/job` for a copy of a group, the id for a server. */
  readonly job: string;
  /** Which of the job's groups; empty for a server. */
  readonly group: string;
  /** 1 to 100; who may evict whom. */
  readonly priority: number;
  readonly resources: Resources;
  readonly ports: readonly PortAsk[];
  readonly devices: readonly DeviceAsk[];
  readonly serverGroup?: ServerGroup;
  /** How many copies of the group may move at a time; eviction spares the others if it can. */
  readonly movesAtOnce?: number;
}

/**
 * Servers that belong together, or apart. The soft policies are obeyed as long as a node with room
 * allows it. https://docs.openstack.org/nova/latest/user/server-groups.html
 */
export interface ServerGroup {
  readonly id: string;
  readonly policy: "affinity" | "anti-affinity" | "soft-affinity" | "soft-anti-affinity";
  /** For `anti-affinity`: how many members one node may have; 1 unless said otherwise. */
  readonly mostPerNode?: number;
}

/**
 * What is to be placed: a group of a job, or a server. Everything that decides where it may and
 * should run is in here, so that one scheduler serves both.
 */
export interface Ask extends Footprint {
  /** What a person calls it: `nginx` or `web server`. */
  readonly name: string;
  /** How many copies are wanted in all, those that already run included. */
  readonly count: number;
  /** Patterns with `*`; a node in any of them will do. */
  readonly zones: readonly string[];
  /** Absent: any. */
  readonly pool?: string;
  readonly constraints: readonly Constraint[];
  readonly affinities: readonly Affinity[];
  readonly spreads: readonly Spread[];
  readonly drivers: readonly string[];
  readonly networkModes: readonly string[];
  readonly volumes: readonly VolumeAsk[];
  /** No other copy of the same job, or of the same group, on the node. */
  readonly distinctHosts?: "job" | "group";
  readonly distinctProperties: readonly DistinctProperty[];
  readonly hints?: HostHints;
}

/** At most `limit` copies of the job or group on nodes with the same value of the attribute. */
export interface DistinctProperty {
  readonly attribute: string;
  readonly limit: number;
  readonly scope: "job" | "group";
}

/**
 * Nodes by id or name, and instances by id, to be with or away from.
 * https://docs.openstack.org/nova/latest/admin/scheduling.html
 */
export interface HostHints {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly sameNodeAs?: readonly string[];
  readonly otherNodeThan?: readonly string[];
}

/** An ask that wants nothing in particular, to be spread into a real one. */
export const plainAsk = {
  count: 1,
  priority: 50,
  zones: ["*"],
  ports: [],
  devices: [],
  constraints: [],
  affinities: [],
  spreads: [],
  drivers: [],
  networkModes: [],
  volumes: [],
  distinctProperties: [],
} satisfies Partial<Ask>;

/** The MHz an instance takes of a node, rounded up so that sums of them are exact. */
export function demandMhz(resources: Resources, node: Pick<Node, "mhzPerCore">): number {
  const perCore = resources.cpuMillis / 1000 + resources.cores;
  return Math.ceil(resources.cpuMhz + perCore * node.mhzPerCore);
}
