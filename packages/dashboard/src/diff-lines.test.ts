import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobDiff } from "@fractus/client/types/diff.ts";
import { diffLines } from "./diff-lines.ts";

const marks = { None: " ", Added: "+", Deleted: "-", Edited: "~" };

function check(diff: JobDiff, expected: string): void {
  const text = diffLines(diff).map(
    ({ type, depth, text: line }) => `${marks[type]}${"  ".repeat(depth)} ${line}`,
  );
  assert.deepEqual(text, expected.split("\n"));
}

test("diff: what changes is told from the job down to the field", () => {
  check(
    {
      Type: "Edited",
      ID: "web",
      Fields: [{ Type: "None", Name: "Priority", Old: "50", New: "50" }],
      TaskGroups: [
        {
          Type: "Edited",
          Name: "g",
          Updates: { create: 1 },
          Fields: [{ Type: "Edited", Name: "Count", Old: "1", New: "2", Annotations: ["forces create"] }],
          Tasks: [
            {
              Type: "Edited",
              Name: "t",
              Objects: [
                { Type: "Added", Name: "Env", Fields: [{ Type: "Added", Name: "A", Old: "", New: "1" }] },
              ],
            },
            { Type: "None", Name: "still" },
          ],
        },
      ],
    },
    [
      '~ job "web"',
      '~   group "g" (1 create)',
      '~     Count: "1" → "2" (forces create)',
      '~     task "t"',
      "+       Env",
      '+         A: "1"',
    ].join("\n"),
  );
});

test("diff: of what is new only the headings are told", () => {
  check(
    {
      Type: "Added",
      ID: "web",
      Fields: [{ Type: "Added", Name: "Priority", Old: "", New: "50" }],
      TaskGroups: [
        { Type: "Added", Name: "g", Updates: { create: 2 }, Tasks: [{ Type: "Added", Name: "t" }] },
      ],
    },
    '+ job "web"\n+   group "g" (2 create)\n+     task "t"',
  );
});
