import { defaultHostNetwork } from "@fractus/core/node.ts";
import type { Ask, Footprint } from "./ask.ts";
import { demandMhz } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { chooseDevices, deviceName } from "./devices.ts";
import { fits, portHolder } from "./fit.ts";
import { isShared } from "./ports.ts";

/** By how much a victim's priority must be below ours. */
const priorityGap = 10;

/**
 * Which instances would have to leave a node so that the ask fits: as few as do, the least important
 * first, and of equally important ones those that are nearest in size to what is missing. Only what
 * belongs to another job and is less important by 10 or more may be evicted.
 *
 * Holders of fixed ports go first, then holders of devices, then whoever frees amounts; whoever turns
 * out not to be needed stays. The cluster is left as it was.
 *
 * @returns rows, lowest first; `undefined` if no eviction would help
 */
export function findVictims(cluster: Cluster, ask: Ask, node: number): number[] | undefined {
  const victims = new Set<number>();
  let isEnough = false;
  cluster.attempt(() => {
    const evict = (row: number) => {
      victims.add(row);
      cluster.remove(row);
    };
    isEnough =
      freePorts(cluster, ask, node, evict) &&
      freeDevicesFor(cluster, ask, node, evict) &&
      freeAmounts(cluster, ask, node, evict);
    return false;
  });
  return isEnough && victims.size > 0 ? [...victims].sort((a, b) => a - b) : undefined;
}

type Evict = (row: number) => void;

function mayEvict(ask: Ask, footprint: Footprint): boolean {
  return footprint.job !== ask.job && footprint.priority <= ask.priority - priorityGap;
}

function evictable({ instances }: Cluster, ask: Ask, node: number): number[] {
  return instances.onNode(node).filter((row) => mayEvict(ask, instances.footprint(row)));
}

function freePorts(cluster: Cluster, ask: Ask, node: number, evict: Evict): boolean {
  for (const port of ask.ports) {
    const address = cluster.nodes.addressNumber(node, port.hostNetwork ?? defaultHostNetwork);
    if (port.static === undefined || isShared(port)) continue;
    if (address < 0) return false;
    if (!cluster.nodes.portMap(node, address).isTaken(port.static)) continue;
    const holder = portHolder(cluster, { node, address, port: port.static });
    if (holder === undefined || !mayEvict(ask, cluster.instances.footprint(holder))) return false;
    evict(holder);
  }
  return true;
}

/** Of the device groups that would do, the one whose holders have the least sum of different priorities. */
function freeDevicesFor(cluster: Cluster, ask: Ask, node: number, evict: Evict): boolean {
  for (let round = 0; round <= ask.devices.length; round++) {
    const isTaken = (group: string, id: string) => cluster.isDeviceTaken(node, group, id);
    const { missing } = chooseDevices(cluster.nodes.at(node), ask.devices, isTaken);
    if (!missing) return true;
    const options = cluster.nodes
      .at(node)
      .devices.map((group) => deviceVictims(cluster, ask, node, deviceName(group)))
      .filter((rows) => rows !== undefined);
    if (options.length === 0) return false;
    const cheapest = options.reduce((a, b) => (prioritySum(cluster, b) < prioritySum(cluster, a) ? b : a));
    for (const row of cheapest) evict(row);
  }
  return false;
}

/** Holders of devices of the group, least important first, until the missing device ask could be met. */
function deviceVictims(cluster: Cluster, ask: Ask, node: number, group: string): number[] | undefined {
  const victims: number[] = [];
  const holders = evictable(cluster, ask, node)
    .filter((row) => cluster.instances.exclusive(row)?.devices.some(({ name }) => name === group))
    .sort(byPriority(cluster));
  const missingNow = () =>
    chooseDevices(cluster.nodes.at(node), ask.devices, (name, id) => cluster.isDeviceTaken(node, name, id))
      .picks.length;
  const before = missingNow();
  let isEnough = false;
  cluster.attempt(() => {
    for (const row of holders) {
      if (isEnough) break;
      victims.push(row);
      cluster.remove(row);
      isEnough = missingNow() > before;
    }
    return false;
  });
  return isEnough ? victims : undefined;
}

