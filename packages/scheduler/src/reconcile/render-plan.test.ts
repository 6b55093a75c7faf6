import assert from "node:assert/strict";
import { test } from "node:test";
import { annotatePlan } from "./annotate-plan.ts";
import { nothingDesired, type DesiredUpdates } from "./decision.ts";
import { diffJobs, type Json } from "./job-diff.ts";
import { renderDiff, renderPlan, type FailedGroup } from "./render-plan.ts";

/** The article's first job, as the API has it. */
const example: Json = {
  ID: "example",
  Name: "example",
  Type: "service",
  Priority: 50,
  Datacenters: ["infrastructure_at_home"],
  JobModifyIndex: 7,
  Version: 0,
  TaskGroups: [
    {
      Name: "exec",
      Count: 1,
      RestartPolicy: { Attempts: 2, Delay: 15_000_000_000, Mode: "fail" },
      Tasks: [
        {
          Name: "http_serve",
          Driver: "exec",
          KillTimeout: 5_000_000_000,
          Env: { MODE: "fast" },
          Config: { command: "ran_linux_arm64", args: ["-l", "--debug"] },
          Resources: { CPU: 200, MemoryMB: 200, Networks: [{ DynamicPorts: [{ Label: "http", Value: 0 }] }] },
          Services: [{ Name: "web", PortLabel: "http", Checks: [{ Name: "up", Type: "tcp" }] }],
          LogConfig: { MaxFiles: 10, Disabled: false },
        },
      ],
    },
  ],
};

type Change = { job?: Json; group?: Json; task?: Json };

function changed({ job = {}, group = {}, task = {} }: Change): Json {
  const [firstGroup] = example["TaskGroups"] as Json[];
  const [firstTask] = firstGroup["Tasks"] as Json[];
  return {
    ...example,
    TaskGroups: [{ ...firstGroup, Tasks: [{ ...firstTask, ...task }], ...group }],
    ...job,
  };
}

function check(name: string, change: Change, expected: string): void {
  test(`render-plan: ${name}`, () =>
    assert.equal(renderDiff(diffJobs(example, changed(change))), expected.trim()));
}

function planned(desired: Partial<DesiredUpdates>, failed: Record<string, FailedGroup> = {}): string {
  const diff = annotatePlan(diffJobs(example, example), { exec: { ...nothingDesired, ...desired } });
  return renderPlan({ diff, failed });
}

test("render-plan: nothing to do reads as in the article (CL-235)", () => {
  assert.equal(
    planned({ ignore: 1 }),
    `Job: "example"
Task Group: "exec" (1 ignore)
  Task: "http_serve"

Scheduler dry-run:
- All tasks successfully allocated.`,
  );
});

test("render-plan: what will be done is counted (CL-249)", () => {
  const text = planned({ place: 1, inPlace: 2, destructive: 1 });
  assert.match(text, /Task Group: "exec" \(1 create, 1 create\/destroy update, 2 in-place update\)/);
});

test("render-plan: what finds no place is said with numbers (CL-245)", () => {
  const failure = {
    NodesEvaluated: 1,
    NodesExhausted: 1,
    DimensionExhausted: { "network: reserved port collision http=80": 1 },
    CoalescedFailures: 1,
  };
  assert.equal(
    planned({ place: 3 }, { exec: failure }).split("\n\n")[1],
    `Scheduler dry-run:
- WARNING: Failed to place all allocations.
  Task Group "exec" (failed to place 2 allocations):
    * Resources exhausted on 1 nodes
    * Dimension "network: reserved port collision http=80" exhausted on 1 nodes`,
  );
});

check(
  "a higher count forces creation",
  { group: { Count: 3 } },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Count: "1" => "3" (forces create)
      Task: "http_serve"`,
);

check(
  "a lower count forces destruction",
  { group: { Count: 0 } },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Count: "1" => "0" (forces destroy)
      Task: "http_serve"`,
);

check(
  "settings are shown with what did not change",
  { task: { Config: { command: "ran2", args: ["-l", "--debug", "-p"] } } },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Task: "http_serve" (forces create/destroy update)
    +/- Config {
          args[0]: "-l"
          args[1]: "--debug"
      +   args[2]: "-p"
      +/- command: "ran_linux_arm64" => "ran2"
        }`,
);

check(
  "kill timeout and checks change in place",
  {
    task: {
      KillTimeout: 9_000_000_000,
      Services: [{ Name: "web", PortLabel: "http", Checks: [{ Name: "up", Type: "http" }] }],
    },
  },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Task: "http_serve" (forces in-place update)
    +/- KillTimeout: "5000000000" => "9000000000"
    +/- Service {
          Name:      "web"
          PortLabel: "http"
      +/- Check {
            Name: "up"
        +/- Type: "tcp" => "http"
          }
        }`,
);

check(
  "switching logs off replaces the copies, more log files do not",
  { task: { LogConfig: { MaxFiles: 10, Disabled: true } } },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Task: "http_serve" (forces create/destroy update)
    +/- LogConfig {
      +/- Disabled: "false" => "true"
          MaxFiles: "10"
        }`,
);

check(
  "an affinity and a datacenter are added (CL-247)",
  {
    job: { Datacenters: ["infrastructure_at_home", "attic"] },
    task: {
      Affinities: [{ LTarget: "${attr.memory.totalbytes}", Operand: ">", RTarget: "1048576", Weight: 100 }],
    },
  },
  `
+/- Job: "example"
+/- Datacenters {
  + Datacenters: "attic"
    }
+/- Task Group: "exec"
  +/- Task: "http_serve" (forces in-place update)
    + Affinity {
      + LTarget: "\${attr.memory.totalbytes}"
      + Operand: ">"
      + RTarget: "1048576"
      + Weight:  "100"
      }`,
);

check(
  "another group is added, with its tasks",
  {
    job: {
      TaskGroups: [
        ...(example["TaskGroups"] as Json[]),
        { Name: "extra", Count: 2, Tasks: [{ Name: "t", Driver: "exec" }] },
      ],
    },
  },
  `
+/- Job: "example"
  Task Group: "exec"
    Task: "http_serve"
+ Task Group: "extra"
  + Task: "t" (forces create)`,
);

check(
  "a variable of the environment is a field",
  { task: { Env: { MODE: "slow", LEVEL: "1" } } },
  `
+/- Job: "example"
+/- Task Group: "exec"
  +/- Task: "http_serve" (forces create/destroy update)
    +   Env[LEVEL]: "1"
    +/- Env[MODE]:  "fast" => "slow"`,
);

test("render-plan: a new job is all plus", () => {
  assert.equal(
    renderDiff(diffJobs(undefined, example)),
    `+ Job: "example"\n+ Task Group: "exec"\n  + Task: "http_serve" (forces create)`,
  );
});

test("job-diff: what the server keeps about a job is no difference", () => {
  const again = { ...example, Version: 3, JobModifyIndex: 9, Status: "running", SubmitTime: 5 };
  assert.equal(diffJobs(example, again).Type, "None");
});

test("job-diff: an absent list, an empty one and null are the same", () => {
  assert.equal(diffJobs({ ...example, Constraints: null }, { ...example, Constraints: [] }).Type, "None");
});
