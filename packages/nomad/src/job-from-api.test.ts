import assert from "node:assert/strict";
import { test } from "node:test";
import type { Group, Job, Task } from "@fractus/core/job.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import { canonicalJob } from "@fractus/hcl/job/api.ts";
import type { JsonObject } from "@fractus/hcl/job/json.ts";
import { parseJob } from "@fractus/hcl/job/parse-job.ts";
import { jobFromApi } from "./job-from-api.ts";

const second = 1_000_000_000;

function jobOf(more: JsonObject): Job {
  return jobFromApi(canonicalJob({ ID: "web", Namespace: "default", TaskGroups: [{ Name: "g" }], ...more }));
}

function groupOf(group: JsonObject, more: JsonObject = {}): Group {
  return jobOf({ ...more, TaskGroups: [{ Name: "g", ...group }] }).groups[0];
}

function taskOf(task: JsonObject): Task {
  return groupOf({ Tasks: [{ Name: "t", Driver: "raw_exec", ...task }] }).tasks[0];
}

/** The fields of the job that are named. */
function only<T extends object>(whole: T, ...names: (keyof T)[]): Partial<T> {
  return Object.fromEntries(
    names.flatMap((name) => (name in whole ? [[name, whole[name]]] : [])),
  ) as Partial<T>;
}

test("job from api: a job that says little has the defaults, in our units (CL-224)", () => {
  const job = jobOf({ TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "exec" }] }] });
  assert.deepEqual(only(job, "project", "id", "name", "type", "priority", "zones", "pool", "stopped"), {
    project: "default",
    id: "web",
    name: "web",
    type: "service",
    priority: 50,
    zones: ["*"],
    pool: "default",
    stopped: false,
  });
  const [group] = job.groups;
  assert.deepEqual(group.restart, { attempts: 2, intervalMs: 1_800_000, delayMs: 15_000, mode: "fail" });
  assert.equal(group.reschedule?.maxDelayMs, 3_600_000);
  assert.equal(group.update?.progressDeadlineMs, 600_000);
  assert.equal(group.ephemeralDisk.sizeBytes, 300 * MEBIBYTE);
  const [task] = group.tasks;
  assert.deepEqual(only(task.resources, "cpuMhz", "cores", "memoryBytes"), {
    cpuMhz: 100,
    cores: 0,
    memoryBytes: 300 * MEBIBYTE,
  });
  assert.deepEqual(task.logs, { maxFiles: 10, maxFileBytes: 10 * MEBIBYTE, disabled: false });
  assert.equal(task.killTimeoutMs, 5_000);
});

test("job from api: policies belong to the types of job that have them", () => {
  const batch = groupOf({}, { Type: "batch" });
  assert.equal(batch.update, undefined);
  assert.deepEqual(only(batch.reschedule!, "attempts", "unlimited", "delayFunction"), {
    attempts: 1,
    unlimited: false,
    delayFunction: "constant",
  });
  const system = groupOf({}, { Type: "system" });
  assert.equal(system.reschedule, undefined);
  assert.equal(system.update?.maxParallel, 1);
  assert.equal(groupOf({}, { Type: "sysbatch" }).reschedule, undefined);
  assert.equal(groupOf({ Update: { MaxParallel: 0 } }).update, undefined, "0 is all at once");
});

test("job from api: constraints, affinities and spreads", () => {
  const constraint = (Operand: string | null) => ({ LTarget: "${attr.arch}", RTarget: "amd64", Operand });
  const job = jobOf({
    Constraints: [
      constraint("="),
      constraint("=="),
      constraint("is"),
      constraint(""),
      constraint("set_contains_all"),
    ],
    Affinities: [{ ...constraint(">"), Weight: -100 }],
    Spreads: [{ Attribute: "${node.datacenter}", Weight: 70, SpreadTarget: [{ Value: "dc1", Percent: 60 }] }],
  });
  assert.deepEqual(
    job.constraints.map((one) => one.operator),
    ["=", "=", "=", "=", "set_contains"],
  );
  assert.deepEqual(job.affinities, [
    { attribute: "${attr.arch}", value: "amd64", operator: ">", weight: -100 },
  ]);
  assert.deepEqual(job.spreads[0].targets, [{ value: "dc1", percent: 60 }]);
});

test("job from api: networks and their ports", () => {
  const { networks } = groupOf({
    Networks: [
      {
        Mode: "bridge",
        Hostname: "box",
        DNS: { Servers: ["1.1.1.1"] },
        ReservedPorts: [{ Label: "http", Value: 80, To: 8080, HostNetwork: "public" }],
        DynamicPorts: [{ Label: "admin", To: -1, IgnoreCollision: true }, { Label: "free" }],
      },
    ],
  });
  assert.deepEqual(networks, [
    {
      mode: "bridge",
      hostname: "box",
      dns: { servers: ["1.1.1.1"], searches: [], options: [] },
      ports: [
        { label: "http", to: 8080, hostNetwork: "public", static: 80 },
        { label: "admin", to: -1, ignoreCollision: true },
        { label: "free" },
      ],
    },
  ]);
  const old = taskOf({ Resources: { Networks: [{ MBits: 10, DynamicPorts: [{ Label: "x" }] }] } });
  assert.deepEqual(old.resources.networks, [{ megabits: 10, ports: [{ label: "x" }] }]);
});

