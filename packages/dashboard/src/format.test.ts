import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counted,
  formatAgo,
  formatBytes,
  formatDuration,
  formatMegahertz,
  formatPercent,
  millisecondsOf,
  timeOf,
} from "./format.ts";

test("format: sizes in the unit that suits them", () => {
  const spoken = [0, 512, 71_585, 3_565_158, 25_232_932_864].map(formatBytes);
  assert.deepEqual(spoken, ["0 B", "512 B", "69.9 KiB", "3.4 MiB", "23.5 GiB"]);
});

test("format: processor time and percentages", () => {
  assert.deepEqual([100, 5190].map(formatMegahertz), ["100 MHz", "5.2 GHz"]);
  assert.deepEqual([0, 0.04, 3.21, 37.4].map(formatPercent), ["0 %", "0 %", "3.2 %", "37 %"]);
});

test("format: durations", () => {
  const spoken = [400, 59_000, 125_000, 1_800_000, 7_200_000, 12_000_000, 400_000_000].map(formatDuration);
  assert.deepEqual(spoken, ["0 s", "59 s", "2 min 5 s", "30 min", "2 h", "3 h 20 min", "4 days"]);
  assert.equal(formatAgo(1000, 1500), "now");
  assert.equal(formatAgo(1000, 6000), "5 s ago");
  assert.equal(formatAgo(9000, 6000), "now", "clocks of two machines differ");
});

test("format: times of the API, where nothing has several spellings", () => {
  assert.equal(millisecondsOf(1_795_248_357_124_000_000), 1_795_248_357_124);
  assert.equal(millisecondsOf(0), undefined);
  assert.equal(timeOf("2026-11-21T08:03:46.115Z"), 1_795_248_226_115);
  for (const none of [null, undefined, "", "0001-01-01T00:00:00Z"]) assert.equal(timeOf(none), undefined);
});

test("format: one and many", () => {
  assert.deepEqual(
    [counted(1, "job"), counted(0, "job"), counted(2, "copy", "copies")],
    ["1 job", "0 jobs", "2 copies"],
  );
});
