import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "./duration.ts";

test("duration: text to nanoseconds", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["0s", 0],
    ["-0s", 0],
    ["1h30m", 5_400_000_000_000],
    ["1.5s", 1_500_000_000],
    [".5ms", 500_000],
    ["-2m", -120_000_000_000],
    ["+1s", 1_000_000_000],
    ["1us", 1000],
    ["1µs", 1000],
    ["8760h", 31_536_000_000_000_000],
    ["", undefined],
    ["5", undefined],
    ["s", undefined],
    ["1d", undefined],
    ["1 s", undefined],
    ["1s ", undefined],
    ["1e3s", undefined],
    ["3000000h", undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
});

test("duration: nanoseconds to text and back", () => {
  for (const nanoseconds of [
    0, 1, 1500, -2_000_000, 90_000_000_000, 5_400_000_000_000, 31_536_000_000_000_000,
  ]) {
    assert.equal(parseDuration(formatDuration(nanoseconds)), nanoseconds);
  }
  assert.equal(formatDuration(5_400_000_000_000), "1h30m");
});
