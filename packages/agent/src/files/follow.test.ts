import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@fractus/core/clock.ts";
import type { FileChunk } from "../agent-access.ts";
import { followFile, followLogs } from "./follow.ts";

interface Bench {
  readonly root: string;
  write(number: number, text: string): void;
  logs(more?: { follow?: boolean; origin?: "start" | "end"; offset?: number }): AsyncGenerator<FileChunk>;
  isOver: boolean;
}

function check(claim: string, body: (bench: Bench) => Promise<void>): void {
  test(`follow: ${claim}`, { timeout: 10_000 }, async () => {
    const root = mkdtempSync(join(tmpdir(), "fractus-follow-"));
    mkdirSync(join(root, "alloc/logs"), { recursive: true });
    const bench: Bench = {
      root,
      isOver: false,
      write: (number, text) => appendFileSync(join(root, `alloc/logs/web.stdout.${number}`), text),
      logs: (more = {}) =>
        followLogs(
          root,
          { task: "web", stream: "stdout", follow: false, origin: "start", offset: 0, ...more },
          { clock: systemClock, hasEnded: () => bench.isOver },
        ),
    };
    try {
      await body(bench);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

async function textOf(chunks: AsyncIterable<FileChunk>): Promise<string> {
  let text = "";
  for await (const { data } of chunks) text += data.toString();
  return text;
}

check("all files of a stream are one text, in the order of their numbers", async (on) => {
  for (const number of [9, 10, 11]) on.write(number, `${number}\n`);
  writeFileSync(join(on.root, "alloc/logs/web.stderr.0"), "no");
  writeFileSync(join(on.root, "alloc/logs/web.stdout.x"), "no");
  assert.equal(await textOf(on.logs()), "9\n10\n11\n");
  assert.equal(await textOf(on.logs({ offset: 3 })), "0\n11\n");
  assert.equal(await textOf(on.logs({ origin: "end", offset: 4 })), "\n11\n");
  assert.equal(await textOf(on.logs({ origin: "end", offset: 1000 })), "9\n10\n11\n");
  assert.equal(await textOf(on.logs({ origin: "end", offset: 0 })), "");
});

check("what is written later is followed across files, to the end of the task", async (on) => {
  on.write(0, "a\n");
  const read = textOf(on.logs({ follow: true }));
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
  await pause();
  on.write(0, "b\n");
  on.write(1, "c\n");
  await pause();
  on.write(1, "d\n");
  on.isOver = true;
  assert.equal(await read, "a\nb\nc\nd\n");
});

check("nothing is missed however writing and reading interleave", async (on) => {
  const expected = Array.from({ length: 400 }, (_, i) => `line ${i}\n`);
  const read = textOf(on.logs({ follow: true }));
  for (const [i, line] of expected.entries()) {
    on.write(Math.floor(i / 7), line);
    if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  on.isOver = true;
  assert.equal(await read, expected.join(""));
});

check("following ends with the signal, and begins before there is a file", async (on) => {
  const stop = new AbortController();
  const chunks = followLogs(
    on.root,
    { task: "web", stream: "stdout", follow: true, origin: "start", offset: 0, signal: stop.signal },
    { clock: systemClock, hasEnded: () => false },
  );
  const first = chunks.next();
  on.write(0, "now");
  assert.equal((await first).value?.data.toString(), "now");
  const second = chunks.next();
  stop.abort();
  assert.equal((await second).done, true);
});

check("a file that is cut or deleted says so", async (on) => {
  const path = join(on.root, "alloc/data.txt");
  writeFileSync(path, "0123456789");
  const chunks = followFile(
    on.root,
    "alloc/data.txt",
    { follow: true, origin: "end", offset: 3 },
    systemClock,
  );
  const next = async () => {
    const { value } = (await chunks.next()) as { value: FileChunk };
    return `${value.event ?? value.data.toString()}@${value.offset}`;
  };
  assert.equal(await next(), "789@10");
  truncateSync(path, 2);
  assert.equal(await next(), "file truncated@0");
  assert.equal(await next(), "01@2");
  rmSync(path);
  assert.equal(await next(), "file deleted@2");
  assert.equal((await chunks.next()).done, true);
});
