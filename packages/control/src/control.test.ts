import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { sampleGroup, sampleTask } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { stopAllocation } from "./commands/allocations.ts";
import { deregisterJob, dispatchJob, registerJob, revertJob, scaleJob } from "./commands/jobs.ts";
import { drainNode } from "./commands/nodes.ts";
import { putProject } from "./commands/projects.ts";
import { collectEverything } from "./commands/operator.ts";
import { jobId } from "./state/state.ts";
import { startTestCloud, type TestCloud } from "./testing/cloud.ts";

const web = { project: "default", id: "web" };

function check(claim: string, run: (cloud: TestCloud) => Promise<void>): void {
  void test(`control: ${claim}`, async () => {
    const cloud = await startTestCloud();
    try {
      await run(cloud);
    } finally {
      await cloud.control.close();
    }
  });
}

function front(count: number, change: Parameters<typeof sampleGroup>[0] = {}) {
  return [sampleGroup({ name: "front", count, tasks: [sampleTask({ driver: "sim" })], ...change })];
}

check("a job that is registered runs, and its evaluation is complete (CL-212, CL-213)", async (cloud) => {
  await cloud.node("a");
  const { evaluationId = "" } = await cloud.register({ groups: front(2) });
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a run running", "web.front[1] a run running"]);
  equal(cloud.control.state.evaluations.get(evaluationId)?.status, "complete");
  equal(cloud.control.state.jobs.get(jobId("default", "web"))?.job.status, "running");
  deepEqual(cloud.control.state.summaries.get(jobId("default", "web"))?.groups.front.running, 2);
});

check("a job without room waits, and is placed when a node joins", async (cloud) => {
  await cloud.register({});
  deepEqual(cloud.show("web"), []);
  equal(cloud.control.state.jobs.get(jobId("default", "web"))?.job.status, "pending");
  await cloud.node("a");
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a run running"]);
  deepEqual(cloud.control.state.evaluations.by("status", "blocked"), []);
});

check("of many that wait for the same, as many are placed as there is room for", async (cloud) => {
  const node = await cloud.node("a");
  const big = front(1, {
    tasks: [
      sampleTask({
        driver: "sim",
        resources: { cpuMhz: 4000, cores: 0, memoryBytes: 1, networks: [], devices: [] },
      }),
    ],
  });
  for (const id of ["one", "two", "three"]) await cloud.register({ id, type: "batch", groups: big });
  await cloud.clock.advance(100);
  const running = () => ["one", "two", "three"].map((id) => cloud.show(id).length);
  deepEqual(running(), [1, 0, 0]);
  const [first] = cloud.control.state.allocations.values();
  await node.report(first.id, "complete");
  await cloud.clock.advance(100);
  deepEqual(running(), [1, 1, 0]);
});

check("a job that is stopped ends everywhere and is dead; purged, it is gone", async (cloud) => {
  await cloud.node("a");
  await cloud.register({ groups: front(2) });
  await cloud.clock.advance(100);
  await deregisterJob(cloud.control, { ...web, purge: false });
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a stop complete", "web.front[1] a stop complete"]);
  equal(cloud.control.state.jobs.get(jobId("default", "web"))?.job.status, "dead");
  await deregisterJob(cloud.control, { ...web, purge: true });
  await cloud.clock.advance(100);
  equal(cloud.control.state.jobs.size, 0);
  await collectEverything(cloud.control);
  equal(cloud.control.state.allocations.size, 0);
  equal(cloud.control.state.versions.size, 0);
});

check("a node that falls silent is down within its time, and its copies run elsewhere", async (cloud) => {
  const a = await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  await cloud.node("b");
  a.isSilent = true;
  await cloud.clock.advance(40_000);
  equal(cloud.control.state.nodes.get(a.id)?.status, "down");
  deepEqual(cloud.show("web"), ["web.front[0] a stop lost", "web.front[0] b run running"]);
  a.isSilent = false;
  await cloud.clock.advance(20_000);
  equal(cloud.control.state.nodes.get(a.id)?.status, "ready");
  deepEqual(cloud.show("web"), ["web.front[0] a stop complete", "web.front[0] b run running"]);
});

