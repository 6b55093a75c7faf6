import type { Constraint } from "@fractus/core/job.ts";
import { defaultHostNetwork, type Node } from "@fractus/core/node.ts";
import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import type { Company } from "./company.ts";
import { mentionsUnique, resolveTarget } from "./constraint.ts";
import { hasDevices } from "./devices.ts";
import { shortages } from "./fit.ts";
import type { Reason } from "./reason.ts";

/**
 * The nodes an ask could run on if they were empty, by number, lowest first.
 *
 * What nodes of one class have in common is looked at once per class. Who else is on the node
 * (distinct hosts and properties, server groups) and how much room is left changes with each
 * placement and is not looked at here.
 *
 * @param evenClosed takes in nodes that are down, drained or not eligible at the moment
 */
export function feasibleNodes(
  cluster: Cluster,
  ask: Ask,
  { evenClosed = false }: { readonly evenClosed?: boolean } = {},
): Int32Array {
  const { nodes } = cluster;
  const verdicts: (boolean | undefined)[] = [];
  const isSuitable = (index: number, node: Node) => (verdicts[index] ??= suitsClass(cluster, ask, node));
  const unique = ask.constraints.filter(mentionsUnique);
  const isPicky = unique.length > 0 || ask.hints !== undefined;
  const found = new Int32Array(nodes.count);
  let count = 0;
  for (let number = 0; number < nodes.count; number++) {
    if (!nodes.accepting[number] && !evenClosed) continue;
    if (!isSuitable(nodes.classOf[number], nodes.at(number))) continue;
    if (isPicky && singleReasons(cluster, ask, number).length > 0) continue;
    found[count++] = number;
  }
  return found.subarray(0, count);
}

/** Everything that keeps one more copy of the ask off a node at the moment. */
export function reasonsAgainst(cluster: Cluster, ask: Ask, company: Company, number: number): Reason[] {
  const node = cluster.nodes.at(number);
  return [
    ...stateReasons(node),
    ...classReasons(cluster, ask, node),
    ...singleReasons(cluster, ask, number),
    ...companyReasons(ask, company, number),
    ...shortages(cluster, ask, number),
  ];
}

/** What speaks against any new work on the node. */
export function stateReasons(node: Node): Reason[] {
  const reasons: Reason[] = [];
  if (node.status !== "ready") reasons.push({ kind: "status", status: node.status });
  if (node.drain !== undefined) reasons.push({ kind: "draining" });
  else if (!node.isEligible) reasons.push({ kind: "ineligible" });
  return reasons;
}

/** Whether the class of a node suits an ask; single nodes of it may still differ. */
export function suitsClass(cluster: Cluster, ask: Ask, node: Node): boolean {
  return classReasons(cluster, ask, node).length === 0;
}

/** What holds for all nodes of a class. */
function classReasons(cluster: Cluster, ask: Ask, node: Node): Reason[] {
  return [
    ...placeReasons(ask, node),
    ...constraintReasons(cluster, ask, node, (constraint) => !mentionsUnique(constraint)),
    ...equipmentReasons(ask, node),
  ];
}

function placeReasons(ask: Ask, node: Node): Reason[] {
  const reasons: Reason[] = [];
  if (!ask.zones.some((pattern) => matchesGlob(pattern, node.zone))) {
    reasons.push({ kind: "zone", zone: node.zone, wanted: ask.zones });
  }
  if (ask.pool !== undefined && ask.pool !== node.pool) {
    reasons.push({ kind: "pool", pool: node.pool, wanted: ask.pool });
  }
  return reasons;
}

function constraintReasons(
  { nodes }: Cluster,
  ask: Ask,
  node: Node,
  isMeant: (constraint: Constraint) => boolean,
): Reason[] {
  const index = nodes.classOf[nodes.numberOf(node.id)];
  return ask.constraints
    .filter((constraint) => isMeant(constraint) && !nodes.classes.holds(constraint, node, index))
    .map((constraint) => ({
      kind: "constraint",
      constraint,
      actual: resolveTarget(constraint.attribute, node),
    }));
}

function equipmentReasons(ask: Ask, node: Node): Reason[] {
  return [
    ...ask.drivers.flatMap((driver) => driverReasons(driver, node)),
    ...ask.devices
      .filter((device) => !hasDevices(node, device))
      .map(({ name, count }): Reason => ({ kind: "device-missing", device: name, wanted: count })),
    ...ask.networkModes
      .filter((mode) => mode !== "none" && !node.networkModes.includes(mode))
      .map((mode): Reason => ({ kind: "network-mode", mode })),
    ...hostNetworksOf(ask)
      .filter((alias) => !Object.hasOwn(node.hostNetworks, alias))
      .map((alias): Reason => ({ kind: "host-network", alias })),
    ...ask.volumes.flatMap((volume) => volumeReasons(volume, node)),
  ];
}

