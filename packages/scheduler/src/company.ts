import type { Ask, Footprint } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { NodeValues, ValueTally } from "./values.ts";

/**
 * Where the other copies of a group, the rest of its job and the members of a server group are. It
 * is counted once from the cluster and then kept up to date as copies are placed.
 */
export class Company {
  /** Copies of the same job and group, by node. */
  readonly sameGroup: Int32Array;
  /** Instances of the same job, by node; only counted for an ask that keeps away from them. */
  readonly sameJob: Int32Array;
  /** Members of the server group, by node. */
  readonly members: Int32Array;
  memberCount = 0;
  /** Copies by value, for each spread of the ask. */
  readonly spreads: readonly ValueTally[];
  /** Copies by value, for each distinct property of the ask. */
  readonly properties: readonly ValueTally[];

  constructor(cluster: Cluster, ask: Ask) {
    const { nodes, instances } = cluster;
    const wants = (isWanted: boolean) => new Int32Array(isWanted ? nodes.count : 0);
    const tallyOf = (attribute: string) => new ValueTally(new NodeValues(cluster, attribute));
    this.sameGroup = wants(isGroup(ask));
    this.sameJob = wants(ask.distinctHosts === "job");
    this.members = wants(ask.serverGroup !== undefined);
    this.spreads = ask.spreads.map(({ attribute }) => tallyOf(attribute));
    this.properties = ask.distinctProperties.map(({ attribute }) => tallyOf(attribute));
    if (ask.distinctHosts === "job" || ask.distinctProperties.some(({ scope }) => scope === "job")) {
      instances.forEachInJob(ask.job, (row) => this.#countInJob(ask, instances.nodeOf[row], 1));
    }
    if (isGroup(ask)) {
      instances.forEachInGroup(ask.job, ask.group, (row) =>
        this.#countInGroup(ask, instances.nodeOf[row], 1),
      );
    }
    for (const row of ask.serverGroup ? instances.inServerGroup(ask.serverGroup.id) : []) {
      this.#countMember(instances.nodeOf[row], 1);
    }
  }

  /** An instance has come to a node, or left it. Whether the ask has to do with it is found out here. */
  count(ask: Ask, footprint: Footprint, node: number, sign: 1 | -1): void {
    if (footprint.job === ask.job) {
      this.#countInJob(ask, node, sign);
      if (isGroup(ask) && footprint.group === ask.group) this.#countInGroup(ask, node, sign);
    }
    if (ask.serverGroup && footprint.serverGroup?.id === ask.serverGroup.id) this.#countMember(node, sign);
  }

  #countInGroup(ask: Ask, node: number, sign: 1 | -1): void {
    this.sameGroup[node] += sign;
    for (const tally of this.spreads) tally.count(node, sign);
    for (let index = 0; index < this.properties.length; index++) {
      if (ask.distinctProperties[index].scope === "group") this.properties[index].count(node, sign);
    }
  }

  #countInJob(ask: Ask, node: number, sign: 1 | -1): void {
    if (this.sameJob.length > 0) this.sameJob[node] += sign;
    for (let index = 0; index < this.properties.length; index++) {
      if (ask.distinctProperties[index].scope === "job") this.properties[index].count(node, sign);
    }
  }

  #countMember(node: number, sign: 1 | -1): void {
    this.members[node] += sign;
    this.memberCount += sign;
  }
}

/** A server stands alone: it has no copies that it could keep away from. */
export function isGroup(ask: Ask): boolean {
  return ask.group !== "";
}
