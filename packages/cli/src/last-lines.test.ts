import assert from "node:assert/strict";
import { test } from "node:test";
import { lastLines } from "./last-lines.ts";

async function check(chunks: readonly string[], count: number, expected: string): Promise<void> {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  const shown: Uint8Array[] = [];
  for await (const chunk of lastLines(source, count, { follow: false })) shown.push(chunk);
  assert.equal(Buffer.concat(shown).toString(), expected);
}

test("last lines: whole ones, however the text was cut; the last need not be complete", async () => {
  await check(["a\nb", "\nc\n"], 2, "b\nc\n");
  await check(["a\nb\nc"], 2, "b\nc");
  await check(["a\n"], 5, "a\n");
  await check(["a\n\n\n"], 2, "\n\n");
  await check(["a\nb\n"], 0, "");
  await check([], 3, "");
});

test("last lines: when followed, what comes later is passed on", async () => {
  let send: () => void = () => undefined;
  const later = new Promise<void>((resolve) => (send = resolve));
  const source = (async function* () {
    yield Buffer.from("a\nb\n");
    await later;
    yield Buffer.from("c\n");
  })();
  const shown: string[] = [];
  for await (const chunk of lastLines(source, 1, { follow: true, settleMs: 5 })) {
    shown.push(Buffer.from(chunk).toString());
    send();
  }
  assert.deepEqual(shown, ["b\n", "c\n"]);
});
