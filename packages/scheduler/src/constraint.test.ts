import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operator } from "@fractus/core/job.ts";
import { holds, resolverOf } from "./constraint.ts";
import { nodeWith } from "./testing/build.ts";

const node = nodeWith({
  id: "n1",
  zone: "dc1",
  class: "large",
  attributes: {
    arch: "arm64",
    "memory.totalbytes": "4112424960",
    "kernel.version": "5.10.1",
    tags: "a, b ,c",
  },
  meta: { rack: "r1", load: "0.75" },
});

/** `left operator right` and whether it holds, one a line. */
function check(lines: string): void {
  for (const line of lines.split("\n").filter((text) => text.trim() !== "")) {
    const [statement, verdict] = line.split("->").map((part) => part.trim());
    const [attribute, operator, ...value] = statement.split(" ");
    const constraint = { attribute, operator: operator as Operator, value: value.join(" ") };
    assert.equal(holds(constraint, resolverOf(node)), verdict === "yes", line);
  }
}

test("constraint: equality needs both sides, inequality is true of what is missing", () => {
  check(`
    \${attr.arch} = arm64 -> yes
    \${attr.nothing} = arm64 -> no
    \${attr.arch} != amd64 -> yes
    \${attr.nothing} != amd64 -> yes
    \${node.datacenter} = dc1 -> yes
    \${node.unique.id} = n1 -> yes
    \${node.class} = large -> yes
    \${meta.rack} = r1 -> yes
    \${node.whatever} = r1 -> no
    \${attr.constructor} != x -> yes
    \${attr.constructor} is_set -> no
    literal = literal -> yes
  `);
});

test("constraint: CL-247 order is of whole numbers, else of numbers, else of text", () => {
  check(`
    \${attr.memory.totalbytes} > 1048576 -> yes
    \${attr.memory.totalbytes} > 999999999999 -> no
    \${meta.load} < 0.8 -> yes
    \${meta.load} >= 1 -> no
    9 < 10 -> yes
    9 < 10x -> no
    b <= b -> yes
    \${attr.nothing} < 1 -> no
  `);
});

test("constraint: versions, patterns and sets", () => {
  check(`
    \${attr.kernel.version} version >= 5.4, < 6 -> yes
    \${attr.kernel.version} semver > 6.0.0 -> no
    \${attr.arch} regexp ^(arm|amd)64$ -> yes
    \${attr.arch} regexp ( -> no
    \${attr.tags} set_contains a,b -> yes
    \${attr.tags} set_contains a,d -> no
    \${attr.tags} set_contains_any d,c -> yes
    \${attr.tags} set_contains_any d,e -> no
  `);
});

test("constraint: what is set, and what is not", () => {
  check(`
    \${meta.rack} is_set -> yes
    \${meta.rack} is_not_set -> no
    \${meta.shelf} is_not_set -> yes
  `);
});
