import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "@fractus/core/refusal.ts";
import { simNode } from "./testing/sim-node.ts";
import type { SimNode } from "./testing/sim-node.ts";
import {
  someCheck,
  someService,
  someTask,
  someGroup,
  someJob,
  someAllocation,
  withPorts,
} from "./testing/nouns.ts";

function check(claim: string, body: (node: SimNode) => Promise<void>): void {
  test(`agent: ${claim}`, async () => {
    const node = await simNode();
    try {
      await node.clock.advance(0);
      await body(node);
      assert.deepEqual(
        node.logged.filter((line) =>
          /has ended|cannot be run|could not be (taken|ended|restarted|told|removed|acted)/.test(line),
        ),
        [],
      );
    } finally {
      await node.agent.close();
    }
  });
}

check("a service is started, watched and reported (CL-213)", async (node) => {
  node.run([{}]);
  await node.clock.advance(50);
  assert.equal(node.status(), "running web:running");
  assert.deepEqual(node.events(), ["Received", "Task Setup", "Started"]);
  node.control.change("a1", { desired: "stop", desiredReason: "the job was stopped" });
  await node.clock.advance(50);
  assert.equal(node.status(), "complete web:dead?");
  assert.deepEqual(node.events(), ["Received", "Task Setup", "Started", "Killing", "Terminated", "Killed"]);
  assert.equal(node.machine.tasks.size, 0);
});

check("a batch succeeds when all main tasks do, and fails with the first that does not", async (node) => {
  const job = { type: "batch" } as const;
  node.run([{ config: { runForMs: 1000 } }, { name: "b", config: { runForMs: 3000 } }], { id: "good", job });
  const group = { restart: { attempts: 0, intervalMs: 1, delayMs: 0, mode: "fail" } as const };
  node.run([{ config: { runForMs: 1000, exitCode: 3 } }, { name: "b" }], { id: "bad", job, group });
  await node.clock.advance(2000);
  assert.equal(node.status("good"), "running web:dead b:running");
  assert.equal(node.status("bad"), "failed web:dead! b:dead?");
  assert.deepEqual(node.said("Terminated", "web", "bad"), ["Exit Code: 3"]);
  assert.deepEqual(node.said("Not Restarting", "web", "bad"), ["Policy allows no restarts"]);
  assert.deepEqual(node.said("Sibling Task Failed", "b", "bad"), [`Task's sibling "web" failed`]);
  await node.clock.advance(2000);
  assert.equal(node.status("good"), "complete web:dead b:dead");
});

check("a task that fails is restarted by its policy, then given up", async (node) => {
  node.run([{ config: { runForMs: 1000, exitCode: 1 } }]);
  await node.clock.advance(1500);
  assert.equal(node.status(), "pending web:pending");
  await node.clock.advance(20_000);
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 2);
  await node.clock.advance(60_000);
  assert.equal(node.status(), "failed web:dead!");
  assert.deepEqual(node.said("Not Restarting"), [
    'Exceeded allowed attempts 2 in interval 30m0s and mode is "fail"',
  ]);
  assert.equal(node.control.latest("a1")?.tasks.web.events?.length, 10);
});

check("what cannot be started as it is asked for is not tried again", async (node) => {
  node.run([{ config: { colour: "red" } }]);
  await node.clock.advance(50);
  assert.equal(node.status(), "failed web:dead!");
  assert.match(node.said("Driver Failure")[0], /"colour"/);
  assert.deepEqual(node.said("Not Restarting"), ["Error was unrecoverable"]);
});

check("a driver that fails for now is asked again", async (node) => {
  node.run([{ config: { startError: "no room" } }]);
  await node.clock.advance(50);
  assert.equal(node.status(), "pending web:pending");
  await node.clock.advance(100_000);
  assert.equal(node.status(), "failed web:dead!");
  assert.equal(node.said("Driver Failure").at(-1), "no room");
});

