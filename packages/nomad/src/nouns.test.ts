import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
let nodeId: string;
before(async () => {
  world = await startWorld();
  nodeId = await world.join("node1");
});
after(() => world.close());

test("nodes: in a list and one by one, as the API has them", async () => {
  const [stub] = await world.get("/nodes?resources=true&os=true");
  assert.equal(stub.Name, "node1");
  assert.equal(stub.Status, "ready");
  assert.equal(stub.SchedulingEligibility, "eligible");
  assert.equal(stub.NodeResources.Memory.MemoryMB, 4096);
  assert.equal(stub.Attributes["os.name"], "debian");
  assert.deepEqual(stub.Drivers.raw_exec.Attributes, { "driver.raw_exec": "1" });
  const linux = encodeURIComponent('Attributes["kernel.name"] == "linux" and Meta.rack == r1');
  assert.equal((await world.get(`/nodes?filter=${linux}`)).length, 1);
  const node = await world.get(`/node/${nodeId}`);
  assert.equal(node.Events[0].Message, "Node registered");
  assert.equal(node.ReservedResources.Networks.ReservedHostPorts, "22");
  assert.equal(node.HostVolumes.certs.ReadOnly, true);
  assert.equal((await world.call("GET", "/node/none")).text, 'node "none" not found');
});

test("nodes: drained, made eligible again, looked at", async () => {
  const drained = await world.post(`/node/${nodeId}/drain`, {
    DrainSpec: { Deadline: 3_600_000_000_000, IgnoreSystemJobs: true },
    Meta: { why: "test" },
  });
  assert.ok(drained.NodeModifyIndex > 0);
  const during = await world.get(`/node/${nodeId}`);
  assert.equal(during.LastDrain.Meta.why, "test");
  await world.post(`/node/${nodeId}/drain`, { DrainSpec: null, MarkEligible: true });
  assert.equal((await world.get(`/node/${nodeId}`)).SchedulingEligibility, "eligible");
  await world.post(`/node/${nodeId}/eligibility`, { Eligibility: "ineligible" });
  assert.equal((await world.get("/nodes"))[0].SchedulingEligibility, "ineligible");
  await world.post(`/node/${nodeId}/eligibility`, { Eligibility: "eligible" });
  assert.equal(
    (await world.call("POST", `/node/${nodeId}/eligibility`, { Eligibility: "maybe" })).status,
    400,
  );
  await world.post(`/node/${nodeId}/evaluate`);
});

test("node pools: built in, made, and with what is in them", async () => {
  assert.deepEqual(
    (await world.get("/node/pools")).map((pool: Json) => pool.Name),
    ["all", "default"],
  );
  await world.post("/node/pools", { Name: "gpu", Description: "fast", Meta: { a: "1" } });
  assert.equal((await world.get("/node/pool/gpu")).Description, "fast");
  assert.equal((await world.get("/node/pool/default/nodes")).length, 1);
  assert.deepEqual(await world.get("/node/pool/gpu/jobs"), []);
  assert.equal((await world.call("DELETE", "/node/pool/gpu")).status, 200);
  assert.equal((await world.call("GET", "/node/pool/gpu")).status, 404);
});

test("allocations: whole, in lists, with ports and task events", async () => {
  const networks = [
    { DynamicPorts: [{ Label: "http", To: -1 }], ReservedPorts: [{ Label: "ssh", Value: 2222 }] },
  ];
  await world.run(smallJob("web", {}, { Networks: networks }));
  const [stub] = await world.get("/job/web/allocations");
  assert.equal(stub.JobType, "service");
  assert.equal(stub.NodeName, "node1");
  const one = await world.get(`/allocation/${stub.ID}`);
  assert.equal(one.Job.ID, "web");
  assert.equal(one.TaskStates.t.Events[0].DisplayMessage, "Task started by client");
  assert.equal(one.TaskStates.t.StartedAt, "2023-11-14T22:13:20.000Z");
  assert.equal(one.AllocatedResources.Tasks.t.Memory.MemoryMB, 64);
  const { Ports, Networks } = one.AllocatedResources.Shared;
  assert.equal(Ports.find((port: Json) => port.Label === "ssh").Value, 2222);
  assert.deepEqual(
    Networks[0].ReservedPorts.map((port: Json) => port.Label),
    ["ssh"],
  );
  assert.equal((await world.get(`/node/${nodeId}/allocations`)).length, 1);
  assert.equal((await world.get(`/evaluation/${one.EvalID}/allocations`)).length, 1);
  assert.equal(
    (await world.get(`/allocations?filter=${encodeURIComponent('ClientStatus == "running"')}`)).length,
    1,
  );
  assert.equal((await world.call("GET", "/allocation/none")).text, "alloc not found: none");
});

