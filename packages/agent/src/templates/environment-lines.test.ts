import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEnvironment } from "./environment-lines.ts";

function check(text: string, expected: Record<string, string> | number): void {
  const outcome = typeof expected === "number" ? { badLine: expected } : { pairs: expected };
  assert.deepEqual(parseEnvironment(text), outcome, text);
}

test("environment lines: names and values, comments, export", () => {
  check("", {});
  check("A=1\nB = two words \n\n# no=thing\n  export C=3\r\nD=", { A: "1", B: "two words", C: "3", D: "" });
  check("A=b#c # rest\nB=x=y\na.b-c=1", { A: "b#c", B: "x=y", "a.b-c": "1" });
});

test("environment lines: quotes", () => {
  check(`A="x # \\"y\\"\\n$z" # c\nB='\\n"'\nC="two\nlines"\nD=it's`, {
    A: 'x # "y"\n$z',
    B: '\\n"',
    C: "two\nlines",
    D: "it's",
  });
});

test("environment lines: the first line that is none is named", () => {
  check("A=1\nB", 2);
  check("1A=1", 1);
  check('A="open', 1);
  check("A=1\n\nC='x'y\n", 3);
});

test("environment lines: a long hostile line takes no time to speak of", () => {
  check(`A="${"\\".repeat(100_001)}`, 1);
  check(`A${" ".repeat(100_000)}B`, 1);
});