function driverReasons(driver: string, node: Node): Reason[] {
  const state = Object.hasOwn(node.drivers, driver) ? node.drivers[driver] : undefined;
  if (!state?.isDetected) return [{ kind: "driver-missing", driver }];
  if (!state.isHealthy) return [{ kind: "driver-unhealthy", driver, description: state.description }];
  return [];
}

function hostNetworksOf(ask: Ask): string[] {
  return [...new Set(ask.ports.map((port) => port.hostNetwork ?? defaultHostNetwork))];
}

function volumeReasons(volume: Ask["volumes"][number], node: Node): Reason[] {
  if (volume.type !== "host") return [];
  const found = Object.hasOwn(node.hostVolumes, volume.source) ? node.hostVolumes[volume.source] : undefined;
  if (!found) return [{ kind: "volume-missing", volume: volume.source }];
  if (found.isReadOnly && !volume.readOnly) return [{ kind: "volume-read-only", volume: volume.source }];
  return [];
}

/** What may differ between two nodes of a class: their own names and numbers, and hints about them. */
function singleReasons(cluster: Cluster, ask: Ask, number: number): Reason[] {
  const node = cluster.nodes.at(number);
  return [
    ...constraintReasons(cluster, ask, node, mentionsUnique),
    ...(ask.hints ? hintReasons(cluster, ask.hints, number) : []),
  ];
}

function hintReasons(cluster: Cluster, hints: NonNullable<Ask["hints"]>, number: number): Reason[] {
  const { id, name } = cluster.nodes.at(number);
  const names = (wanted: readonly string[]) => wanted.includes(id) || wanted.includes(name);
  const isHere = (instance: string) => {
    const row = cluster.instances.rowOf(instance);
    return row !== undefined && cluster.instances.nodeOf[row] === number;
  };
  const { only, except = [], sameNodeAs = [], otherNodeThan = [] } = hints;
  const avoided = otherNodeThan.find(isHere);
  const reasons: Reason[] = [];
  if (only && !names(only)) reasons.push({ kind: "host-hint", wanted: only });
  if (names(except)) reasons.push({ kind: "host-excluded" });
  if (sameNodeAs.length > 0 && !sameNodeAs.some(isHere)) {
    reasons.push({ kind: "same-node-as", instances: sameNodeAs });
  }
  if (avoided !== undefined) reasons.push({ kind: "other-node-than", instance: avoided });
  return reasons;
}

/** Whether those who are already there, or elsewhere, allow one more copy on the node. */
export function suitsCompany(ask: Ask, company: Company, number: number): boolean {
  return (
    suitsNeighbours(ask, company, number) &&
    (ask.distinctProperties.length === 0 || propertyReasons(ask, company, number).length === 0)
  );
}

/** The same, but for distinct properties: these open and close for many nodes at once. */
export function suitsNeighbours(ask: Ask, company: Company, number: number): boolean {
  return (
    (ask.distinctHosts === undefined && !ask.serverGroup) ||
    neighbourReasons(ask, company, number).length === 0
  );
}

function companyReasons(ask: Ask, company: Company, number: number): Reason[] {
  return [...neighbourReasons(ask, company, number), ...propertyReasons(ask, company, number)];
}

function propertyReasons(ask: Ask, company: Company, number: number): Reason[] {
  return ask.distinctProperties.flatMap(({ attribute, limit }, index): Reason[] => {
    const tally = company.properties[index];
    const value = tally.values.of(number);
    if (value < 0) return [{ kind: "property-missing", attribute }];
    if (tally.of(value) < limit) return [];
    return [{ kind: "distinct-property", attribute, value: tally.values.text(value), limit }];
  });
}

function neighbourReasons(ask: Ask, company: Company, number: number): Reason[] {
  const reasons: Reason[] = [];
  const others = ask.distinctHosts === "job" ? company.sameJob : company.sameGroup;
  if (ask.distinctHosts && others[number] > 0) {
    reasons.push({ kind: "distinct-hosts", scope: ask.distinctHosts });
  }
  if (ask.serverGroup && !suitsServerGroup(ask.serverGroup, company, number)) {
    const { policy } = ask.serverGroup;
    reasons.push({ kind: "server-group", policy, members: company.members[number] });
  }
  return reasons;
}

function suitsServerGroup(
  { policy, mostPerNode = 1 }: NonNullable<Ask["serverGroup"]>,
  company: Company,
  number: number,
): boolean {
  if (policy === "anti-affinity") return company.members[number] < mostPerNode;
  return policy !== "affinity" || company.memberCount === 0 || company.members[number] > 0;
}

/** `*` stands for any number of characters. */
function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === text;
  const [first, last] = [parts[0], parts[parts.length - 1]];
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
