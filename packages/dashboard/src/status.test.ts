import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { GroupSummary, JobStub } from "@fractus/client/types/job.ts";
import { fits } from "./job-filter.ts";
import { allocationStanding, jobStanding, nodeStanding } from "./status.ts";

function checkAllocation(changes: object, expected: string): void {
  const { tone, text } = allocationStanding({ DesiredStatus: "run", ...changes } as AllocationStub);
  assert.equal(`${tone}: ${text}`, expected);
}

test("status: an allocation is well only when it is", () => {
  checkAllocation({ ClientStatus: "running" }, "good: running");
  checkAllocation({ ClientStatus: "running", DeploymentStatus: { Healthy: true } }, "good: healthy");
  checkAllocation({ ClientStatus: "running", DeploymentStatus: { Healthy: false } }, "bad: unhealthy");
  checkAllocation({ ClientStatus: "running", DesiredStatus: "stop" }, "busy: stopping");
  checkAllocation({ ClientStatus: "pending" }, "busy: pending");
  checkAllocation(
    { ClientStatus: "pending", TaskStates: { t: { State: "pending", Restarts: 1 } } },
    "bad: restarting",
  );
  checkAllocation({ ClientStatus: "failed" }, "bad: failed");
  checkAllocation({ ClientStatus: "failed", DesiredStatus: "stop" }, "idle: failed");
});

const jobOf = (changes: object, counts: Partial<GroupSummary> = {}) => {
  const all = { Queued: 0, Starting: 0, Running: 0, Failed: 0, Complete: 0, Lost: 0, ...counts };
  const summary = { Summary: { a: all, b: { ...all, Queued: 0 } } };
  return {
    ID: "web",
    Namespace: "default",
    ParentID: "",
    JobSummary: summary,
    ...changes,
  } as unknown as JobStub;
};

function checkJob(job: JobStub, expected: string): void {
  const { tone, text } = jobStanding(job);
  assert.equal(`${tone}: ${text}`, expected);
}

test("status: a job fares as its groups do together", () => {
  checkJob(jobOf({ Status: "running" }, { Running: 1 }), "good: running");
  checkJob(jobOf({ Status: "running" }, { Running: 1, Starting: 1 }), "busy: starting");
  checkJob(jobOf({ Status: "running" }, { Running: 1, Queued: 2 }), "bad: no place for 2");
  checkJob(jobOf({ Status: "dead" }, { Complete: 1, Failed: 2 }), "idle: complete");
  checkJob(jobOf({ Status: "dead" }, { Failed: 1 }), "bad: failed");
  checkJob(jobOf({ Status: "dead", Stop: true }, { Failed: 1 }), "idle: stopped");
  checkJob(jobOf({ Status: "running", Type: "service" }), "bad: nothing runs");
  checkJob(jobOf({ Status: "pending", Type: "service" }), "busy: pending");
  checkJob(jobOf({ Status: "running", Periodic: true }), "good: waits for launches");
});

test("status: a node that drains is not ready, whatever it says", () => {
  const node = { Status: "ready", Drain: true, SchedulingEligibility: "ineligible" } as const;
  assert.deepEqual(nodeStanding(node), { tone: "busy", text: "draining" });
  assert.equal(nodeStanding({ ...node, Status: "down" }).tone, "bad");
  assert.equal(nodeStanding({ ...node, Drain: false }).text, "ineligible");
});

test("jobs: launches are shown to those who look for them by name", () => {
  const launch = jobOf({ ID: "backup/periodic-1", ParentID: "backup", Status: "running" });
  assert.ok(!fits(launch, { text: "", status: "all" }));
  assert.ok(fits(launch, { text: "Periodic", status: "running" }));
  assert.ok(!fits(launch, { text: "periodic", status: "dead" }));
  assert.ok(fits(jobOf({ Status: "running" }, { Queued: 1 }), { text: "we", status: "trouble" }));
});
