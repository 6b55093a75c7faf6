import assert from "node:assert/strict";
import { test } from "node:test";
import { positionAt } from "./diagnostic.ts";
import { fileLengthLimit } from "./file-size.ts";
import { parseBody } from "./parse.ts";
import type { Body } from "./syntax.ts";

/** `a = x` as `a`, a block as its header and braces. */
function outline(body: Body): string {
  const items = [
    ...body.attributes.map(({ start, name }) => ({ start, text: name })),
    ...body.blocks.map(({ start, type, labels, body: inner }) => ({
      start,
      text: `${[type, ...labels.map((label) => JSON.stringify(label.text))].join(" ")} {${outline(inner)}}`,
    })),
  ];
  return items
    .toSorted((a, b) => a.start - b.start)
    .map((item) => item.text)
    .join(" ");
}

function check(text: string, expected: string): void {
  const { body, diagnostics } = parseBody(text, { fileName: "x" });
  const faults = diagnostics.map(({ summary, range }) => {
    const { line, column } = positionAt(text, range.start);
    return `✗ ${line}:${column} ${summary}`;
  });
  assert.equal(
    [outline(body), ...faults].filter((each) => each !== "").join(" | "),
    expected,
    text.slice(0, 100),
  );
}

function summaries(text: string): string[] {
  return parseBody(text, { fileName: "x" }).diagnostics.map(({ summary }) => summary);
}

test("parse: arguments and blocks, with labels in quotes and without", () => {
  check("", "");
  check('job "example" {\n  count = 3\n}\n', 'job "example" {count}');
  check('port "http" {}\n', 'port "http" {}');
  check("a b c {\n}\n", 'a "b" "c" {}');
  check('a "x\\ty" "$${z}" {}', 'a "x\\ty" "${z}" {}');
  check("a { b = 1 }", "a {b}");
  check("a = 1\nb {\nc = [\n1,\n2\n]\nd {}\n}\ne = {\nx = 1\n}", "a b {c d {}} e");
  check("é-1 = 1\n_x = 2", "é-1 _x");
  check("\ufeffa = 1", "a");
  check("a = 1\r\nb = 2\r\n", "a b");
});

test("parse: comments stand anywhere, and those of a line end it", () => {
  check("# x\na = 1 # y\n// z\nb = /* in the middle */ 2\n/* over\nlines */ c = 3", "a b c");
  check("a = 1 /* x\n */ b = 2", "✗ 2:5 Missing newline after argument");
  check("/* never closed", "✗ 1:1 Argument or block expected");
});

test("parse: newlines end arguments, but not inside parentheses and brackets", () => {
  check("a = (1\n+\n2)\nb = [\n1\n,\n2,\n]\nc = f(\n1,\n2\n)\nd = x[\n0\n]", "a b c d");
  check("a = 1\n+ 2", "a | ✗ 2:1 Argument or block expected");
  check("a =\n1", "✗ 1:4 Missing value | ✗ 2:1 Argument or block expected");
  check('a = "x\ny"', "✗ 1:7 Unterminated string | ✗ 2:3 Unterminated string");
  check(
    "a = {\nb =\n1}",
    "✗ 2:4 Missing value | ✗ 3:1 Argument or block expected | ✗ 3:2 Unexpected closing brace",
  );
});

test("parse: several faults in one file are all found", () => {
  check(
    'a = \nb = 1,\n"c" = 2\nd e = 3\nf {\n  g = [1 2]\n  h = 4\n}\ni = 5 j = 6\nk {}',
    "f {h} k {} | ✗ 1:5 Missing value | ✗ 2:6 Unexpected comma after argument | ✗ 3:1 Quoted argument name | ✗ 4:5 Invalid block | ✗ 6:10 Missing separator | ✗ 9:7 Missing newline after argument",
  );
  check("a = 1\na = 2", "a | ✗ 2:1 Argument set twice");
  check("a = 'x'", "✗ 1:5 Invalid character");
  check("}", "✗ 1:1 Unexpected closing brace");
  check("a {\n b = 1\n", "✗ 3:1 Unclosed block");
  check("a { b = 1, c = 2 }", "✗ 1:10 Invalid block on one line");
  check("a { b {} }", "✗ 1:7 Invalid block on one line");
  check("a {\n b = 1 }", "✗ 2:8 Missing newline after argument | ✗ 2:9 Unclosed block");
  check("a\n{}", "✗ 1:2 Argument or block expected | ✗ 2:1 Argument or block expected");
  check('a "${x}" {}', "✗ 1:3 Invalid label");
});

test("parse: a heredoc ends with its marker alone on a line", () => {
  check("a = <<EOT\nx\n  EOT\nb = 1", "a b");
  check("a = <<EOT\nx\nEOT", "✗ 1:5 Unterminated heredoc");
  check(
    "a = <<EOT \nx\nEOT\n",
    "✗ 1:5 Missing value | ✗ 2:2 Argument or block expected | ✗ 3:4 Argument or block expected",
  );
  check('a = [<<X\n${"}"}\nX\n, 2]', "a");
});

test("parse: nothing is nested too deeply for the stack, or too long for patience", () => {
  const many = 200_000;
  for (const opener of ["[", "(", "-", "!", "f(", "{a=", '"${', "[for x in ", "b ? ", "a {\n"]) {
    const text = (opener === "a {\n" ? "" : "a = ") + opener.repeat(many);
    assert.deepEqual(summaries(text), ["Nested too deeply"], opener);
  }
  for (const part of ["[*]", "[c]", ".d[e]"]) {
    assert.deepEqual(summaries(`a = b${part.repeat(many)}`), ["Nested too deeply"], part);
  }
  for (const list of [
    `a = [${"1,".repeat(2 * many)}]`,
    "a {}\n".repeat(2 * many),
    `a = "${"$".repeat(2 * many)}"`,
    `a ${"b ".repeat(2 * many)}{}`,
    "#".repeat(fileLengthLimit + 1),
  ]) {
    assert.ok(summaries(list).includes("File too large"), list.slice(0, 10));
  }
});
