import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReschedulePolicy } from "@fractus/core/job.ts";
import { hasAttemptsLeft, historyAfter, judgeReschedule, nextDelayMs } from "./reschedule.ts";
import { sampleAllocation, sampleReschedule } from "./testing/samples.ts";

const second = 1_000;

/** `check("exponential 5 max 60", "5 10 20")`: delays in seconds when each copy fails at once. */
function check(rule: string, expected: string): void {
  test(`reschedule: ${rule} gives ${expected}`, () => {
    const [delayFunction, delay, , max] = rule.split(" ");
    const policy = policyOf({
      delayFunction: delayFunction as ReschedulePolicy["delayFunction"],
      delayMs: Number(delay) * second,
      maxDelayMs: Number(max) * second,
    });
    const delays: number[] = [];
    let copy = failedAt(0);
    for (let count = expected.split(" ").length; count > 0; count--) {
      const delayMs = nextDelayMs(copy, policy);
      delays.push(delayMs / second);
      const atMs = copy.modifiedAtMs + delayMs;
      copy = { ...failedAt(atMs), reschedules: historyAfter(copy, policy, atMs) };
    }
    assert.equal(delays.join(" "), expected);
  });
}

function policyOf(change: Partial<ReschedulePolicy>): ReschedulePolicy {
  return { ...sampleReschedule, ...change };
}

function failedAt(atMs: number) {
  return sampleAllocation({ status: "failed", tasks: {}, modifiedAtMs: atMs });
}

check("constant 5 max 60", "5 5 5 5");
check("exponential 5 max 60", "5 10 20 40 60 60");
check("exponential 30 max 3600", "30 60 120 240 480 960 1920 3600");
check("fibonacci 5 max 60", "5 5 10 15 25 40 60 60");
check("exponential 5 max 0", "5 10 20 40 80 160");

test("reschedule: who holds out longer than the cap begins anew", () => {
  const policy = policyOf({ delayMs: 5 * second, maxDelayMs: 60 * second });
  const last = { atMs: 0, previousId: "p", previousNodeId: "n", delayMs: 60 * second };
  const short = { ...failedAt(60 * second), reschedules: [last] };
  const long = { ...failedAt(61 * second), reschedules: [last] };
  assert.equal(nextDelayMs(short, policy), 60 * second);
  assert.equal(nextDelayMs(long, policy), 5 * second);
});

test("reschedule: fibonacci that began anew does not add the cap it came from", () => {
  const policy = policyOf({ delayFunction: "fibonacci", delayMs: 5 * second, maxDelayMs: 60 * second });
  const events = [60, 5].map((delay) => ({
    atMs: 0,
    previousId: "",
    previousNodeId: "",
    delayMs: delay * second,
  }));
  assert.equal(nextDelayMs({ ...failedAt(0), reschedules: events }, policy), 5 * second);
});

test("reschedule: attempts count within the interval only", () => {
  const policy = policyOf({
    unlimited: false,
    attempts: 1,
    intervalMs: 600 * second,
    delayFunction: "constant",
  });
  const event = { atMs: 0, previousId: "p", previousNodeId: "n", delayMs: second };
  assert.ok(hasAttemptsLeft(failedAt(0), policy));
  assert.ok(!hasAttemptsLeft({ ...failedAt(599 * second), reschedules: [event] }, policy));
  assert.ok(hasAttemptsLeft({ ...failedAt(601 * second), reschedules: [event] }, policy));
});

test("reschedule: a delay as long as the interval leaves no attempts", () => {
  const policy = policyOf({ unlimited: false, attempts: 9, intervalMs: 30 * second });
  assert.ok(!hasAttemptsLeft(failedAt(0), policy));
});

test("reschedule: an unlimited policy remembers five, a limited one those of the interval", () => {
  const past = [1, 2, 3, 4, 5, 6].map((minute) => ({
    atMs: minute * 60 * second,
    previousId: `a${minute}`,
    previousNodeId: "n",
    delayMs: second,
  }));
  const copy = { ...failedAt(400 * second), reschedules: past };
  const ids = (policy: ReschedulePolicy) =>
    historyAfter(copy, policy, 400 * second).map((one) => one.previousId);
  assert.deepEqual(ids(policyOf({})), ["a3", "a4", "a5", "a6", "web0"]);
  assert.deepEqual(ids(policyOf({ unlimited: false, intervalMs: 100 * second })), ["a6", "web0"]);
});

test("reschedule: a second before its time is time enough, and its own evaluation need not wait", () => {
  const question = { allocation: failedAt(0), policy: policyOf({}), isHeldBack: false, isDue: false };
  assert.deepEqual(judgeReschedule({ ...question, nowMs: 28_999 }), { kind: "later", atMs: 30_000 });
  assert.deepEqual(judgeReschedule({ ...question, nowMs: 29_000 }), { kind: "now" });
  assert.deepEqual(judgeReschedule({ ...question, nowMs: 0, isDue: true }), { kind: "now" });
  assert.deepEqual(judgeReschedule({ ...question, nowMs: 90_000, isHeldBack: true }), { kind: "never" });
});

test("reschedule: by force even with no attempts left", () => {
  const allocation = { ...failedAt(0), transition: { forceReschedule: true } };
  const policy = policyOf({ unlimited: false, attempts: 0 });
  assert.equal(judgeReschedule({ allocation, policy, nowMs: 0, isHeldBack: true, isDue: false }).kind, "now");
});