test("job from api: disconnect, and the attributes it took the place of", () => {
  assert.equal(groupOf({}).disconnect, undefined);
  assert.deepEqual(
    groupOf({ Disconnect: { LostAfter: 3600 * second, Replace: false, Reconcile: "keep_original" } })
      .disconnect,
    {
      lostAfterMs: 3_600_000,
      replace: false,
      reconcile: "keep_original",
    },
  );
  assert.deepEqual(groupOf({ MaxClientDisconnect: 60 * second }).disconnect, {
    lostAfterMs: 60_000,
    replace: true,
    reconcile: "best_score",
  });
  assert.deepEqual(groupOf({ StopAfterClientDisconnect: 0 }).disconnect, {
    stopOnNodeAfterMs: 0,
    replace: true,
    reconcile: "best_score",
  });
  assert.equal(groupOf({ PreventRescheduleOnLost: true }).disconnect?.replace, false);
});

test("job from api: what a task asks of its node", () => {
  const { resources } = taskOf({
    Resources: {
      Cores: 2,
      MemoryMB: 64,
      MemoryMaxMB: 128,
      Devices: [
        {
          Name: "nvidia/gpu",
          Count: 2,
          Constraints: [{ LTarget: "${device.attr.x}", RTarget: "1", Operand: ">" }],
        },
      ],
    },
  });
  assert.deepEqual([resources.cpuMhz, resources.cores], [0, 2]);
  assert.equal(resources.memoryMaxBytes, 128 * MEBIBYTE);
  assert.equal(resources.devices[0].count, 2);
  assert.equal(resources.devices[0].constraints[0].operator, ">");
});

test("job from api: artifacts and templates", () => {
  const task = taskOf({
    Artifacts: [
      {
        GetterSource: "https://x/a.zip",
        GetterOptions: { checksum: "md5:1" },
        GetterHeaders: { A: "b" },
        Chown: true,
      },
    ],
    Templates: [
      { EmbeddedTmpl: "hi", DestPath: "local/a", Envvars: true, Wait: { Min: second, Max: 2 * second } },
      {
        SourcePath: "local/b.tpl",
        DestPath: "local/b",
        ChangeMode: "script",
        ChangeScript: { Command: "/bin/x", Args: ["-a"], Timeout: 5 * second, FailOnError: true },
        Uid: 0,
        ErrMissingKey: true,
      },
    ],
  });
  assert.deepEqual(task.artifacts, [
    {
      source: "https://x/a.zip",
      destination: "local/",
      mode: "any",
      options: { checksum: "md5:1" },
      headers: { A: "b" },
      isOwnedByTask: true,
    },
  ]);
  const [first, other] = task.templates;
  assert.deepEqual(
    only(first, "data", "isEnvironment", "wait", "splayMs", "permissions", "changeMode", "leftDelimiter"),
    {
      data: "hi",
      isEnvironment: true,
      wait: { minMs: 1000, maxMs: 2000 },
      splayMs: 5000,
      permissions: "0644",
      changeMode: "restart",
      leftDelimiter: "{{",
    },
  );
  assert.deepEqual(only(other, "source", "data", "changeScript", "uid", "failsOnMissingKey"), {
    source: "local/b.tpl",
    changeScript: { command: "/bin/x", args: ["-a"], timeoutMs: 5000, failsOnError: true },
    uid: 0,
    failsOnMissingKey: true,
  });
});

test("job from api: services, checks and what only other registries understand", () => {
  const [service] = groupOf({
    Services: [
      {
        Name: "api",
        Provider: "nomad",
        PortLabel: "http",
        Tags: ["a"],
        CanaryTags: ["c"],
        Weights: { Passing: 1, Warning: 1 },
        Connect: { SidecarService: {} },
        CheckRestart: { Limit: 3, Grace: 90 * second },
        Checks: [
          {
            Name: "alive",
            Type: "http",
            Path: "/health",
            Interval: 10 * second,
            Timeout: 2 * second,
            Header: { Host: ["x"] },
            TLSSkipVerify: true,
            SuccessBeforePassing: 2,
            GRPCService: "y",
          },
        ],
      },
    ],
  }).services;
  assert.deepEqual(only(service, "name", "provider", "portLabel", "tags", "canaryTags", "addressMode"), {
    name: "api",
    provider: "nomad",
    portLabel: "http",
    tags: ["a"],
    canaryTags: ["c"],
    addressMode: "auto",
  });
  assert.deepEqual(service.checkRestart, { limit: 3, graceMs: 90_000, ignoresWarnings: false });
  assert.ok(service.connect);
  assert.deepEqual(service.settings, { Weights: { Passing: 1, Warning: 1 } });
  const [check] = service.checks;
  assert.deepEqual(
    only(check, "type", "path", "intervalMs", "timeoutMs", "headers", "skipsTlsVerification"),
    {
      type: "http",
      path: "/health",
      intervalMs: 10_000,
      timeoutMs: 2_000,
      headers: { Host: ["x"] },
      skipsTlsVerification: true,
    },
  );
  assert.equal(check.successesBeforePassing, 2);
  assert.deepEqual(check.checkRestart, service.checkRestart);
  assert.deepEqual(check.settings, { GRPCService: "y" });
});

