import assert from "node:assert/strict";
import { test } from "node:test";
import { requirementsOf } from "./start-order.ts";
import { simNode } from "../testing/sim-node.ts";

function check(text: string, expected: string): void {
  const found = requirementsOf({ meta: {} }, { meta: { "fractus.after": text } });
  assert.equal(found.map(({ service, state }) => `${service}=${state}`).join(" "), expected);
}

test("start order: services with the state they must have, healthy unless it says otherwise", () => {
  check("", "");
  check("db", "db=healthy");
  check("db:healthy, cache:started", "db=healthy cache=started");
  check("odd:name:started", "odd:name=started");
});

test("start order: the group's own wish counts before its job's", () => {
  const job = { meta: { "fractus.after": "db" } };
  assert.equal(requirementsOf(job, { meta: {} })[0].service, "db");
  assert.equal(requirementsOf(job, { meta: { "fractus.after": "queue" } })[0].service, "queue");
});

test("start order: tasks wait until the service before them is healthy, and say so", async () => {
  const node = await simNode();
  try {
    await node.clock.advance(0);
    node.run([{}], { group: { meta: { "fractus.after": "db" } } });
    await node.clock.advance(50);
    assert.equal(node.status(), "pending web:pending");
    assert.deepEqual(node.said("Task Setup"), ["Waits for service db to be healthy"]);
    const instance = {
      id: "s1",
      name: "db",
      project: "default",
      nodeId: "n2",
      zone: "dc1",
      jobId: "db",
      allocationId: "other",
      tags: [],
      meta: {},
      address: "127.0.0.1",
      port: 1,
    };
    await node.control.setServices("other", [{ ...instance, isHealthy: false }]);
    await node.clock.advance(50);
    assert.equal(node.status(), "pending web:pending");
    await node.control.setServices("other", [{ ...instance, isHealthy: true }]);
    await node.clock.advance(50);
    assert.equal(node.status(), "running web:running");
    await node.control.setServices("other", []);
    await node.replaceAgent();
    await node.clock.advance(1000);
    assert.equal(node.status(), "running web:running", "it counts once");
  } finally {
    await node.agent.close();
  }
});

test("start order: an allocation that still waits can be stopped", async () => {
  const node = await simNode();
  try {
    await node.clock.advance(0);
    node.run([{}], { group: { meta: { "fractus.after": "db" } } });
    await node.clock.advance(50);
    node.control.change("a1", { desired: "stop" });
    await node.clock.advance(50);
    assert.match(node.status(), /^complete/);
  } finally {
    await node.agent.close();
  }
});
