/**
 * Texts that are made to cost as much as they can, through every door. Real times are for the
 * benchmark to print; here four times the text may take a good deal more than four times as long,
 * but not the sixteen times and more that a square would make of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileShapes } from "../bench/hostile.ts";
import { timeDoors } from "../bench/hostile-doors.ts";
import { fileLengthLimit } from "./file-size.ts";
import { parseJob } from "./job/parse-job.ts";
import { testCapabilities } from "./job/testing/capabilities.ts";

const growthLimit = 14;
/** What is over sooner says nothing about growth. */
const floorMs = 100;
/** A quarter of what is allowed: the benchmark goes to the limit. */
const longest = fileLengthLimit / 4;

/** By door: what the processor needs, which other work on the machine changes little. */
function costs(text: string): Map<string, number> {
  return new Map(timeDoors(text).map(({ door, cpuMs }) => [door, cpuMs]));
}

for (const { name, make } of hostileShapes) {
  test(`hostile: ${name}: time grows with the text, not with its square`, () => {
    const small = costs(make(longest / 4));
    for (const [door, ms] of costs(make(longest))) {
      const before = Math.max(small.get(door) ?? 0, floorMs);
      assert.ok(ms <= growthLimit * before, `${door}: ${before.toFixed(0)} ms, then ${ms.toFixed(0)} ms`);
    }
  });
}

test("hostile: a file that is too long is refused, with its size and the limit", () => {
  const text = "#".repeat(10_000_000);
  const { diagnostics } = parseJob(text, { fileName: "x", capabilities: testCapabilities });
  assert.deepEqual(
    diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`),
    ["File too large: The file has 10000000 characters; it may have 2097152, which is 2 MiB."],
  );
});
