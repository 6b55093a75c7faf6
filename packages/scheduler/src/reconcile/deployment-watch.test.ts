import assert from "node:assert/strict";
import { test } from "node:test";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Deployment, GroupRollout } from "@fractus/core/deployment.ts";
import type { Job, UpdatePolicy } from "@fractus/core/job.ts";
import {
  failByHand,
  pause,
  promote,
  watchDeployment,
  type WatchInput,
  type WatchStep,
} from "./deployment-watch.ts";
import { beginRollout } from "./rollout.ts";
import {
  sampleAllocation,
  sampleDeployment,
  sampleGroup,
  sampleJob,
  sampleReschedule,
  sampleTask,
  sampleUpdate,
} from "./testing/samples.ts";

const second = 1_000;

interface Situation {
  readonly update?: Partial<UpdatePolicy>;
  readonly rollout?: Partial<GroupRollout>;
  readonly deployment?: Partial<Deployment>;
  readonly hasChecks?: boolean;
  readonly attempts?: number;
  readonly versions?: readonly Job[];
}

/**
 * `check("a:running b:failed @20", {…}, "a healthy, …")`: copies that joined and started at 0, looked
 * at after 20 s. A copy may be `pending`, `failed`, `healthy` (decided at 10 s), `checked` (its checks
 * pass since 15 s) or `canary`.
 */
function check(copies: string, situation: Situation, expected: string): void {
  test(`deployment-watch: ${copies} ${JSON.stringify(situation)}`, () => {
    const input = read(copies, situation);
    const step = watchDeployment(input);
    assert.equal(words(input, step), expected);
    const again = { ...input, deployment: step.deployment, allocations: merged(input, step) };
    assert.ok(!watchDeployment(again).needsEvaluation, "a second step at the same time changes nothing");
  });
}

function merged(input: WatchInput, step: WatchStep): Allocation[] {
  return input.allocations.map((one) => step.allocations.find((other) => other.id === one.id) ?? one);
}

function read(copies: string, situation: Situation): WatchInput {
  const words = copies.split(" ");
  const update = { ...sampleUpdate, ...situation.update };
  const service = {
    name: "web",
    provider: "nomad",
    tags: [],
    checks: [{ name: "up", type: "tcp", intervalMs: 1, timeoutMs: 1 }],
  };
  const limited = { unlimited: false, attempts: situation.attempts ?? 0, intervalMs: 3_600_000 };
  const group = sampleGroup({
    count: 2,
    update,
    services: situation.hasChecks ? [service] : [],
    reschedule: situation.attempts === undefined ? sampleReschedule : { ...sampleReschedule, ...limited },
  });
  const job = sampleJob({ groups: [group], version: 2, specIndex: 3 });
  const allocations = words.filter((word) => !word.startsWith("@")).map(copyFrom);
  const placedCanaries = allocations.filter((one) => one.health?.isCanary).map((one) => one.id);
  const desiredCanaries = placedCanaries.length;
  const rollout = { ...beginRollout(update, { desired: 2, desiredCanaries }), placedCanaries };
  const web = { ...rollout, ...situation.rollout };
  return {
    deployment: sampleDeployment({ jobVersion: 2, groups: { web }, ...situation.deployment }),
    job,
    versions: situation.versions ?? [],
    allocations,
    checksPassSinceMs: new Map(
      words.flatMap((word) => (word.includes("checked") ? [[word[0], 15 * second]] : [])),
    ),
    nowMs: Number(words.find((word) => word.startsWith("@"))?.slice(1)) * second,
  };
}

function copyFrom(word: string, index: number): Allocation {
  const [id, ...flags] = word.split(":");
  const status = flags.includes("failed") ? "failed" : flags.includes("pending") ? "pending" : "running";
  const health = { joinedAtMs: 0, isCanary: flags.includes("canary") };
  const state = { failed: status === "failed", restarts: 0, startedAtMs: 0 };
  const main = { ...state, status: status === "running" ? "running" : "dead" } as const;
  return sampleAllocation({
    index,
    id,
    status,
    jobVersion: 2,
    deploymentId: "d1",
    health: flags.includes("healthy") ? { ...health, isHealthy: true, decidedAtMs: 10 * second } : health,
    tasks: status === "pending" ? {} : { main },
  });
}

