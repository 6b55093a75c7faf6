import { deepEqual, equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Allocation } from "@fractus/core/allocation.ts";
import { sampleAllocation } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { sharePartsOf } from "./share-parts.ts";

function copy(id: string, tasks: Allocation["grant"]["tasks"], cores: readonly number[] = []): Allocation {
  const ports = [{ label: "http", port: 20_000, to: 0, hostNetwork: "default", address: id }];
  const grant = { cpuMhz: 100, memoryBytes: 1, diskBytes: 1, cores, ports, devices: [], tasks };
  return sampleAllocation({ id, grant });
}

const small = () => ({ web: { cpuMhz: 100, memoryBytes: 1, cores: [] } });

void test("sharePartsOf: nothing changes, and equal parts are one", () => {
  const before = [copy("a", small()), copy("b", small())];
  const after = sharePartsOf(before);
  deepEqual(after, before);
  equal(after[0].grant.tasks, after[1].grant.tasks);
  equal(after[0].reschedules, after[1].reschedules);
  notEqual(after[0].grant.ports, after[1].grant.ports);
});

void test("sharePartsOf: other amounts, other tasks and whole cores stay as they are", () => {
  const before = [
    copy("a", small()),
    copy("b", { web: { cpuMhz: 200, memoryBytes: 1, cores: [] } }),
    copy("c", { db: { cpuMhz: 100, memoryBytes: 1, cores: [] } }),
    copy("d", { web: { cpuMhz: 100, memoryBytes: 1, cores: [3] } }, [3]),
    copy("e", { ...small(), log: { cpuMhz: 100, memoryBytes: 1, cores: [] } }),
  ];
  deepEqual(sharePartsOf(before), before);
});
