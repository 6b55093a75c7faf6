import type { Affinity, Constraint } from "@fractus/core/job.ts";
import type { DeviceGroup, Node } from "@fractus/core/node.ts";
import type { Ask, Footprint } from "../ask.ts";
import { holds, resolverOf } from "../constraint.ts";
import type { Algorithm } from "../score.ts";

/** An instance as the naive scheduler knows it. */
export interface NaiveInstance {
  readonly id: string;
  readonly node: Node;
  readonly footprint: Footprint;
  readonly ports: readonly { readonly address: string; readonly port: number }[];
  /** `vendor/type/name` and id of each. */
  readonly devices: readonly string[];
}

export interface NaiveWorld {
  readonly nodes: readonly Node[];
  readonly instances: readonly NaiveInstance[];
  readonly algorithm: Algorithm;
}

/**
 * The best node for one more copy, straight from the formulas: everything is added up anew for every
 * node, nothing is remembered. It exists to be compared with, and shares with the real scheduler
 * only the operators of constraints.
 */
export function naiveBest(
  world: NaiveWorld,
  ask: Ask,
  failedOn: readonly string[],
): { readonly node: string; readonly score: number } | undefined {
  const suitable = world.nodes.filter((node) => isSuitable(world, ask, node));
  let best: { readonly node: string; readonly score: number } | undefined;
  for (const node of suitable.filter((candidate) => hasRoom(world, ask, candidate))) {
    const terms = termsOf(world, ask, { node, suitable, failedOn });
    const score = terms.reduce((sum, term) => sum + term, 0) / terms.length;
    if (best === undefined || score > best.score) best = { node: node.id, score };
  }
  return best;
}

function isSuitable({ instances }: NaiveWorld, ask: Ask, node: Node): boolean {
  const { only, except, sameNodeAs, otherNodeThan } = ask.hints ?? {};
  const here = instances.filter((instance) => instance.node.id === node.id).map(({ id }) => id);
  return (
    node.status === "ready" &&
    node.isEligible &&
    !node.drain &&
    ask.zones.some((zone) => new RegExp(`^${zone.replaceAll("*", ".*")}$`).test(node.zone)) &&
    (ask.pool === undefined || ask.pool === node.pool) &&
    ask.constraints.every((constraint) => isMet(constraint, node)) &&
    ask.drivers.every((driver) => node.drivers[driver]?.isDetected && node.drivers[driver].isHealthy) &&
    ask.ports.every((port) => node.hostNetworks[port.hostNetwork ?? "default"] !== undefined) &&
    ask.volumes.every(
      ({ source, readOnly }) =>
        node.hostVolumes[source] && (readOnly || !node.hostVolumes[source].isReadOnly),
    ) &&
    ask.devices.every((device) =>
      node.devices.some((group) => kinds(group).includes(device.name) && group.ids.length >= device.count),
    ) &&
    (only === undefined || only.includes(node.id)) &&
    !except?.includes(node.id) &&
    (sameNodeAs === undefined || sameNodeAs.some((id) => here.includes(id))) &&
    !otherNodeThan?.some((id) => here.includes(id))
  );
}

function hasRoom({ instances }: NaiveWorld, ask: Ask, node: Node): boolean {
  const here = instances.filter((instance) => instance.node.id === node.id);
  const total = [...here.map(({ footprint }) => footprint), ask];
  const sum = (amount: (footprint: Footprint) => number) =>
    total.reduce((all, footprint) => all + amount(footprint), 0);
  return (
    sum((footprint) => mhz(footprint, node)) <= node.capacity.cpuMhz - node.reserved.cpuMhz &&
    sum(({ resources }) => resources.memoryBytes) <= node.capacity.memoryBytes - node.reserved.memoryBytes &&
    sum(({ resources }) => resources.diskBytes) <= node.capacity.diskBytes - node.reserved.diskBytes &&
    sum(({ resources }) => resources.cores) <= node.capacity.cores - node.reserved.cores &&
    total.length <= (node.maxInstances ?? Infinity) &&
    portsAreFree(here, ask, node) &&
    picksOf(here, ask, node) !== undefined &&
    companyAllows(instances, ask, node)
  );
}

function mhz({ resources }: Footprint, node: Node): number {
  return Math.ceil(resources.cpuMhz + (resources.cpuMillis / 1000 + resources.cores) * node.mhzPerCore);
}

