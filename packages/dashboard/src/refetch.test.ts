import assert from "node:assert/strict";
import { test } from "node:test";
import { concerns, pauseAfter, Refetcher } from "./refetch.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("refetch: many changes at once are one more reading", async () => {
  let readings = 0;
  const refetcher = new Refetcher(async () => void readings++, 60_000);
  for (let i = 0; i < 50; i++) refetcher.touch();
  await wait(400);
  refetcher.stop();
  assert.equal(readings, 2);
});

test("refetch: it reads again by itself, and no more once stopped", async () => {
  let readings = 0;
  const refetcher = new Refetcher(async () => void readings++, 1);
  await wait(400);
  refetcher.stop();
  const seen = readings;
  assert.ok(seen >= 2, `${seen} readings`);
  await wait(200);
  assert.equal(readings, seen);
});

test("refetch: a slow reading is followed by a long pause", () => {
  assert.ok(pauseAfter(2000) >= 4 * 2000);
  assert.ok(pauseAfter(1) >= 100);
});

test("refetch: a change concerns those who look at its topic", () => {
  assert.ok(concerns("everything", ["Job"]));
  assert.ok(concerns(new Set(["Job", "Node"] as const), ["Node"]));
  assert.ok(!concerns(new Set(["Job"] as const), ["Node"]));
});
