import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "./log.ts";
import { loop } from "./loop.ts";

const silent: Log = { debug() {}, info() {}, warning() {}, error() {} };

test("loop: being woken while it runs makes it run once more, not at once", async () => {
  let running = 0;
  let runs = 0;
  const work = loop("test", 60_000, silent, async () => {
    running += 1;
    assert.equal(running, 1);
    await Promise.resolve();
    runs += 1;
    running -= 1;
    if (runs === 1) for (let i = 0; i < 5; i++) work.wake();
  });
  work.wake();
  await new Promise((resolve) => setImmediate(resolve));
  await work.stop();
  assert.equal(runs, 2);
});

test("loop: a step that throws is logged and the loop lives", async () => {
  const said: string[] = [];
  const work = loop("test", 60_000, { ...silent, error: (message) => said.push(message) }, () =>
    Promise.reject(new Error("no")),
  );
  work.wake();
  await new Promise((resolve) => setImmediate(resolve));
  work.wake();
  await work.stop();
  assert.deepEqual(said, ["test: will be tried again", "test: will be tried again"]);
});
