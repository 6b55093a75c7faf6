/** How much of the nodes is set aside for allocations. */
import type { AllocatedResources, AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Node } from "@fractus/client/types/node.ts";
import { isAlive } from "./status.ts";

export interface Amounts {
  readonly cpuMhz: number;
  readonly memoryMb: number;
  readonly diskMb: number;
}

export const nothing: Amounts = { cpuMhz: 0, memoryMb: 0, diskMb: 0 };

export function sum(amounts: Iterable<Amounts>): Amounts {
  let { cpuMhz, memoryMb, diskMb } = nothing;
  for (const each of amounts) {
    cpuMhz += each.cpuMhz;
    memoryMb += each.memoryMb;
    diskMb += each.diskMb;
  }
  return { cpuMhz, memoryMb, diskMb };
}

/** What a node has for allocations: all there is without what is reserved for the machine. */
export function roomOf({
  NodeResources: has,
  ReservedResources: reserved,
}: Pick<Node, "NodeResources" | "ReservedResources">): Amounts {
  return {
    cpuMhz: (has?.Cpu.CpuShares ?? 0) - (reserved?.Cpu.CpuShares ?? 0),
    memoryMb: (has?.Memory.MemoryMB ?? 0) - (reserved?.Memory.MemoryMB ?? 0),
    diskMb: (has?.Disk.DiskMB ?? 0) - (reserved?.Disk.DiskMB ?? 0),
  };
}

export function grantedTo(resources: AllocatedResources | null | undefined): Amounts {
  const tasks = Object.values(resources?.Tasks ?? {});
  return {
    cpuMhz: tasks.reduce((total, task) => total + task.Cpu.CpuShares, 0),
    memoryMb: tasks.reduce((total, task) => total + task.Memory.MemoryMB, 0),
    diskMb: resources?.Shared.DiskMB ?? 0,
  };
}

type Granted = Pick<AllocationStub, "NodeID" | "ClientStatus"> & {
  readonly AllocatedResources?: AllocatedResources | null;
};

/** What is set aside on each node for allocations that have not ended. */
export function grantedByNode(allocations: readonly Granted[]): ReadonlyMap<string, Amounts> {
  const byNode = new Map<string, Amounts>();
  for (const one of allocations) {
    if (!isAlive(one)) continue;
    byNode.set(one.NodeID, sum([byNode.get(one.NodeID) ?? nothing, grantedTo(one.AllocatedResources)]));
  }
  return byNode;
}
