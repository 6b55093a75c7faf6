/** Mutants of valid files: whatever they are, every door answers with a result and diagnostics. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { jobFile } from "../bench/job-file.ts";
import { renderDiagnostic, type Diagnostic } from "./diagnostic.ts";
import { expandDynamic } from "./dynamic.ts";
import { evaluate } from "./evaluate.ts";
import { fixText } from "./fix.ts";
import { formatText } from "./format.ts";
import { parseHcl1 } from "./hcl1.ts";
import { parseAny } from "./parse-any.ts";
import { parseBody } from "./parse.ts";
import type { Scope } from "./scope.ts";
import type { Body } from "./syntax.ts";
import { functions } from "./testing/world.ts";
import { resolveVariables } from "./variables.ts";

const seeds = 300;

/** What is dear to the parser, to be thrown in anywhere. */
const pieces = ['"', "{", "}", "[", "]", "(", ")", "${", "%{", "~}", "<<EOT\n", "<<-A\n", "EOT", "\n", "\r", ",", "=", "?", ":", ".", "...", "[*]", ".*", "#", "/*", "*/", "\\", "\\u", "$$", "%%{", "for ", " in ", "if ", "%{if true}", "%{endif}", "%{for x in [1]}", "%{endfor}", "null", "1e9", "é", "e\u0301", "\ud800", "\u{1f600}", "\0", "'", ";", "~", "::", "dynamic "]; // prettier-ignore

function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const to = Math.min(text.length, at + random(40));
  switch (random(4)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, to) + text.slice(at);
    case 2:
      return text.slice(0, at);
    default:
      return text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at);
  }
}

function evaluateAll(body: Body, scope: Scope, report: (diagnostics: readonly Diagnostic[]) => void): void {
  for (const { expression } of body.attributes) report(evaluate(expression, scope).diagnostics);
  for (const block of body.blocks) evaluateAll(block.body, scope, report);
}

/** Everything that can be done to a text; each diagnostic must lie in it and render. */
function exercise(text: string): void {
  const report = (diagnostics: readonly Diagnostic[]) => {
    for (const diagnostic of diagnostics) {
      const { start, end } = diagnostic.range;
      const length = diagnostic.source?.text.length ?? text.length;
      assert.ok(
        start >= 0 && start <= end && end <= length,
        `${diagnostic.summary} ${start} ${end} ${length}`,
      );
      assert.ok(renderDiagnostic({ name: "x", text }, diagnostic).length > 0);
    }
  };
  const { body, diagnostics } = parseAny(text, { fileName: "x" });
  report(diagnostics);
  report(parseHcl1(text, { fileName: "x" }).diagnostics);
  const { scope, diagnostics: faults } = resolveVariables(body, { functions, text });
  report(faults);
  const expanded = expandDynamic(body, scope);
  report(expanded.diagnostics);
  evaluateAll(expanded.body, scope, report);
  report(fixText(text).diagnostics);
}

test(`robustness: ${seeds} mutants of job files are answered, and formatting keeps what they mean`, () => {
  for (let seed = 0; seed < seeds; seed++) {
    const random = generator(seed + 99);
    let text = jobFile(seed % 20);
    for (let count = 0; count <= random(3); count++) text = mutate(text, random);
    try {
      exercise(text);
      const formatted = formatText(text);
      if (formatted.diagnostics.length > 0) continue;
      assert.equal(formatText(formatted.text).text, formatted.text);
      assert.equal(meaning(formatted.text), meaning(text));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

/** The tree without its positions. */
function meaning(text: string): string {
  const { body } = parseBody(text, { fileName: "x" });
  const positions = new Set(["start", "end", "nameRange", "typeRange", "rootRange"]);
  return JSON.stringify(body, (key, value: unknown) =>
    positions.has(key) ? undefined : typeof value === "bigint" ? `${value}` : value,
  );
}

test("robustness: a megabyte of anything ends soon", () => {
  const openers = [
    "[",
    "a = [\n",
    '"',
    "${",
    "a = <<E\n",
    "/*",
    "# x\n",
    "a {\n",
    "= \n",
    "\r",
    "$",
    "\u00e9",
    "a = 1\n",
    '"a" = 1,\n',
  ];
  for (const opener of openers) {
    const text = opener.repeat(Math.ceil(1_000_000 / opener.length));
    parseAny(text, { fileName: "x" });
    parseBody(`a = "${text}`, { fileName: "x" });
  }
});
