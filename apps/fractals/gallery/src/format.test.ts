import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatComplex, formatDuration, formatNumber, titleOf } from "./format.ts";

test("format: durations in the unit that suits them", () => {
  const spoken = [0.04, 4.21, 12.7, 999, 4163, 12_340, 59_990, 200_000, 7_300_000, 400_000_000].map(
    formatDuration,
  );
  assert.deepEqual(spoken, [
    "0 ms",
    "4.2 ms",
    "13 ms",
    "999 ms",
    "4.16 s",
    "12.3 s",
    "60 s",
    "3 min 20 s",
    "2 h 1 min",
    "4 days",
  ]);
});

test("format: sizes in thousands", () => {
  assert.deepEqual([512, 71_585, 3_400_000].map(formatBytes), ["512 B", "72 kB", "3.4 MB"]);
});

test("format: numbers have a true minus sign", () => {
  assert.equal(formatNumber(-1.77488588389), "−1.774886");
  assert.equal(formatComplex({ cx: -0.4, cy: -0.6 }), "−0.4 − 0.6i");
  assert.equal(titleOf({ kind: "julia", cx: -0.4, cy: 0.6, power: 2 }), "Julia set, c = −0.4 + 0.6i");
});
