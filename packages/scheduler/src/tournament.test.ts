import assert from "node:assert/strict";
import { test } from "node:test";
import { rollInteger, seededDice } from "@fractus/core/dice.ts";
import { Tournament } from "./tournament.ts";

test("tournament: nobody wins among nobody", () => {
  assert.equal(new Tournament(0).best, -1);
  assert.equal(new Tournament(5).best, -1);
});

test("tournament: after every change it agrees with a search, ties going to the lower number", () => {
  const dice = seededDice(5);
  for (const players of [1, 2, 3, 7, 16, 33]) {
    const keys = Float64Array.from({ length: players }, () => rollInteger(dice, { low: 0, high: 5 }));
    const tournament = new Tournament(players);
    tournament.fill(keys);
    for (let change = 0; change < 200; change++) {
      const player = rollInteger(dice, { low: 0, high: players - 1 });
      keys[player] = rollInteger(dice, { low: 0, high: 5 }) || -Infinity;
      tournament.set(player, keys[player]);
      const highest = Math.max(...keys);
      assert.equal(tournament.best, highest === -Infinity ? -1 : keys.indexOf(highest));
    }
  }
});
