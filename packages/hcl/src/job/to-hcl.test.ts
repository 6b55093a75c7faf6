import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiagnostic } from "../diagnostic.ts";
import { canonicalizeJob } from "./canonicalize.ts";
import type { JsonObject } from "./json.ts";
import { parseJob } from "./parse-job.ts";
import { testCapabilities } from "./testing/capabilities.ts";
import { randomJob } from "./testing/random-job.ts";
import { toHcl } from "./to-hcl.ts";

function readBack(text: string, seed: number): JsonObject {
  const { job, diagnostics } = parseJob(text, {
    fileName: `seed-${seed}`,
    capabilities: testCapabilities,
    driverConfig: "ignore",
  });
  const [fault] = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  assert.ok(job, `seed ${seed}: ${fault && renderDiagnostic({ name: "job", text }, fault)}\n${text}`);
  return job;
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

test("to-hcl: what is written reads back as it was", () => {
  for (const seed of seeds) {
    const job = randomJob(seed);
    assert.deepEqual(readBack(toHcl(job), seed), job, `seed ${seed}`);
  }
});

test("to-hcl: defaults that are left out are filled in again", () => {
  for (const seed of seeds) {
    const canonical = canonicalizeJob(randomJob(seed));
    assert.deepEqual(
      canonicalizeJob(canonical),
      canonical,
      `seed ${seed}: canonicalizing twice changes nothing`,
    );
    const text = toHcl(canonical, { omitDefaults: true });
    assert.deepEqual(canonicalizeJob(readBack(text, seed)), canonical, `seed ${seed}`);
    assert.deepEqual(canonicalizeJob(readBack(toHcl(canonical), seed)), canonical, `seed ${seed}`);
  }
});

function check(job: JsonObject, expected: string): void {
  assert.equal(toHcl(job), `${expected}\n`);
}

test("to-hcl: attributes stand in a column, blocks are set off", () => {
  check(
    {
      ID: "a",
      Name: "a",
      Priority: 5,
      Meta: { b: "c" },
      TaskGroups: [{ Name: "g", Count: 2, Tasks: [{ Name: "t", KillTimeout: 90_000_000_000 }] }],
    },
    `job "a" {
  priority = 5

  group "g" {
    count = 2

    task "t" {
      kill_timeout = "1m30s"
    }
  }

  meta {
    b = "c"
  }
}`,
  );
});

test("to-hcl: references stay, other interpolations are escaped", () => {
  check(
    { ID: "a", Name: "a", Region: "${meta.x}", Namespace: "${f(1)} %{x}" },
    `job "a" {
  namespace = "$\${f(1)} %%{x}"
  region    = "\${meta.x}"
}`,
  );
});
