import assert from "node:assert/strict";
import { test } from "node:test";
import { rollInteger, seededDice } from "./dice.ts";

test("dice: the same seed falls the same way, another seed another way", () => {
  const rolls = (seed: number) => {
    const dice = seededDice(seed);
    return Array.from({ length: 5 }, () => dice.roll());
  };
  assert.deepEqual(rolls(7), rolls(7));
  assert.notDeepEqual(rolls(7), rolls(8));
});

test("dice: rolls stay in [0, 1) and fill it evenly", () => {
  const dice = seededDice(1);
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100_000; i++) buckets[Math.floor(dice.roll() * 10)] += 1;
  for (const count of buckets) assert.ok(Math.abs(count - 10_000) < 500, `a bucket holds ${count}`);
});

test("dice: an integer reaches both ends of its range and nothing else", () => {
  const dice = seededDice(3);
  const seen = new Set(Array.from({ length: 200 }, () => rollInteger(dice, { low: 3, high: 5 })));
  assert.deepEqual([...seen].sort(), [3, 4, 5]);
});
