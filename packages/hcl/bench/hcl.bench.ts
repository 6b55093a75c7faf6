/**
 * 600 job files as people write them, parsed and evaluated: every argument of every block gets its
 * value, variables and locals included. The files are made from a seed, so that two runs agree.
 */
import { createHash, randomUUID } from "node:crypto";
import { expandDynamic } from "../src/dynamic.ts";
import { evaluate } from "../src/evaluate.ts";
import { fileLengthLimit } from "../src/file-size.ts";
import { standardFunctions } from "../src/functions/standard.ts";
import { parseBody } from "../src/parse.ts";
import type { Scope } from "../src/scope.ts";
import type { Body } from "../src/syntax.ts";
import { resolveVariables } from "../src/variables.ts";
import { hostileShapes } from "./hostile.ts";
import { worstDoor } from "./hostile-doors.ts";
import { jobFile } from "./job-file.ts";

const fileCount = 600;
const rounds = 40;
const targetMs = 50;
const hostileTargetMs = 1000;

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

/** The dearest way through the dearest shapes, of three runs the slowest, for texts of a length. */
function showWorst(length: number): void {
  const rows = hostileShapes.map((shape) => {
    const text = shape.make(length);
    const runs = [1, 2, 3].map(() => worstDoor(text));
    return { name: shape.name, ...runs.reduce((worst, run) => (run.ms > worst.ms ? run : worst)) };
  });
  const [first, ...others] = rows.toSorted((a, b) => b.ms - a.ms);
  const verdict = first.ms <= hostileTargetMs ? "met" : "MISSED";
  const size = `${(length / 2 ** 20).toFixed(1)} MiB`;
  console.log(`\n${rows.length} hostile shapes of ${size}, the worst of 3 runs through the dearest door`);
  console.log(`target ${hostileTargetMs} ms: ${verdict}`);
  for (const { name, door, ms, cpuMs } of [first, ...others.slice(0, 7)]) {
    const times = `${ms.toFixed(0).padStart(7)} ms  ${cpuMs.toFixed(0).padStart(6)} ms of processor`;
    console.log(`${times}  ${door.padEnd(11)}  ${name}`);
  }
}

for (const length of [fileLengthLimit / 4, fileLengthLimit, 10_000_000]) showWorst(length);
