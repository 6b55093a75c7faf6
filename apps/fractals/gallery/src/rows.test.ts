import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, stepFrom, visibleRange } from "./rows.ts";

const shape = (proportion: number) => ({ width: proportion * 100, height: 100 });
const wall = (proportions: string, wallWidth = 400) =>
  hang(proportions.split(" ").map(Number).map(shape), { wallWidth, rowHeight: 100, gap: 10 });

test("hang: every full row is as wide as the wall", () => {
  const { places, rowStarts } = wall("1.5 1 1.3 0.8 1.2 1.4 1 1 1 1.6");
  for (const next of rowStarts.slice(1)) {
    const last = places[next - 1];
    assert.ok(Math.abs(last.left + last.width - 400) < 1e-9);
  }
});

test("hang: pictures keep their order and do not overlap", () => {
  const { places, height } = wall("1.5 1 1.3 0.8 1.2 1.4");
  for (const [index, place] of places.entries()) {
    const after = places[index + 1];
    if (after) assert.ok(after.top > place.top || after.left >= place.left + place.width + 10 - 1e-9);
  }
  assert.equal(height, Math.max(...places.map(({ top, height }) => top + height)));
});

test("hang: the last row is never higher than wished, and a panorama is cropped", () => {
  assert.equal(wall("1").places[0].height, 100);
  assert.equal(Math.round(wall("9", 1000).places[0].width), 220);
});

test("hang: five thousand pictures take less than a frame's worth of rows in sight", () => {
  const many = hang(
    Array.from({ length: 5000 }, () => shape(1)),
    { wallWidth: 1400, rowHeight: 260, gap: 8 },
  );
  const { first, end } = visibleRange(many, 50_000, 51_500);
  assert.ok(first > 500 && end - first <= 48, `${first} to ${end}`);
});

test("visibleRange: all rows that touch the band, and nothing of an empty wall", () => {
  assert.deepEqual(visibleRange(wall("1 1 1 1 1 1 1 1 1"), 0, 50), { first: 0, end: 4 });
  assert.deepEqual(visibleRange(hang([], { wallWidth: 400, rowHeight: 100, gap: 10 }), 0, 50), {
    first: 0,
    end: 0,
  });
});

test("stepFrom: arrows walk along the list and across the rows, and stop at the ends", () => {
  const grid = wall("1 1 1 1 1 1 1 1");
  const walk = (from: number, ...steps: Parameters<typeof stepFrom>[2][]) =>
    steps.reduce((at, step) => stepFrom(grid, at, step), from);
  assert.equal(walk(0, "right", "right", "down"), 6);
  assert.equal(walk(6, "up"), 2);
  assert.equal(walk(0, "up"), 0);
  assert.equal(walk(0, "left"), 0);
  assert.equal(walk(3, "end", "right", "down"), 7);
  assert.equal(walk(7, "home"), 0);
});
