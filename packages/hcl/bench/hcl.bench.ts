/**
 * 600 job files as people write them, parsed and evaluated: every argument of every block gets its
 * value, variables and locals included. The files are made from a seed, so that two runs agree.
 */
import { createHash, randomUUID } from "node:crypto";
import { expandDynamic } from "../src/dynamic.ts";
import { evaluate } from "../src/evaluate.ts";
import { standardFunctions } from "../src/functions/standard.ts";
import { parseBody } from "../src/parse.ts";
import type { Scope } from "../src/scope.ts";
import type { Body } from "../src/syntax.ts";
import { resolveVariables } from "../src/variables.ts";
import { jobFile } from "./job-file.ts";

const fileCount = 600;
const rounds = 40;
const targetMs = 50;

const functions = standardFunctions({
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  uuid: randomUUID,
});

const texts = Array.from({ length: fileCount }, (_, seed) => jobFile(seed));
const size = texts.reduce((sum, text) => sum + text.length, 0);

/** One after the other, as a server meets them. */
function parseAll(): number {
  return texts.reduce(
    (sum, text) => sum + parseBody(text, { fileName: "job.nomad.hcl" }).body.blocks.length,
    0,
  );
}

function evaluateAll(): number {
  return texts.reduce((sum, text) => sum + evaluateFile(text), 0);
}

function evaluateFile(text: string): number {
  const { body } = parseBody(text, { fileName: "job.nomad.hcl" });
  const { scope, diagnostics } = resolveVariables(body, { functions, text });
  if (diagnostics.length > 0) throw new Error(diagnostics[0].detail);
  const jobs = body.blocks.filter((block) => block.type === "job");
  return jobs.reduce((sum, job) => sum + evaluateBody(expandDynamic(job.body, scope).body, scope), 0);
}

function evaluateBody(body: Body, scope: Scope): number {
  for (const { expression } of body.attributes) {
    const { diagnostics } = evaluate(expression, scope);
    if (diagnostics.length > 0) throw new Error(diagnostics[0].detail);
  }
  return body.blocks.reduce((sum, block) => sum + evaluateBody(block.body, scope), body.attributes.length);
}

function medianMs(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

const parsing: number[] = [];
const both: number[] = [];
let values = 0;
for (let round = 0; round < rounds; round++) {
  const start = performance.now();
  parseAll();
  const middle = performance.now();
  values = evaluateAll();
  parsing.push(middle - start);
  both.push(performance.now() - middle);
}

const warm = (times: readonly number[]) => medianMs(times.slice(rounds / 4)).toFixed(1);
const met = Number(warm(both)) <= targetMs ? "met" : "MISSED";
console.log(`${fileCount} job files, ${(size / 1024).toFixed(0)} KiB, ${values} arguments`);
console.log(`first round       ${both[0].toFixed(1)} ms`);
console.log(`parse only        ${warm(parsing)} ms`);
console.log(`parse + evaluate  ${warm(both)} ms   target ${targetMs} ms: ${met}`);
