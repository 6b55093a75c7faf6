import type { Resources } from "@fractus/core/resources.ts";
import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { Company } from "./company.ts";
import { suitsCompany } from "./feasible.ts";
import { fits } from "./fit.ts";
import type { AmountShortage, Reason } from "./reason.ts";
import type { NodeRefusal } from "./refusals.ts";
import { constraintText, isOurs } from "./sentences.ts";
import { amountName, amountText, instanceText, listOf } from "./wording.ts";

/** One change, and what it would bring. */
export interface Remedy {
  /** What is to be done: `Leave out the constraint ...`. */
  readonly change: string;
  /** Names of the nodes that would do then; only as many as are needed. */
  readonly nodes: readonly string[];
  /** How many nodes would do in all, if the change is one of the ask. */
  readonly eligible?: number;
  /** How many more copies would have a node, at most as many as lack one. */
  readonly copies: number;
}

/**
 * The changes each of which by itself would give at least one more copy a node, best first: those
 * that help all copies before those that help some, and then what is least trouble. Of changes of one
 * kind that differ only in the node the smallest is named. Each is tried out: `copies` is what really
 * fits.
 */
export function remediesFor(
  cluster: Cluster,
  ask: Ask,
  failure: { readonly unplaced: number; readonly refusals: readonly NodeRefusal[] },
): Remedy[] {
  const cures = new Map<string, { readonly cure: Cure; readonly nodes: NodeRefusal[] }>();
  for (const node of failure.refusals) {
    for (const cure of curesOf(ask, node)) {
      const known = cures.get(cure.key);
      if (known) known.nodes.push(node);
      else cures.set(cure.key, { cure, nodes: [node] });
    }
  }
  return [...cures.values()]
    .map(({ cure, nodes }) => ({ cure, remedy: tryOut(cluster, ask, cure, nodes, failure.unplaced) }))
    .filter(({ remedy }) => remedy.copies > 0)
    .sort((a, b) => b.remedy.copies - a.remedy.copies || trouble(a.cure) - trouble(b.cure))
    .filter(
      ({ cure }, index, all) => !cure.gap || all.findIndex((one) => one.cure.kind === cure.kind) === index,
    )
    .map(({ remedy }) => remedy);
}

/**
 * The node that needs the fewest changes, and what they are, for when one is not enough. Nodes that
 * need equally many come in the order in which they joined.
 */
export function nearestNode(
  ask: Ask,
  refusals: readonly NodeRefusal[],
): { readonly name: string; readonly changes: readonly string[] } | undefined {
  let nearest: { readonly name: string; readonly changes: readonly string[] } | undefined;
  for (const node of refusals) {
    const changes = node.reasons.map((reason) => cureOf(ask, node, reason).change([node.name]));
    const different = [...new Set(changes)];
    if (nearest === undefined || different.length < nearest.changes.length) {
      nearest = { name: node.name, changes: different };
    }
  }
  return nearest;
}

/** What would do away with a reason. */
interface Cure {
  readonly kind: Reason["kind"] | "stop-holder";
  /** Nodes with the same key are helped by the same change. */
  readonly key: string;
  readonly change: (nodes: readonly string[]) => string;
  /** What would be asked for then, if that changes how much fits. */
  readonly ask?: Ask;
  /** The change is one of the ask, not of nodes. */
  readonly isOfAsk?: boolean;
  /** It makes room for one copy at least, and nobody knows for how many. */
  readonly isForOne?: boolean;
  /** How large the change is, from 0 to 1, where there are many of one kind. */
  readonly gap?: number;
}

/** The cures each of which does away with all reasons of a node. */
function curesOf(ask: Ask, node: NodeRefusal): Cure[] {
  const cures = node.reasons.map((reason) => cureOf(ask, node, reason));
  if (cures.length === 0 || cures.some((cure) => cure.key !== cures[0].key)) return [];
  return [cures[0], ...stopHolder(ask, node)];
}

function stopHolder(ask: Ask, { name, reasons }: NodeRefusal): Cure[] {
  const [reason] = reasons;
  if (reasons.length !== 1 || reason.kind !== "port-taken" || !reason.holder || isOurs(ask, reason))
    return [];
  const holder = instanceText(reason.holder);
  return [
    {
      kind: "stop-holder",
      key: `stop ${name} ${holder}`,
      gap: 1,
      isForOne: true,
      change: ([node]) => `Stop ${holder} on ${node}, which holds port ${reason.port}`,
    },
  ];
}

