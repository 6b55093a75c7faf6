import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllocatedResources } from "@fractus/client/types/allocation.ts";
import { grantedByNode, roomOf, sum } from "./capacity.ts";

const resources = (cpu: number, memory: number): AllocatedResources => ({
  Tasks: {
    a: { Cpu: { CpuShares: cpu }, Memory: { MemoryMB: memory, MemoryMaxMB: 0 } },
    b: { Cpu: { CpuShares: 1 }, Memory: { MemoryMB: 1, MemoryMaxMB: 0 } },
  },
  Shared: { DiskMB: 300, Networks: null, Ports: null },
});

test("capacity: what is set aside is counted by node, without what has ended (CL-207)", () => {
  const granted = grantedByNode([
    { NodeID: "n1", ClientStatus: "running", AllocatedResources: resources(99, 63) },
    { NodeID: "n1", ClientStatus: "pending", AllocatedResources: resources(99, 63) },
    { NodeID: "n1", ClientStatus: "failed", AllocatedResources: resources(99, 63) },
    { NodeID: "n2", ClientStatus: "running", AllocatedResources: null },
  ]);
  assert.deepEqual(granted.get("n1"), { cpuMhz: 200, memoryMb: 128, diskMb: 600 });
  assert.deepEqual(sum(granted.values()), { cpuMhz: 200, memoryMb: 128, diskMb: 600 });
});

test("capacity: what is reserved for the machine is no room", () => {
  const amounts = (cpu: number, memory: number, disk: number) => ({
    Cpu: { CpuShares: cpu },
    Memory: { MemoryMB: memory },
    Disk: { DiskMB: disk },
  });
  const node = { NodeResources: amounts(2000, 4096, 9000), ReservedResources: amounts(100, 96, 0) };
  assert.deepEqual(roomOf(node), { cpuMhz: 1900, memoryMb: 4000, diskMb: 9000 });
  assert.deepEqual(roomOf({ NodeResources: null, ReservedResources: null }).cpuMhz, 0);
});
