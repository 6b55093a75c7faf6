import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { mountOf, shares } from "./host-stats.ts";
import { describeMachine, operatingSystem, primaryAddress } from "./machine.ts";
import { lookAtDrivers, nodeFacts } from "./node-facts.ts";
import { defaultNodeSettings } from "./settings.ts";

const machine = {
  attributes: { arch: "amd64", "unique.storage.bytesfree": "1" },
  cores: 4,
  mhzPerCore: 2000,
  memoryBytes: 8e9,
  diskBytes: 1e11,
  address: "10.0.0.5",
};
const identity = { id: "n-1", meta: { rack: "r2", old: null } };

test("node: what the machine has is its capacity, and what was set wins", () => {
  const settings = { ...defaultNodeSettings("n1"), meta: { rack: "r1", old: "x", kept: "y" } };
  const facts = nodeFacts({ identity, settings, machine, fingerprints: [] });
  assert.deepEqual(facts.capacity, { cpuMhz: 8000, cores: 4, memoryBytes: 8e9, diskBytes: 1e11 });
  assert.deepEqual(facts.meta, { rack: "r2", kept: "y" });
  assert.deepEqual(facts.hostNetworks, { default: { address: "10.0.0.5" } });
  assert.equal(facts.attributes["memory.totalbytes"], "8000000000");
  assert.equal(facts.attributes["unique.storage.bytesfree"], undefined);
});

test("node: several on one machine have budgets of their own (CL-247)", () => {
  const budget = { cpuMhz: 1000, memoryBytes: 1e9, cores: 1 };
  const settings = { ...defaultNodeSettings("n1"), budget };
  const facts = nodeFacts({ identity, settings, machine, fingerprints: [] });
  assert.deepEqual(facts.capacity, { ...budget, diskBytes: 1e11 });
  assert.equal(facts.attributes["memory.totalbytes"], "1000000000");
  assert.equal(facts.attributes["cpu.totalcompute"], "1000");
  assert.equal(facts.mhzPerCore, 1000);
});

test("node: drivers say what they lack, and one that breaks is not there", async () => {
  const lack = { what: "root", lost: "no isolation" };
  const fingerprints = await lookAtDrivers([
    {
      name: "a",
      fingerprint: async () => ({
        isDetected: true,
        isHealthy: true,
        attributes: { "driver.a": "1" },
        missing: [lack],
      }),
    },
    { name: "b", fingerprint: () => Promise.reject(new Error("broken")) },
  ]);
  const facts = nodeFacts({ identity, settings: defaultNodeSettings("n1"), machine, fingerprints });
  assert.deepEqual(facts.drivers, {
    a: { isDetected: true, isHealthy: true, description: "root: no isolation" },
    b: { isDetected: false, isHealthy: false, description: "broken: nothing can be started with it" },
  });
  assert.equal(facts.attributes["driver.a"], "1");
});

test("node: this machine is described with the attributes that job files use (CL-248)", () => {
  const { attributes, cores, memoryBytes, mhzPerCore, diskBytes } = describeMachine(tmpdir());
  for (const name of [
    "arch",
    "cpu.arch",
    "cpu.numcores",
    "cpu.totalcompute",
    "kernel.name",
    "kernel.version",
    "os.name",
    "memory.totalbytes",
    "unique.hostname",
    "unique.storage.bytestotal",
  ])
    assert.ok(attributes[name], name);
  assert.ok(cores >= 1 && memoryBytes > 1e8 && mhzPerCore >= 100 && diskBytes > 0);
});

test("node: the address is one that others could reach", () => {
  const address = (address: string, more: object = {}) =>
    ({ address, family: "IPv4", internal: false, netmask: "", mac: "", cidr: null, ...more }) as never;
  assert.equal(
    primaryAddress({
      lo: [address("127.0.0.1", { internal: true })],
      docker0: [address("172.17.0.1")],
      eth0: [address("10.1.2.3")],
    }),
    "10.1.2.3",
  );
  assert.equal(primaryAddress({ lo: [address("127.0.0.1", { internal: true })] }), "127.0.0.1");
});

test("node: the system's name comes without quotes", () => {
  assert.deepEqual(operatingSystem('NAME="X"\nID=debian\nVERSION_ID="12"\n'), {
    "os.name": "debian",
    "os.version": "12",
  });
});

test("node: use of a core is what has passed between two looks", () => {
  const times = (user: number, sys: number, idle: number) => ({ user, nice: 0, sys, idle, irq: 0 });
  assert.deepEqual(shares(times(20, 10, 170), times(10, 10, 80)), { user: 10, system: 0, idle: 90 });
});

test("node: a directory is on the mount with the longest path", () => {
  const mounts = "/dev/a / ext4 rw 0 0\n/dev/b /data ext4 rw 0 0\n/dev/c /data2 ext4 rw 0 0\n";
  assert.deepEqual(mountOf("/data/x", mounts), { device: "/dev/b", mount: "/data" });
  assert.deepEqual(mountOf("/data22", mounts), { device: "/dev/a", mount: "/" });
});
