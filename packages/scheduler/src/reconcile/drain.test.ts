import assert from "node:assert/strict";
import { test } from "node:test";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Job, JobType } from "@fractus/core/job.ts";
import { drain, type DrainedNode } from "./drain.ts";
import { sampleAllocation, sampleGroup, sampleJob } from "./testing/samples.ts";

const nowMs = 1_000_000;

/**
 * `check("service 3; a b c@other", "a")`: jobs with their counts, then copies. Copies are on the
 * drained node `n1`, of the first job, running for long, unless they say otherwise.
 */
function check(situation: string, expected: string, drained: Partial<DrainedNode> = {}): void {
  test(`drain: ${situation} ${JSON.stringify(drained)}`, () => {
    const [jobText, copyText = ""] = situation.split("; ");
    const jobs = jobText.split(", ").map(jobFrom);
    const step = drain({
      drains: [{ nodeId: "n1", startedAtMs: 0, ignoresSystemJobs: false, ...drained }],
      jobs,
      allocations: copyText
        .split(" ")
        .filter(Boolean)
        .map((text) => copyFrom(text, jobs[0])),
      nowMs,
    });
    const parts = [
      step.migrate.map((one) => one.id).join(" "),
      step.doneNodeIds.length > 0 ? "done" : "",
      step.wakeAtMs === undefined ? "" : `wake in ${(step.wakeAtMs - nowMs) / 1_000} s`,
    ];
    assert.equal(parts.filter(Boolean).join(", ") || "nothing", expected);
  });
}

function jobFrom(text: string): Job {
  const [type, count = "1", maxParallel = "1"] = text.split(" ");
  const migrate = {
    maxParallel: Number(maxParallel),
    healthCheck: "checks",
    minHealthyMs: 10_000,
    healthyDeadlineMs: 300_000,
  } as const;
  return sampleJob({
    id: type,
    type: type as JobType,
    groups: [sampleGroup({ count: Number(count), migrate })],
  });
}

function copyFrom(text: string, first: Job): Allocation {
  const [place, ...flags] = text.split(":");
  const [id, nodeId = "n1"] = place.split("@");
  const jobId = flags.find((flag) => ["batch", "system", "sysbatch"].includes(flag)) ?? first.id;
  const startedAtMs = flags.includes("young") ? nowMs - 4_000 : 0;
  return sampleAllocation({
    id,
    nodeId,
    jobId,
    status: flags.includes("complete") ? "complete" : flags.includes("pending") ? "pending" : "running",
    desired: flags.includes("stop") ? "stop" : "run",
    transition: { migrate: flags.includes("migrate") || undefined },
    createdAtMs: startedAtMs,
    tasks: { main: { status: "running", failed: false, restarts: 0, startedAtMs } },
  });
}

// Services leave in steps.
check("service 3; a b c@n2", "a");
check("service 3; a:migrate b c@n2", "nothing");
check("service 3; a:stop b c@n2 d@n2:young", "wake in 6 s");
check("service 3; a:stop b c@n2 d@n2", "b");
check("service 3 2; a b c", "a b");
check("service 1; a", "a");
check("service 1; a:pending", "nothing");

// Batch copies may finish; at the deadline all go.
check("batch; a", "nothing");
check("batch; a", "wake in 60 s", { forceAtMs: nowMs + 60_000 });
check("batch; a b", "a b", { forceAtMs: nowMs });
check("service 3; a b c", "a b c", { forceAtMs: nowMs - 1 });
check("batch; a:complete", "done");

// System jobs go last, if at all.
check("service 2, system; a b@n2 s:system", "a");
check("service 2, system; a:stop s:system", "nothing");
check("service 2, system; a:stop:complete s:system", "s");
check("service 2, system; s:system", "done", { ignoresSystemJobs: true });
check("service 2, system; a:stop s:system", "s", { forceAtMs: nowMs });
check("service 2, system; a:stop s:system", "nothing", { forceAtMs: nowMs, ignoresSystemJobs: true });
check("service 2", "done");

test("drain: jobs of two projects may have one name and are drained each by its own count", () => {
  const jobs = [jobFrom("service 1"), { ...jobFrom("service 3"), project: "team" }];
  const copies = ["a", "b", "c"].map((id) => copyFrom(id, jobs[0]));
  const allocations = copies.map((one, at) => (at === 0 ? one : { ...one, project: "team" }));
  const drains = [{ nodeId: "n1", startedAtMs: 0, ignoresSystemJobs: false }];
  for (const inOrder of [jobs, jobs.toReversed()]) {
    const step = drain({ drains, jobs: inOrder, allocations, nowMs });
    assert.deepEqual(
      step.migrate.map(({ id }) => id),
      ["a"],
    );
  }
});
