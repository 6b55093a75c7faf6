/** The nodes that this machine plays: usually one, which has all of it; several share it out among them. */
import { hostname } from "node:os";
import { join } from "node:path";
import type { NodeSettings } from "@fractus/agent/node/settings.ts";
import { defaultNodeSettings } from "@fractus/agent/node/settings.ts";
import type { NodeCapacity } from "@fractus/core/node.ts";
import type { HostVolume } from "@fractus/core/node.ts";
import type { NodeBlock, Settings } from "./config/settings.ts";

export interface LocalNode {
  readonly settings: NodeSettings;
  /** Where its agent keeps its data. */
  readonly directory: string;
}

/** Ports that the nodes of one machine give out: each has a range of its own, since they share the machine's addresses. */
const dynamicPorts = { low: 20_000, high: 31_999 };

/** @param volumes in addition to those of the settings */
export function localNodes(
  settings: Settings,
  machine: NodeCapacity,
  volumes: Readonly<Record<string, HostVolume>>,
): LocalNode[] {
  const blocks = typeof settings.nodes === "number" ? numbered(settings, settings.nodes) : settings.nodes;
  const configured = settings.hostVolumes.map(
    ({ name, path, isReadOnly }) => [name, { path, isReadOnly }] as const,
  );
  const hostVolumes = { ...volumes, ...Object.fromEntries(configured) };
  return blocks.map((block, index) => ({
    directory: join(settings.dataDirectory, "nodes", block.name),
    settings: {
      ...defaultNodeSettings(block.name),
      zone: block.zone ?? settings.zone,
      pool: block.pool ?? settings.pool,
      class: block.class ?? settings.class,
      meta: block.meta,
      hostVolumes,
      hostNetworks: { default: { address: addressOf(settings.host, index) } },
      dynamicPorts: portsOf(index, blocks.length),
      ...budgetOf(block, machine, blocks.length),
    },
  }));
}

function numbered({ name = hostname() }: Settings, count: number): NodeBlock[] {
  if (count === 1) return [{ name, meta: {} }];
  return Array.from({ length: count }, (_, index) => ({ name: `${name}-${index}`, meta: {} }));
}

function portsOf(index: number, count: number): { low: number; high: number } {
  const each = Math.floor((dynamicPorts.high - dynamicPorts.low + 1) / count);
  const low = dynamicPorts.low + index * each;
  return { low, high: low + each - 1 };
}

/** On loopback each node has an address of its own, so that each has every port once; elsewhere they share the machine's. */
function addressOf(host: string, index: number): string {
  return host.startsWith("127.") && index > 0 ? `127.0.0.${1 + index}` : host;
}

/** What was said of the node; of the rest, an equal share. */
function budgetOf(
  block: NodeBlock,
  machine: NodeCapacity,
  count: number,
): { budget?: Partial<NodeCapacity>; attributes?: Record<string, string> } {
  const share = (amount: number) => Math.floor(amount / count);
  const memoryBytes = block.memoryBytes ?? share(machine.memoryBytes);
  const isWhole =
    count === 1 &&
    block.memoryBytes === undefined &&
    block.cpuMhz === undefined &&
    block.cores === undefined &&
    block.diskBytes === undefined;
  if (isWhole) return {};
  const cores = block.cores ?? share(machine.cores);
  return {
    budget: {
      cpuMhz: block.cpuMhz ?? share(machine.cpuMhz),
      cores,
      memoryBytes,
      diskBytes: block.diskBytes ?? share(machine.diskBytes),
    },
    attributes: { "memory.totalbytes": String(memoryBytes), "cpu.numcores": String(Math.max(1, cores)) },
  };
}