check("tasks start in the order of their lifecycle", async (node) => {
  const hook = (hook: "prestart" | "poststart" | "poststop", sidecar = false) => ({
    lifecycle: { hook, sidecar },
  });
  node.run(
    [
      { name: "init", ...hook("prestart"), config: { runForMs: 1000 } },
      { name: "proxy", ...hook("prestart", true) },
      { name: "web", config: { runForMs: 5000 } },
      { name: "warm", ...hook("poststart"), config: { runForMs: 100 } },
      { name: "clean", ...hook("poststop"), config: { runForMs: 1000 } },
    ],
    { job: { type: "batch" } },
  );
  const at = async (ms: number, expected: string) => {
    await node.clock.advance(ms);
    assert.equal(node.status(), expected);
  };
  await at(500, "running init:running proxy:running web:pending warm:pending clean:pending");
  await at(550, "running init:dead proxy:running web:running warm:running clean:pending");
  await at(500, "running init:dead proxy:running web:running warm:dead clean:pending");
  await at(5000, "running init:dead proxy:dead? web:dead warm:dead clean:running");
  assert.deepEqual(node.said("Main Tasks Dead", "proxy"), ["Main tasks in the group died"]);
  await at(1000, "complete init:dead proxy:dead? web:dead warm:dead clean:dead");
});

check("the end of the leader ends the others", async (node) => {
  node.run([{ leader: true, config: { runForMs: 1000 } }, { name: "log" }], { job: { type: "batch" } });
  await node.clock.advance(1100);
  assert.equal(node.status(), "complete web:dead log:dead?");
  assert.deepEqual(node.said("Leader Task Dead", "log"), ["Leader Task in Group dead"]);
});

check("an allocation whose time is up is complete, and says so", async (node) => {
  node.run([{}, { name: "clean", lifecycle: { hook: "poststop", sidecar: false } }], {
    group: { maxRunMs: 60_000 },
  });
  await node.clock.advance(59_000);
  assert.equal(node.status(), "running web:running clean:pending");
  await node.clock.advance(1100);
  assert.equal(node.status(), "complete web:dead? clean:pending");
  assert.equal(node.control.latest("a1")?.statusReason, "allocation exceeded max_run_duration");
});

check("services go before the shutdown delay, and the task after it", async (node) => {
  node.run([{ shutdownDelayMs: 5000, services: [someService("web", { portLabel: "http" })] }], {
    allocation: withPorts(someAllocation("a1"), { http: 8080 }),
  });
  await node.clock.advance(50);
  const [service] = node.control.registeredServices();
  assert.deepEqual(
    [service.name, service.address, service.port, service.isHealthy],
    ["web", "127.0.0.1", 8080, true],
  );
  node.control.change("a1", { desired: "stop" });
  await node.clock.advance(50);
  assert.deepEqual(node.control.registeredServices(), []);
  assert.equal(node.status(), "running web:running");
  await node.clock.advance(4000);
  assert.equal(node.status(), "running web:running");
  await node.clock.advance(1000);
  assert.equal(node.status(), "complete web:dead?");
  assert.ok(node.events().includes("Waiting for shutdown delay"));
});

check("a service is healthy when its checks say so, and control hears since when", async (node) => {
  node.run([{ services: [someService("web", { checks: [someCheck()] })] }]);
  await node.clock.advance(50);
  assert.equal(node.control.registeredServices()[0].isHealthy, false);
  assert.equal(node.control.latest("a1")?.checksPassSinceMs, undefined);
  node.parts.setHealth(true, 123);
  await node.clock.advance(50);
  assert.equal(node.control.registeredServices()[0].isHealthy, true);
  assert.equal(node.control.latest("a1")?.checksPassSinceMs, 123);
  node.parts.checks[0].input.onRestart("web", 'healthcheck: check "alive" unhealthy');
  await node.clock.advance(50);
  assert.deepEqual(node.said("Restart Signaled"), ['healthcheck: check "alive" unhealthy']);
  assert.equal(node.parts.checks.length, 1, "the same checks go on");
  node.control.change("a1", { desired: "stop" });
  await node.clock.advance(50);
  assert.ok(node.parts.checks[0].isClosed);
});

