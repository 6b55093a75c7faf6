import type { PortAsk } from "@fractus/core/job.ts";
import { defaultHostNetwork } from "@fractus/core/node.ts";
import { demandMhz, type Footprint } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { chooseDevices, freeDevices, hasDevices } from "./devices.ts";
import { addressOf, isShared, type PortMap, portOf } from "./ports.ts";
import type { PortHolder, Shortage } from "./reason.ts";

/** Whether a node has room for one more instance: amounts, ports and devices. */
export function fits(cluster: Cluster, footprint: Footprint, node: number): boolean {
  return (
    amountsFit(cluster, footprint, node) &&
    (footprint.ports.length === 0 || portsFit(cluster, footprint.ports, node)) &&
    (footprint.devices.length === 0 || devicesFit(cluster, footprint, node))
  );
}

/**
 * Everything the node has too little of at the moment. What it does not have at all, a host network
 * or a kind of device, is not short but missing, see `feasible.ts`; besides, empty means it fits.
 */
export function shortages(cluster: Cluster, footprint: Footprint, node: number): Shortage[] {
  return [
    ...amountShortages(cluster, footprint, node),
    ...portShortages(cluster, footprint.ports, node),
    ...deviceShortages(cluster, footprint, node),
  ];
}

function amountsFit({ nodes }: Cluster, { resources }: Footprint, node: number): boolean {
  return (
    nodes.cpuUsed[node] + demandMhz(resources, nodes.at(node)) <= nodes.cpuRoom[node] &&
    nodes.memoryUsed[node] + resources.memoryBytes <= nodes.memoryRoom[node] &&
    nodes.diskUsed[node] + resources.diskBytes <= nodes.diskRoom[node] &&
    nodes.coresUsed[node] + resources.cores <= nodes.coreRoom[node] &&
    nodes.instances[node] < nodes.mostInstances[node]
  );
}

/** Amounts of which there is too little, ports and devices aside. */
export function amountShortages({ nodes }: Cluster, { resources }: Footprint, node: number): Shortage[] {
  const found: Shortage[] = [];
  const compare = (
    kind: "cpu" | "memory" | "disk" | "cores",
    amounts: { readonly wanted: number; readonly used: number; readonly room: number },
  ) => {
    const free = amounts.room - amounts.used;
    const { wanted, room } = amounts;
    if (wanted > free) found.push({ kind, wanted, free, room, mhzPerCore: nodes.at(node).mhzPerCore });
  };
  const cpu = demandMhz(resources, nodes.at(node));
  compare("cpu", { wanted: cpu, used: nodes.cpuUsed[node], room: nodes.cpuRoom[node] });
  compare("cores", { wanted: resources.cores, used: nodes.coresUsed[node], room: nodes.coreRoom[node] });
  compare("memory", {
    wanted: resources.memoryBytes,
    used: nodes.memoryUsed[node],
    room: nodes.memoryRoom[node],
  });
  compare("disk", { wanted: resources.diskBytes, used: nodes.diskUsed[node], room: nodes.diskRoom[node] });
  if (nodes.instances[node] >= nodes.mostInstances[node]) {
    found.push({ kind: "instances", most: nodes.mostInstances[node] });
  }
  return found;
}

/**
 * Each fixed port must be free on its address, and there must be as many free ones to choose from as
 * are wanted besides.
 */
function portsFit(cluster: Cluster, asks: readonly PortAsk[], node: number): boolean {
  for (let index = 0; index < asks.length; index++) {
    const ask = asks[index];
    const address = cluster.nodes.addressNumber(node, ask.hostNetwork ?? defaultHostNetwork);
    if (address < 0) return false;
    if (isShared(ask)) continue;
    const map = cluster.nodes.portMap(node, address);
    if (ask.static === undefined ? map.freeToChoose <= 0 : map.isTaken(ask.static)) return false;
  }
  return asks.length === 1 || portShortages(cluster, asks, node).length === 0;
}

function portShortages(cluster: Cluster, asks: readonly PortAsk[], node: number): Shortage[] {
  const found: Shortage[] = [];
  const byAddress = new Map<number, PortAsk[]>();
  for (const ask of asks) {
    const address = cluster.nodes.addressNumber(node, ask.hostNetwork ?? defaultHostNetwork);
    if (address < 0 || isShared(ask)) continue;
    byAddress.set(address, [...(byAddress.get(address) ?? []), ask]);
  }
  for (const [address, here] of byAddress) {
    const map = cluster.nodes.portMap(node, address);
    found.push(...fixedShortages(cluster, here, { node, address }), ...chosenShortages(here, map));
  }
  return found;
}

function fixedShortages(
  cluster: Cluster,
  asks: readonly PortAsk[],
  where: { readonly node: number; readonly address: number },
): Shortage[] {
  const found: Shortage[] = [];
  const map = cluster.nodes.portMap(where.node, where.address);
  const seen = new Set<number>();
  for (const { static: port, label } of asks) {
    if (port === undefined) continue;
    if (seen.has(port)) found.push({ kind: "port-twice", port });
    else if (map.isTaken(port)) found.push(takenPort(cluster, { ...where, port, label }));
    seen.add(port);
  }
  return found;
}

function chosenShortages(asks: readonly PortAsk[], map: PortMap): Shortage[] {
  const wanted = asks.filter((ask) => ask.static === undefined).length;
  const fixedFromRange = new Set(
    asks.map((ask) => ask.static ?? -1).filter((port) => map.mayBeChosen(port) && !map.isTaken(port)),
  );
  const free = map.freeToChoose - fixedFromRange.size;
  return wanted > free ? [{ kind: "ports-used-up", wanted, free }] : [];
}

/** The shortage that a port which is taken makes. */
export function takenPort(
  cluster: Cluster,
  at: { readonly node: number; readonly address: number; readonly port: number; readonly label: string },
): Shortage {
  const row = portHolder(cluster, at);
  const holder = row === undefined ? undefined : describeHolder(cluster, row);
  return { kind: "port-taken", port: at.port, label: at.label, ...(holder && { holder }) };
}

function describeHolder({ instances }: Cluster, row: number): PortHolder {
  const { job, group } = instances.footprint(row);
  return { job, group, id: instances.id(row) };
}

/** The row that holds a port on a node; `undefined` if nobody does, or the machine itself. */
export function portHolder(
  { instances }: Cluster,
  at: { readonly node: number; readonly address: number; readonly port: number },
): number | undefined {
  return instances.onNode(at.node).find((row) =>
    instances.footprint(row).ports.some((ask, index) => {
      const packed = instances.ports.get(instances.portsAt(row) + index);
      return !isShared(ask) && portOf(packed) === at.port && addressOf(packed) === at.address;
    }),
  );
}

function devicesFit(cluster: Cluster, { devices }: Footprint, node: number): boolean {
  const isTaken = (group: string, id: string) => cluster.isDeviceTaken(node, group, id);
  return chooseDevices(cluster.nodes.at(node), devices, isTaken).missing === undefined;
}

function deviceShortages(cluster: Cluster, { devices }: Footprint, node: number): Shortage[] {
  const isTaken = (group: string, id: string) => cluster.isDeviceTaken(node, group, id);
  const { missing } = chooseDevices(cluster.nodes.at(node), devices, isTaken);
  if (!missing || !hasDevices(cluster.nodes.at(node), missing)) return [];
  const free = freeDevices(cluster.nodes.at(node), missing, isTaken);
  return [{ kind: "devices-taken", device: missing.name, wanted: missing.count, free }];
}
