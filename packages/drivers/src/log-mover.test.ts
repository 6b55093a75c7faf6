import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { moveLog } from "./log-mover.ts";

async function check(body: (on: Bench) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "fractus-logs-"));
  try {
    await body(bench(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

type Bench = ReturnType<typeof bench>;

function bench(directory: string) {
  mkdirSync(join(directory, "spool"));
  const spool = join(directory, "spool", "stdout");
  const logs = join(directory, "logs");
  return {
    write: (chunk: number, text: string) =>
      appendFileSync(`${spool}.${String(chunk).padStart(9, "0")}`, text),
    mover: (maxFiles: number, maxFileBytes: number) =>
      moveLog(spool, join(logs, "web.stdout"), { maxFiles, maxFileBytes, disabled: false }),
    files: () =>
      Object.fromEntries(
        readdirSync(logs).map((name) => [
          name.replace("web.stdout.", ""),
          readFileSync(join(logs, name), "utf8"),
        ]),
      ),
    spooled: () => readdirSync(join(directory, "spool")).filter((name) => !name.includes("place")),
    put: (file: number, text: string) => {
      mkdirSync(logs, { recursive: true });
      writeFileSync(join(logs, `web.stdout.${file}`), text);
    },
  };
}

test("log mover: files end with whole lines and the oldest go", () =>
  check(async ({ write, mover, files }) => {
    write(0, "aaa\nbbb\nccc\nddd\neee\n");
    await mover(2, 10).pump();
    assert.deepEqual(files(), { 1: "ccc\nddd\n", 2: "eee\n" });
  }));

test("log mover: a line longer than a file is cut", () =>
  check(async ({ write, mover, files }) => {
    write(0, "abcdefghij\nx\n");
    await mover(9, 4).pump();
    assert.equal(Object.values(files()).join(""), "abcdefghij\nx\n");
    assert.ok(Object.values(files()).every((text) => text.length <= 4));
  }));

test("log mover: an unfinished line is there at once, and its rest follows", () =>
  check(async ({ write, mover, files }) => {
    const log = mover(9, 100);
    write(0, "wait");
    await log.pump();
    assert.deepEqual(files(), { 0: "wait" });
    write(0, "ed\n");
    await log.pump();
    assert.deepEqual(files(), { 0: "waited\n" });
  }));

test("log mover: chunks that were moved are deleted", () =>
  check(async ({ write, mover, files, spooled }) => {
    write(0, "a\n");
    write(1, "b\n");
    write(2, "c\n");
    await mover(9, 100).pump();
    assert.deepEqual(files(), { 0: "a\nb\nc\n" });
    assert.deepEqual(spooled(), ["stdout.000000002"]);
  }));

test("log mover: a successor goes on with the newest file", () =>
  check(async ({ write, mover, files, put }) => {
    put(8, "x\n");
    put(10, "old\n");
    write(0, "new\n");
    await mover(5, 100).pump();
    assert.deepEqual(files(), { 8: "x\n", 10: "old\nnew\n" });
  }));

test("log mover: killed anywhere, it repeats nothing and loses nothing", () =>
  check(async ({ write, mover, files }) => {
    let text = "";
    for (let round = 0; round < 60; round++) {
      for (let line = 0; line < 3; line++) {
        const words = `round ${round} line ${line}\n`;
        text += words;
        write(Math.floor(round / 2), words);
      }
      await mover(1000, 50).pump();
    }
    const inOrder = Object.entries(files()).sort(([a], [b]) => Number(a) - Number(b));
    assert.equal(inOrder.map(([, content]) => content).join(""), text);
  }));