check("checks do not all pass as long as some have yet to begin", async (node) => {
  const services = [someService("s", { checks: [someCheck()] })];
  node.run([{ services }, { name: "late", services, config: { startDelayMs: 5000 } }]);
  await node.clock.advance(50);
  node.parts.setHealth(true, 123);
  await node.clock.advance(50);
  assert.equal(node.control.latest("a1")?.checksPassSinceMs, undefined);
  await node.clock.advance(5000);
  node.parts.setHealth(true, 124);
  await node.clock.advance(50);
  assert.equal(node.control.latest("a1")?.checksPassSinceMs, 124);
});

check("a change in place takes over services without touching the task", async (node) => {
  node.run([{ services: [someService("web")] }]);
  await node.clock.advance(50);
  const job = someJob(someGroup([someTask({ services: [someService("shop")], killTimeoutMs: 1 })]), {
    specIndex: 2,
    version: 1,
  });
  node.control.change("a1", { jobVersion: 1, specIndex: 2 }, job);
  await node.clock.advance(50);
  assert.deepEqual(
    node.control.registeredServices().map(({ name }) => name),
    ["shop"],
  );
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 0);
  assert.equal(node.machine.tasks.size, 1);
});

check("canaries have tags of their own until they are promoted", async (node) => {
  const health = { joinedAtMs: 0, isCanary: true };
  node.run([{ services: [someService("web", { tags: ["live"], canaryTags: ["canary"] })] }], {
    allocation: { health },
  });
  await node.clock.advance(50);
  assert.deepEqual(node.control.registeredServices()[0].tags, ["canary"]);
  node.control.change("a1", { health: { ...health, isCanary: false } });
  await node.clock.advance(50);
  assert.deepEqual(node.control.registeredServices()[0].tags, ["live"]);
});

check("templates restart, signal or do nothing; a restart by hand counts against nobody", async (node) => {
  const template = { destination: "local/x", data: "", changeMode: "restart" };
  node.run([{ templates: [template] }]);
  await node.clock.advance(50);
  const [input] = node.parts.templates;
  input.onChange([{ ...template, changeMode: "noop" }]);
  await node.clock.advance(50);
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 0);
  for (let i = 0; i < 4; i++) {
    input.onChange([template]);
    await node.clock.advance(50);
  }
  assert.equal(node.status(), "running web:running");
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 4);
  await node.agent.restart("a1", { task: "web" });
  await node.clock.advance(50);
  assert.equal(node.status(), "running web:running");
  input.onChange([{ ...template, changeMode: "signal", changeSignal: "SIGHUP" }]);
  await node.clock.advance(50);
  assert.ok(node.events().includes("Signaling"));
});

check("a task that has ended may be started again by hand while others run", async (node) => {
  node.run([{ config: { runForMs: 1000 } }, { name: "b" }], { job: { type: "batch" } });
  await node.clock.advance(1500);
  assert.equal(node.status(), "running web:dead b:running");
  await assert.rejects(node.agent.restart("a1", { task: "web" }), { kind: "conflict" });
  await node.agent.restart("a1", { task: "web", evenEnded: true });
  await node.clock.advance(500);
  assert.equal(node.status(), "running web:running b:running");
  await node.clock.advance(1000);
  assert.equal(node.status(), "running web:dead b:running");
  await node.agent.signal("a1", { signal: "SIGTERM" });
  await node.clock.advance(50);
  assert.deepEqual(node.said("Signaling", "b"), ["Task being sent signal SIGTERM"]);
});

check("the oldest that are over lose their files, and are not begun again", async (node) => {
  for (let i = 0; i < 53; i++) {
    node.run([{ config: { runForMs: 10 } }], { id: `a${i}`, job: { type: "batch" } });
    await node.clock.advance(100);
  }
  const collected = () => node.storage.readRuns().runs.filter(({ record }) => record.isCollected);
  await node.clock.advance(61_000);
  assert.deepEqual(
    collected()
      .map(({ record }) => record.allocationId)
      .sort(),
    ["a0", "a1", "a2"],
  );
  await node.replaceAgent();
  await node.clock.advance(100);
  assert.equal(node.machine.tasks.size, 0);
});

