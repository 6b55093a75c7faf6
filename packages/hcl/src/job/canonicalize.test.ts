import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalizeJob } from "./canonicalize.ts";
import type { JsonObject } from "./json.ts";
import { objects } from "./normalise.ts";

const second = 1_000_000_000;
const minute = 60 * second;

function canonical(job: JsonObject, group: JsonObject = {}, task: JsonObject = {}) {
  const filled = canonicalizeJob({
    ID: "j",
    ...job,
    TaskGroups: [{ Name: "g", ...group, Tasks: [{ Name: "t", Driver: "exec", ...task }] }],
  });
  const [filledGroup] = objects(filled, "TaskGroups");
  return { job: filled, group: filledGroup, task: objects(filledGroup, "Tasks")[0] };
}

test("canonicalize: what every job gets (CL-237)", () => {
  const { job, group, task } = canonical({});
  const { Name, Type, Priority, Namespace, Region, Datacenters, NodePool, AllAtOnce } = job;
  assert.deepEqual(
    { Name, Type, Priority, Namespace, Region, Datacenters, NodePool, AllAtOnce },
    {
      Name: "j",
      Type: "service",
      Priority: 50,
      Namespace: "default",
      Region: "global",
      Datacenters: ["*"],
      NodePool: "default",
      AllAtOnce: false,
    },
  );
  assert.equal(group.Count, 1);
  assert.deepEqual(group.EphemeralDisk, { SizeMB: 300, Sticky: false, Migrate: false });
  assert.deepEqual(task.LogConfig, { MaxFiles: 10, MaxFileSizeMB: 10, Disabled: false, Enabled: null });
  assert.equal(task.KillTimeout, 5 * second);
  const { CPU, Cores, MemoryMB, MemoryMaxMB } = task.Resources as JsonObject;
  assert.deepEqual(
    { CPU, Cores, MemoryMB, MemoryMaxMB },
    { CPU: 100, Cores: 0, MemoryMB: 300, MemoryMaxMB: 0 },
  );
});

test("canonicalize: a service restarts, is rescheduled, updated and migrated (CL-240)", () => {
  const { group, task } = canonical({});
  const restart = {
    Attempts: 2,
    Interval: 30 * minute,
    Delay: 15 * second,
    Mode: "fail",
    RenderTemplates: false,
  };
  assert.deepEqual(group.RestartPolicy, restart);
  assert.deepEqual(task.RestartPolicy, restart);
  assert.deepEqual(group.ReschedulePolicy, {
    Attempts: 0,
    Interval: 0,
    Delay: 30 * second,
    DelayFunction: "exponential",
    MaxDelay: 60 * minute,
    Unlimited: true,
  });
  assert.deepEqual(group.Update, {
    MaxParallel: 1,
    HealthCheck: "checks",
    MinHealthyTime: 10 * second,
    HealthyDeadline: 5 * minute,
    ProgressDeadline: 10 * minute,
    Stagger: 30 * second,
    Canary: 0,
    AutoRevert: false,
    AutoPromote: false,
  });
  assert.deepEqual(group.Migrate, {
    MaxParallel: 1,
    HealthCheck: "checks",
    MinHealthyTime: 10 * second,
    HealthyDeadline: 5 * minute,
  });
});

test("canonicalize: a batch job restarts three times and is neither updated nor migrated", () => {
  const { job, group } = canonical({ Type: "batch" });
  assert.deepEqual(group.RestartPolicy, {
    Attempts: 3,
    Interval: 24 * 60 * minute,
    Delay: 15 * second,
    Mode: "fail",
    RenderTemplates: false,
  });
  assert.deepEqual(group.ReschedulePolicy, {
    Attempts: 1,
    Interval: 24 * 60 * minute,
    Delay: 5 * second,
    DelayFunction: "constant",
    MaxDelay: 0,
    Unlimited: false,
  });
  assert.deepEqual([group.Update, group.Migrate, job.Update], [null, null, null]);
});