test("allocations: stopping one makes another", async () => {
  const [{ ID }] = await world.get("/job/web/allocations");
  const { EvalID } = await world.post(`/allocation/${ID}/stop`);
  await world.settle();
  assert.equal((await world.get(`/evaluation/${EvalID}`)).TriggeredBy, "alloc-stop");
  assert.equal((await world.get(`/allocation/${ID}`)).DesiredStatus, "stop");
  assert.equal((await world.get("/job/web/allocations")).length, 2);
});

test("deployments: of a job, promoted, paused and failed", async () => {
  await world.run(smallJob("rolled", { Update: { Canary: 1 } }));
  const [first] = await world.get("/job/rolled/deployments");
  assert.equal(first.TaskGroups.g.DesiredTotal, 1);
  assert.equal((await world.get(`/deployment/allocations/${first.ID}`)).length, 1);
  const { ID } = await world.get("/job/rolled/deployment");
  await world.post(`/deployment/pause/${ID}`, { Pause: true });
  assert.equal((await world.get(`/deployment/${ID}`)).Status, "paused");
  const failed = await world.post(`/deployment/fail/${ID}`);
  assert.ok(failed.DeploymentModifyIndex > 0);
  assert.equal((await world.get(`/deployment/${ID}`)).StatusDescription, "Deployment marked as failed");
  assert.equal((await world.call("POST", `/deployment/promote/${ID}`, { All: true })).status, 409);
  assert.equal((await world.call("POST", `/deployment/promote/${ID}`, {})).status, 400);
  assert.equal(await world.get("/job/none/deployment"), null);
});

test("client: figures, checks, isolation and orders go to the agent of the node", async () => {
  const [{ ID }] = await world.get("/job/rolled/allocations");
  const host = await world.get(`/client/stats?node_id=${nodeId}`);
  assert.deepEqual([host.Memory.Used, host.CPU[0].TotalPercent, host.Uptime], [40, 15, 60]);
  const use = await world.get(`/client/allocation/${ID}/stats`);
  assert.equal(use.Tasks.t.ResourceUsage.MemoryStats.RSS, 1024);
  assert.equal(use.ResourceUsage.CpuStats.TotalTicks, 1000);
  assert.equal((await world.get(`/allocation/${ID}/checks`)).c1.Status, "success");
  assert.equal((await world.get(`/allocation/${ID}/isolation`)).t[0].Aspect, "files");
  await world.post(`/client/allocation/${ID}/restart`, { TaskName: "t" });
  await world.post(`/client/allocation/${ID}/signal`, { Signal: "SIGHUP" });
  await world.get(`/client/gc?node_id=${nodeId}`);
  assert.equal((await world.post("/client/metadata", { Meta: { a: "1" } })).Meta.a, "1");
});

test("files: listed, read whole and in part, logs in frames and plain", async () => {
  const [{ ID }] = await world.get("/job/rolled/allocations");
  assert.equal((await world.get(`/client/fs/ls/${ID}?path=/alloc/logs`))[0].FileMode, "-rw-r--r--");
  assert.equal((await world.call("GET", `/client/fs/cat/${ID}?path=a`)).text, "one\ntwo\n");
  assert.equal((await world.call("GET", `/client/fs/readat/${ID}?path=a&offset=4&limit=2`)).text, "tw");
  const plain = await world.call("GET", `/client/fs/logs/${ID}?task=t&type=stdout&plain=true`);
  assert.equal(plain.text, "one\ntwo\n");
  const framed = await world.call("GET", `/client/fs/logs/${ID}?task=t`);
  const frames = framed.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    frames.map((frame) => [frame.Offset, Buffer.from(frame.Data, "base64").toString()]),
    [
      [4, "one\n"],
      [8, "two\n"],
    ],
  );
  assert.equal((await world.call("GET", `/client/fs/logs/${ID}`)).text, "must provide task name");
});

