import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "./cluster.ts";
import { spreadBoosts } from "./spread.ts";
import { nodeWith } from "./testing/build.ts";
import { NodeValues, ValueTally } from "./values.ts";

/** `dc1:2 dc2:0` with targets `dc1=80`: the boost of each value, to three digits. */
function boosts(
  counts: string,
  targets = "",
  settings: { readonly count?: number; readonly weight?: number; readonly totalWeight?: number } = {},
): string {
  const cluster = new Cluster();
  const tally = new ValueTally(new NodeValues(cluster, "${node.datacenter}"));
  const values = counts.split(" ").map((text) => text.split(":"));
  for (const [zone, used] of values) {
    const node = cluster.setNode(nodeWith({ id: zone, zone }));
    tally.values.of(node);
    for (let i = 0; i < Number(used); i++) tally.count(node, 1);
  }
  const spread = {
    attribute: "${node.datacenter}",
    weight: settings.weight ?? 100,
    targets: (targets.match(/\S+/g) ?? []).map((text) => {
      const [value, percent] = text.split("=");
      return { value, percent: Number(percent) };
    }),
  };
  const found = spreadBoosts(
    { spread, count: settings.count ?? 10, totalWeight: settings.totalWeight ?? 100 },
    tally,
  );
  return values.map(([zone], index) => `${zone}:${Number(found[index].toFixed(3))}`).join(" ");
}

test("spread: 80 % in dc1, two there already, golden values", () => {
  assert.equal(boosts("dc1:2 dc2:0", "dc1=80"), "dc1:0.625 dc2:0.5");
  assert.equal(boosts("dc1:7 dc2:0", "dc1=80"), "dc1:0 dc2:0.5");
});

test("spread: two spreads share their weight, golden values", () => {
  const zones = boosts("dc1:2 dc2:0", "dc1=60 dc2=40", { weight: 100, totalWeight: 150 });
  const racks = boosts("r1:1 r2:1", "r1=40 r2=60", { weight: 50, totalWeight: 150 });
  assert.equal(zones, "dc1:0.333 dc2:0.5");
  assert.equal(racks, "r1:0.167 r2:0.222");
  for (const [zone, rack, sum] of [
    [0.333, 0.167, 0.5],
    [0.5, 0.167, 0.667],
    [0.333, 0.222, 0.556],
  ]) {
    assert.ok(Math.abs(zone + rack - sum) < 0.0015);
  }
});

test("spread: values that no target names share the rest, or are closed if there is none", () => {
  assert.equal(boosts("dc1:0 dc2:1 dc3:1", "dc1=60"), "dc1:0.833 dc2:0.25 dc3:0.25");
  assert.equal(boosts("dc1:0 dc2:0", "dc1=100"), "dc1:0.9 dc2:-1");
});

test("spread: a value that is to have nothing gets the lowest boost, at best -1", () => {
  assert.equal(boosts("dc1:0 dc2:0", "dc1=0 dc2=100"), "dc1:-1 dc2:0.9");
  assert.equal(boosts("dc1:0 dc2:5", "dc1=0 dc2=100", { count: 2 }), "dc1:-2 dc2:-2");
});

test("spread: without targets the values are to be level", () => {
  assert.equal(boosts("r1:0 r2:0"), "r1:0 r2:0");
  assert.equal(boosts("r1:1 r2:0"), "r1:-1 r2:1");
  assert.equal(boosts("r1:2 r2:2"), "r1:-1 r2:-1");
  assert.equal(boosts("r1:3 r2:2 r3:0"), "r1:-0.5 r2:0.5 r3:1");
});
