import assert from "node:assert/strict";
import { test } from "node:test";
import { taskDirectory } from "@fractus/drivers/task-directory.ts";
import type { Group, Task } from "@fractus/core/job.ts";
import { nodeFacts } from "../node/node-facts.ts";
import { defaultNodeSettings } from "../node/settings.ts";
import { someAllocation, someGroup, someTask, withPorts } from "../testing/nouns.ts";
import { inheritedEnvironment } from "./host-environment.ts";
import { event, terminated, wordsOf } from "./task-events.ts";
import { taskSpec } from "./task-spec.ts";

const node = nodeFacts({
  identity: { id: "n", meta: {} },
  settings: {
    ...defaultNodeSettings("n"),
    hostVolumes: {
      db: { path: "/srv/db", isReadOnly: false },
      "ca[0]": { path: "/srv/ca", isReadOnly: true },
    },
  },
  machine: { attributes: {}, cores: 1, mhzPerCore: 1, memoryBytes: 1, diskBytes: 1, address: "::1" },
  fingerprints: [],
});

function specOf(task: Partial<Task>, group: Partial<Group> = {}) {
  const whole = someTask(task);
  const allocation = withPorts(someAllocation("a1"), { http: 8080 });
  const directory = taskDirectory("/x", "web");
  return taskSpec({
    task: whole,
    group: someGroup([whole], group),
    allocation,
    node,
    env: {},
    directory,
    run: 3,
  });
}

test("spec: each run has an id of its own, and ports are known to the driver", () => {
  const spec = specOf({ user: "" });
  assert.equal(spec.id, "a1/web/3");
  assert.equal(spec.user, undefined);
  assert.deepEqual(spec.ports, [
    { label: "http", hostAddress: "127.0.0.1", hostPort: 8080, containerPort: 8080 },
  ]);
});

test("spec: host volumes become mounts, read-only where anybody says so", () => {
  const volume = (source: string, more: object = {}) => ({ type: "host", source, readOnly: false, ...more });
  const mount = (volume: string, readOnly = false) => ({ volume, destination: `/${volume}`, readOnly });
  const group = { volumes: { data: volume("db"), certs: volume("ca", { perInstance: true }) } };
  const spec = specOf({ volumeMounts: [mount("data"), mount("certs")] }, group);
  assert.deepEqual(spec.mounts, [
    { source: "/srv/db", destination: "/data", readOnly: false },
    { source: "/srv/ca", destination: "/certs", readOnly: true },
  ]);
  assert.equal(specOf({ volumeMounts: [mount("data", true)] }, group).mounts?.[0].readOnly, true);
  assert.throws(() => specOf({ volumeMounts: [mount("none")] }, group), { kind: "invalid" });
  assert.throws(() => specOf({ volumeMounts: [mount("x")] }, { volumes: { x: volume("away") } }), {
    kind: "invalid",
    message: /"away"/,
  });
});

test("spec: what may be a secret of the machine is not inherited", () => {
  const kept = { HOME: "/root", LANG: "C", PATH: "/bin", JAVA_HOME: "/j" };
  const dropped = [
    "FRACTUS_TOKEN",
    "NOMAD_ADDR",
    "AWS_REGION",
    "GITHUB_TOKEN",
    "MY_SECRET_KEY",
    "PGPASSWORD",
    "OS_AUTH_URL",
    "NODE_OPTIONS",
  ];
  const host = { ...kept, ...Object.fromEntries(dropped.map((name) => [name, "x"])), GONE: undefined };
  assert.deepEqual(inheritedEnvironment(host), kept);
  assert.match(inheritedEnvironment({}).PATH, /\/usr\/bin/);
});

test("events: the end of a task says how it came about", () => {
  const result = { isOutOfMemory: false, finishedAtMs: 1 };
  const words = (more: object) => terminated({ ...result, ...more }).message;
  assert.equal(words({ exitCode: 1 }), "Exit Code: 1");
  assert.equal(
    words({ exitCode: 137, signal: "SIGKILL", isOutOfMemory: true }),
    'Exit Code: 137, Signal: 9, Exit Message: "OOM Killed"',
  );
  assert.equal(words({ error: "Nobody saw it." }), 'Exit Code: unknown, Exit Message: "Nobody saw it."');
  assert.deepEqual(event("X", "y"), { type: "X", message: "y", details: {} });
});

test("events: an error says its causes, each once", () => {
  const inner = new Error("no route");
  assert.equal(wordsOf(new Error("It failed", { cause: inner })), "It failed (no route)");
  assert.equal(wordsOf(new Error("It failed: no route", { cause: inner })), "It failed: no route");
  assert.equal(wordsOf("plain"), "plain");
});
