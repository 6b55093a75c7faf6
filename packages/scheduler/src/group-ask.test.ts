import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "@fractus/core/job.ts";
import { groupAsk } from "./group-ask.ts";
import { sampleGroup, sampleJob, sampleTask } from "./reconcile/testing/samples.ts";

/** `check("10 pre:30 side:5 post:20 stop:40", 40)`: MHz of tasks by their place in the life of the group. */
function check(tasks: string, expected: number): void {
  test(`group-ask: tasks ${tasks} need ${expected} MHz`, () => {
    const group = sampleGroup({ tasks: tasks.split(" ").map(taskFrom) });
    assert.equal(groupAsk(sampleJob(), group).resources.cpuMhz, expected);
  });
}

const lifecycles: Readonly<Record<string, Task["lifecycle"]>> = {
  pre: { hook: "prestart", sidecar: false },
  side: { hook: "prestart", sidecar: true },
  post: { hook: "poststart", sidecar: false },
  stop: { hook: "poststop", sidecar: false },
};

function taskFrom(text: string, index: number): Task {
  const [, kind = "", amount] = /^(?:(\w+):)?(\d+)$/.exec(text) ?? [];
  const { resources } = sampleTask();
  return sampleTask({
    name: `t${index}`,
    lifecycle: lifecycles[kind],
    resources: { ...resources, cpuMhz: Number(amount), cores: 1 },
  });
}

check("10 20", 30);
check("10 pre:30", 30);
check("10 pre:5", 10);
check("10 side:5 pre:30", 35);
check("10 side:5 post:20", 35);
check("10 stop:40", 40);

test("group-ask: cores are added up over the whole life of the group", () => {
  const group = sampleGroup({ tasks: ["10", "pre:10", "stop:10"].map(taskFrom) });
  assert.equal(groupAsk(sampleJob(), group).resources.cores, 3);
});

test("group-ask: what job, group and task say is put together", () => {
  const constraint = (attribute: string) => ({ attribute, operator: "=", value: "x" }) as const;
  const distinct = { attribute: "${meta.rack}", operator: "distinct_property", value: "2" } as const;
  const hosts = { attribute: "", operator: "distinct_hosts", value: "true" } as const;
  const job = sampleJob({ constraints: [constraint("j"), distinct], pool: "all" });
  const group = sampleGroup({
    constraints: [constraint("g"), hosts],
    networks: [{ mode: "bridge", ports: [{ label: "a" }] }],
    tasks: [
      sampleTask({
        constraints: [constraint("t")],
        resources: { ...sampleTask().resources, networks: [{ ports: [{ label: "b", static: 80 }] }] },
      }),
    ],
  });
  const ask = groupAsk(job, group);
  assert.deepEqual(
    ask.constraints.map((one) => one.attribute),
    ["j", "g", "t"],
  );
  assert.deepEqual(ask.distinctProperties, [{ attribute: "${meta.rack}", limit: 2, scope: "job" }]);
  assert.equal(ask.distinctHosts, "group");
  assert.deepEqual(
    ask.ports.map((port) => port.label),
    ["a", "b"],
  );
  assert.deepEqual(ask.networkModes, ["bridge"]);
  assert.equal(ask.pool, undefined);
});