function portsAreFree(here: readonly NaiveInstance[], ask: Ask, node: Node): boolean {
  return Object.values(node.hostNetworks).every(({ address }) => {
    const wanted = ask.ports.filter(
      (port) =>
        !(port.static !== undefined && port.ignoreCollision) &&
        node.hostNetworks[port.hostNetwork ?? "default"].address === address,
    );
    const used = new Set(node.reserved.ports);
    for (const port of here.flatMap(({ ports }) => ports)) if (port.address === address) used.add(port.port);
    for (const { static: port } of wanted) {
      if (port === undefined) continue;
      if (used.has(port)) return false;
      used.add(port);
    }
    let free = 0;
    for (let port = node.dynamicPorts.low; port <= node.dynamicPorts.high; port++)
      free += Number(!used.has(port));
    return wanted.filter((port) => port.static === undefined).length <= free;
  });
}

/** The devices that would be given out, and the weight of the affinities they meet. */
function picksOf(
  here: readonly NaiveInstance[],
  ask: Ask,
  node: Node,
): { readonly weight: number } | undefined {
  const used = new Set(here.flatMap(({ devices }) => devices));
  let weight = 0;
  for (const device of ask.devices) {
    const options = node.devices
      .filter((group) => kinds(group).includes(device.name))
      .map((group) => ({
        free: group.ids.map((id) => `${kinds(group)[2]} ${id}`).filter((key) => !used.has(key)),
        weight: device.affinities
          .filter((affinity) => meetsDevice(affinity, group))
          .reduce((sum, affinity) => sum + affinity.weight, 0),
      }))
      .filter(({ free }) => free.length >= device.count);
    if (options.length === 0) return undefined;
    const best = options.reduce((a, b) => (b.weight > a.weight ? b : a));
    for (const key of best.free.slice(0, device.count)) used.add(key);
    weight += best.weight;
  }
  return { weight };
}

function kinds(group: DeviceGroup): [string, string, string] {
  return [group.type, `${group.vendor}/${group.type}`, `${group.vendor}/${group.type}/${group.name}`];
}

function meetsDevice(affinity: Affinity, group: DeviceGroup): boolean {
  return holds(affinity, (target) => (target === "${device.model}" ? group.name : target));
}

function isMet(constraint: Constraint, node: Node): boolean {
  return holds(constraint, resolverOf(node));
}

function isOfGroup(instance: NaiveInstance, ask: Ask): boolean {
  const { job, group } = instance.footprint;
  return ask.group !== "" && job === ask.job && group === ask.group;
}

function companyAllows(instances: readonly NaiveInstance[], ask: Ask, node: Node): boolean {
  const sameJob = instances.filter(({ footprint }) => footprint.job === ask.job);
  const sameGroup = instances.filter((instance) => isOfGroup(instance, ask));
  const avoided = ask.distinctHosts === "job" ? sameJob : ask.distinctHosts === "group" ? sameGroup : [];
  if (avoided.some((other) => other.node.id === node.id)) return false;
  for (const { attribute, limit, scope } of ask.distinctProperties) {
    const value = resolverOf(node)(attribute);
    const others = (scope === "job" ? sameJob : sameGroup).filter(
      (other) => resolverOf(other.node)(attribute) === value,
    );
    if (value === undefined || others.length >= limit) return false;
  }
  const members = instances.filter(
    ({ footprint }) => ask.serverGroup && footprint.serverGroup?.id === ask.serverGroup.id,
  );
  const membersHere = members.filter((member) => member.node.id === node.id).length;
  if (ask.serverGroup?.policy === "anti-affinity") return membersHere < (ask.serverGroup.mostPerNode ?? 1);
  if (ask.serverGroup?.policy === "affinity") return members.length === 0 || membersHere > 0;
  return true;
}

