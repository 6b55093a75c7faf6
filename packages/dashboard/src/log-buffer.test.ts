import assert from "node:assert/strict";
import { test } from "node:test";
import { LogBuffer, searched } from "./log-buffer.ts";

function check(chunks: readonly (string | Uint8Array)[], expected: readonly string[], most = 100): LogBuffer {
  const buffer = new LogBuffer(most);
  for (const chunk of chunks) buffer.add(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  assert.deepEqual(buffer.lines(), expected);
  return buffer;
}

test("log: lines come out whole, however the chunks are cut", () => {
  check(["one\ntw", "o\nthr"], ["one", "two", "thr"]);
  const bytes = new TextEncoder().encode("grüße\n");
  check([bytes.subarray(0, 3), bytes.subarray(3)], ["grüße"]);
});

test("log: colours and overwritten beginnings are left out", () => {
  check(["\u001b[31mred\u001b[0m\r\n10 %\r20 %\n"], ["red", "20 %"]);
});

test("log: only the last lines are kept, and it is told how many have gone", () => {
  assert.equal(check(["1\n2\n3\n4\n"], ["3", "4"], 2).forgotten, 2);
});

test("log: a search keeps the lines that match, and marks where", () => {
  assert.deepEqual(searched(["an Error, error", "fine"], "error"), [
    [
      { text: "an ", isMatch: false },
      { text: "Error", isMatch: true },
      { text: ", ", isMatch: false },
      { text: "error", isMatch: true },
    ],
  ]);
  assert.equal(searched(["a", "b"], "").length, 2);
});