test("variables: compare and set, lists without what they hold, paths with slashes", async () => {
  const made = await world.post("/var/nomad/jobs/web", { Items: { a: "1" } });
  assert.equal(made.Path, "nomad/jobs/web");
  const conflict = await world.call("PUT", "/var/nomad/jobs/web?cas=0", { Items: { a: "2" } });
  assert.equal(conflict.status, 409);
  assert.deepEqual(conflict.json.Items, { a: "1" });
  await world.post(`/var/nomad/jobs/web?cas=${made.ModifyIndex}`, { Items: { a: "3" } });
  const [stub] = await world.get("/vars?prefix=nomad/");
  assert.equal(stub.Items, undefined);
  assert.deepEqual((await world.get("/var/nomad%2Fjobs%2Fweb")).Items, { a: "3" });
  assert.equal((await world.call("PUT", "/var/x", { Items: { a: 1 } })).status, 400);
  const locked = await world.post("/var/lock?lock-acquire", {
    Items: { a: "1" },
    Lock: { TTL: "30s", LockDelay: "1s" },
  });
  assert.match(locked.Lock.ID, /-/);
  assert.equal((await world.get("/var/lock")).Lock.ID, undefined);
  assert.equal((await world.call("PUT", "/var/lock", { Items: { a: "2" } })).status, 409);
  await world.post("/var/lock?lock-renew", { Lock: { ID: locked.Lock.ID } });
  await world.post("/var/lock?lock-release", { Lock: { ID: locked.Lock.ID } });
  assert.equal((await world.call("DELETE", "/var/lock")).status, 200);
  assert.equal((await world.call("GET", "/var/lock")).status, 404);
});

test("services: names with their tags, instances, and a choice that lasts", async () => {
  const [{ ID }] = await world.get("/job/rolled/allocations");
  const base = {
    name: "api",
    project: "default",
    nodeId,
    zone: "dc1",
    jobId: "rolled",
    allocationId: ID,
    meta: {},
    address: "127.0.0.1",
    isHealthy: true,
  };
  await world.control.link.setServices(ID, [
    { ...base, id: "s1", tags: ["blue"], port: 1 },
    { ...base, id: "s2", tags: ["green"], port: 2 },
  ]);
  assert.deepEqual(await world.get("/services"), [
    { Namespace: "default", Services: [{ ServiceName: "api", Tags: ["blue", "green"] }] },
  ]);
  assert.equal((await world.get("/service/api")).length, 2);
  const chosen = await world.get("/service/api?choose=1|me");
  assert.deepEqual(await world.get("/service/api?choose=1|me"), chosen);
  assert.equal(chosen.length, 1);
  assert.equal((await world.get("/job/rolled/services")).length, 2);
  assert.equal((await world.get(`/allocation/${ID}/services`)).length, 2);
  assert.equal((await world.call("DELETE", "/service/api/s1")).status, 200);
  assert.equal((await world.get("/service/api")).length, 1);
});

test("search: by the beginning of an id, and anywhere in a name", async () => {
  const [{ ID }] = await world.get("/job/rolled/allocations");
  const found = await world.post("/search", { Prefix: ID.slice(0, 8), Context: "allocs" });
  assert.deepEqual(found.Matches.allocs, [ID]);
  const all = await world.post("/search", { Prefix: "ro" });
  assert.deepEqual(all.Matches.jobs, ["rolled"]);
  const fuzzy = await world.post("/search/fuzzy", { Text: "OLLE" });
  assert.deepEqual(fuzzy.Matches.jobs, [{ ID: "rolled", Scope: ["default", "rolled"] }]);
  const commands = await world.post("/search/fuzzy", { Text: "sleep", Context: "commands" });
  const scopes = commands.Matches.commands.map((one: Json) => one.Scope.join(" "));
  assert.ok(scopes.includes("default rolled g t"));
  assert.equal((await world.call("POST", "/search", { Prefix: "a", Context: "stars" })).status, 400);
});

test("namespaces: with limits and drivers of their own", async () => {
  await world.post("/namespace/team", {
    Name: "team",
    Description: "a team",
    Capabilities: { DisabledTaskDrivers: ["raw_exec"] },
    Limits: { CPU: 500 },
  });
  const team = await world.get("/namespace/team");
  assert.deepEqual(team.Limits, { CPU: 500, MemoryBytes: 0, Allocs: 0 });
  const refused = await world.call("POST", "/jobs?namespace=team", { Job: smallJob("x") });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /does not allow the driver "raw_exec"/);
  await world.post("/namespace", { Name: "team" });
  await world.run(smallJob("x", { Namespace: "team" }, { Count: 0 }));
  assert.equal((await world.get("/jobs?namespace=team")).length, 1);
  assert.equal((await world.get("/jobs?namespace=*&prefix=x")).length, 1);
  assert.deepEqual(await world.get("/jobs?prefix=x"), []);
  assert.deepEqual(
    (await world.get("/namespaces")).map((one: Json) => one.Name),
    ["default", "team"],
  );
  const missing = await world.call("POST", "/jobs", { Job: smallJob("x", { Namespace: "nowhere" }) });
  assert.equal(missing.status, 404);
});

