import assert from "node:assert/strict";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import { Cluster } from "./cluster.ts";
import { findVictims } from "./evict.ts";
import { fits } from "./fit.ts";
import { place } from "./place.ts";
import { Chance } from "./testing/random.ts";
import { readSituation } from "./testing/situation.ts";

/** Where the copy went and who had to go: `a without x, y`. */
function check(text: string, expected: string): void {
  const { cluster, ask, copies, options } = readSituation(text);
  const { placed } = place(cluster, ask, copies, { ...options, mayEvict: true });
  const words = Array.from({ length: placed.length }, (_, index) => {
    const { nodeId, evicted } = placed.at(index);
    const gone = evicted.map(({ id }) => id).join(", ");
    return gone ? `${nodeId} without ${gone}` : nodeId;
  });
  assert.equal(words.join("; "), expected);
}

test("evict: nobody has to go while there is room", () => {
  check("node a memory=1024\nruns low on a memory=512 priority=10\nask web memory=512", "a");
});

test("evict: the less important has to go, by 10 at least", () => {
  check("node a memory=1024\nruns low on a memory=1024 priority=40\nask web memory=512", "a without low");
  check("node a memory=1024\nruns low on a memory=1024 priority=41\nask web memory=512", "");
});

test("evict: the least important goes first, whatever its size", () => {
  check(
    `
    node a memory=1024
    runs mid on a memory=512 priority=30
    runs low on a memory=512 priority=10
    ask web memory=512
    `,
    "a without low",
  );
});

test("evict: of equals the one nearest in size goes, and nobody without need", () => {
  check(
    `
    node a memory=2048 cpu=4000
    runs small on a memory=256 priority=10
    runs right on a memory=512 priority=10
    runs large on a memory=1280 priority=10
    ask web memory=512
    `,
    "a without right",
  );
});

test("evict: the holder of a fixed port goes", () => {
  check("node a\nruns old on a port:http=80 priority=10\nask web port:http=80", "a without old");
  check("node a\nruns old on a port:http=80 priority=45\nask web port:http=80", "");
});

test("evict: holders of devices go", () => {
  check(
    "node a devices=nvidia/gpu/t4:2\nruns x on a x2 device=gpu priority=20\nask web device=gpu",
    "a without x",
  );
});

test("evict: copies of the same job never make room for each other", () => {
  check("node a memory=512\nruns web on a memory=512 priority=10\nask web memory=512", "");
});

test("evict: the node where the least important has to go wins", () => {
  check(
    `
    node a memory=512
    node b memory=512
    runs mid on a memory=512 priority=40
    runs low on b memory=512 priority=10
    ask web memory=512
    `,
    "b without low",
  );
});

test("evict: a group that moves one at a time is spared where others will do", () => {
  const { cluster, ask } = readSituation("node a memory=1024\nask web memory=512");
  const node = cluster.nodes.numberOf("a");
  for (const [job, count] of [
    ["slow", 2],
    ["other", 2],
  ] as const) {
    const footprint = {
      ...ask,
      job,
      priority: 10,
      movesAtOnce: 1,
      resources: { ...ask.resources, memoryBytes: 2 ** 28 },
    };
    for (let i = 0; i < count; i++) cluster.settle(node, footprint, 0);
  }
  const victims = findVictims(cluster, ask, node) ?? [];
  const jobs = victims.map((row) => cluster.instances.footprint(row).job);
  assert.deepEqual(jobs.sort(), ["other", "slow"]);
});

test("evict: on 200 random clusters the victims are lawful and enough, and nothing is changed", () => {
  let found = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const chance = new Chance(seededDice(seed));
    const cluster = new Cluster();
    const node = cluster.setNode({ ...chance.node("n0"), status: "ready", isEligible: true });
    for (let i = 0; i < 12; i++) {
      const footprint = chance.footprint();
      if (fits(cluster, footprint, node)) cluster.settle(node, footprint, i);
    }
    const ask = { ...chance.footprint(), ...chance.ask(), ports: [] };
    if (fits(cluster, ask, node)) continue;
    const before = fingerprint(cluster, node);
    const victims = findVictims(cluster, ask, node);
    assert.equal(fingerprint(cluster, node), before, `seed ${seed}`);
    if (victims === undefined) continue;
    found++;
    for (const row of victims) {
      const { job, priority } = cluster.instances.footprint(row);
      assert.ok(job !== ask.job && priority <= ask.priority - 10, `seed ${seed}`);
    }
    cluster.attempt(() => {
      for (const row of victims) cluster.remove(row);
      assert.ok(fits(cluster, ask, node), `seed ${seed}`);
      return false;
    });
  }
  assert.ok(found > 20, `${found} evictions`);
});

function fingerprint({ nodes, instances }: Cluster, node: number): string {
  return JSON.stringify([
    nodes.cpuUsed[node],
    nodes.memoryUsed[node],
    nodes.instances[node],
    instances.onNode(node),
  ]);
}
