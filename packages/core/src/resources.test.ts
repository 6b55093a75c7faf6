import assert from "node:assert/strict";
import { test } from "node:test";
import { largerOf, noResources, sumOf } from "./resources.ts";

const small = { cpuMhz: 100, cpuMillis: 0, cores: 1, memoryBytes: 300, diskBytes: 10 };
const large = { cpuMhz: 50, cpuMillis: 500, cores: 0, memoryBytes: 200, memoryMaxBytes: 900, diskBytes: 20 };

test("resources: what runs together adds up, what runs in turn takes the larger of each", () => {
  assert.deepEqual(sumOf(small, large), {
    cpuMhz: 150,
    cpuMillis: 500,
    cores: 1,
    memoryBytes: 500,
    memoryMaxBytes: 1200,
    diskBytes: 30,
  });
  assert.deepEqual(largerOf(small, large), {
    cpuMhz: 100,
    cpuMillis: 500,
    cores: 1,
    memoryBytes: 300,
    memoryMaxBytes: 900,
    diskBytes: 20,
  });
});

test("resources: nothing added changes nothing, and no limit is invented", () => {
  assert.deepEqual(sumOf(small, noResources), small);
});
