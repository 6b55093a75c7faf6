import assert from "node:assert/strict";
import { test } from "node:test";
import {
  antiAffinityScore,
  fitScore,
  freeShare,
  logistic,
  preemptionScore,
  reschedulePenalty,
} from "./score.ts";

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 0.0005, `${actual} is not ${expected}`);

/** A node of 4096 MHz and 8192 MB of which half is reserved, with so much used. */
function fitOf(usedMhz: number, usedMb: number, algorithm: "binpack" | "spread"): number {
  return fitScore({ cpu: freeShare(usedMhz, 2048), memory: freeShare(usedMb, 4096) }, algorithm) * 18;
}

test("score: best fit and worst fit, golden values", () => {
  close(fitOf(2048, 4096, "binpack"), 18);
  close(fitOf(0, 0, "binpack"), 0);
  close(fitOf(1024, 2048, "binpack"), 13.675);
  close(fitOf(2048, 4096, "spread"), 0);
  close(fitOf(0, 0, "spread"), 18);
  close(fitOf(1024, 2048, "spread"), 4.325);
});

test("score: two collisions out of four, and their mean with a reschedule penalty, golden values", () => {
  close(antiAffinityScore(2, 4), -0.75);
  close((antiAffinityScore(2, 4) + reschedulePenalty) / 2, -0.875);
});

test("score: the preemption curve, golden values", () => {
  close(logistic(2048), 0.5);
  assert.ok(Math.abs(logistic(100) - 0.99991) < 0.00001);
  assert.equal(preemptionScore([50, 50]), logistic(52));
});

test("score: a node without memory has none left", () => {
  assert.equal(freeShare(0, 0), 0);
});
