import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./evaluate.ts";
import { fixText } from "./fix.ts";
import { parseHcl1 } from "./hcl1.ts";
import { parseAny } from "./parse-any.ts";
import type { Body } from "./syntax.ts";
import { showValue } from "./testing/show.ts";
import { worldScope } from "./testing/world.ts";

function show(body: Body): string {
  const attributes = body.attributes.map(
    ({ name, expression }) => `${name}=${showValue(evaluate(expression, worldScope("")).value)}`,
  );
  const blocks = body.blocks.map(
    ({ type, labels, body: inner }) =>
      `${[type, ...labels.map((label) => label.text)].join(" ")} {${show(inner)}}`,
  );
  return [...attributes, ...blocks].join(" ");
}

function check(text: string, expected: string): void {
  const { body, diagnostics } = parseHcl1(text, { fileName: "x" });
  assert.equal(diagnostics.length > 0 ? `✗ ${diagnostics[0].summary}` : show(body), expected, text);
}

test("hcl1: items end with a comma, a line, or nothing; keys may be quoted (CL-252)", () => {
  check('a = 1, b = "x"\n"c" = true d = [1, "y",]', 'a=1 b="x" c=true d=[1,"y"]');
  check('"job" "x" { "group" g { count = 3, } }', "job x {group g {count=3}}");
  check("a.b-c = 1", "a.b-c=1");
  check("a = 0x1F\nb = -1.5e2\n", "a=31 b=-150");
});

test("hcl1: key = { … } is a block, and the last of several arguments counts", () => {
  check('meta = { a = 1, "b" = "2" }', 'meta {a=1 b="2"}');
  check('labels = [{ a = 1 }, { "b" = "c" }]', 'labels=[{"a":1},{"b":"c"}]');
  check("a = 1\na = 2", "a=2");
});

test("hcl1: interpolations are text, quotes and all; escapes outside of them count", () => {
  check('a = "${meta["x"]}-${b}"', 'a="${meta[\\"x\\"]}-${b}"');
  check('a = "\\tq\\"\\u00e9\\x41\\101"', 'a="\\tq\\"éAA"');
  check("a = <<EOF\n  x\nEOF\nb = <<-EOF\n    x\n      y\n    EOF\n", 'a="  x\\n" b="x\\n  y\\n"');
});

test("hcl1: what is neither is refused", () => {
  for (const text of [
    "a",
    "a = ",
    "a = b",
    "a = [1 2]",
    "a = 1 + 2",
    "a {",
    'a = "x\ny"',
    "}",
    "a b = 1",
    "a = <<X\n",
    'a = "\\q"',
  ]) {
    assert.equal(parseHcl1(text, { fileName: "x" }).diagnostics.length, 1, text);
  }
  check(`a = ${"[".repeat(1_000_000)}`, "✗ Nested too deeply");
});

test("hcl1: a file that is neither age has the errors of HCL2", () => {
  const { dialect, diagnostics } = parseAny('"a" = var.x\nb = 1,\n', { fileName: "x" });
  assert.deepEqual([dialect, diagnostics.map(({ severity }) => severity)], ["hcl2", ["error", "error"]]);
});

test("fix: commas, quoted names and crowded lines become HCL2, comments stay (CL-252)", () => {
  const text = `# top
"job" "x" { datacenters = ["a"], // why
  "type" = "batch",
  group "g" { count = 3, task "t" { driver = "exec" } } /* end */
  meta = { "a" = "1", b = 2 }
  empty {}
}
`;
  const { text: fixed, diagnostics } = fixText(text);
  assert.deepEqual(diagnostics, []);
  assert.equal(
    fixed,
    `# top
job "x" {
  datacenters = ["a"] // why
  type        = "batch"
  group "g" {
    count = 3
    task "t" { driver = "exec" }
  } /* end */
  meta = { "a" = "1", b = 2 }
  empty {}
}
`,
  );
  assert.equal(fixText("a = [1 2]").text, "a = [1 2]");
});
