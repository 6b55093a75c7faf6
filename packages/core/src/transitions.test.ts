import assert from "node:assert/strict";
import { test } from "node:test";
import { desiredTransitions, instanceTransitions, taskTransitions } from "./allocation.ts";
import { deploymentTransitions } from "./deployment.ts";
import { evaluationTransitions } from "./evaluation.ts";
import { jobTransitions } from "./job.ts";
import { isFinal, mayBecome, type Transitions } from "./transitions.ts";

const tables: Record<string, Transitions<string>> = {
  job: jobTransitions,
  desired: desiredTransitions,
  instance: instanceTransitions,
  task: taskTransitions,
  deployment: deploymentTransitions,
  evaluation: evaluationTransitions,
};

/** `check("instance: pending > running !> pending")`: each step is lawful, or with `!>` is not. */
function check(line: string): void {
  test(`transitions: ${line}`, () => {
    const [name, path] = line.split(": ");
    const words = path.split(" ");
    for (let i = 2; i < words.length; i += 2) {
      const step = { from: words[i - 2], to: words[i] };
      assert.equal(mayBecome(tables[name], step), words[i - 1] === ">", `${step.from} to ${step.to}`);
    }
  });
}

check("desired: run > stop !> run");
check("desired: run > evict !> stop");
check("instance: pending > running > pending > complete !> running");
check("instance: running > unknown > lost > running > failed !> pending");
check("instance: running > running");
check("task: pending > running > dead > pending");
check("deployment: pending > running > paused > running > successful !> running");
check("deployment: running > cancelled !> failed");
check("evaluation: pending > blocked > pending > complete !> pending");
check("job: pending > running > dead > running");

test("transitions: each state that is named in a table has a row in it", () => {
  for (const [name, table] of Object.entries(tables)) {
    for (const state of Object.values(table).flat()) assert.ok(state in table, `${name} ${state}`);
  }
});

test("transitions: exactly the final states are left by nothing", () => {
  const finals = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      Object.keys(table).filter((state) => isFinal(table, state)),
    ]),
  );
  assert.deepEqual(finals, {
    job: [],
    desired: ["stop", "evict"],
    instance: ["complete", "failed"],
    task: [],
    deployment: ["successful", "failed", "cancelled"],
    evaluation: ["complete", "failed", "canceled"],
  });
});
