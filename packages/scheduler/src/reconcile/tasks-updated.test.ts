import assert from "node:assert/strict";
import { test } from "node:test";
import type { Group, Task } from "@fractus/core/job.ts";
import { sampleGroup, sampleReschedule, sampleTask, sampleUpdate } from "./testing/samples.ts";
import { destructiveChanges } from "./tasks-updated.ts";

interface Change {
  readonly task?: Partial<Task>;
  readonly group?: Partial<Group>;
  readonly meta?: Readonly<Record<string, string>>;
}

const service = { name: "web", provider: "nomad", tags: [], checks: [], portLabel: "http" };
const before = { job: { meta: { owner: "ada" } }, group: sampleGroup({ services: [service] }) };

function check(name: string, change: Change, expected: string): void {
  test(`tasks-updated: ${name}: ${expected || "in place"}`, () => {
    const tasks = [{ ...before.group.tasks[0], ...change.task }];
    const group = { ...before.group, tasks, ...change.group };
    const after = { job: { meta: change.meta ?? before.job.meta }, group };
    assert.equal(destructiveChanges(before, after).join(", "), expected);
  });
}

check("nothing", {}, "");
check("count", { group: { count: 7 } }, "");
check("policies", { group: { update: sampleUpdate, reschedule: sampleReschedule } }, "");
check("service tags and checks", { group: { services: [{ ...service, tags: ["a"] }] } }, "");
check("kill timeout", { task: { killTimeoutMs: 9 } }, "");
check(
  "constraints",
  { task: { constraints: [{ attribute: "${attr.arch}", operator: "=", value: "x" }] } },
  "",
);
check("log sizes", { task: { logs: { maxFiles: 1, maxFileBytes: 1, disabled: false } } }, "");
check(
  "logs off",
  { task: { logs: { maxFiles: 10, maxFileBytes: 10_485_760, disabled: true } } },
  "switching logs off of task main",
);
check("settings", { task: { config: { command: "other" } } }, "config of task main");
check("driver", { task: { driver: "docker" } }, "driver of task main");
check("user", { task: { user: "nobody" } }, "user of task main");
check("environment", { task: { env: { A: "1" } } }, "env of task main");
check(
  "memory",
  { task: { resources: { ...sampleTask().resources, memoryBytes: 1 } } },
  "resources of task main",
);
check("job meta", { meta: { owner: "bob" } }, "meta of task main");
check("job meta that the task overrules", { meta: { owner: "ada" }, task: { meta: { owner: "ada" } } }, "");
check(
  "templates",
  { task: { templates: [{ destination: "x", changeMode: "restart" }] } },
  "templates of task main",
);
check("ports", { group: { networks: [{ ports: [{ label: "http" }] }] } }, "network");
check("service mesh", { group: { services: [{ ...service, connect: {} }] } }, "service mesh");
check(
  "disk",
  { group: { ephemeralDisk: { sizeBytes: 1, sticky: false, migrate: false } } },
  "ephemeral disk",
);
check("another task", { group: { tasks: [sampleTask(), sampleTask({ name: "log" })] } }, "set of tasks");
