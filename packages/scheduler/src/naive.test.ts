import assert from "node:assert/strict";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import type { Node } from "@fractus/core/node.ts";
import type { Ask, Footprint } from "./ask.ts";
import { Cluster } from "./cluster.ts";
import { fits } from "./fit.ts";
import { place } from "./place.ts";
import { Placer } from "./placer.ts";
import type { Algorithm } from "./score.ts";
import { naiveBest, type NaiveInstance } from "./testing/naive.ts";
import { Chance } from "./testing/random.ts";

/** More seeds: `SCHEDULER_SEEDS=5000 node --test packages/scheduler/src/naive.test.ts`. */
const seeds = Number(process.env.SCHEDULER_SEEDS ?? 200);

test(`naive: the naive scheduler agrees on ${seeds} random clusters, node and score`, () => {
  let placed = 0;
  let refused = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = compare(seed);
    placed += outcome.placed;
    refused += outcome.refused;
  }
  assert.ok(placed > seeds && refused > seeds / 10, `${placed} placed, ${refused} refused`);
});

/** Places copy by copy and asks the naive scheduler each time what it would have done. */
function compare(seed: number): { readonly placed: number; readonly refused: number } {
  const chance = new Chance(seededDice(seed));
  const nodes = chance.nodes();
  const cluster = new Cluster();
  for (const node of nodes) cluster.setNode(node);
  const algorithm: Algorithm = chance.of("binpack", "spread");
  const instances = populate(cluster, nodes, chance);
  const ask = chance.ask();
  const failedOn = chance.once(3) ? ["n0", "n1", "n2"] : [];
  const copies = Array.from({ length: chance.integer(1, 8) }, () => ({ failedOn }));
  const { placed, failure } = place(cluster, ask, copies, { algorithm });
  for (let index = 0; index < copies.length; index++) {
    const expected = naiveBest({ nodes, instances, algorithm }, ask, failedOn);
    const found = index < placed.length ? placed.at(index) : undefined;
    assert.equal(found?.nodeId, expected?.node, `seed ${seed}, copy ${index}: node`);
    assert.equal(found?.score, expected?.score, `seed ${seed}, copy ${index}: score`);
    if (found) instances.push(known(cluster, nodes, found.row));
  }
  assert.equal(failure?.unplaced ?? 0, copies.length - placed.length);
  assertNotOversubscribed(cluster, nodes, instances);
  for (const refusal of failure?.refusals ?? []) assert.ok(refusal.reasons.length > 0);
  assert.equal(
    failure?.refusals.length ?? nodes.length,
    nodes.length,
    `seed ${seed}: a reason for every node`,
  );
  return { placed: placed.length, refused: Number(failure !== undefined) };
}

test("naive: it agrees as well where two asks take turns and instances leave in between", () => {
  for (let seed = 1; seed <= Math.ceil(seeds / 2); seed++) takeTurns(seed);
});

function takeTurns(seed: number): void {
  const chance = new Chance(seededDice(seed));
  const nodes = chance.nodes();
  const cluster = new Cluster();
  for (const node of nodes) cluster.setNode(node);
  let instances = populate(cluster, nodes, chance);
  const asks = [chance.ask(), chance.ask()];
  const placer = new Placer(cluster);
  for (let turn = 0; turn < 10; turn++) {
    const ask = asks[turn % 2];
    const expected = naiveBest({ nodes, instances, algorithm: "binpack" }, ask, []);
    const spot = placer.next(ask);
    const found = spot && known(cluster, nodes, spot.row);
    assert.equal(found?.node.id, expected?.node, `seed ${seed}, turn ${turn}: node`);
    assert.equal(spot?.score, expected?.score, `seed ${seed}, turn ${turn}: score`);
    if (found) instances.push(found);
    const leaving = chance.once(3) ? instances.find(({ id }) => mayLeave(id, asks)) : undefined;
    if (!leaving) continue;
    placer.remove(cluster.instances.rowOf(leaving.id) ?? -1);
    instances = instances.filter((instance) => instance !== leaving);
  }
}

/** Hints of an ask are about where instances were when it was first looked at. */
function mayLeave(id: string, asks: readonly Ask[]): boolean {
  const named = asks.flatMap(({ hints }) => [...(hints?.sameNodeAs ?? []), ...(hints?.otherNodeThan ?? [])]);
  return id !== "" && !named.includes(id);
}

function populate(cluster: Cluster, nodes: readonly Node[], chance: Chance): NaiveInstance[] {
  const instances: NaiveInstance[] = [];
  for (let attempt = 0; attempt < chance.integer(0, 30); attempt++) {
    const footprint: Footprint = chance.footprint();
    const node = cluster.nodes.numberOf(chance.of(...nodes).id);
    const hasNetworks = footprint.ports.every(
      (port) => cluster.nodes.addressNumber(node, port.hostNetwork ?? "default") >= 0,
    );
    if (!hasNetworks || !fits(cluster, footprint, node)) continue;
    const row = cluster.settle(node, footprint, attempt);
    cluster.instances.name(row, `i${instances.length}`);
    instances.push(known(cluster, nodes, row));
  }
  return instances;
}

function known(cluster: Cluster, nodes: readonly Node[], row: number): NaiveInstance {
  const footprint = cluster.instances.footprint(row);
  return {
    id: cluster.instances.id(row) ?? "",
    node: nodes[cluster.instances.nodeOf[row]],
    footprint,
    ports: cluster.portsOf(row).filter((_, index) => !footprint.ports[index].ignoreCollision),
    devices: (cluster.instances.exclusive(row)?.devices ?? []).flatMap(({ name, ids }) =>
      ids.map((id) => `${name} ${id}`),
    ),
  };
}

function assertNotOversubscribed(
  cluster: Cluster,
  nodes: readonly Node[],
  instances: readonly NaiveInstance[],
): void {
  for (const [number, node] of nodes.entries()) {
    const here = instances.filter((instance) => instance.node === node);
    assert.ok(
      cluster.nodes.cpuUsed[number] <= cluster.nodes.cpuRoom[number],
      `${node.id} has too much CPU given away`,
    );
    assert.ok(cluster.nodes.memoryUsed[number] <= cluster.nodes.memoryRoom[number]);
    const ports = here.flatMap((instance) => instance.ports.map(({ address, port }) => `${address}:${port}`));
    assert.equal(new Set(ports).size, ports.length, `${node.id} has a port twice`);
    const devices = here.flatMap((instance) => instance.devices);
    assert.equal(new Set(devices).size, devices.length, `${node.id} has a device twice`);
  }
}
