import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderDiagnostic } from "../diagnostic.ts";
import { canonicalizeJob } from "./canonicalize.ts";
import { parseJob } from "./parse-job.ts";
import { testCapabilities } from "./testing/capabilities.ts";
import { jobAround, readCases } from "./testing/cases.ts";
import { randomFrom, randomJob } from "./testing/random-job.ts";
import { toHcl } from "./to-hcl.ts";
import { validateJob } from "./validate.ts";

const originals = [
  ...["blocks.txt", "errors.txt"].flatMap((name) =>
    readCases(name).map(({ place, text }) => jobAround(place, text)),
  ),
  ...["example", "example2", "affinity"].map((name) =>
    readFileSync(new URL(`./fixtures/document-${name}.nomad`, import.meta.url), "utf8"),
  ),
];
const scraps = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "${",
  "%{",
  "=",
  ",",
  "\n",
  "null",
  "-1",
  "...",
  "dynamic",
  "<<E\n",
  "\\",
  "__proto__",
  "job",
  "1e999",
  "é",
  "\u0000",
];

function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const until = at + Math.floor(random() * 12);
  const scrap = scraps[Math.floor(random() * scraps.length)];
  const from = Math.floor(random() * text.length);
  const moved = text.slice(from, from + Math.floor(random() * 60));
  const kinds = [
    text.slice(0, at) + text.slice(until),
    text.slice(0, at) + scrap + text.slice(at),
    text.slice(0, at) + moved + text.slice(at),
  ];
  return kinds[Math.floor(random() * kinds.length)];
}

test("parse-job: mutants of all fixtures give a job or diagnostics, never anything else", () => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = randomFrom(seed);
    let text = originals[seed % originals.length];
    for (let round = 0; round <= seed % 3; round++) text = mutate(text, random);
    const { job, diagnostics, origins } = parseJob(text, {
      fileName: "mutant",
      capabilities: testCapabilities,
      reportUnsupported: true,
    });
    assert.ok(job || diagnostics.length > 0, `seed ${seed}: neither a job nor diagnostics`);
    const all = [...diagnostics, ...(job ? validateJob(job, origins) : [])];
    for (const diagnostic of all)
      assert.ok(renderDiagnostic({ name: "mutant", text }, diagnostic).length > 0);
    if (!job) continue;
    canonicalizeJob(job);
    const again = parseJob(toHcl(job), { fileName: "again", capabilities: testCapabilities });
    assert.deepEqual(again.job, job, `seed ${seed}`);
  }
});

test("validate: any job at all gets findings or none, never anything else", () => {
  for (let seed = 0; seed < 200; seed++) {
    for (const { summary, detail } of validateJob(randomJob(seed)))
      assert.match(`${summary}: ${detail}`, /^[A-Z].*: .*\.$/s);
  }
});

test("parse-job: mutants of the API's JSON", () => {
  const text = JSON.stringify({
    Job: canonicalizeJob({ ID: "a", TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "exec" }] }] }),
  });
  for (let seed = 0; seed < 500; seed++) {
    const mutant = mutate(text, randomFrom(seed));
    const { job, diagnostics } = parseJob(mutant, { fileName: "mutant", capabilities: testCapabilities });
    assert.ok(job || diagnostics.length > 0, `seed ${seed}`);
    if (job) validateJob(job);
  }
});

test("parse-job: hostile sizes end in diagnostics", () => {
  const deep = 20_000;
  for (const text of [
    "a { ".repeat(deep),
    `job "j" {\n meta {\n x = ${"[".repeat(deep)}${"]".repeat(deep)}\n}\n}`,
    `{"Job": ${'{"Meta":'.repeat(deep)}1${"}".repeat(deep)}}`,
    `job "j" {\n${'constraint {\n attribute = "x"\n}\n'.repeat(10_000)}}`,
    `job "j" {\n${"x".repeat(100_000)} = 1\n}`,
  ]) {
    const { job, diagnostics } = parseJob(text, { fileName: "hostile", capabilities: testCapabilities });
    assert.ok(job || diagnostics.length > 0);
  }
});
