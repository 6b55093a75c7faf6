import type { Cluster, SettledInstance } from "./cluster.ts";
import { stateReasons } from "./feasible.ts";
import { amountShortages, takenPort } from "./fit.ts";
import { isShared } from "./ports.ts";
import type { Reason, Shortage } from "./reason.ts";
import type { NodeRefusal } from "./refusals.ts";

/** What is to happen, as it was worked out on some earlier state of the cluster. */
export interface Plan {
  /** Either all of it, or nothing. */
  readonly allAtOnce: boolean;
  /** Ids of instances that leave, evicted ones included. */
  readonly stops: readonly string[];
  /** Instances that stay where they are and become this. */
  readonly updates: readonly SettledInstance[];
  readonly placements: readonly SettledInstance[];
}

/** Which parts of a plan hold: a part is all that happens on one node. */
export interface PlanVerdict {
  /** Ids of the nodes whose part was carried out. */
  readonly accepted: readonly string[];
  /** Nodes whose part was dropped, and why. */
  readonly rejected: readonly NodeRefusal[];
}

/**
 * Carries out those parts of a plan that still hold, and leaves out the rest: the cluster may have
 * changed since the plan was made. Plans go through here one after the other, so nothing is given
 * away twice. A part with placements needs a node that is there and takes work; a part that only
 * stops something always holds. Doing it twice is harmless.
 *
 * Within `cluster.attempt` it tells what would hold and changes nothing.
 */
export function commit(cluster: Cluster, plan: Plan): PlanVerdict {
  const accepted: string[] = [];
  const rejected: NodeRefusal[] = [];
  cluster.attempt(() => {
    for (const part of partsOf(cluster, plan).values()) {
      const reasons = tryPart(cluster, part);
      if (reasons.length === 0) accepted.push(part.nodeId);
      else rejected.push({ nodeId: part.nodeId, name: nameOf(cluster, part.nodeId), reasons });
    }
    return rejected.length === 0 || !plan.allAtOnce;
  });
  return { accepted: rejected.length > 0 && plan.allAtOnce ? [] : accepted, rejected };
}

interface Part {
  readonly nodeId: string;
  /** Ids. */
  readonly stops: string[];
  readonly updates: SettledInstance[];
  readonly placements: SettledInstance[];
}

/** The parts by node, in the order in which the plan names the nodes. */
function partsOf(cluster: Cluster, plan: Plan): Map<string, Part> {
  const parts = new Map<string, Part>();
  const partOn = (nodeId: string) => {
    let part = parts.get(nodeId);
    if (!part) parts.set(nodeId, (part = { nodeId, stops: [], updates: [], placements: [] }));
    return part;
  };
  for (const id of plan.stops) {
    const row = cluster.instances.rowOf(id);
    if (row !== undefined) partOn(cluster.nodes.at(cluster.instances.nodeOf[row]).id).stops.push(id);
  }
  for (const instance of plan.updates) partOn(instance.nodeId).updates.push(instance);
  for (const instance of plan.placements) partOn(instance.nodeId).placements.push(instance);
  return parts;
}

function tryPart(cluster: Cluster, part: Part): Reason[] {
  const reasons: Reason[] = [];
  cluster.attempt(() => {
    const arrivals = [...part.updates, ...part.placements];
    for (const id of [...part.stops, ...arrivals.map((arrival) => arrival.id)]) removeIfThere(cluster, id);
    const node = cluster.nodes.numberOf(part.nodeId);
    if (node < 0 && arrivals.length > 0) reasons.push({ kind: "gone" });
    if (node < 0) return reasons.length === 0;
    if (part.placements.length > 0) reasons.push(...stateReasons(cluster.nodes.at(node)));
    for (const instance of arrivals) {
      reasons.push(...grantShortages(cluster, instance, node));
      if (reasons.length === 0) cluster.add(instance);
    }
    return reasons.length === 0;
  });
  return reasons;
}

function removeIfThere(cluster: Cluster, id: string): void {
  const row = cluster.instances.rowOf(id);
  if (row !== undefined) cluster.remove(row);
}

/** What the node does not have for an instance whose ports, devices and cores are already chosen. */
function grantShortages(cluster: Cluster, instance: SettledInstance, node: number): Shortage[] {
  return [
    ...amountShortages(cluster, instance.footprint, node),
    ...portShortages(cluster, instance, node),
    ...deviceShortages(cluster, instance, node),
    ...coreShortages(cluster, instance, node),
  ];
}

function portShortages(cluster: Cluster, { footprint, ports }: SettledInstance, node: number): Shortage[] {
  const found: Shortage[] = [];
  const seen = new Set<string>();
  for (const { label, port, address: name } of ports) {
    const ask = footprint.ports.find((one) => one.label === label);
    if (ask && isShared(ask)) continue;
    const address = cluster.nodes.numberOfAddress(node, name);
    if (seen.has(`${name} ${port}`)) found.push({ kind: "port-twice", port });
    else if (cluster.nodes.portMap(node, address).isTaken(port)) {
      found.push(takenPort(cluster, { node, address, port, label }));
    }
    seen.add(`${name} ${port}`);
  }
  return found;
}

function deviceShortages(cluster: Cluster, { devices }: SettledInstance, node: number): Shortage[] {
  return devices.flatMap(({ name, ids }): Shortage[] => {
    const free = ids.filter((id) => !cluster.isDeviceTaken(node, name, id)).length;
    return free < ids.length ? [{ kind: "devices-taken", device: name, wanted: ids.length, free }] : [];
  });
}

function coreShortages(cluster: Cluster, { cores }: SettledInstance, node: number): Shortage[] {
  const free = cores.filter((core) => !cluster.isCoreTaken(node, core)).length;
  const { mhzPerCore } = cluster.nodes.at(node);
  const room = cluster.nodes.coreRoom[node];
  return free < cores.length ? [{ kind: "cores", wanted: cores.length, free, room, mhzPerCore }] : [];
}

function nameOf(cluster: Cluster, nodeId: string): string {
  const node = cluster.nodes.numberOf(nodeId);
  return node < 0 ? nodeId : cluster.nodes.at(node).name;
}
