import assert from "node:assert/strict";
import { test } from "node:test";
import { areaOf, curveOf, topOf } from "./sparkline.ts";

const frame = { box: { width: 100, height: 10 }, top: 10, most: 5 };

test("sparkline: the newest value is at the right edge, the highest at the top", () => {
  assert.equal(curveOf([0, 5, 10], frame), "M50 10L75 5L100 0");
  assert.equal(curveOf([20], frame), "M100 0");
  assert.equal(areaOf([0, 10], frame), "M75 10L100 0L100 10L75 10Z");
  assert.equal(areaOf([3], frame), "");
});

test("sparkline: the scale ends at what was asked for, or at a round number above it", () => {
  assert.deepEqual(
    [topOf([], 64), topOf([37], 1), topOf([120, 180], 100), topOf([0.3], 1)],
    [64, 50, 200, 1],
  );
});
