import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import {
  cgroupCpu,
  cgroupMemoryBytes,
  cpuWeight,
  joinPaths,
  makeCgroups,
  wasOutOfMemory,
} from "./cgroups.ts";

const limits = {
  cpuMhz: 500,
  cpuLimitMillis: 1500,
  memoryBytes: 64 * MEBIBYTE,
  memoryMaxBytes: 128 * MEBIBYTE,
  maxProcesses: 10,
};

/** A tree of plain files that look like the kernel's; what is written to one can be read back. */
function check(claim: string, body: (root: string, put: (path: string, text: string) => void) => void): void {
  test(`cgroups: ${claim}`, () => {
    const root = mkdtempSync(join(tmpdir(), "fractus-cgroups-"));
    const put = (path: string, text: string) => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    try {
      body(root, put);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

check("v1 limits stand in one tree for each controller", (root) => {
  const tree = (name: string) => ({ mount: join(root, name), own: join(root, name, "ours") });
  const layout = {
    version: "v1" as const,
    v1: { memory: tree("memory"), cpu: tree("cpu"), pids: tree("pids") },
  };
  const { groups, lost } = makeCgroups(layout, "t", limits);
  const read = (name: string, file: string) => readFileSync(join(root, name, "ours/fractus/t", file), "utf8");
  assert.equal(read("memory", "memory.limit_in_bytes"), String(128 * MEBIBYTE));
  assert.equal(read("memory", "memory.soft_limit_in_bytes"), String(64 * MEBIBYTE));
  assert.deepEqual([read("cpu", "cpu.shares"), read("cpu", "cpu.cfs_quota_us")], ["500", "150000"]);
  assert.equal(read("pids", "pids.max"), "10");
  assert.deepEqual([lost, joinPaths(groups).length], [{}, 3]);
});

check("v2 passes the controllers on and sets its own limits", (root, put) => {
  for (const path of ["", "fractus/", "fractus/t/"]) put(`${path}cgroup.controllers`, "cpu memory pids\n");
  for (const path of ["", "fractus/"]) put(`${path}cgroup.subtree_control`, "cpu memory pids\n");
  const { groups, lost } = makeCgroups(
    { version: "v2", v1: {}, v2: { mount: root, own: root } },
    "t",
    limits,
  );
  const read = (file: string) => readFileSync(join(root, "fractus/t", file), "utf8");
  assert.deepEqual(
    ["memory.max", "memory.low", "cpu.weight", "cpu.max", "pids.max"].map(read),
    [128 * MEBIBYTE, 64 * MEBIBYTE, 19, "150000 100000", 10].map(String),
  );
  assert.deepEqual([groups, lost], [{ v1: {}, v2: join(root, "fractus/t") }, {}]);
});

check("a v2 group that cannot pass controllers on is left for the top of the tree", (root, put) => {
  put("cgroup.controllers", "cpu\n");
  put("cgroup.subtree_control", "cpu\n");
  put("fractus/cgroup.controllers", "cpu\n");
  put("fractus/cgroup.subtree_control", "cpu\n");
  put("own/cgroup.controllers", "cpu\n");
  put("own/cgroup.subtree_control", "");
  const { groups } = makeCgroups({ version: "v2", v1: {}, v2: { mount: root, own: join(root, "own") } }, "t");
  assert.equal(groups.v2, join(root, "fractus/t"));
  assert.ok(!existsSync(join(root, "own/fractus")));
});

check("what there is no controller for is reported, never passed over", (root) => {
  const layout = { version: "hybrid" as const, v1: {}, v2: { mount: root, own: root } };
  const { lost } = makeCgroups(layout, "t", limits);
  assert.deepEqual(Object.keys(lost).sort(), ["cpu", "memory", "processes"]);
});

check("use is read in both worlds", (root, put) => {
  put("v2/cpu.stat", "usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\n");
  put("v2/memory.stat", "anon 100\nfile 900\nfile_mapped 20\n");
  put("v2/memory.events", "low 0\noom 1\noom_kill 1\n");
  put("cpuacct/cpuacct.usage", "5000000\n");
  put("cpuacct/cpuacct.stat", "user 3\nsystem 2\n");
  put("memory/memory.stat", "rss 1\ntotal_rss 70\ntotal_mapped_file 5\n");
  put("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
  const v2 = { v1: {}, v2: join(root, "v2") };
  const v1 = { v1: { cpuacct: join(root, "cpuacct"), memory: join(root, "memory") } };
  assert.deepEqual([v2, v1].map(cgroupCpu), [
    { totalMs: 3, userMs: 2, systemMs: 1 },
    { totalMs: 5, userMs: 30, systemMs: 20 },
  ]);
  assert.deepEqual([v2, v1].map(cgroupMemoryBytes), [120, 75]);
  assert.deepEqual([v2, v1].map(wasOutOfMemory), [true, false]);
});

test("cgroups: shares become weights at both ends", () => {
  assert.deepEqual([2, 1024, 262_144].map(cpuWeight), [1, 39, 10_000]);
});
