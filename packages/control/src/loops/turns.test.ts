import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

/** A clock whose sleeps end when it is told so; each call of somebody takes a millisecond. */
function begin(restShare = 3) {
  let nowMs = 0;
  const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  const clock = {
    nowMs: () => nowMs,
    sleep: (ms: number) => new Promise<void>((wake) => void sleeps.push({ ms, wake })),
  };
  const turns = new Turns(clock, () => restShare);
  const heard: string[] = [];
  const take = (key: string) =>
    turns.take(key, () => {
      heard.push(key);
      nowMs++;
    });
  const wake = async () => {
    const { ms, wake: go } = sleeps.shift()!;
    go();
    await settled();
    return ms;
  };
  return { turns, heard, take, wake, sleeps };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const many = Array.from({ length: 150 }, (_, number) => `node-${number}`);

void test("turns: a few hear at once, and nobody has to wait then", async () => {
  const { turns, heard, take, sleeps } = begin();
  take("a");
  take("b");
  await settled();
  deepEqual(heard, ["a", "b"]);
  equal(turns.isBusy, false);
  equal(sleeps.length, 0);
});

void test("turns: of many some hear at once, the others after a rest in proportion to the work", async () => {
  const { turns, heard, take, wake } = begin();
  many.forEach(take);
  await settled();
  deepEqual(heard, many.slice(0, 100));
  equal(turns.isBusy, true);
  equal(await wake(), 0);
  equal(await wake(), 300);
  deepEqual(heard, many);
  equal(turns.isBusy, false);
});

void test("turns: who waits already has one turn however often something happens", async () => {
  const { heard, take, wake } = begin();
  many.forEach(take);
  await settled();
  many.slice(100).forEach(take);
  await wake();
  await wake();
  deepEqual(heard, many);
});
