import assert from "node:assert/strict";
import { test } from "node:test";
import type { RestartPolicy } from "@fractus/core/job.ts";
import { durationText } from "./duration-text.ts";
import { decideRestart } from "./restart.ts";
import type { Ending, RestartCount, RestartDecision } from "./restart.ts";

const policy: RestartPolicy = { attempts: 2, intervalMs: 60_000, delayMs: 10_000, mode: "fail" };

function decide(
  ending: Ending,
  more: Partial<Parameters<typeof decideRestart>[1]> & { roll?: number } = {},
): RestartDecision {
  const dice = { roll: () => more.roll ?? 0 };
  return decideRestart(ending, {
    policy,
    count: undefined,
    jobType: "service",
    lifecycle: undefined,
    nowMs: 1000,
    dice,
    ...more,
  });
}

test("restart: within the policy it is delayed by up to a quarter more", () => {
  const first = decide("failure");
  assert.deepEqual(first, {
    restarts: true,
    delayMs: 10_000,
    reason: "Restart within policy",
    count: { count: 1, sinceMs: 1000 },
  });
  assert.equal((decide("failure", { roll: 0.999 }) as { delayMs: number }).delayMs, 12_497);
});

test("restart: one attempt too many gives up, and a new interval begins anew", () => {
  const count: RestartCount = { count: 2, sinceMs: 1000 };
  assert.deepEqual(decide("failure", { count, nowMs: 61_000 }), {
    restarts: false,
    isFailure: true,
    reason: 'Exceeded allowed attempts 2 in interval 1m0s and mode is "fail"',
  });
  const later = decide("failure", { count, nowMs: 61_001 });
  assert.deepEqual(later.restarts && later.count, { count: 1, sinceMs: 61_001 });
});

test("restart: mode delay waits for the end of the interval", () => {
  const waits = decide("failure", {
    policy: { ...policy, mode: "delay" },
    count: { count: 2, sinceMs: 1000 },
    nowMs: 21_000,
  });
  assert.equal(waits.restarts && waits.delayMs, 40_001);
});

test("restart: success ends what is meant to end, and nothing else", () => {
  const ends = (more: object) => !decide("success", more).restarts;
  assert.ok(!ends({}) && !ends({ jobType: "system" }));
  assert.ok(ends({ jobType: "batch" }) && ends({ jobType: "sysbatch" }));
  assert.ok(ends({ lifecycle: { hook: "prestart", sidecar: false } }));
  assert.ok(ends({ lifecycle: { hook: "poststop", sidecar: false } }));
  assert.ok(!ends({ jobType: "batch", lifecycle: { hook: "prestart", sidecar: true } }));
});

test("restart: what cannot be started is not tried again, and no attempts are none", () => {
  assert.deepEqual(decide("unrecoverable"), {
    restarts: false,
    isFailure: true,
    reason: "Error was unrecoverable",
  });
  const none = decide("failure", { policy: { ...policy, attempts: 0 } });
  assert.deepEqual(none, { restarts: false, isFailure: true, reason: "Policy allows no restarts" });
});

test("duration: hours, minutes and seconds, as short as they are", () => {
  assert.deepEqual([0, 5, 1500, 15_000, 60_000, 1_800_000, 86_400_000, 5_400_250].map(durationText), [
    "0s",
    "5ms",
    "1.5s",
    "15s",
    "1m0s",
    "30m0s",
    "24h0m0s",
    "1h30m0.25s",
  ]);
});
