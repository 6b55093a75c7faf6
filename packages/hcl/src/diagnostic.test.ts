import assert from "node:assert/strict";
import { test } from "node:test";
import { positionAt, renderDiagnostic } from "./diagnostic.ts";
import { suggest } from "./suggest.ts";

function check(text: string, range: readonly [start: number, end: number], expected: string): void {
  const diagnostic = {
    severity: "error",
    summary: "Wrong",
    detail: "It is wrong.",
    range: { start: range[0], end: range[1] },
  } as const;
  assert.equal(
    renderDiagnostic({ name: "f", text }, diagnostic).split("\n").slice(1, -1).join("\n"),
    expected,
  );
}

test("diagnostic: the line is shown with the range underlined, columns count code points", () => {
  check("a = b", [4, 5], " --> f:1:5\n  |\n1 | a = b\n  |     ^");
  check(
    "x\n\ty = é😀 + z\n",
    [4, 12],
    " --> f:2:3\n  |\n2 |  y = é😀 + z\n  |   ^^^^^^^".replace("  ^^^^^^^", "  ^^^^^^^"),
  );
  check("a\nb", [1, 2], " --> f:1:2\n  |\n1 | a\n  |  ^");
  check("", [0, 0], " --> f:1:1\n  |\n1 | \n  | ^");
  check("a\n".repeat(99) + "b", [198, 199], "   --> f:100:1\n    |\n100 | b\n    | ^");
});

test("diagnostic: of a long line a window around the range is shown", () => {
  const { length } = renderDiagnostic(
    { name: "f", text: "x".repeat(1_000_000) },
    { severity: "warning", summary: "s", detail: "d", range: { start: 500_000, end: 900_000 } },
  );
  assert.ok(length < 1000);
});

test("diagnostic: positions at the ends of a text", () => {
  assert.deepEqual(positionAt("ab\nc", 0), { line: 1, column: 1, offset: 0 });
  assert.deepEqual(positionAt("ab\nc", 3), { line: 2, column: 1, offset: 3 });
  assert.deepEqual(positionAt("ab\nc", 99), { line: 2, column: 2, offset: 4 });
});

test("suggest: the nearest name, if one is near", () => {
  const names = ["datacenters", "count", "driver", "constraint"];
  const found = ["datacenter", "cuont", "Driver", "constrain", "network", "x", "d".repeat(1_000_000)].map(
    (name) => suggest(name, names),
  );
  assert.deepEqual(found, ["datacenters", "count", "driver", "constraint", undefined, undefined, undefined]);
});
