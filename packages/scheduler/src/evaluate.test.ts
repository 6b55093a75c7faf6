import assert from "node:assert/strict";
import { test } from "node:test";
import { rollInteger, seededDice, type Dice } from "@fractus/core/dice.ts";
import type { Group, Job, Network, Task } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import type { Evaluated } from "./evaluate.ts";
import { explain, explanationText } from "./explain.ts";
import { annotatePlan } from "./reconcile/annotate-plan.ts";
import { diffJobs } from "./reconcile/job-diff.ts";
import { renderPlan } from "./reconcile/render-plan.ts";
import { sampleGroup, sampleJob, sampleTask, sampleUpdate } from "./reconcile/testing/samples.ts";
import { Session } from "./testing/session.ts";

const zone = "infrastructure_at_home";
const drivers = {
  exec: { isDetected: true, isHealthy: true },
  docker: { isDetected: true, isHealthy: true },
};

function raspi(id: string, mebibytes: number): Partial<Node> & { readonly id: string } {
  const memoryBytes = mebibytes * MEBIBYTE;
  const attributes = { "memory.totalbytes": String(memoryBytes), "unique.hostname": id };
  const capacity = { cpuMhz: 6000, cores: 4, memoryBytes, diskBytes: 16_000 * MEBIBYTE };
  return { id, zone, drivers, attributes, capacity };
}

function resources(networks: readonly Network[]): Task["resources"] {
  return { cpuMhz: 200, cores: 0, memoryBytes: 200 * MEBIBYTE, networks, devices: [] };
}

/** The article's first job: a dynamic port, asked for by the task (CL-225, CL-228, CL-229). */
const example = sampleJob({
  id: "example",
  zones: [zone],
  groups: [
    sampleGroup({
      name: "exec",
      tasks: [
        sampleTask({
          name: "http_serve",
          driver: "exec",
          resources: resources([{ ports: [{ label: "http" }] }]),
        }),
      ],
    }),
  ],
});

/** The article's second job: three copies with the same static port (CL-244). */
function example2(change: Partial<Group> = {}, task: Partial<Task> = {}): Job {
  const networks = [{ ports: [{ label: "http", static: 80 }] }];
  const nginx = sampleTask({ name: "nginx", driver: "docker", resources: resources(networks), ...task });
  return sampleJob({
    id: "example2",
    zones: [zone],
    groups: [sampleGroup({ name: "webserver", count: 3, tasks: [nginx], ...change })],
  });
}

function why(session: Session, outcome: Evaluated, group: string): string {
  const failure = outcome.failures.get(group);
  assert.ok(failure, `${group} was placed`);
  return explanationText(explain(session.cluster, failure.ask, failure, failure.placed));
}

test("evaluate: the first job gets a node and a port, and a second plan changes nothing (CL-234, CL-235)", () => {
  const session = new Session([raspi("raspi-4-1", 4096)]);
  session.submit(example);
  const first = session.run("example");
  assert.equal(session.where("example"), "exec[0]@raspi-4-1");
  const [copy] = session.copies("example");
  assert.equal(copy.grant.ports[0].label, "http");
  assert.ok(copy.grant.ports[0].port >= 20_000);
  assert.deepEqual(first.evaluation.queued, { exec: 0 });
  assert.equal(first.evaluation.status, "complete");

  session.submit(example);
  const again = session.plan("example");
  const shown = { ID: "example", TaskGroups: [{ Name: "exec", Tasks: [{ Name: "http_serve" }] }] };
  const diff = annotatePlan(diffJobs(shown, shown), again.decision.desired);
  assert.equal(
    renderPlan({ diff, failed: {} }),
    `Job: "example"
Task Group: "exec" (1 ignore)
  Task: "http_serve"

Scheduler dry-run:
- All tasks successfully allocated.`,
  );
});

test("evaluate: three copies with one static port on one node: one runs, two are explained (CL-245)", () => {
  const session = new Session([raspi("raspi-4-1", 4096)]);
  session.submit(example2());
  const outcome = session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-4-1");
  assert.deepEqual(outcome.evaluation.queued, { webserver: 2 });
  const metrics = outcome.evaluation.failed?.["webserver"];
  assert.equal(metrics?.coalesced, 1);
  assert.equal(metrics?.exhausted, 1);
  assert.deepEqual(metrics?.exhaustedByDimension, { "network: reserved port collision http=80": 1 });
  const failure = outcome.failures.get("webserver");
  assert.equal(failure?.placed, 1);
  assert.match(
    why(session, outcome, "webserver"),
    /1 of 3 copies has a node, 2 have none\.\n.*Port 80 \(http\) is taken/,
  );
});

