import assert from "node:assert/strict";
import { test } from "node:test";
import { byteRange } from "./byte-range.ts";

function check(header: string | undefined, expected: string) {
  const range = byteRange(header, 100);
  assert.equal(typeof range === "object" ? `${range.first}-${range.last}` : String(range), expected, header);
}

test("byte range: a part, an open end, the last bytes", () => {
  check("bytes=0-9", "0-9");
  check("bytes=90-", "90-99");
  check("bytes=90-200", "90-99");
  check("bytes=-10", "90-99");
  check("bytes=-200", "0-99");
});

test("byte range: beyond the end cannot be satisfied", () => {
  check("bytes=100-", "unsatisfiable");
  check("bytes=-0", "unsatisfiable");
});

test("byte range: what makes no sense means the whole", () => {
  for (const header of [undefined, "bytes=", "bytes=-", "bytes=9-1", "bytes=0-1,5-6", "lines=1-2"])
    check(header, "undefined");
});
