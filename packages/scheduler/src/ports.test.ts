import assert from "node:assert/strict";
import { test } from "node:test";
import { rollInteger, seededDice } from "@fractus/core/dice.ts";
import { PortMap, PortRuns } from "./ports.ts";

test("ports: the first free one from the start on is chosen, going round once", () => {
  const map = new PortMap({ low: 100, high: 103 });
  const chosen = [2, 2, 2, 2, 2].map((turn) => {
    const port = map.choose(turn);
    if (port >= 0) map.take(port);
    return port;
  });
  assert.deepEqual(chosen, [102, 103, 100, 101, -1]);
  map.release(101);
  assert.equal(map.choose(7), 101);
});

test("ports: on random maps the choice agrees with a search one by one", () => {
  const dice = seededDice(11);
  for (let round = 0; round < 300; round++) {
    const low = rollInteger(dice, { low: 1, high: 200 });
    const high = low + rollInteger(dice, { low: 0, high: 150 });
    const map = new PortMap({ low, high });
    const taken = new Set<number>();
    for (let i = 0; i < 120; i++) taken.add(rollInteger(dice, { low: 0, high: 400 }));
    for (const port of taken) map.take(port);
    const turn = rollInteger(dice, { low: 0, high: 1000 });
    const size = high - low + 1;
    const inTurn = Array.from({ length: size }, (_, index) => low + ((turn + index) % size));
    const free = inTurn.filter((port) => !taken.has(port));
    assert.equal(map.choose(turn), free[0] ?? -1);
    assert.equal(map.freeToChoose, free.length);
  }
});

test("ports: the last port there is can be held", () => {
  const map = new PortMap({ low: 65_535, high: 65_535 });
  assert.equal(map.choose(0), 65_535);
  map.take(65_535);
  assert.equal(map.choose(0), -1);
});

test("ports: runs that were given back are used again by the next of that width", () => {
  const runs = new PortRuns();
  const first = runs.claim(3);
  const second = runs.claim(2);
  runs.giveBack(first, 3);
  assert.notEqual(runs.claim(2), second);
  assert.equal(runs.claim(3), first);
});
