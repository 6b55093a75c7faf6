import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "@fractus/core/job.ts";
import { sampleGroup, sampleJob } from "./testing/samples.ts";
import {
  countTransition,
  emptySummary,
  jobStatus,
  keptVersions,
  newestStable,
  register,
  revert,
} from "./versions.ts";

const write = { index: 9, nowMs: 5 };

/** `"0! 1 2!"`: versions 0 to 2, of which 0 and 2 are stable. */
function history(text: string): Job[] {
  return text
    .split(" ")
    .map((word) => sampleJob({ version: Number.parseInt(word, 10), stable: word.endsWith("!") }));
}

test("versions: a new job is version 0, and a change is one more", () => {
  const first = register(undefined, sampleJob({ version: 7, stable: true }), write);
  assert.deepEqual([first.version, first.createdIndex, first.specIndex, first.stable], [0, 9, 9, false]);
  const second = register(first, { ...first, groups: [sampleGroup({ count: 2 })] }, { index: 12, nowMs: 6 });
  assert.deepEqual([second.version, second.createdIndex, second.specIndex], [1, 9, 12]);
});

test("versions: submitting the same again changes nothing", () => {
  const first = register(undefined, sampleJob(), write);
  assert.equal(register(first, sampleJob({ submittedAtMs: 99 }), { index: 12, nowMs: 6 }), first);
});

test("versions: a job stays periodic, or not, and keeps its type", () => {
  const periodic = { enabled: true, specs: ["@daily"], timeZone: "UTC", prohibitOverlap: false };
  assert.throws(() => register(sampleJob(), sampleJob({ periodic }), write), /to being periodic/);
  assert.throws(() => register(sampleJob({ periodic }), sampleJob(), write), /from being periodic/);
  assert.throws(() => register(sampleJob(), sampleJob({ type: "batch" }), write), /"service" to "batch"/);
});

test("versions: the newest stable one before a version", () => {
  assert.equal(newestStable(history("0! 1! 2 3!"), 3)?.version, 1);
  assert.equal(newestStable(history("0 1"), 1), undefined);
});

test("versions: going back takes the earlier job, not the present one, nor one that is gone", () => {
  const versions = history("0! 1 2");
  assert.equal(revert(versions, { version: 0, priorVersion: 2 }).version, 0);
  assert.throws(() => revert(versions, { version: 2 }), /current version 2/);
  assert.throws(() => revert(versions, { version: 5 }), /version 5 could not be found/);
  assert.throws(() => revert(versions, { version: 0, priorVersion: 1 }), /has version 2/);
});

test("versions: six are kept, and the newest stable one in any case", () => {
  const kept = (text: string) => keptVersions(history(text)).map((job) => job.version);
  assert.deepEqual(kept("0 1 2 3 4 5 6!"), [6, 5, 4, 3, 2, 1]);
  assert.deepEqual(kept("0! 1 2 3 4 5 6"), [6, 5, 4, 3, 2, 0]);
});

/** `status("service stopped; run:running eval:pending deployment:running", "running")` */
function status(situation: string, expected: string): void {
  test(`versions: the status of ${situation} is ${expected}`, () => {
    const [kind, facts = ""] = situation.split("; ");
    const periodic = { enabled: true, specs: ["@daily"], timeZone: "UTC", prohibitOverlap: false };
    const job = sampleJob({
      type: (["batch", "system"] as const).find((type) => kind.includes(type)) ?? "service",
      stopped: kind.includes("stopped"),
      periodic: kind.includes("periodic") ? periodic : undefined,
    });
    const pairs = facts.split(" ").map((fact) => fact.split(":"));
    const of = (name: string) =>
      pairs.filter(([noun]) => noun === name).map(([, state]) => ({ status: state }));
    const known = {
      allocations: ["run", "stop"].flatMap((desired) => of(desired).map((one) => ({ desired, ...one }))),
      deployments: of("deployment"),
      evaluations: of("eval"),
    };
    assert.equal(jobStatus(job, known as Parameters<typeof jobStatus>[1]), expected);
  });
}

status("service", "pending");
status("service stopped", "dead");
status("service; eval:pending", "pending");
status("service; eval:blocked", "pending");
status("service; eval:complete run:pending", "running");
status("service; eval:complete run:complete", "dead");
status("service; stop:running eval:complete", "dead");
status("service; run:failed deployment:running", "running");
status("batch; run:complete run:failed eval:complete", "dead");
status("system; run:failed eval:complete", "running");
status("system stopped; stop:complete", "dead");
status("batch periodic", "running");
status("batch periodic stopped", "dead");

test("versions: failed and complete only grow, the others come and go (CL-238)", () => {
  const course = [
    { to: "pending" },
    { from: "pending", to: "running" },
    { from: "running", to: "failed" },
    { to: "pending" },
    { from: "pending", to: "running" },
    { from: "running", to: "unknown" },
    { from: "unknown", to: "running" },
    { from: "running", to: "complete" },
  ] as const;
  const summary = course.reduce(countTransition, { ...emptySummary, queued: 3 });
  assert.deepEqual(summary, { ...emptySummary, queued: 1, failed: 1, complete: 1 });
});
