import assert from "node:assert/strict";
import { test } from "node:test";
import { expandDynamic } from "./dynamic.ts";
import { evaluate } from "./evaluate.ts";
import { parseBody } from "./parse.ts";
import type { Body } from "./syntax.ts";
import { showValue } from "./testing/show.ts";
import { worldScope } from "./testing/world.ts";

function show(body: Body, text: string): string {
  const attributes = body.attributes.map(
    ({ name, expression }) => `${name}=${showValue(evaluate(expression, worldScope(text)).value)}`,
  );
  const blocks = body.blocks.map(
    ({ type, labels, body: inner }) =>
      `${[type, ...labels.map((label) => label.text)].join(" ")} {${show(inner, text)}}`,
  );
  return [...attributes, ...blocks].join(" ");
}

function check(text: string, expected: string): void {
  const parsed = parseBody(text, { fileName: "x" });
  assert.deepEqual(parsed.diagnostics, []);
  const { body, diagnostics } = expandDynamic(parsed.body, worldScope(text));
  const faults = diagnostics.map(({ detail }) => `✗ ${detail}`);
  assert.equal([show(body, text), ...faults].filter((each) => each !== "").join(" | "), expected, text);
}

test("dynamic: one block for each element, in order, with labels and a named iterator", () => {
  check(
    'dynamic "port" {\nfor_each = var.l\ncontent { x = port.value }\n}',
    'port {x="a"} port {x="b"} port {x="c"}',
  );
  check(
    'a {}\ndynamic "port" {\nfor_each = { web = 80, db = 5432 }\niterator = it\nlabels = ["${it.key}"]\ncontent { static = it.value }\n}\nb {}',
    "a {} port db {static=5432} port web {static=80} b {}",
  );
  check('dynamic "x" {\nfor_each = []\ncontent {}\n}', "");
});

test("dynamic: blocks inside see the iterators around them, and runtime references stay", () => {
  check(
    'dynamic "a" {\nfor_each = [1, 2]\ncontent {\nb { c = a.value + 1 }\ndynamic "d" {\nfor_each = ["x"]\ncontent { e = "${d.value}${a.key}${NOMAD_IP}" }\n}\n}\n}',
    'a {b {c=2} d {e="x0${NOMAD_IP}"}} a {b {c=3} d {e="x1${NOMAD_IP}"}}',
  );
});

test("dynamic: what is missing or wrong is said", () => {
  check('dynamic "x" {\ncontent {}\n}', "✗ The argument for_each is missing.");
  check('dynamic "x" {\nfor_each = [1]\n}', "✗ A dynamic block holds exactly one content block.");
  check('dynamic "x" {\nfor_each = null\ncontent {}\n}', "✗ The value of for_each must not be null.");
  check(
    'dynamic "x" {\nfor_each = 5\ncontent {}\n}',
    "✗ The value of for_each must be a list, set, tuple, map or object.",
  );
  check(
    'dynamic "x" {\nfor_each = [1]\nlabels = [null]\ncontent {}\n}',
    "✗ A label is a string, and not null.",
  );
  check(
    'dynamic "x" {\nfor_each = [1]\nlabel = "x"\ncontent {}\n}',
    "✗ A dynamic block knows for_each, iterator and labels only.",
  );
  check(
    'dynamic "x" {\nfor_each = [for i in range(200) : i]\ncontent {\ndynamic "y" {\nfor_each = [for i in range(200) : i]\ncontent {}\n}\n}\n}',
    dynamicLimit(),
  );
});

/** 200 outer blocks, and inner ones until ten thousand in all are reached; then each outer one complains. */
function dynamicLimit(): string {
  const full = `x {${Array.from({ length: 200 }, () => "y {}").join(" ")}}`;
  const empty = "x {}";
  const complete = 49;
  const blocks = [
    ...Array.from({ length: complete }, () => full),
    ...Array.from({ length: 200 - complete }, () => empty),
  ];
  const faults = Array.from({ length: 200 - complete }, () => "✗ More than 10000 blocks would be made.");
  return [blocks.join(" "), ...faults].join(" | ");
}
