import assert from "node:assert/strict";
import { test } from "node:test";
import type { Query } from "./http.ts";
import { watch } from "./watch.ts";

/** Reads `index:value`, one after the other; gives what was asked with and what was yielded, until the last. */
async function check(answers: readonly string[], asked: readonly number[], yielded: readonly string[]) {
  const ending = new AbortController();
  const indexes: number[] = [];
  let at = 0;
  const read = async (query: Query) => {
    const [index, value] = answers[at++].split(":");
    indexes.push(query.index ?? 0);
    query.onAnswer?.({ index: Number(index) });
    if (at === answers.length) ending.abort();
    return value;
  };
  const values: string[] = [];
  for await (const value of watch(read, { signal: ending.signal })) values.push(value);
  assert.deepEqual(indexes, asked);
  assert.deepEqual(values, yielded);
}

test("watch: asks behind the last index, and yields what is new", async () => {
  await check(["3:a", "3:a", "5:b"], [0, 3, 3], ["a", "b"]);
});

test("watch: an index that goes back begins anew", async () => {
  await check(["9:a", "2:b", "2:b"], [0, 9, 0], ["a", "b", "b"]);
});

test("watch: on request what has not changed is yielded, too", async () => {
  const values: string[] = [];
  const read = async ({ onAnswer }: Query) => {
    onAnswer?.({ index: 3 });
    return "a";
  };
  for await (const value of watch(read, { evenUnchanged: true })) if (values.push(value) === 3) break;
  assert.deepEqual(values, ["a", "a", "a"]);
});

test("watch: a failed read is thrown", async () => {
  const read = () => Promise.reject(new Error("away"));
  await assert.rejects(watch(read).next(), /away/);
});