check("templates that print something else than when the agent went are acted upon", async (node) => {
  node.run([{ templates: [{ destination: "local/x", data: "new", changeMode: "restart" }] }]);
  await node.clock.advance(50);
  await node.replaceAgent();
  await node.clock.advance(50);
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 0);
  await node.agent.close();
  node.parts.files["local/x"] = "old";
  await node.replaceAgent();
  await node.clock.advance(50);
  assert.equal(node.status(), "running web:running");
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 1);
});

check("artifacts that cannot be had for now are tried again, wrong ones are not", async (node) => {
  const task = {
    artifacts: [
      { source: "http://${NOMAD_TASK_NAME}/a.zip", destination: "local", options: {}, headers: {} },
    ],
  };
  node.parts.artifactFailure = new Refusal("unavailable", "no route");
  node.run([task]);
  await node.clock.advance(50);
  assert.equal(node.status(), "pending web:pending");
  assert.deepEqual(node.said("Failed Artifact Download"), ["no route"]);
  node.parts.artifactFailure = undefined;
  await node.clock.advance(20_000);
  assert.equal(node.status(), "running web:running");
  assert.deepEqual(node.parts.fetched, ["http://web/a.zip", "http://web/a.zip"]);
  node.parts.artifactFailure = new Refusal("invalid", "wrong checksum");
  node.run([task], { id: "a2" });
  await node.clock.advance(50);
  assert.equal(node.status("a2"), "failed web:dead!");
});

check("another agent adopts what runs, with restart counts and delays", async (node) => {
  node.run([{ config: { runForMs: 10_000, exitCode: 1 } }]);
  node.run([{}], { id: "steady" });
  await node.clock.advance(10_500);
  assert.equal(node.status(), "pending web:pending");
  const tasks = new Map(node.machine.tasks);
  await node.replaceAgent();
  await node.clock.advance(50);
  assert.equal(node.status("steady"), "running web:running");
  assert.deepEqual(node.machine.tasks, tasks);
  await node.clock.advance(100_000);
  assert.equal(node.status(), "failed web:dead!");
  assert.equal(node.control.latest("a1")?.tasks.web.restarts, 2);
});

check("a task that ended while no agent was there is treated as it ended", async (node) => {
  node.run([{ config: { runForMs: 5000, exitCode: 0 } }], { job: { type: "batch" } });
  await node.clock.advance(1000);
  await node.agent.close();
  await node.clock.advance(10_000);
  await node.replaceAgent();
  await node.clock.advance(50);
  assert.equal(node.status(), "complete web:dead");
});

check("a replacement waits for what it replaces, and for its port", async (node) => {
  node.run([{ config: { ignoresSignals: true } }], {
    id: "old",
    allocation: withPorts(someAllocation("old"), { http: 80 }),
  });
  await node.clock.advance(50);
  node.control.change("old", { desired: "stop" });
  node.run([{}], { id: "next", allocation: { previousId: "old" } });
  node.run([{}], { id: "other", allocation: withPorts(someAllocation("other"), { http: 80 }) });
  await node.clock.advance(4000);
  assert.equal(node.control.latest("next"), undefined);
  assert.equal(node.control.latest("other"), undefined);
  await node.clock.advance(2000);
  assert.equal(node.status("old"), "complete web:dead?");
  assert.equal(node.status("next"), "running web:running");
  assert.equal(node.status("other"), "running web:running");
});

check(
  "what leaves the list while it runs is removed, what is over is forgotten only when it left",
  async (node) => {
    node.run([{}]);
    await node.clock.advance(50);
    node.control.withdraw("a1");
    await node.clock.advance(50);
    assert.equal(node.machine.tasks.size, 0);
    await assert.rejects(node.agent.checks("a1"), { kind: "not-found" });
    node.run([{ config: { runForMs: 10 } }], { id: "done", job: { type: "batch" } });
    await node.clock.advance(1000);
    await node.agent.collectGarbage();
    assert.equal(node.storage.readRuns().runs.length, 1, "control may still ask");
    node.control.withdraw("done");
    await node.clock.advance(50);
    assert.equal(node.storage.readRuns().runs.length, 0);
  },
);

