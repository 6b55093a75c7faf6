import assert from "node:assert/strict";
import { test } from "node:test";
import type { Group, UpdatePolicy } from "@fractus/core/job.ts";
import { promote } from "./deployment-watch.ts";
import { sampleGroup, sampleJob, sampleTask, sampleUpdate } from "./testing/samples.ts";
import { World } from "./testing/world.ts";

const nodes = { n1: {}, n2: {}, n3: {} };

function service(update: Partial<UpdatePolicy>, group: Partial<Group> = {}): World {
  const groups = [sampleGroup({ count: 3, update: { ...sampleUpdate, ...update }, ...group })];
  return new World(sampleJob({ groups }), nodes);
}

function change(world: World, env: string): void {
  world.register({
    groups: world.job.groups.map((group) => ({ ...group, tasks: [sampleTask({ env: { V: env } })] })),
  });
}

/** How many copies of each version are wanted and not over: `v0:2 v1:1`. */
function versions(world: World): string {
  const live = [...world.allocations.values()].filter(
    (one) => one.desired === "run" && ["pending", "running"].includes(one.status),
  );
  const counts = Map.groupBy(live, (one) => one.jobVersion);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([version, copies]) => `v${version}:${copies.length}`)
    .join(" ");
}

/** Every different state of `versions` until the world is at rest. */
function course(world: World): string {
  const seen: string[] = [];
  world.onEvaluated = () => {
    const now = versions(world);
    if (seen.at(-1) !== now) seen.push(now);
  };
  world.settle();
  return seen.join(", ");
}

test("stories: a first deployment is placed, becomes healthy and is successful (CL-239, CL-240)", () => {
  const world = service({});
  world.round();
  const rollout = world.deployment?.groups["web"];
  assert.equal(rollout?.requireProgressByMs, world.nowMs + 600_000);
  assert.equal(world.deployment?.statusReason, "Deployment is running");
  world.settle();
  assert.equal(world.deployment?.status, "successful");
  assert.equal(world.deployment?.statusReason, "Deployment completed successfully");
  assert.deepEqual([rollout?.desired, world.deployment?.groups["web"].healthy], [3, 3]);
  assert.ok(world.job.stable);
});

test("stories: an update goes through the copies one by one (CL-216)", () => {
  const world = service({});
  world.settle();
  change(world, "b");
  assert.equal(course(world), "v0:2 v1:1, v0:1 v1:2, v1:3");
  assert.equal(world.deployment?.status, "successful");
});

test("stories: with two at a time it is shorter", () => {
  const world = service({ maxParallel: 2 });
  world.settle();
  change(world, "b");
  assert.equal(course(world), "v0:1 v1:2, v1:3");
});

test("stories: a canary runs beside the others until somebody promotes it", () => {
  const world = service({ canaries: 1 });
  world.settle();
  change(world, "b");
  assert.equal(course(world), "v0:3 v1:1");
  assert.equal(world.deployment?.statusReason, "Deployment is running but requires manual promotion");
  assert.ok(world.deployment);
  world.setDeployment(
    promote(world.deployment, { allocations: [...world.allocations.values()], nowMs: world.nowMs }),
  );
  assert.equal(course(world), "v0:1 v1:2, v1:3");
  assert.equal(world.deployment.status, "successful");
});

test("stories: healthy canaries may promote themselves", () => {
  const world = service({ canaries: 2, autoPromote: true, maxParallel: 3 });
  world.settle();
  change(world, "b");
  assert.equal(course(world), "v0:3 v1:2, v1:3");
});

test("stories: a version that never gets well goes back to the stable one", () => {
  const world = service({ autoRevert: true, progressDeadlineMs: 0 });
  world.settle();
  change(world, "b");
  world.brokenVersions.add(1);
  assert.equal(course(world), "v0:2 v1:1, v2:3");
  assert.equal(world.job.version, 2);
  assert.ok(world.deployments.some((one) => one.statusReason.endsWith("rolling back to job version 0")));
  assert.equal(world.deployment?.status, "successful");
});

test("stories: a node that comes back in time keeps its copies, and the substitutes go", () => {
  const disconnect = { lostAfterMs: 600_000, replace: true, reconcile: "keep_original" } as const;
  const world = service({}, { disconnect });
  world.settle();
  const originals = [...world.allocations.values()].filter((one) => one.nodeId === "n1").map((one) => one.id);
  world.setNode("n1", { status: "disconnected" });
  world.round();
  world.round();
  assert.equal(versions(world), "v0:3");
  assert.ok(originals.every((id) => world.allocations.get(id)?.status === "unknown"));
  world.setNode("n1", { status: "ready" });
  world.settle();
  assert.equal(versions(world), "v0:3");
  assert.ok(originals.every((id) => world.allocations.get(id)?.status === "running"));
});

test("stories: a node that does not come back in time loses them", () => {
  const disconnect = { lostAfterMs: 60_000, replace: true, reconcile: "best_score" } as const;
  const world = service({}, { disconnect });
  world.settle();
  world.setNode("n1", { status: "disconnected" });
  world.settle();
  const [gone] = [...world.allocations.values()].filter((one) => one.nodeId === "n1");
  assert.equal(gone.status, "lost");
  assert.equal(versions(world), "v0:3");
});

test("stories: a drained node is left copy by copy, each when the one before has a healthy successor", () => {
  const migrate = {
    maxParallel: 1,
    healthCheck: "checks",
    minHealthyMs: 10_000,
    healthyDeadlineMs: 300_000,
  } as const;
  const world = new World(sampleJob({ groups: [sampleGroup({ count: 3, migrate })] }), { n1: {} });
  world.settle();
  world.setNode("n2", {});
  world.setNode("n1", {
    isDraining: true,
    isEligible: false,
    drain: { startedAtMs: world.nowMs, ignoresSystemJobs: false },
  });
  const beganAtMs = world.nowMs;
  world.settle();
  assert.ok([...world.allocations.values()].every((one) => one.nodeId === "n2" || one.desired === "stop"));
  assert.equal(versions(world), "v0:3");
  assert.ok(world.nowMs >= beganAtMs + 20_000, "two waits of ten seconds");
  assert.equal(world.nodes.get("n1")?.drain, undefined);
  assert.equal(world.nodes.get("n1")?.isEligible, false);
});
