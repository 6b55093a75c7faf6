import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./parse.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { showValue } from "./testing/show.ts";
import { worldScope } from "./testing/world.ts";

/** A value, or ✗ and what is wrong; a function's complaint in its own words. */
function outcome(text: string): string {
  const { expression, diagnostics } = parseExpression(text);
  const { value, diagnostics: faults } = expression
    ? evaluate(expression, worldScope(text))
    : { value: undefined, diagnostics };
  const [fault] = faults;
  return fault || !value ? `✗ ${reason(fault)}` : showValue(value);
}

function reason({ summary, detail }: Diagnostic): string {
  return summary === "Function failed" ? detail : summary;
}

/** Each line of a fixture is an expression, an arrow and its outcome; ⏎ stands for a newline. */
function checkFixture(name: string): void {
  const lines = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const expected = lines.map((line) => line.split("   →   "));
  const actual = expected.map(([text]) => [text, outcome(text.replaceAll("⏎", "\n")).replaceAll("\n", "⏎")]);
  assert.ok(lines.length > 100);
  assert.deepEqual(actual, expected);
}

test("evaluate: expressions have the values that the language gives them", () => {
  checkFixture("expressions");
});

test("evaluate: functions have the results that their documentation gives them", () => {
  checkFixture("functions");
});

function check(text: string, expected: string): void {
  assert.equal(outcome(text), expected, text);
}

test("evaluate: references that only the runtime knows survive as text (CL-228, CL-247)", () => {
  check('"${NOMAD_PORT_http}"', '"${NOMAD_PORT_http}"');
  check('"${attr.memory.totalbytes}"', '"${attr.memory.totalbytes}"');
  check('"a ${ node.unique.name } b"', '"a ${ node.unique.name } b"');
  check('"${meta["rack"]}-${env.HOME}"', '"${meta[\\"rack\\"]}-${env.HOME}"');
  check("attr.kernel.name", '"${attr.kernel.name}"');
  check('upper("${NOMAD_dc}")', '"${NOMAD_DC}"');
  check('"$${NOMAD_PORT_http}"', '"${NOMAD_PORT_http}"');
});

test("evaluate: file functions do what the caller lets them, and the rest is refused", () => {
  check('file("motd")', '"hello\\n"');
  check('file("nope")', "✗ file: there is no file at nope.");
  check('file("binary")', "✗ file: contents of binary are not valid UTF-8; use filebase64 for binary files.");
  check('filebase64("binary")', '"//4="');
  check('[fileexists("motd"), fileexists("nope")]', "[true,false]");
  check('fileset("d", "*.txt")', 'set(string) ["a","b","d/*.txt"]');
  check(
    '[abspath("x"), pathexpand("~/x"), basename("/a/b.c"), dirname("/a/../b/c")]',
    '["/jobs/x","/home/maria/x","b.c","/b"]',
  );
  check(
    '[basename(""), basename("/"), dirname("a"), dirname("/a"), dirname("./a//b/c")]',
    '[".","/",".","/","a/b"]',
  );
  check(
    '[uuidv4(), bcrypt("x"), bcrypt("x", 4)]',
    '["00000000-0000-4000-8000-000000000000","$2b$10$x","$2b$4$x"]',
  );
});

test("evaluate: several faults in one expression are all reported, at their places", () => {
  const text = '[var.nosuch, uper("x"), 1 + {}]';
  const { expression } = parseExpression(text);
  assert.ok(expression);
  const { diagnostics } = evaluate(expression, worldScope(text));
  const seen = diagnostics.map(({ summary, range, suggestion }) => [
    summary,
    text.slice(range.start, range.end),
    suggestion,
  ]);
  assert.deepEqual(seen, [
    ["Unknown attribute", ".nosuch", undefined],
    ["Unknown function", "uper", "upper"],
    ["Invalid operand", "1 + {}", undefined],
  ]);
});

test("evaluate: what would never end is stopped", () => {
  const loop = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]";
  check(loop, "✗ Evaluation goes too far");
  const kilobyte = `join("", [for a in range(1000) : "x"])`;
  const megabyte = `join("", [for a in range(1000) : ${kilobyte}])`;
  check(megabyte, "✗ Evaluation goes too far");
  check(
    `join("", [for m in [replace(${kilobyte}, "x", ${kilobyte})] : replace(m, "x", "xxxxxxxxxxxxxxxxxxxx")])`,
    "✗ replace: the result is too long.",
  );
  check(
    'regex_replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a*)*(a*)*$", "x")',
    '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!x"',
  );
  check("1" + " + 1".repeat(20_000), "20001");
  const doubled = Array.from(
    { length: 60 },
    (_, index) => `[for a${index + 1} in [[a${index}, a${index}]] : `,
  );
  check(`[for a0 in [1] : ${doubled.join("")}jsonencode(a60)${"]".repeat(61)}`, "✗ Evaluation goes too far");
});
