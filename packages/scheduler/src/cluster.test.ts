import assert from "node:assert/strict";
import { test } from "node:test";
import { rollInteger, seededDice } from "@fractus/core/dice.ts";
import { Cluster } from "./cluster.ts";
import { fits } from "./fit.ts";
import { Chance } from "./testing/random.ts";
import { askWith, nodeWith, resourcesOf } from "./testing/build.ts";

const ask = askWith({ name: "web", ports: [{ label: "http" }] });

function clusterOf(...ids: readonly string[]): Cluster {
  const cluster = new Cluster();
  for (const id of ids) cluster.setNode(nodeWith({ id }));
  return cluster;
}

/** Everything that counts about a cluster, as text. */
function picture({ nodes, instances }: Cluster): string {
  return JSON.stringify(
    nodes
      .numbers()
      .map((node) => [
        nodes.at(node).id,
        nodes.cpuUsed[node],
        nodes.memoryUsed[node],
        nodes.diskUsed[node],
        nodes.coresUsed[node],
        nodes.portMap(node, 0).freeToChoose,
        instances.onNode(node).map((row) => [row, instances.id(row), instances.exclusive(row)]),
      ]),
  );
}

test("cluster: what is put and taken in an attempt is undone unless it succeeds", () => {
  const cluster = clusterOf("a", "b");
  const first = cluster.settle(0, ask, 0);
  cluster.instances.name(first, "one");
  const before = picture(cluster);
  const change = () => {
    cluster.remove(first);
    cluster.settle(1, ask, 5);
  };
  cluster.attempt(() => {
    change();
    return false;
  });
  assert.equal(picture(cluster), before);
  assert.equal(cluster.instances.rowOf("one"), first);
  cluster.attempt(() => {
    change();
    return true;
  });
  assert.equal(cluster.instances.rowOf("one"), undefined);
  assert.equal(cluster.nodes.instances[1], 1);
});

test("cluster: an attempt that throws is undone, and an inner one does not outlive the outer", () => {
  const cluster = clusterOf("a");
  const before = picture(cluster);
  assert.throws(() =>
    cluster.attempt(() => {
      cluster.settle(0, ask, 0);
      throw new Error("no");
    }),
  );
  assert.equal(picture(cluster), before);
  cluster.attempt(() => {
    cluster.attempt(() => cluster.settle(0, ask, 0) >= 0);
    assert.equal(cluster.nodes.instances[0], 1);
    return false;
  });
  assert.equal(picture(cluster), before);
});

test("cluster: a thousand random changes and their undoing leave the same cluster", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const dice = seededDice(seed);
    const chance = new Chance(dice);
    const cluster = new Cluster();
    for (const node of chance.nodes()) cluster.setNode(node);
    churn(cluster, chance, 20);
    const before = picture(cluster);
    cluster.attempt(() => {
      churn(cluster, chance, rollInteger(dice, { low: 1, high: 50 }));
      return false;
    });
    assert.equal(picture(cluster), before, `seed ${seed}`);
    for (const node of cluster.nodes.numbers()) {
      for (const row of cluster.instances.onNode(node)) cluster.remove(row);
      assert.equal(cluster.nodes.cpuUsed[node], 0);
      assert.equal(cluster.nodes.memoryUsed[node], 0);
    }
  }
});

function churn(cluster: Cluster, chance: Chance, steps: number): void {
  for (let step = 0; step < steps; step++) {
    const node = chance.of(...cluster.nodes.numbers());
    const rows = cluster.instances.onNode(node);
    if (rows.length > 0 && chance.once(3)) cluster.remove(chance.of(...rows));
    const footprint = { ...chance.footprint(), ports: [] };
    if (fits(cluster, footprint, node)) cluster.settle(node, footprint, step);
  }
}

test("cluster: a node that is described anew keeps what runs on it, at its new clock rate", () => {
  const cluster = clusterOf("a");
  const server = askWith({
    name: "v",
    resources: resourcesOf({ millis: 1500 }),
    ports: [{ label: "ssh", static: 22 }],
  });
  cluster.settle(0, server, 0);
  assert.equal(cluster.nodes.cpuUsed[0], 1500);
  cluster.setNode(nodeWith({ id: "a", mhzPerCore: 2001, zone: "elsewhere" }));
  assert.equal(cluster.nodes.cpuUsed[0], 3002);
  assert.ok(cluster.nodes.portMap(0, 0).isTaken(22));
});

test("cluster: a node that leaves takes what runs on it along, and its number is not used again", () => {
  const cluster = clusterOf("a", "b");
  cluster.instances.name(cluster.settle(0, ask, 0), "one");
  cluster.removeNode("a");
  assert.equal(cluster.instances.rowOf("one"), undefined);
  assert.equal(cluster.nodes.numberOf("a"), -1);
  assert.equal(cluster.setNode(nodeWith({ id: "a" })), 2);
});

test("cluster: nodes that differ in nothing but unique attributes are of one class", () => {
  const cluster = new Cluster();
  const attributes = (name: string, arch: string) => ({ "unique.hostname": name, arch });
  cluster.setNode(nodeWith({ id: "a", attributes: attributes("a", "arm64") }));
  cluster.setNode(nodeWith({ id: "b", attributes: attributes("b", "arm64") }));
  cluster.setNode(nodeWith({ id: "c", attributes: attributes("c", "amd64") }));
  assert.deepEqual([...cluster.nodes.classOf.subarray(0, 3)], [0, 0, 1]);
});
