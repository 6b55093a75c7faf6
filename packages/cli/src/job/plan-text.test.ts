import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanAnswer } from "@fractus/client/types/plan.ts";
import { documentNow, session } from "../testing/session.ts";
import { printed } from "../testing/document.ts";
import { planText } from "./plan-text.ts";

const folder = new URL("../../../hcl/src/job/fixtures", import.meta.url).pathname;
const nothing = {
  Place: 0,
  Stop: 0,
  Migrate: 0,
  InPlaceUpdate: 0,
  DestructiveUpdate: 0,
  Canary: 0,
  Preemptions: 0,
};

const unchanged = {
  JobModifyIndex: 19,
  Diff: {
    Type: "None",
    ID: "example",
    Fields: null,
    Objects: null,
    TaskGroups: [
      {
        Type: "None",
        Name: "exec",
        Fields: null,
        Objects: null,
        Tasks: [{ Type: "None", Name: "http_serve", Fields: null, Objects: null, Annotations: null }],
        Updates: { ignore: 1 },
      },
    ],
  },
  Annotations: { DesiredTGUpdates: { exec: { ...nothing, Ignore: 1 } } },
  FailedTGAllocs: null,
  NextPeriodicLaunch: null,
  Warnings: "",
} satisfies PlanAnswer;

function check(plan: Partial<PlanAnswer>, expected: readonly string[]): void {
  assert.equal(planText({ ...unchanged, ...plan }, { nowMs: documentNow }), expected.join("\n"));
}

const plan = (line: string, answer: unknown) =>
  session(line, { "POST /v1/job/example/plan": answer }, { directory: folder });

test("plan: what the document prints; nothing changes, so it exits with 0 (CL-234, CL-235)", async () => {
  const { code, stdout, asked } = await plan("job plan document-example.nomad", unchanged);
  assert.ok(stdout.startsWith(printed("job plan")), stdout);
  assert.match(stdout, /Job Modify Index: 19\n[^]*fractus job run -check-index 19 document-example.nomad\n$/);
  assert.equal(code, 0);
  const body = asked[0].body as { Job: { ID: string }; Diff: boolean };
  assert.deepEqual([body.Job.ID, body.Diff], ["example", true]);
});

test("plan: exits with 1 if something would be made or destroyed, with 255 for an error", async () => {
  const placing = {
    ...unchanged,
    Annotations: { DesiredTGUpdates: { exec: { ...nothing, Ignore: 0, Place: 1 } } },
  };
  assert.equal((await plan("plan document-example.nomad", placing)).code, 1);
  assert.equal((await plan("plan there-is-none.nomad", placing)).code, 255);
  assert.equal((await session("plan document-example.nomad", {}, { directory: folder })).code, 255);
  assert.equal((await plan("plan -no-such-flag document-example.nomad", placing)).code, 255);
});

test("plan: changes are marked, their values aligned and annotated", () => {
  const groups = [
    {
      Type: "Edited",
      Name: "web",
      Updates: { create: 7, "in-place update": 1 },
      Fields: [{ Type: "Edited", Name: "Count", Old: "1", New: "8", Annotations: ["forces create"] }],
      Tasks: [
        {
          Type: "Edited",
          Name: "nginx",
          Annotations: ["forces create/destroy update"],
          Fields: [{ Type: "Added", Name: "User", Old: "", New: "www" }],
          Objects: [
            {
              Type: "Edited",
              Name: "Config",
              Fields: [
                { Type: "Edited", Name: "image", Old: "nginx:1.17", New: "nginx:1.18" },
                { Type: "None", Name: "force_pull", Old: "false", New: "false" },
              ],
            },
          ],
        },
      ],
    },
    { Type: "Added", Name: "api", Updates: { create: 1 }, Tasks: [{ Type: "Added", Name: "server" }] },
  ] as const;
  check({ Diff: { Type: "Edited", ID: "example2", TaskGroups: groups } }, [
    '+/- Job: "example2"',
    '+/- Task Group: "web" (7 create, 1 in-place update)',
    '  +/- Count: "1" => "8" (forces create)',
    '  +/- Task: "nginx" (forces create/destroy update)',
    '    +   User: "www"',
    "    +/- Config {",
    '      +/- image:      "nginx:1.17" => "nginx:1.18"',
    '          force_pull: "false"',
    "        }",
    '+   Task Group: "api" (1 create)',
    '    + Task: "server"',
    "",
    "Scheduler dry-run:",
    "- All tasks successfully allocated.",
  ]);
});

test("plan: on fewer nodes than copies of a static port it says so, and what would help (CL-245)", () => {
  check(
    {
      Diff: { Type: "Added", ID: "example2" },
      FailedTGAllocs: {
        webserver: {
          NodesEvaluated: 1,
          NodesAvailable: { infrastructure_at_home: 1 },
          NodesExhausted: 1,
          DimensionExhausted: { "network: reserved port collision http=80": 1 },
          CoalescedFailures: 1,
        },
      },
      Explanation: ["Two more nodes with port 80 free would do."],
    },
    [
      '+ Job: "example2"',
      "",
      "Scheduler dry-run:",
      "- WARNING: Failed to place all allocations.",
      '  Task Group "webserver" (failed to place 2 allocations):',
      "    * Resources exhausted on 1 nodes",
      '    * Dimension "network: reserved port collision http=80" exhausted on 1 nodes',
      "",
      "Explanation:",
      "  Two more nodes with port 80 free would do.",
    ],
  );
});

test("plan: where each copy would go is shown beforehand (CL-249)", () => {
  check(
    {
      Diff: null,
      Placements: [
        { Group: "webserver", Name: "example2.webserver[1]", NodeID: "abcdef0123", NodeName: "raspi-4-2" },
      ],
    },
    [
      "Scheduler dry-run:",
      "- All tasks successfully allocated.",
      "",
      "Placements:",
      "Allocation             Node       Node ID",
      "example2.webserver[1]  raspi-4-2  abcdef01",
    ],
  );
});

test("plan: preemptions are listed, many of them counted by job; the next launch of a periodic job is told", () => {
  const victim = (id: number) => ({ ID: `${id}`.padStart(8, "0"), JobID: "old", TaskGroup: "g" });
  const preempting = (count: number) =>
    ({
      Diff: null,
      NextPeriodicLaunch: "2020-03-09T20:33:27Z",
      Annotations: {
        DesiredTGUpdates: null,
        PreemptedAllocs: Array.from({ length: count }, (_, at) => victim(at)),
      },
    }) as unknown as Partial<PlanAnswer>;
  const start = [
    "Scheduler dry-run:",
    "- All tasks successfully allocated.",
    "- If submitted now, next periodic launch would be at 2020-03-09T20:33:27Z (1h from now).",
    "",
    "Preemptions:",
  ];
  check(preempting(1), [...start, "Alloc ID  Job ID  Task Group", "00000000  old     g"]);
  check(preempting(11), [...start, "Job ID  Preemptions", "old     11"]);
});
