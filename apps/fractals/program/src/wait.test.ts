import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, wait } from "./wait.ts";

test("wait: an abort ends it with the signal's reason", async () => {
  const controller = new AbortController();
  const waiting = wait(60_000, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(wait(1, controller.signal), /enough/);
});

test("back-off: doubles up to its limit and starts again after a reset", () => {
  const delays = backOff(100, 500);
  assert.deepEqual(
    Array.from({ length: 4 }, () => delays.nextMs()),
    [100, 200, 400, 500],
  );
  delays.reset();
  assert.equal(delays.nextMs(), 100);
});