function cureOf(ask: Ask, { name }: NodeRefusal, reason: Reason): Cure {
  const simple = (key: string, change: Cure["change"], changed?: Partial<Ask>): Cure => ({
    kind: reason.kind,
    key: `${reason.kind} ${key}`,
    change,
    ...(changed && { ask: { ...ask, ...changed } }),
  });
  const forOne = (...parts: Parameters<typeof simple>): Cure => ({ ...simple(...parts), isForOne: true });
  const ofAsk = (...parts: Parameters<typeof simple>): Cure => ({ ...simple(...parts), isOfAsk: true });
  switch (reason.kind) {
    case "gone":
      return simple("", (nodes) => `Bring ${listOf(nodes)} back`);
    case "ineligible":
      return simple("", (nodes) => `Make ${listOf(nodes)} eligible again`);
    case "draining":
      return simple("", (nodes) => `Stop draining ${listOf(nodes)}`);
    case "status":
      return simple(reason.status, (nodes) =>
        reason.status === "initializing"
          ? `Wait until ${listOf(nodes)} is ready`
          : `Bring ${listOf(nodes)} back`,
      );
    case "zone":
      return ofAsk(reason.zone, () => `Allow zone ${reason.zone}`);
    case "pool":
      return ofAsk(reason.pool, () => `Use node pool ${reason.pool}`);
    case "constraint":
      return ofAsk(
        constraintText(reason.constraint),
        () => `Leave out the constraint ${constraintText(reason.constraint)}`,
      );
    case "driver-missing":
      return simple(reason.driver, (nodes) => `Install the ${reason.driver} driver on ${listOf(nodes)}`);
    case "driver-unhealthy":
      return simple(reason.driver, (nodes) => `Repair the ${reason.driver} driver on ${listOf(nodes)}`);
    case "device-missing":
      return ofAsk(reason.device, () => `Do without ${reason.device}`, {
        devices: ask.devices.filter((device) => device.name !== reason.device),
      });
    case "devices-taken":
      return forOne(
        `${reason.device} ${name}`,
        ([node]) => `Free ${reason.wanted - reason.free} ${reason.device} on ${node}`,
      );
    case "network-mode":
      return simple(reason.mode, (nodes) => `Give ${listOf(nodes)} network mode ${reason.mode}`);
    case "host-network":
      return ofAsk(reason.alias, () => `Do without host network ${reason.alias}`, {
        ports: ask.ports.map((port) => (port.hostNetwork === reason.alias ? withoutNetwork(port) : port)),
      });
    case "volume-missing":
      return simple(reason.volume, (nodes) => `Give ${listOf(nodes)} a host volume ${reason.volume}`);
    case "volume-read-only":
      return simple(
        reason.volume,
        (nodes) => `Make host volume ${reason.volume} writable on ${listOf(nodes)}`,
      );
    case "host-hint":
      return ofAsk("", () => `Let it run elsewhere than on ${listOf(reason.wanted)}`);
    case "host-excluded":
      return simple("", (nodes) => `Do not avoid ${listOf(nodes)}`);
    case "same-node-as":
      return ofAsk("", () => `Let it run apart from ${listOf(reason.instances)}`);
    case "other-node-than":
      return ofAsk(reason.instance, () => `Let it run beside ${reason.instance}`);
    case "distinct-hosts":
      return ofAsk("", () => "Leave out distinct_hosts", { distinctHosts: undefined });
    case "distinct-property":
    case "property-missing":
      return {
        ...ofAsk("", () => `Leave out distinct_property ${reason.attribute}`, {
          distinctProperties: ask.distinctProperties.filter(
            ({ attribute }) => attribute !== reason.attribute,
          ),
        }),
        key: `distinct ${reason.attribute}`,
      };
    case "server-group":
      return ofAsk("", () => `Make the server group's policy soft-${reason.policy}`, {
        serverGroup: ask.serverGroup && {
          ...ask.serverGroup,
          policy: `soft-${reason.policy}` as "soft-affinity",
        },
      });
    case "cpu":
    case "memory":
    case "disk":
    case "cores":
      return lessOf(ask, name, reason);
    case "instances":
      return forOne(name, ([node]) => `Raise the limit of instances on ${node} above ${reason.most}`);
    case "port-taken":
      return ofAsk(
        String(reason.port),
        () => `Let port ${reason.label} be chosen instead of fixing it at ${reason.port}`,
        {
          ports: ask.ports.map((port) => (port.static === reason.port ? { label: port.label } : port)),
        },
      );
    case "port-twice":
      return simple(String(reason.port), () => `Ask for port ${reason.port} once`);
    default:
      return forOne("", (nodes) => `Widen the range of ports to choose from on ${listOf(nodes)}`);
  }
}