test("job from api: the life of a task, its logs, volumes and payload", () => {
  const task = taskOf({
    Lifecycle: { Hook: "prestart", Sidecar: true },
    LogConfig: { MaxFiles: 2, MaxFileSizeMB: 1, Enabled: false },
    VolumeMounts: [{ Volume: "data", Destination: "/data", ReadOnly: true }],
    DispatchPayload: { File: "in.txt" },
    Leader: true,
    KillTimeout: 20 * second,
    KillSignal: "SIGTERM",
    ShutdownDelay: second,
    User: "nobody",
    Env: { A: "b" },
    Meta: { c: "d" },
  });
  assert.deepEqual(task.lifecycle, { hook: "prestart", sidecar: true });
  assert.deepEqual(task.logs, { maxFiles: 2, maxFileBytes: MEBIBYTE, disabled: true });
  assert.deepEqual(task.volumeMounts, [{ volume: "data", destination: "/data", readOnly: true }]);
  assert.deepEqual(
    only(task, "dispatchFile", "leader", "killTimeoutMs", "killSignal", "shutdownDelayMs", "user"),
    {
      dispatchFile: "in.txt",
      leader: true,
      killTimeoutMs: 20_000,
      killSignal: "SIGTERM",
      shutdownDelayMs: 1000,
      user: "nobody",
    },
  );
  const { volumes, shutdownDelayMs, maxRunMs } = groupOf({
    Volumes: { data: { Name: "data", Type: "host", Source: "certs", ReadOnly: true, PerAlloc: true } },
    ShutdownDelay: 2 * second,
    MaxRunDuration: 60 * second,
  });
  assert.deepEqual(volumes.data, { type: "host", source: "certs", readOnly: true, perInstance: true });
  assert.deepEqual([shutdownDelayMs, maxRunMs], [2000, 60_000]);
});

test("job from api: templates of other jobs", () => {
  const periodic = jobOf({ Type: "batch", Periodic: { Spec: "@daily", TimeZone: "Europe/Berlin" } }).periodic;
  assert.deepEqual(periodic, {
    enabled: true,
    specs: ["@daily"],
    timeZone: "Europe/Berlin",
    prohibitOverlap: false,
  });
  const several = jobOf({ Type: "batch", Periodic: { Specs: ["@daily", "@hourly"], ProhibitOverlap: true } });
  assert.deepEqual(several.periodic?.specs, ["@daily", "@hourly"]);
  const parameterized = jobOf({ Type: "batch", ParameterizedJob: { MetaRequired: ["a"] } }).parameterized;
  assert.deepEqual(parameterized, { payload: "optional", metaRequired: ["a"], metaOptional: [] });
});

test("job from api: a job file and its JSON come to the same", () => {
  const text = `job "web" {
  datacenters = ["dc1"]
  group "g" {
    count = 3
    update {
      canary       = 1
      auto_promote = true
    }
    migrate {
      max_parallel = 2
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "sleep"
        args    = ["1"]
      }
      restart {
        attempts = 7
      }
    }
  }
}
`;
  const { job } = parseJob(text, { fileName: "web.hcl", capabilities: {} as never });
  const [group] = jobFromApi(canonicalJob(job!)).groups;
  assert.equal(group.count, 3);
  assert.deepEqual(only(group.update!, "canaries", "autoPromote", "maxParallel"), {
    canaries: 1,
    autoPromote: true,
    maxParallel: 1,
  });
  assert.equal(group.migrate?.maxParallel, 2);
  assert.deepEqual(group.tasks[0].config, { command: "sleep", args: ["1"] });
  assert.equal(group.tasks[0].restart?.attempts, 7);
});

test("job from api: what the store keeps is that of a job nobody has registered", () => {
  const sent = jobOf({
    Version: 7,
    Status: "running",
    Stop: true,
    ParentID: "p",
    Dispatched: true,
    Payload: "aGk=",
  });
  assert.deepEqual(only(sent, "version", "status", "stopped", "parentId", "dispatched", "payloadBase64"), {
    version: 0,
    status: "pending",
    stopped: true,
    parentId: "p",
    dispatched: true,
    payloadBase64: "aGk=",
  });
});