test("evaluate: what is blocked runs when nodes join", () => {
  const session = new Session([raspi("raspi-4-1", 4096)]);
  session.submit(example2());
  session.run("example2");
  const [blocked] = session.blocked;
  assert.equal(blocked.status, "blocked");
  assert.equal(session.run("example2", blocked).evaluation.status, "blocked");
  session.setNode("raspi-4-2", raspi("raspi-4-2", 4096));
  session.setNode("raspi-3-1", raspi("raspi-3-1", 1024));
  const outcome = session.run("example2", blocked);
  assert.equal(outcome.evaluation.status, "complete");
  assert.deepEqual(session.blocked, []);
  assert.equal(session.where("example2").split(" ").length, 3);
});

test("evaluate: three copies with one static port on three nodes: one each (CL-245)", () => {
  const session = new Session([raspi("raspi-4-1", 4096), raspi("raspi-4-2", 4096), raspi("raspi-3-1", 1024)]);
  session.submit(example2());
  assert.equal(session.run("example2").failures.size, 0);
  const nodes = session.copies("example2").map((one) => one.nodeId);
  assert.deepEqual(nodes.sort(), ["raspi-3-1", "raspi-4-1", "raspi-4-2"]);
});

test("evaluate: an affinity draws a changed copy from the small node to a large one (CL-247, CL-249)", () => {
  const session = new Session([raspi("raspi-3-1", 1024), raspi("raspi-4-1", 4096), raspi("raspi-4-2", 4096)]);
  session.setNode("raspi-4-2", { isEligible: false });
  session.submit(example2({ count: 2 }));
  session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-3-1 webserver[1]@raspi-4-1");
  session.setNode("raspi-4-2", { isEligible: true });
  const affinity = {
    attribute: "${attr.memory.totalbytes}",
    operator: ">",
    value: "1073741824",
    weight: 100,
  } as const;
  session.submit(example2({ count: 2 }, { affinities: [affinity], config: { image: "nginx:1.18" } }));
  const planned = session.plan("example2");
  const moves = planned.changes.placed.map(
    ({ placement, allocation }) => `${placement.previous?.nodeId} > ${allocation.nodeId}`,
  );
  assert.deepEqual(moves, ["raspi-3-1 > raspi-4-2", "raspi-4-1 > raspi-4-1"]);
  assert.equal(planned.decision.desired["webserver"].destructive, 2);
  assert.equal(
    session.where("example2"),
    "webserver[0]@raspi-3-1 webserver[1]@raspi-4-1",
    "a plan changes nothing",
  );
  session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-4-2 webserver[1]@raspi-4-1");
});

function largeNodes(bytes: string): Task["affinities"] {
  return [{ attribute: "${attr.memory.totalbytes}", operator: ">", value: bytes, weight: 100 }];
}

/** Two copies, on the small and on one of the large ones, and a large one with room. */
function smallAndLarge(update?: Group["update"]): Session {
  const session = new Session([raspi("raspi-3-1", 1024), raspi("raspi-4-1", 4096), raspi("raspi-4-2", 4096)]);
  session.setNode("raspi-4-2", { isEligible: false });
  session.submit(example2({ count: 2, update }));
  session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-3-1 webserver[1]@raspi-4-1");
  session.setNode("raspi-4-2", { isEligible: true });
  return session;
}

test("evaluate: an affinity alone moves the copy from the small node, the plan says so (CL-247, CL-248, CL-249)", () => {
  const session = smallAndLarge(sampleUpdate);
  session.submit(example2({ count: 2, update: sampleUpdate }, { affinities: largeNodes("1073741824") }));
  const { decision, changes } = session.plan("example2");
  const { destructive, inPlace } = decision.desired["webserver"];
  assert.deepEqual({ destructive, inPlace }, { destructive: 1, inPlace: 1 });
  const moves = changes.placed.map(
    ({ placement, allocation }) => `${placement.previous?.nodeId} > ${allocation.nodeId}`,
  );
  assert.deepEqual(moves, ["raspi-3-1 > raspi-4-2"]);
  session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-4-2 webserver[1]@raspi-4-1");
  const again = session.plan("example2").decision.desired["webserver"];
  assert.deepEqual([again.destructive, again.inPlace, again.ignore], [0, 0, 3], "nothing moves twice");
});

test("evaluate: an affinity that all nodes fulfil moves nothing (CL-248)", () => {
  const session = smallAndLarge();
  session.submit(example2({ count: 2 }, { affinities: largeNodes("1048576") }));
  const { destructive, inPlace } = session.plan("example2").decision.desired["webserver"];
  assert.deepEqual({ destructive, inPlace }, { destructive: 0, inPlace: 2 });
});

test("evaluate: who would be better off elsewhere stays as long as the job does not change (CL-249)", () => {
  const session = new Session([raspi("raspi-3-1", 1024)]);
  const job = example2({ count: 1 }, { affinities: largeNodes("1073741824") });
  session.submit(job);
  session.run("example2");
  session.setNode("raspi-4-1", raspi("raspi-4-1", 4096));
  session.submit({ ...job, priority: 60 });
  session.run("example2");
  assert.equal(session.where("example2"), "webserver[0]@raspi-3-1");
});