/** To ask for no more of an amount than a node has free, or to free what is missing. */
function lessOf(ask: Ask, name: string, reason: AmountShortage): Cure {
  const { kind, free, wanted, room } = reason;
  const text = (amount: number) => amountText(ask, reason, amount);
  const of = text(wanted).includes("CPU") ? "" : ` of ${amountName(kind)}`;
  const less = `ask for ${text(free)}${of} instead of ${text(wanted)}`;
  const more = `free ${text(wanted - free)}${of} on ${name}`;
  const options = [...(free > 0 && text(free) !== text(0) ? [less] : []), ...(wanted <= room ? [more] : [])];
  const change = options.length > 0 ? options.join(", or ") : `add ${amountName(kind)} to ${name}`;
  return {
    kind,
    key: `${kind} ${name}`,
    gap: (wanted - free) / wanted,
    change: () => change[0].toUpperCase() + change.slice(1),
    ask: { ...ask, resources: lessResources(ask, kind, free) },
  };
}

function lessResources({ resources }: Ask, kind: AmountShortage["kind"], free: number): Resources {
  switch (kind) {
    case "cpu":
      return { ...resources, cpuMhz: Math.max(free, 0), cpuMillis: 0, cores: 0 };
    case "memory":
      return { ...resources, memoryBytes: free };
    case "disk":
      return { ...resources, diskBytes: free };
    default:
      return { ...resources, cores: free };
  }
}

function withoutNetwork({ label, static: fixed }: Ask["ports"][number]) {
  return { label, ...(fixed !== undefined && { static: fixed }) };
}

/** The nodes that would do, as many as are needed, and how many copies fit on them. */
function tryOut(cluster: Cluster, ask: Ask, cure: Cure, nodes: readonly NodeRefusal[], most: number): Remedy {
  const used: string[] = [];
  let copies = 0;
  cluster.attempt(() => {
    for (const { nodeId, name } of nodes) {
      const here = cure.isForOne ? 1 : fill(cluster, cure.ask ?? ask, nodeId, most - copies);
      copies += here;
      if (here > 0) used.push(name);
      if (copies >= most) break;
    }
    return false;
  });
  const eligible = cure.isOfAsk ? { eligible: nodes.length } : {};
  return { change: cure.change(used), nodes: used, copies, ...eligible };
}

/** Puts copies on a node until it is full; how many there are. */
function fill(cluster: Cluster, ask: Ask, nodeId: string, most: number): number {
  const node = cluster.nodes.numberOf(nodeId);
  let count = 0;
  while (count < most && fits(cluster, ask, node) && suitsCompany(ask, new Company(cluster, ask), node)) {
    cluster.settle(node, ask, count);
    count++;
  }
  return count;
}

/** From least to most trouble. */
function trouble({ kind, gap = 0 }: Cure): number {
  return order.indexOf(kind) + gap / 2;
}

const order: readonly Cure["kind"][] = [
  "ineligible",
  "draining",
  "status",
  "gone",
  "port-twice",
  "zone",
  "constraint",
  "pool",
  "host-hint",
  "host-excluded",
  "same-node-as",
  "other-node-than",
  "distinct-hosts",
  "distinct-property",
  "property-missing",
  "server-group",
  "port-taken",
  "memory",
  "cpu",
  "disk",
  "cores",
  "stop-holder",
  "devices-taken",
  "instances",
  "ports-used-up",
  "driver-unhealthy",
  "volume-read-only",
  "host-network",
  "network-mode",
  "volume-missing",
  "driver-missing",
  "device-missing",
];