test("canonicalize: a system job is updated but not rescheduled; a sysbatch job neither", () => {
  const system = canonical({ Type: "system" }).group;
  assert.equal(system.ReschedulePolicy, null);
  assert.ok(system.Update);
  const sysbatch = canonical({ Type: "sysbatch" }).group;
  assert.deepEqual([sysbatch.ReschedulePolicy, sysbatch.Update, sysbatch.Migrate], [null, null, null]);
});

test("canonicalize: groups inherit from the job, tasks from the group, field by field", () => {
  const { group, task } = canonical(
    { Update: { Canary: 2, AutoRevert: true } },
    { Update: { Canary: 1 }, RestartPolicy: { Attempts: 7 } },
    { RestartPolicy: { Mode: "delay" } },
  );
  const { Canary, AutoRevert, MaxParallel } = group.Update as JsonObject;
  assert.deepEqual({ Canary, AutoRevert, MaxParallel }, { Canary: 1, AutoRevert: true, MaxParallel: 1 });
  const { Attempts, Mode } = task.RestartPolicy as JsonObject;
  assert.deepEqual({ Attempts, Mode }, { Attempts: 7, Mode: "delay" });
});

test("canonicalize: whole cores need no cpu, scaling sets the count", () => {
  const { group, task } = canonical({}, { Scaling: { Min: 3, Max: 5 } }, { Resources: { Cores: 2 } });
  assert.equal((task.Resources as JsonObject).CPU, 0);
  assert.equal(group.Count, 3);
  assert.equal((canonical({}, { Count: 4, Scaling: { Max: 5 } }).group.Scaling as JsonObject).Min, 4);
});

test("canonicalize: services are named after where they stand, checks share their rules", () => {
  const service: JsonObject = {
    PortLabel: "x",
    CheckRestart: { Limit: 3 },
    Checks: [{ Type: "tcp" }, { Type: "tcp", CheckRestart: { Grace: 0 }, OnUpdate: "ignore" }],
  };
  const { group, task } = canonical({}, { Services: [service] }, { Services: [{}] });
  const [named] = objects(group, "Services");
  assert.deepEqual(
    [named.Name, named.Provider, named.AddressMode, named.OnUpdate],
    ["j-g", "consul", "auto", "require_healthy"],
  );
  assert.equal(objects(task, "Services")[0].Name, "j-g-t");
  assert.deepEqual(
    objects(named, "Checks").map((check) => [check.CheckRestart, check.OnUpdate]),
    [
      [{ Limit: 3, Grace: second, IgnoreWarnings: false }, "require_healthy"],
      [{ Limit: 3, Grace: 0, IgnoreWarnings: false }, "ignore"],
    ],
  );
});

test("canonicalize: templates, artifacts and ports", () => {
  const { group, task } = canonical(
    {},
    { Networks: [{ ReservedPorts: [{ Label: "a", Value: 80 }] }] },
    {
      Templates: [{ DestPath: "x", ChangeMode: "signal" }],
      Artifacts: [{ GetterSource: "http://h/a.jar", GetterMode: "file" }, { GetterSource: "http://h/b.zip" }],
    },
  );
  assert.deepEqual(objects(objects(group, "Networks")[0], "ReservedPorts"), [
    { Label: "a", Value: 80, To: 0, HostNetwork: "default", IgnoreCollision: false },
  ]);
  const [template] = objects(task, "Templates");
  assert.deepEqual(
    [template.ChangeSignal, template.Perms, template.Splay, template.LeftDelim],
    ["SIGHUP", "0644", 5 * second, "{{"],
  );
  assert.deepEqual(
    objects(task, "Artifacts").map((each) => each.RelativeDest),
    ["local/a.jar", "local/"],
  );
});

test("canonicalize: fields that the server adds are kept", () => {
  const { job } = canonical({ Version: 3, Status: "running", Stop: false });
  assert.deepEqual([job.Version, job.Status, job.Stop], [3, "running", false]);
});