test("operator: how it schedules, figures for Prometheus, who serves and where (CL-222)", async () => {
  const { SchedulerConfig: present } = await world.get("/operator/scheduler/configuration");
  assert.equal(present.SchedulerAlgorithm, "binpack");
  assert.equal(
    (await world.post("/operator/scheduler/configuration?cas=77", { SchedulerAlgorithm: "spread" })).Updated,
    false,
  );
  assert.equal(
    (await world.post("/operator/scheduler/configuration", { SchedulerAlgorithm: "spread" })).Updated,
    true,
  );
  const { SchedulerConfig: after } = await world.get("/operator/scheduler/configuration");
  assert.deepEqual(
    [after.SchedulerAlgorithm, after.PreemptionConfig.SystemSchedulerEnabled],
    ["spread", true],
  );
  await world.post("/operator/scheduler/configuration", { SchedulerAlgorithm: "binpack" });
  const text = (await world.call("GET", "/metrics?format=prometheus")).text;
  assert.match(text, /^# TYPE nomad_nomad_job_status_running gauge\nnomad_nomad_job_status_running \d/m);
  assert.match(text, /nomad_client_allocated_cpu\{.*node_name="node1".*\} \d+/);
  assert.ok((await world.get("/metrics")).Gauges.length > 10);
  const self = await world.get("/agent/self");
  assert.equal(self.config.Version.Version, "2.0.5");
  assert.equal(self.config.Ports.HTTP, 4646);
  assert.equal(self.member.Tags.dc, "dc1");
  assert.deepEqual(await world.get("/regions"), ["global"]);
  assert.equal((await world.get("/agent/members")).Members.length, 1);
});

test("scaling: the blocks of groups are policies", async () => {
  await world.run(
    smallJob("elastic", {}, { Count: 0, Scaling: { Min: 0, Max: 5, Enabled: true, Policy: { x: 1 } } }),
  );
  const [stub] = await world.get("/scaling/policies");
  assert.deepEqual(stub.Target, { Namespace: "default", Job: "elastic", Group: "g" });
  assert.equal((await world.get(`/scaling/policy/${stub.ID}`)).Max, 5);
});

test("evaluations: counted, and deleted when they are over", async () => {
  const { Count } = await world.get("/evaluations/count?job=elastic");
  assert.equal(Count, 1);
  const [{ ID }] = await world.get("/job/elastic/evaluations");
  assert.equal((await world.call("DELETE", "/evaluations", { EvalIDs: [ID] })).json.Count, 1);
  assert.equal((await world.call("GET", `/evaluation/${ID}`)).status, 404);
  await world.post("/system/gc");
  await world.post("/system/reconcile/summaries");
});

test("rebalance: a copy that would be clearly better off elsewhere is told", async () => {
  const cloud = await startWorld();
  try {
    await cloud.join("small", { class: "" });
    const affinity = {
      Affinities: [{ LTarget: "${node.class}", RTarget: "large", Operand: "=", Weight: 100 }],
    };
    await cloud.run(smallJob("picky", affinity));
    assert.deepEqual((await cloud.post("/rebalance", { Plan: true })).Moves, []);
    await cloud.join("big", { class: "large" });
    const { Moves } = await cloud.post("/rebalance", { Plan: true });
    assert.equal(Moves.length, 1);
    assert.deepEqual([Moves[0].Name, Moves[0].From, Moves[0].To], ["picky.g[0]", "small", "big"]);
    assert.ok(Moves[0].Gain > 0.3);
    assert.equal((await cloud.call("POST", "/rebalance", {})).status, 400);
  } finally {
    await cloud.close();
  }
});

test("snapshot: what was saved is there again elsewhere, and what was not is gone", async () => {
  const saved = await world.app.inject({ url: "/v1/operator/snapshot" });
  const other = await startWorld();
  try {
    await other.run(smallJob("stranger", {}, { Count: 0 }));
    await other.call("PUT", "/operator/snapshot", saved.rawPayload);
    assert.equal((await other.call("GET", "/job/stranger")).status, 404);
    const [mine, theirs] = [await world.get("/job/rolled/summary"), await other.get("/job/rolled/summary")];
    assert.deepEqual(theirs.Summary, mine.Summary);
    assert.equal((await other.get("/nodes"))[0].Name, "node1");
    assert.deepEqual((await other.get("/var/nomad/jobs/web")).Items, { a: "3" });
    assert.equal((await other.call("PUT", "/operator/snapshot", Buffer.from("x"))).status, 400);
  } finally {
    await other.close();
  }
});