test("evaluate: new affinities and spreads come to rest, and no copy moves twice (CL-249), 100 seeds", () => {
  for (let seed = 0; seed < 100; seed++) {
    const dice = seededDice(seed);
    const roll = (high: number) => rollInteger(dice, { low: 0, high });
    const sizes = Array.from({ length: 6 }, () => 1024 * (1 + roll(3)));
    const session = new Session(sizes.map((size, index) => raspi(`n${index}`, size)));
    const count = 1 + roll(5);
    session.submit(example2({ count }));
    session.run("example2");
    for (let version = 0; version < 3; version++) {
      const weight = roll(200) - 100;
      const [affinity] = largeNodes(String(1024 * (1 + roll(3)) * MEBIBYTE));
      session.submit(example2({ count }, { affinities: [{ ...affinity, weight }] }));
      session.run("example2");
      const rested = session.where("example2");
      const { destructive, inPlace, place } = session.run("example2").decision.desired["webserver"];
      assert.deepEqual([destructive, inPlace, place], [0, 0, 0], `seed ${seed}`);
      assert.equal(session.where("example2"), rested, `seed ${seed}`);
      assert.equal(rested.split(" ").length, count, `seed ${seed}`);
      assertRoom(session);
    }
  }
});

test("evaluate: an affinity that says nothing about the nodes is taken in place", () => {
  const session = new Session([raspi("raspi-3-1", 1024), raspi("raspi-4-1", 4096)]);
  session.submit(example2({ count: 2 }));
  session.run("example2");
  const affinity = { attribute: "${attr.unique.hostname}", operator: "=", value: "x", weight: 100 } as const;
  session.submit(example2({ count: 2 }, { affinities: [affinity] }));
  assert.equal(session.plan("example2").decision.desired["webserver"].inPlace, 2);
});

test("evaluate: a constraint that rules a copy's node out moves it", () => {
  const session = new Session([raspi("raspi-3-1", 1024), raspi("raspi-4-1", 4096)]);
  session.submit(example);
  session.run("example");
  assert.equal(session.where("example"), "exec[0]@raspi-3-1");
  const constraint = { attribute: "${attr.unique.hostname}", operator: "!=", value: "raspi-3-1" } as const;
  session.submit({ ...example, constraints: [constraint] });
  session.run("example");
  assert.equal(session.where("example"), "exec[0]@raspi-4-1");
});

test("evaluate: services share a node as long as it has room (CL-246)", () => {
  const session = new Session([raspi("a", 4096), raspi("b", 4096), raspi("c", 4096)]);
  for (const id of ["shop", "blog", "wiki"]) {
    session.submit({ ...example, id });
    session.run(id);
    assert.equal(session.where(id), "exec[0]@a");
  }
});

test("evaluate: spread puts the copies of a group on different nodes (CL-250)", () => {
  const session = new Session([raspi("a", 4096), raspi("b", 4096), raspi("c", 4096)]);
  const spreads = [{ attribute: "${attr.unique.hostname}", weight: 100, targets: [] }];
  session.submit({ ...example, groups: [{ ...example.groups[0], count: 3, spreads }] });
  session.run("example");
  assert.equal(session.where("example"), "exec[0]@a exec[1]@b exec[2]@c");
});

test("evaluate: a copy that cannot be replaced for want of room stays as it is", () => {
  const session = new Session([raspi("a", 1024)]);
  session.submit(example);
  session.run("example");
  const [group] = example.groups;
  const large = {
    ...group.tasks[0],
    resources: { ...group.tasks[0].resources, memoryBytes: 2048 * MEBIBYTE },
  };
  session.submit({ ...example, groups: [{ ...group, tasks: [large] }] });
  const outcome = session.run("example");
  assert.equal(session.where("example"), "exec[0]@a");
  assert.equal(session.copies("example").length, 1);
  assert.deepEqual(outcome.plan.stops, []);
  assert.deepEqual(outcome.evaluation.failed?.["exec"].exhaustedByDimension, { memory: 1 });
});

test("evaluate: a system job runs on each node that suits, and may evict for it", () => {
  const session = new Session([raspi("a", 1024), raspi("b", 1024), { ...raspi("c", 1024), drivers: {} }]);
  const [group] = example.groups;
  const hungry = {
    ...group.tasks[0],
    resources: { ...group.tasks[0].resources, memoryBytes: 1000 * MEBIBYTE },
  };
  session.submit({ ...example, priority: 20, groups: [{ ...group, tasks: [hungry] }] });
  session.run("example");
  session.submit(
    sampleJob({
      id: "agent",
      type: "system",
      zones: [zone],
      priority: 80,
      groups: [{ ...group, name: "node" }],
    }),
  );
  const outcome = session.run("agent");
  assert.equal(session.where("agent"), "node[0]@a node[0]@b");
  assert.equal(outcome.failures.size, 0);
  assert.equal(outcome.evicted[0].job, "default/example");
  assert.equal(outcome.decision.desired["node"].preemptions, 1);
  assert.equal(session.where("example"), "");
});