check("a copy that fails is replaced after its delay", async (cloud) => {
  const node = await cloud.node("a");
  const reschedule = {
    attempts: 0,
    intervalMs: 0,
    unlimited: true,
    delayMs: 5_000,
    delayFunction: "constant",
    maxDelayMs: 0,
  } as const;
  await cloud.register({ groups: front(1, { reschedule }) });
  await cloud.clock.advance(100);
  const [first] = cloud.control.state.allocations.values();
  await node.report(first.id, "failed");
  deepEqual(cloud.show("web"), ["web.front[0] a run failed"]);
  await cloud.clock.advance(6_000);
  deepEqual(cloud.show("web"), ["web.front[0] a run running", "web.front[0] a stop failed"]);
});

check(
  "a rollout goes in steps and ends successful; the version is stable, and one may go back",
  async (cloud) => {
    await cloud.node("a");
    const update = {
      maxParallel: 1,
      healthCheck: "task_states",
      minHealthyMs: 10_000,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 600_000,
      staggerMs: 30_000,
      canaries: 0,
      autoRevert: false,
      autoPromote: false,
    } as const;
    await cloud.register({ groups: front(2, { update }) });
    await cloud.clock.advance(15_000);
    const deployment = () => [...cloud.control.state.deployments.values()].at(-1);
    equal(deployment()?.statusReason, "Deployment completed successfully");
    const changed = { ...sampleTask({ driver: "sim" }), env: { A: "1" } };
    await cloud.register({ groups: front(2, { update, tasks: [changed] }) });
    await cloud.clock.advance(5_000);
    deepEqual(cloud.show("web"), [
      "web.front[0] a run running",
      "web.front[0] a stop complete",
      "web.front[1] a run running",
    ]);
    await cloud.clock.advance(30_000);
    equal(deployment()?.status, "successful");
    equal(cloud.show("web").filter((line) => line.endsWith("run running")).length, 2);
    equal(cloud.control.state.jobs.get(jobId("default", "web"))?.job.stable, true);
    await revertJob(cloud.control, { ...web, version: 0 });
    await cloud.clock.advance(60_000);
    equal(cloud.control.state.jobs.get(jobId("default", "web"))?.job.version, 2);
    equal(deployment()?.status, "successful");
  },
);

check("scaling up and down keeps the copies that may stay", async (cloud) => {
  await cloud.node("a");
  await cloud.register({ groups: front(1) });
  await scaleJob(cloud.control, { ...web, group: "front", count: 3 });
  await cloud.clock.advance(100);
  equal(cloud.show("web").filter((line) => line.endsWith("run running")).length, 3);
  await scaleJob(cloud.control, { ...web, group: "front", count: 1 });
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), [
    "web.front[0] a run running",
    "web.front[1] a stop complete",
    "web.front[2] a stop complete",
  ]);
  await rejects(scaleJob(cloud.control, { ...web, group: "back", count: 1 }), { kind: "not-found" });
});

check("a drained node is left, and takes nothing until it is eligible again", async (cloud) => {
  const a = await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  await cloud.node("b");
  await cloud.clock.advance(11_000);
  await drainNode(cloud.control, {
    nodeId: a.id,
    drain: { startedAtMs: cloud.clock.nowMs(), ignoresSystemJobs: false },
  });
  await cloud.clock.advance(60_000);
  deepEqual(cloud.show("web"), ["web.front[0] a stop complete", "web.front[0] b run running"]);
  const node = cloud.control.state.nodes.get(a.id);
  deepEqual([node?.drain, node?.isEligible], [undefined, false]);
});