function words(input: WatchInput, step: WatchStep): string {
  const parts = step.allocations.map((one) => {
    const verdict = one.health?.isHealthy ? "healthy" : "unhealthy";
    return `${one.id} ${verdict}${one.transition.reschedule ? " and replaceable" : ""}`;
  });
  const { groups, status, statusReason } = step.deployment;
  const { web } = groups;
  if (web.isPromoted && !input.deployment.groups["web"].isPromoted) parts.push("promoted");
  if (status !== input.deployment.status) parts.push(`${status}: ${statusReason}`);
  if (step.revertTo !== undefined) parts.push(`back to ${step.revertTo}`);
  if (status === "running") parts.push(`${web.healthy}/${web.desired}`);
  if (step.wakeAtMs !== undefined) parts.push(`wake @${step.wakeAtMs / second}`);
  return parts.join(", ");
}

check("a b @5", {}, "0/2, wake @10");
check("a b @10", {}, "a healthy, b healthy, 2/2");
check("a b:pending @10", {}, "a healthy, 1/2, wake @300");
check("a b:pending @300", {}, "a healthy, b unhealthy, 1/2, wake @900");
check("a b @10", { hasChecks: true }, "0/2, wake @300");
check("a:checked b @24", { hasChecks: true }, "0/2, wake @25");
check("a:checked b @25", { hasChecks: true }, "a healthy, 1/2, wake @300");
check("a b @25", { hasChecks: true, update: { healthCheck: "task_states" } }, "a healthy, b healthy, 2/2");
check("a b @25", { update: { healthCheck: "manual" } }, "0/2, wake @600");

// Copies that fail.
check("a:healthy b:failed @20", {}, "b unhealthy and replaceable, 1/2, wake @610");
check("a:healthy b:failed @20", { attempts: 0 }, "b unhealthy, failed: Failed due to unhealthy allocations");
check("a:healthy b:failed @20", { attempts: 1 }, "b unhealthy and replaceable, 1/2, wake @610");
check(
  "a b:failed @5",
  { update: { progressDeadlineMs: 0 } },
  "b unhealthy, failed: Failed due to unhealthy allocations",
);

check("a:healthy b:failed:healthy @20", {}, "b healthy and replaceable, 1/2, wake @610");
check(
  "a:healthy b:failed:healthy @20",
  { update: { progressDeadlineMs: 0 } },
  "b healthy and replaceable, 1/2",
);
check(
  "a:healthy b:failed:healthy @20",
  { update: { progressDeadlineMs: 0 }, attempts: 0 },
  "failed: Failed due to unhealthy allocations",
);

// The deadline.
check("a:healthy @609", {}, "1/2, wake @610");
check("a:healthy @610", {}, "failed: Failed due to progress deadline");
check("a:healthy b:healthy @999", {}, "2/2");
check("a:healthy @999", { deployment: { status: "paused" } }, "");

// Canaries.
check("a:healthy:canary @20", {}, "1/2");
check(
  "a:healthy:canary b:failed:healthy:canary @20",
  { rollout: { desired: 1 } },
  "b healthy and replaceable, 1/1, wake @610",
);
check(
  "a:healthy:canary b:failed:healthy:canary @610",
  { rollout: { desired: 1 } },
  "failed: Failed due to progress deadline",
);
check("a:healthy:canary @999", {}, "1/2");
check("a:canary @10", { update: { autoPromote: true } }, "a healthy, promoted, 1/2, wake @610");
check("a:healthy:canary b:canary @5", { update: { autoPromote: true } }, "1/2, wake @10");

