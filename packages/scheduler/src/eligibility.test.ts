import assert from "node:assert/strict";
import { test } from "node:test";
import type { Constraint } from "@fractus/core/job.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import { classNameOf, mayHelp } from "./eligibility.ts";
import { sampleGroup, sampleJob, sampleTask } from "./reconcile/testing/samples.ts";
import { Session } from "./testing/session.ts";

const drivers = { exec: { isDetected: true, isHealthy: true } };

/** Two classes, told apart by a rack; the room of both is used up by one copy. */
function blocked(constraints: readonly Constraint[], memoryMebibytes = 512) {
  const node = (id: string, rack: string) => ({
    id,
    zone: "dc1",
    drivers,
    attributes: { rack, "unique.hostname": id },
    capacity: { cpuMhz: 4000, cores: 4, memoryBytes: 256 * MEBIBYTE, diskBytes: 9000 * MEBIBYTE },
  });
  const session = new Session([node("a1", "a"), node("a2", "a"), node("b1", "b")]);
  const amounts = {
    cpuMhz: 100,
    cores: 0,
    memoryBytes: memoryMebibytes * MEBIBYTE,
    networks: [],
    devices: [],
  };
  const task = sampleTask({ driver: "exec", resources: amounts });
  session.submit(
    sampleJob({ id: "web", zones: ["dc1"], constraints, groups: [sampleGroup({ count: 1, tasks: [task] })] }),
  );
  const outcome = session.run("web");
  assert.ok(outcome.blocked);
  const name = (id: string) => classNameOf(session.cluster, id) ?? "";
  return { session, blocked: outcome.blocked, name };
}

const onRackA: Constraint = { attribute: "${attr.rack}", operator: "=", value: "a" };
const onHostA1: Constraint = { attribute: "${attr.unique.hostname}", operator: "=", value: "a1" };

test("eligibility: a class that suits but is full may help, one that does not suit may not", () => {
  const { blocked: waiting, name } = blocked([onRackA]);
  assert.equal(waiting.escapesClasses, false);
  assert.deepEqual(waiting.classes, { [name("a1")]: true, [name("b1")]: false });
  assert.equal(name("a1"), name("a2"));
  assert.deepEqual([mayHelp(waiting, name("a2")), mayHelp(waiting, name("b1"))], [true, false]);
});

test("eligibility: a class that nobody has seen may help", () => {
  const { session, blocked: waiting } = blocked([onRackA]);
  session.setNode("c1", { zone: "dc1", drivers, attributes: { rack: "c" } });
  assert.ok(mayHelp(waiting, classNameOf(session.cluster, "c1") ?? ""));
});

test("eligibility: what is asked of a single node escapes its class", () => {
  const { blocked: waiting, name } = blocked([onHostA1]);
  assert.equal(waiting.escapesClasses, true);
  assert.ok(mayHelp(waiting, name("b1")));
});

test("eligibility: looked at again, the blocked evaluation knows the classes there are by then", () => {
  const { session, blocked: waiting } = blocked([onRackA]);
  session.setNode("c1", { zone: "dc1", drivers, attributes: { rack: "c" } });
  const { evaluation } = session.run("web", waiting);
  assert.equal(evaluation.status, "blocked");
  assert.equal(evaluation.classes?.[classNameOf(session.cluster, "c1") ?? ""], false);
  assert.equal(classNameOf(session.cluster, "nowhere"), undefined);
});

test("eligibility: the name of a class is the same in every cluster", () => {
  assert.equal(blocked([onRackA]).name("b1"), blocked([onHostA1]).name("b1"));
});
