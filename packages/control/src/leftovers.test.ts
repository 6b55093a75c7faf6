/** What a job leaves behind when it is forgotten, and what others who come in its place find. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { sampleGroup, sampleTask } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { deregisterJob, dispatchJob, registerJob } from "./commands/jobs.ts";
import { purgeNode } from "./commands/nodes.ts";
import { collectEverything, setSchedulerSettings } from "./commands/operator.ts";
import { ClusterMirror } from "./placement/cluster-mirror.ts";
import { defaultSettings, jobId } from "./state/state.ts";
import { startTestCloud, type TestCloud, testFacts, testJob } from "./testing/cloud.ts";
import { settle } from "./testing/virtual-clock.ts";

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

const web = { project: "default", id: "web" };

check("copies of a job that is purged while it runs end, and nothing of it stays", async (cloud) => {
  await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  await deregisterJob(cloud.control, { ...web, purge: true });
  await cloud.clock.advance(100);
  deepEqual(cloud.show("web"), ["web.front[0] a stop complete"]);
  await collectEverything(cloud.control);
  const { versions, allocations } = cloud.control.state;
  deepEqual([versions.size, allocations.size], [0, 0]);
});

check("a job in the place of one that was purged counts what that left behind", async (cloud) => {
  const { control } = cloud;
  await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  await setSchedulerSettings(control, { settings: { ...defaultSettings, isPaused: true } });
  await deregisterJob(control, { ...web, purge: true });
  await cloud.register({});
  const summary = control.state.summaries.get(jobId("default", "web"));
  deepEqual([summary?.live, summary?.groups.front.running], [1, 1]);
  equal(control.state.jobs.get(jobId("default", "web"))?.job.status, "running");
});

check("a port that passes from one copy to the next in one transaction is held", async (cloud) => {
  const { control, clock } = cloud;
  const tasks = [sampleTask({ driver: "sim" })];
  const groups = [
    sampleGroup({ name: "front", tasks, networks: [{ ports: [{ label: "http", static: 80 }] }] }),
  ];
  await cloud.node("a");
  await cloud.register({ groups });
  await clock.advance(100);
  const [before] = control.state.allocations.values();
  await control.ledger.transact("plan", (draft) => {
    draft.put("allocations", { ...before, id: "next", status: "pending", previousId: before.id });
    draft.put("allocations", { ...before, desired: "stop" });
  });
  await cloud.register({ id: "other", groups });
  await clock.advance(100);
  deepEqual(cloud.show("other"), []);
});

check("a node that was purged and comes back has what nobody has looked at since", async (cloud) => {
  const { control } = cloud;
  const node = await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  await setSchedulerSettings(control, { settings: { ...defaultSettings, isPaused: true } });
  await purgeNode(control, node.id);
  await control.link.register(testFacts(node.id, "a"));
  const used = ({ cluster }: ClusterMirror) => cluster.nodes.memoryUsed[cluster.nodes.numberOf(node.id)];
  equal(used(control.mirror), used(new ClusterMirror(control.state)));
});

check("what is answered with an index is there at that index", async ({ control }) => {
  const parameterized = { payload: "optional", metaRequired: [], metaOptional: [] } as const;
  const wish = { job: testJob({ type: "batch", parameterized }), definition: { ID: "web" } };
  await registerJob(control, wish);
  const same = await registerJob(control, wish);
  equal(same.index, control.state.index);
  const order = { ...web, meta: {}, idempotencyToken: "1" };
  await dispatchJob(control, order);
  await settle();
  const again = await dispatchJob(control, order);
  equal(again.index <= control.state.index, true);
});

check("while jobs are turned away, launches by the clock go on", async (cloud) => {
  const { control } = cloud;
  await cloud.node("a");
  const periodic = { enabled: true, specs: ["*/10 * * * *"], timeZone: "UTC", prohibitOverlap: true };
  await cloud.register({ type: "batch", periodic });
  await setSchedulerSettings(control, { settings: { ...defaultSettings, rejectsJobs: true } });
  await cloud.clock.advance(601_000);
  equal(control.state.jobs.size, 2);
});

check("what many nodes say at once is written at once", async (cloud) => {
  const { control } = cloud;
  for (const name of ["a", "b", "c"]) await cloud.node(name);
  await cloud.register({
    constraints: [{ attribute: "", operator: "distinct_hosts", value: "" }],
    groups: [sampleGroup({ name: "front", count: 3, tasks: [sampleTask({ driver: "sim" })] })],
  });
  await cloud.clock.advance(100);
  const all = [...control.state.allocations.values()];
  const before = control.state.index;
  await Promise.all(
    all.map((one) =>
      control.link.report(one.nodeId, [
        { allocationId: one.id, status: "running", statusReason: "well", tasks: one.tasks },
      ]),
    ),
  );
  equal(control.state.index, before + 1);
  deepEqual(
    [...control.state.allocations.values()].map((one) => one.statusReason),
    ["well", "well", "well"],
  );
});

check("a node that reports is there, even if it was taken for gone", async (cloud) => {
  const { control } = cloud;
  const node = await cloud.node("a");
  await cloud.register({});
  await cloud.clock.advance(100);
  const [one] = control.state.allocations.values();
  node.isSilent = true;
  await cloud.clock.advance(40_000);
  equal(control.state.nodes.get(node.id)?.status, "down");
  await node.report(one.id, "running");
  equal(control.state.nodes.get(node.id)?.status, "ready");
});