function termsOf(
  world: NaiveWorld,
  ask: Ask,
  at: { readonly node: Node; readonly suitable: readonly Node[]; readonly failedOn: readonly string[] },
): number[] {
  const { node } = at;
  const here = world.instances.filter((instance) => instance.node.id === node.id);
  const terms = [fitTerm(world, ask, node)];
  const deviceWeight = totalWeight(ask.devices.flatMap(({ affinities }) => affinities));
  if (deviceWeight > 0) terms.push((picksOf(here, ask, node)?.weight ?? 0) / deviceWeight);
  const copies = here.filter((instance) => isOfGroup(instance, ask)).length;
  if (copies > 0) terms.push(-(copies + 1) / ask.count);
  if (at.failedOn.includes(node.id)) terms.push(-1);
  if (totalWeight(ask.affinities) > 0) {
    const met = ask.affinities.filter((affinity) => isMet(affinity, node));
    terms.push(met.reduce((sum, { weight }) => sum + weight, 0) / totalWeight(ask.affinities));
  }
  const members = here.filter(
    ({ footprint }) => ask.serverGroup && footprint.serverGroup?.id === ask.serverGroup.id,
  ).length;
  if (ask.serverGroup?.policy === "soft-affinity") terms.push(2 * members);
  if (ask.serverGroup?.policy === "soft-anti-affinity") terms.push(-2 * members);
  const spread = spreadTerm(world, ask, at);
  if (spread !== 0) terms.push(spread);
  return terms;
}

function totalWeight(affinities: readonly Affinity[]): number {
  return affinities.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
}

function fitTerm({ instances, algorithm }: NaiveWorld, ask: Ask, node: Node): number {
  const all = [
    ...instances.filter((instance) => instance.node.id === node.id).map(({ footprint }) => footprint),
    ask,
  ];
  const cpu = all.reduce((sum, footprint) => sum + mhz(footprint, node), 0);
  const memory = all.reduce((sum, { resources }) => sum + resources.memoryBytes, 0);
  const cpuRoom = node.capacity.cpuMhz - node.reserved.cpuMhz;
  const memoryRoom = node.capacity.memoryBytes - node.reserved.memoryBytes;
  const total = 10 ** (1 - cpu / cpuRoom) + 10 ** (1 - memory / memoryRoom);
  const fit = algorithm === "binpack" ? 20 - total : total - 2;
  return Math.min(18, Math.max(0, fit)) / 18;
}

function spreadTerm(
  { instances }: NaiveWorld,
  ask: Ask,
  { node, suitable }: { readonly node: Node; readonly suitable: readonly Node[] },
): number {
  const copies = instances.filter((instance) => isOfGroup(instance, ask));
  const weights = ask.spreads.reduce((sum, { weight }) => sum + weight, 0);
  let total = 0;
  for (const { attribute, weight, targets } of ask.spreads) {
    const valueOf = (of: Node) => resolverOf(of)(attribute);
    const values = copies.map((copy) => valueOf(copy.node)).filter((value) => value !== undefined);
    const known = new Set([...values, ...suitable.map(valueOf).filter((value) => value !== undefined)]);
    const value = valueOf(node);
    if (value === undefined) total += -1;
    else if (targets.length === 0) total += evenTerm(values, value);
    else total += targetTerm({ targets, part: weight / weights, count: ask.count }, values, value, known);
  }
  return total;
}

function evenTerm(used: readonly string[], value: string): number {
  if (used.length === 0) return 0;
  const counts = [...new Set(used)].map((one) => used.filter((other) => other === one).length);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  const current = used.filter((other) => other === value).length;
  if (current !== low) return (low - current) / low;
  return low === high ? -1 : (high - low) / low;
}

function targetTerm(
  spread: {
    readonly targets: readonly { readonly value: string; readonly percent: number }[];
    readonly part: number;
    readonly count: number;
  },
  used: readonly string[],
  value: string,
  known: ReadonlySet<string>,
): number {
  const desired = new Map(
    spread.targets.map((target) => [target.value, (target.percent / 100) * spread.count]),
  );
  const sum = [...desired.values()].reduce((a, b) => a + b, 0);
  if (sum > 0 && sum < spread.count) desired.set("*", spread.count - sum);
  const boost = (one: string) => {
    const want = desired.get(one) ?? desired.get("*");
    const count = used.filter((other) => (desired.has(one) ? other === one : !desired.has(other))).length;
    return want === undefined || want === 0 ? want : ((want - (count + 1)) / want) * spread.part;
  };
  const wanted = desired.get(value) ?? desired.get("*");
  if (wanted === undefined) return -1;
  if (wanted !== 0) return boost(value) ?? 0;
  return Math.min(-1, ...[...known].map((one) => boost(one) ?? 0));
}