function prioritySum({ instances }: Cluster, rows: readonly number[]): number {
  const priorities = new Set(rows.map((row) => instances.footprint(row).priority));
  return [...priorities].reduce((sum, priority) => sum + priority, 0);
}

function freeAmounts(cluster: Cluster, ask: Ask, node: number, evict: Evict): boolean {
  if (fits(cluster, ask, node)) return true;
  const chosen = nearestVictims(cluster, ask, node);
  if (chosen === undefined) return false;
  for (const row of neededOf(cluster, ask, node, chosen)) evict(row);
  return true;
}

/** Three amounts by which sizes are compared. */
interface Size {
  readonly memory: number;
  readonly cpu: number;
  readonly disk: number;
}

/** Victims in the order in which they are chosen, until the ask fits. */
function nearestVictims(cluster: Cluster, ask: Ask, node: number): number[] | undefined {
  const left = new Set(evictable(cluster, ask, node));
  const chosen: number[] = [];
  let need = sizeOf(cluster, ask, node);
  let isEnough = false;
  cluster.attempt(() => {
    while (left.size > 0 && !isEnough) {
      const row = nextVictim(cluster, { left, chosen, need, node });
      left.delete(row);
      chosen.push(row);
      need = subtract(need, sizeOf(cluster, cluster.instances.footprint(row), node));
      cluster.remove(row);
      isEnough = fits(cluster, ask, node);
    }
    return false;
  });
  return isEnough ? chosen : undefined;
}

function nextVictim(
  cluster: Cluster,
  state: {
    readonly left: ReadonlySet<number>;
    readonly chosen: readonly number[];
    readonly need: Size;
    readonly node: number;
  },
): number {
  const { instances } = cluster;
  const lowest = Math.min(...[...state.left].map((row) => instances.footprint(row).priority));
  const group = [...state.left].filter((row) => instances.footprint(row).priority === lowest);
  const costs = group.map((row) => {
    const footprint = instances.footprint(row);
    return (
      distance(state.need, sizeOf(cluster, footprint, state.node)) +
      crowding(cluster, footprint, state.chosen)
    );
  });
  return group[costs.indexOf(Math.min(...costs))];
}

/** What it costs to evict more copies of a group than may move at a time. */
function crowding({ instances }: Cluster, footprint: Footprint, chosen: readonly number[]): number {
  const most = footprint.movesAtOnce ?? 0;
  const already = chosen.filter((row) => {
    const other = instances.footprint(row);
    return other.job === footprint.job && other.group === footprint.group;
  }).length;
  return most > 0 && already >= most ? 50 * (already + 1 - most) : 0;
}

/** Those that the ask needs gone: the most different in size first, until it fits. */
function neededOf(cluster: Cluster, ask: Ask, node: number, chosen: readonly number[]): number[] {
  const need = sizeOf(cluster, ask, node);
  const far = (row: number) => distance(need, sizeOf(cluster, cluster.instances.footprint(row), node));
  const ordered = [...chosen].sort((a, b) => far(b) - far(a) || a - b);
  const needed: number[] = [];
  cluster.attempt(() => {
    for (const row of ordered) {
      needed.push(row);
      cluster.remove(row);
      if (fits(cluster, ask, node)) break;
    }
    return false;
  });
  return needed;
}

/** How far a size is from what is needed, in parts of the need. */
function distance(need: Size, size: Size): number {
  const part = (wanted: number, given: number) => (wanted > 0 ? ((wanted - given) / wanted) ** 2 : 0);
  return Math.sqrt(part(need.memory, size.memory) + part(need.cpu, size.cpu) + part(need.disk, size.disk));
}

function sizeOf({ nodes }: Cluster, { resources }: Footprint, node: number): Size {
  const cpu = demandMhz(resources, nodes.at(node));
  return { memory: resources.memoryBytes, cpu, disk: resources.diskBytes };
}

function subtract(a: Size, b: Size): Size {
  return { memory: a.memory - b.memory, cpu: a.cpu - b.cpu, disk: a.disk - b.disk };
}

function byPriority({ instances }: Cluster): (a: number, b: number) => number {
  return (a, b) => instances.footprint(a).priority - instances.footprint(b).priority || a - b;
}