test("evaluate: the deployment of a system job waits for a node that is down, not for one that does not suit", () => {
  const [group] = example.groups;
  for (const suits of [true, false]) {
    const session = new Session([raspi("a", 4096)]);
    const groups = [{ ...group, update: sampleUpdate }];
    session.submit(sampleJob({ id: "agent", type: "system", zones: [zone], groups }));
    session.run("agent");
    session.setNode("a", { status: "down", ...(!suits && { drivers: {} }) });
    const { decision } = session.run("agent", session.evaluation("agent", "node-update"));
    assert.deepEqual(
      decision.deploymentUpdates.map(({ status }) => status),
      suits ? [] : ["successful"],
    );
  }
});

test("evaluate: a node that is lost gives its copies to others", () => {
  const session = new Session([raspi("a", 4096), raspi("b", 4096)]);
  session.submit(example);
  session.run("example");
  session.setNode("a", { status: "down" });
  session.run("example", session.evaluation("example", "node-update"));
  assert.equal(session.where("example"), "exec[0]@b");
  assert.equal(session.copies("example")[0].status, "lost");
});

test("evaluate: a stopped job, and one that is gone, leaves the cluster empty", () => {
  for (const isPurged of [false, true]) {
    const session = new Session([raspi("a", 4096)]);
    session.submit(example);
    session.run("example");
    if (isPurged) session.jobs.delete("example");
    else session.submit({ ...example, stopped: true });
    session.run("example");
    assert.equal(session.where("example"), "");
    assert.equal(session.cluster.nodes.instances[0], 0);
  }
});

test("evaluate: whatever is asked for, no node is given more than it has, and everything comes to rest", () => {
  for (let seed = 1; seed <= 60; seed++) {
    try {
      liveThrough(seededDice(seed));
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }
});

function liveThrough(dice: Dice): void {
  const size = () => rollInteger(dice, { low: 1, high: 5 });
  const session = new Session(Array.from({ length: size() }, (_, index) => raspi(`n${index}`, 512 * size())));
  for (let step = 0; step < 12; step++) {
    const id = `job${rollInteger(dice, { low: 0, high: 3 })}`;
    if (dice.roll() < 0.7) session.submit(randomJob(dice, id));
    else session.setNode(`n${size() - 1}`, { zone, drivers, status: dice.roll() < 0.5 ? "down" : "ready" });
    for (const jobId of session.jobs.keys()) session.run(jobId);
    assertRoom(session);
  }
  for (const jobId of session.jobs.keys()) session.run(jobId);
  for (const jobId of session.jobs.keys()) {
    const { changes } = session.plan(jobId);
    assert.deepEqual(
      changes.allocations.map((one) => one.name),
      [],
      `${jobId} is not at rest`,
    );
  }
}

function randomJob(dice: Dice, id: string): Job {
  const isFixed = dice.roll() < 0.3;
  const networks = [{ ports: [{ label: "http", ...(isFixed && { static: 80 }) }] }];
  const amounts = {
    ...resources(networks),
    memoryBytes: rollInteger(dice, { low: 1, high: 8 }) * 64 * MEBIBYTE,
  };
  const task = sampleTask({
    driver: "exec",
    resources: amounts,
    env: { V: String(rollInteger(dice, { low: 0, high: 3 })) },
  });
  const count = rollInteger(dice, { low: 0, high: 6 });
  return sampleJob({
    id,
    zones: [zone],
    groups: [sampleGroup({ count, tasks: [task] })],
    stopped: dice.roll() < 0.1,
  });
}

function assertRoom({ cluster, allocations }: Session): void {
  const { nodes } = cluster;
  for (const number of nodes.numbers()) {
    const { id } = nodes.at(number);
    assert.ok(nodes.memoryUsed[number] <= nodes.memoryRoom[number], `memory of ${id}`);
    assert.ok(nodes.cpuUsed[number] <= nodes.cpuRoom[number], `cpu of ${id}`);
    const here = [...allocations.values()].filter(
      (one) => one.nodeId === id && one.desired === "run" && one.status !== "lost",
    );
    assert.equal(nodes.instances[number], here.length, `instances on ${id}`);
    const ports = here.flatMap((one) => one.grant.ports.map(({ port }) => port));
    assert.equal(new Set(ports).size, ports.length, `a port of ${id} is given twice`);
  }
}