// Going back.
const stable = sampleJob({
  version: 0,
  stable: true,
  groups: [sampleGroup({ tasks: [sampleTask({ driver: "docker" })] })],
});
const broken = sampleJob({ version: 1, stable: false });
check(
  "a:healthy @610",
  { update: { autoRevert: true }, versions: [stable, broken] },
  "failed: Failed due to progress deadline - rolling back to job version 0, back to 0",
);
check(
  "a:healthy @610",
  { update: { autoRevert: true }, versions: [broken] },
  "failed: Failed due to progress deadline - no stable job version to auto revert to",
);

test("deployment-watch: it does not go back to a version that asks for the same", () => {
  const input = read("a:healthy @610", { update: { autoRevert: true } });
  const step = watchDeployment({ ...input, versions: [{ ...input.job, version: 1, stable: true }] });
  assert.equal(step.revertTo, undefined);
  assert.match(
    step.deployment.statusReason,
    /not rolling back to stable job version 1 as current job has same/,
  );
});

test("deployment-watch: a deployment that is over is left alone", () => {
  const input = read("a b @10", { deployment: { status: "failed" } });
  assert.equal(watchDeployment(input).deployment, input.deployment);
});

test("deployment-watch: promotion by hand needs every canary healthy, and gives a new deadline", () => {
  const { deployment, allocations } = read("a:healthy:canary b:canary @20", {});
  assert.throws(() => promote(deployment, { allocations, nowMs: 0 }), /1\/2 healthy allocations/);
  const well = read("a:healthy:canary b:healthy:canary @20", {});
  const promoted = promote(well.deployment, { allocations: well.allocations, nowMs: 50 * second });
  assert.ok(promoted.groups["web"].isPromoted);
  assert.equal(promoted.groups["web"].requireProgressByMs, 650 * second);
  assert.throws(
    () => promote(promoted, { allocations: well.allocations, nowMs: 0 }),
    /No canaries to promote/,
  );
});

test("deployment-watch: paused and resumed, the deadline starts anew", () => {
  const { deployment } = read("a @20", { rollout: { requireProgressByMs: 600 * second } });
  const paused = pause(deployment, { isPaused: true, nowMs: 100 * second });
  assert.equal(paused.statusReason, "Deployment is paused");
  const resumed = pause(paused, { isPaused: false, nowMs: 300 * second });
  assert.equal(resumed.status, "running");
  assert.equal(resumed.groups["web"].requireProgressByMs, 900 * second);
});

test("deployment-watch: failed by hand it goes back, too", () => {
  const input = read("a @20", { update: { autoRevert: true }, versions: [stable] });
  const step = failByHand(input);
  assert.equal(step.deployment.statusReason, "Deployment marked as failed - rolling back to job version 0");
  assert.equal(step.revertTo, 0);
  assert.throws(() => failByHand({ ...input, deployment: step.deployment }), /terminal deployment/);
});

test("deployment-watch: sidecars must run, prestart tasks may have ended, poststop tasks do not count", () => {
  const tasks = [
    sampleTask(),
    sampleTask({ name: "init", lifecycle: { hook: "prestart", sidecar: false } }),
    sampleTask({ name: "proxy", lifecycle: { hook: "prestart", sidecar: true } }),
    sampleTask({ name: "clean", lifecycle: { hook: "poststop", sidecar: false } }),
  ];
  const input = read("a @20", {});
  const job = { ...input.job, groups: [{ ...input.job.groups[0], tasks }] };
  const running = { status: "running", failed: false, restarts: 0, startedAtMs: 0 } as const;
  const ended = {
    status: "dead",
    failed: false,
    restarts: 0,
    startedAtMs: 0,
    finishedAtMs: 5 * second,
  } as const;
  const health = (states: Allocation["tasks"]) => {
    const allocations = input.allocations.map((one) => ({ ...one, tasks: states }));
    return watchDeployment({ ...input, job, allocations }).allocations[0]?.health?.isHealthy;
  };
  assert.equal(health({ main: running, init: ended, proxy: running }), true);
  assert.equal(health({ main: running, init: running, proxy: running }), true);
  assert.equal(health({ main: running, init: ended, proxy: ended }), false);
  assert.equal(health({ main: running, init: { ...ended, failed: true }, proxy: running }), false);
  assert.equal(health({ main: running, proxy: running }), undefined);
});
