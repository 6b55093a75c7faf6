import assert from "node:assert/strict";
import { test } from "node:test";
import type { Allocation } from "@fractus/core/allocation.ts";
import { converge } from "./converge.ts";
import { someAllocation, someGroup, someJob, someTask, withPorts } from "./testing/nouns.ts";

const job = someJob(someGroup([someTask()]));

/** `a b:stop<a` against `c d!`: wanted, with what is desired and what it replaces; known, `!` when it is over. */
function check(wanted: string, known: string, expected: string): void {
  test(`converge: ${wanted || "nothing"} where there is ${known || "nothing"}: ${expected || "nothing to do"}`, () => {
    const assignments = words(wanted).map((word) => ({ allocation: allocationOf(word), job }));
    const runs = words(known).map((word) => ({
      allocation: allocationOf(word.replace("!", "")),
      isOver: word.endsWith("!"),
    }));
    const steps = converge(assignments, runs).map((step) => {
      if (step.do === "remove") return `remove ${step.allocationId}`;
      const until = step.do === "hold" ? ` until ${step.until.join(",")}` : "";
      return `${step.do} ${step.assignment.allocation.id}${until}`;
    });
    assert.deepEqual(steps, expected === "" ? [] : expected.split("; "));
  });
}

function words(text: string): string[] {
  return text.split(" ").filter(Boolean);
}

/** `id[:desired[:status]][<previous][@port]` */
function allocationOf(word: string): Allocation {
  const [, id, desired = "run", status = "running", previousId, port] =
    /^(\w+)(?::(\w+))?(?::(\w+))?(?:<(\w+))?(?:@(\d+))?$/.exec(word) ?? [];
  const allocation = someAllocation(id, {
    desired: desired as Allocation["desired"],
    status: status as Allocation["status"],
    ...(previousId && { previousId }),
  });
  return port ? withPorts(allocation, { http: Number(port) }) : allocation;
}

check("", "", "");
check("a", "", "begin a");
check("a", "a", "update a");
check("a:stop", "a", "update a");
check("a:stop", "", "decline a");
check("a:run:complete", "", "");
check("", "a", "remove a");
check("", "a!", "remove a");
check("a", "a!", "update a");
check("a:stop b<a", "a", "update a; hold b until a");
check("a b<a", "a", "update a; begin b");
check("a:stop b<a", "a!", "update a; begin b");
check("a:stop@80 b@80 c@81", "a@80", "update a; hold b until a; begin c");
check("b@80", "a@80", "remove a; hold b until a");
check("a@80 b@80", "a@80", "update a; begin b");
check("a:evict b c", "a c!", "update a; update c; begin b");

test("converge: what was evicted for it goes first", () => {
  const evicted = someAllocation("a", { desired: "evict", preemptedBy: "b" });
  const steps = converge(
    [
      { allocation: evicted, job },
      { allocation: someAllocation("b"), job },
    ],
    [{ allocation: evicted, isOver: false }],
  );
  assert.deepEqual(
    steps.map((step) => step.do),
    ["update", "hold"],
  );
});

test("converge: what is known may be older than what is wanted", () => {
  const steps = converge(
    [
      { allocation: someAllocation("a", { desired: "stop" }), job },
      { allocation: someAllocation("b", { previousId: "a" }), job },
    ],
    [{ allocation: someAllocation("a"), isOver: false }],
  );
  assert.deepEqual(
    steps.map((step) => step.do),
    ["update", "hold"],
  );
});
