import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { explain, explanationText } from "./explain.ts";
import { place } from "./place.ts";
import { readSituation } from "./testing/situation.ts";

const fixture = readFileSync(new URL("explain.fixture.txt", import.meta.url), "utf8");

for (const part of fixture.split(/^=== /m).slice(1)) {
  const title = part.slice(0, part.indexOf("\n"));
  const [situation, expected] = part.slice(title.length).split("\n---\n");
  test(`explain: ${title}`, () => assert.equal(explanationOf(situation), expected.trimEnd()));
}

function explanationOf(text: string): string {
  const { cluster, ask, copies, options } = readSituation(text);
  const { placed, failure } = place(cluster, ask, copies, options);
  assert.ok(failure, "everything was placed");
  return explanationText(explain(cluster, ask, failure, placed.length));
}
