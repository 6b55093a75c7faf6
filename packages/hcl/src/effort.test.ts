/** What ends in good time because it is counted; real times are printed by the benchmark. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJob, type ParsedJob } from "./job/parse-job.ts";
import { blockLimit, partLimit } from "./job/size.ts";
import { testCapabilities } from "./job/testing/capabilities.ts";
import { toHcl } from "./job/to-hcl.ts";
import { validateJob } from "./job/validate.ts";
import { stringValue } from "./value.ts";

function parse(text: string): ParsedJob {
  return parseJob(text, { fileName: "x.nomad.hcl", capabilities: testCapabilities });
}

function repeat(count: number, line: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => `${line(n)}\n`).join("");
}

function summaries({ diagnostics }: ParsedJob): string[] {
  return diagnostics.map(({ summary }) => summary);
}

test("effort: the locals of a file share what they may cost, and are told once that it is spent", () => {
  const line = (n: number) => `a${n} = [for x in range(300) : [for y in range(300) : x * y]]`;
  const parsed = parse(`locals {\n${repeat(300, line)}}\njob "j" {}\n`);
  assert.equal(summaries(parsed).filter((each) => each === "Evaluation goes too far").length, 1);
  assert.equal(parsed.job, undefined);
});

test("effort: blocks that are made count, even those of constants", () => {
  const arguments_ = repeat(2000, (n) => `a${n} = 1`);
  const mounts = `dynamic "mount" {\nfor_each = range(200)\ncontent {\n${arguments_}}\n}\n`;
  const task = `task "t" {\ndriver = "docker"\nconfig {\nimage = "x"\n${mounts}}\n}\n`;
  const parsed = parse(`job "j" {\ngroup "g" {\n${task}}\n}\n`);
  assert.ok(summaries(parsed).includes("Invalid dynamic block"));
});

test("effort: a search that backtracks ends, and so does a value that goes round", () => {
  for (const expression of [
    'regex_replace(local.b, "(x+x+)+y", "")',
    'setintersection(split("", local.b), split("", local.b))',
    'replace(local.b, "x", local.b)',
    "setproduct(range(1000), range(1000))",
  ]) {
    const lines = repeat(500, (n) => `a${n} = ${expression}`);
    const parsed = parse(`locals {\nb = "${"x".repeat(20_000)}"\n${lines}}\njob "j" {}\n`);
    assert.ok(parsed.diagnostics.length > 0 && parsed.diagnostics.length <= 200, expression);
  }
});

test("effort: an ordinary file is far from the limit", () => {
  const lines = repeat(200, (n) => `a${n} = try(element([for x in range(20) : x * ${n}], ${n}), null)`);
  const parsed = parse(`locals {\n${lines}}\njob "j" {\ngroup "g" {\ntask "t" {\ndriver = "exec"\n}\n}\n}\n`);
  assert.deepEqual(parsed.diagnostics, []);
});

test("effort: a text with more marks on a letter than any language has stays as it is", () => {
  assert.equal(stringValue("e\u0301").value, "\u00e9");
  const stacked = `e${"\u0301\u0327".repeat(100_000)}`;
  assert.equal(stringValue(stacked).value, stacked);
});

test("effort: a job with too many groups is refused, read or validated", () => {
  const parsed = parse(`job "j" {\n${repeat(partLimit + 1, (n) => `group "g${n}" {}`)}}\n`);
  assert.deepEqual(summaries(parsed), ["Job too large"]);
  const groups = Array.from({ length: partLimit + 1 }, (_, n) => ({ Name: `g${n}` }));
  assert.deepEqual(
    validateJob({ ID: "j", TaskGroups: groups }).map(({ detail }) => detail),
    [`A job may have ${partLimit} groups and tasks; this one has ${partLimit + 1}.`],
  );
  const constraints = Array.from({ length: blockLimit + 1 }, () => ({ Operand: "=" }));
  assert.equal(validateJob({ ID: "j", Constraints: constraints })[0].summary, "Job too large");
});

test("effort: many blocks are written one after the other", () => {
  const groups = Array.from({ length: 2000 }, (_, n) => ({ Name: `g${n}` }));
  const text = toHcl({ ID: "j", TaskGroups: groups });
  assert.match(text, /^job "j" \{\n {2}group "g0" \{\}\n\n {2}group "g1" \{\}\n/);
  assert.ok(text.endsWith('  group "g1999" {}\n}\n'));
});