check("what is not to run, and never did, is declined", async (node) => {
  node.run([{}], { allocation: { desired: "stop" } });
  await node.clock.advance(50);
  assert.equal(node.status(), "complete web:dead");
  assert.equal(node.machine.tasks.size, 0);
});

check("it beats in time, registers again where it is unknown, and comes back after silence", async (node) => {
  await node.clock.advance(60_000);
  assert.ok(node.control.heartbeats >= 11, String(node.control.heartbeats));
  assert.equal(node.control.registrations.length, 1);
  node.control.forgetNodes();
  await node.clock.advance(10_000);
  assert.equal(node.control.registrations.length, 2);
  node.control.failure = new Refusal("unavailable", "gone");
  node.run([{}]);
  await node.clock.advance(600_000);
  node.control.failure = undefined;
  await node.clock.advance(30_000);
  assert.equal(node.status(), "running web:running");
});

check("a node that is cut off ends what is not to run without control", async (node) => {
  const disconnect = { stopOnNodeAfterMs: 60_000, replace: true, reconcile: "best_score" } as const;
  node.run([{}], { group: { disconnect } });
  node.run([{}], { id: "stays" });
  await node.clock.advance(50);
  node.control.failure = new Refusal("unavailable", "gone");
  await node.clock.advance(70_000);
  assert.equal(node.machine.tasks.size, 1);
  node.control.failure = undefined;
  await node.clock.advance(30_000);
  assert.equal(node.status(), "complete web:dead?");
  assert.equal(node.status("stays"), "running web:running");
});

check("reports are never sent twice at a time, and the newest wins", async (node) => {
  node.control.failure = new Refusal("unavailable", "gone");
  for (const id of ["a1", "a2", "a3"])
    node.run([{ config: { runForMs: 100 } }], { id, job: { type: "batch" } });
  node.control.failure = undefined;
  await node.clock.advance(50);
  node.control.failure = new Refusal("unavailable", "gone");
  const before = node.control.reported.length;
  await node.clock.advance(5000);
  node.control.failure = undefined;
  await node.clock.advance(30_000);
  const later = node.control.reported.slice(before);
  assert.deepEqual(later.map(({ allocationId, status }) => `${allocationId} ${status}`).sort(), [
    "a1 complete",
    "a2 complete",
    "a3 complete",
  ]);
});

check("meta that is changed by hand stays changed", async (node) => {
  assert.deepEqual(await node.agent.changeMeta({ rack: "r1", gone: null }), { rack: "r1" });
  await node.clock.advance(50);
  assert.equal(node.control.registrations.at(-1)?.meta.rack, "r1");
  await node.replaceAgent();
  assert.equal(node.agent.node().meta.rack, "r1");
});

check("a service of consul says where it is kept", async (node) => {
  node.run([{ services: [someService("web", { provider: "consul" })] }]);
  await node.clock.advance(50);
  assert.deepEqual(node.said("Service"), ["service provider consul: kept in the cloud's own registry"]);
  assert.equal(node.control.registeredServices().length, 1);
});

check("destroy ends everything with the patience that was asked for, and leaves nothing", async (node) => {
  node.run([{ config: { ignoresSignals: true }, shutdownDelayMs: 60_000, services: [someService("web")] }]);
  await node.clock.advance(50);
  node.control.change("a1", { desired: "stop" });
  await node.clock.advance(50);
  const destroyed = node.agent.destroy();
  await node.clock.advance(70_000);
  await destroyed;
  assert.equal(node.machine.tasks.size, 0);
  assert.equal(node.storage.readRuns().runs.length, 0);
  assert.deepEqual(node.control.registeredServices(), []);
});