check("a parameterized job is launched by dispatch; what it was given goes with the child", async (cloud) => {
  const node = await cloud.node("a");
  const parameterized = { payload: "optional", metaRequired: ["key"], metaOptional: [] } as const;
  await cloud.register({ type: "batch", parameterized });
  const wish = { ...web, meta: { key: "1" }, payloadBase64: "aGk=" };
  const { childId } = await dispatchJob(cloud.control, wish);
  await cloud.clock.advance(100);
  deepEqual(cloud.show(childId), [`${childId}.front[0] a run running`]);
  const [child] = cloud.control.state.allocations.values();
  await node.report(child.id, "complete");
  await cloud.clock.advance(100);
  equal(cloud.control.state.jobs.get(jobId("default", childId))?.job.status, "dead");
  await rejects(dispatchJob(cloud.control, { ...web, meta: {} }), { kind: "invalid", message: /key/ });
});

check("a periodic job is launched when it is due, and only once", async (cloud) => {
  await cloud.node("a");
  const periodic = { enabled: true, specs: ["*/10 * * * *"], timeZone: "UTC", prohibitOverlap: true };
  await cloud.register({ type: "batch", periodic });
  await cloud.clock.advance(601_000);
  const children = [...cloud.control.state.jobs.values()].map(({ job }) => job.id);
  equal(children.length, 2);
  await cloud.clock.advance(600_000);
  equal(cloud.control.state.jobs.size, 2, "the first one still runs");
});

check("an allocation that somebody stops is replaced", async (cloud) => {
  await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  const [one] = cloud.control.state.allocations.values();
  await stopAllocation(cloud.control, { id: one.id });
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a run running", "web.front[0] a stop complete"]);
});

check("what was acknowledged is there after a restart, and nodes have time to be heard of", async (cloud) => {
  const node = await cloud.node("a");
  await cloud.register({ groups: front(2) });
  await cloud.clock.advance(100);
  await node.close();
  const again = await cloud.restart();
  deepEqual(again.show("web"), ["web.front[0] a run running", "web.front[1] a run running"]);
  await again.clock.advance(10_000);
  equal(again.control.state.nodes.get(node.id)?.status, "ready");
  await again.clock.advance(40_000);
  equal(again.control.state.nodes.get(node.id)?.status, "down");
  await again.control.close();
});

check("when the disk is full the caller is refused and nothing has changed", async (cloud) => {
  await cloud.node("a");
  cloud.store.beforeWrite = () => {
    throw new Error("database or disk is full");
  };
  await rejects(cloud.register({}), { kind: "unavailable" });
  equal(cloud.control.state.jobs.size, 0);
  cloud.store.beforeWrite = () => {};
  await cloud.register({});
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a run running"]);
});

check(
  "a job beyond the quota of its project is refused, and what is there may not grow beyond it",
  async (cloud) => {
    await cloud.node("a");
    const quota = { instances: 2, memoryBytes: 1024 ** 3 };
    await putProject(cloud.control, { name: "default", description: "", meta: {}, quota });
    await cloud.register({ groups: front(2) });
    await rejects(cloud.register({ id: "more" }), {
      kind: "exhausted",
      message: /may have 2 allocations, of which 0 allocations are left; job "more" asks for 1 allocation\./,
    });
    await rejects(scaleJob(cloud.control, { ...web, group: "front", count: 3 }), { kind: "exhausted" });
    await deregisterJob(cloud.control, { ...web, purge: false });
    await cloud.register({ id: "more" });
  },
);

check("what only the door knows of a job makes a new version, and leaves its copies alone", async (cloud) => {
  await cloud.node("a");
  await cloud.register({});
  const { job } = cloud.control.state.jobs.get(jobId("default", "web"))!;
  const definition = { ID: "web", UI: { Description: "a shop" } };
  await registerJob(cloud.control, { job, definition });
  await cloud.clock.advance(100);
  const present = cloud.control.state.jobs.get(jobId("default", "web"))!;
  deepEqual([present.job.version, present.definition], [1, definition]);
  deepEqual(cloud.show("web"), ["web.front[0] a run running"]);
  await registerJob(cloud.control, { job, definition });
  equal(cloud.control.state.jobs.get(jobId("default", "web"))!.job.version, 1);
});
