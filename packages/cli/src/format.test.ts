import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, instantOfText, pairs, shortId, span, table } from "./format.ts";

test("format: columns are two blanks apart, and what is empty reads <none>", () => {
  assert.equal(
    table([
      ["ID", "Name"],
      ["1", ""],
      ["222", "käse"],
    ]),
    "ID   Name\n1    <none>\n222  käse",
  );
});

test("format: keys end in one column", () => {
  assert.equal(
    pairs([
      ["ID", "x"],
      ["Submit Date", ""],
    ]),
    "ID          = x\nSubmit Date = <none>",
  );
});

test("format: a span has its two largest units (CL-241)", () => {
  const second = 1000;
  for (const [ms, text] of [
    [0, "0s"],
    [999, "0s"],
    [469 * second, "7m49s"],
    [3600 * second, "1h"],
    [(3 * 86_400 + 4 * 3600 + 59) * second, "3d4h"],
    [(40 * 86_400 + 3600) * second, "1mo10d"],
    [(365 + 31) * 86_400 * second, "1y1mo"],
  ] as const)
    assert.equal(span(ms), text);
  assert.equal(ago(Date.parse("2020-01-01T00:00:00Z"), Date.parse("2020-01-01T00:07:49Z")), "7m49s ago");
});

test("format: Go's zero time is no time", () => {
  assert.equal(instantOfText("0001-01-01T00:00:00Z"), "N/A");
  assert.equal(instantOfText("2020-03-09T20:35:38.9+01:00"), "2020-03-09T19:35:38Z");
  assert.equal(instantOfText(null), "N/A");
});

test("format: sizes and IDs", () => {
  assert.deepEqual([bytes(512), bytes(2048), bytes(1.5 * 1024 ** 3)], ["512 B", "2 KiB", "1.5 GiB"]);
  assert.deepEqual([shortId("12345678-9"), shortId("12345678-9", true)], ["12345678", "12345678-9"]);
});
