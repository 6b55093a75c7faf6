/** A judge we did not write: nomad-client from npm, as its readme uses it, against a door that listens. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadNomadClient } from "./testing/nomad-client.ts";
import { type Json, smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
let client: Json;
let nodeId: string;
before(async () => {
  world = await startWorld();
  nodeId = await world.join("node1");
  const baseUrl = await world.app.listen({ host: "127.0.0.1", port: 0 });
  client = new (loadNomadClient().NomadClient)({ baseUrl });
});
after(() => world.close());

test("nomad-client: reaches the cloud and finds it well (CL-215)", async () => {
  assert.equal(await client.ping(), true);
  assert.equal(await client.getVersion(), "2.0.5");
  const health = await client.healthCheck();
  assert.deepEqual([health.healthy, health.leader, health.peers, health.clients], [true, true, 1, 1]);
});

test("nomad-client: validates, plans and registers a job, and sees it run", async () => {
  const job = smallJob("judged", { Datacenters: ["dc1"] });
  const validated = await client.jobs.validate({ Job: job });
  assert.equal(validated.Error, "");
  const plan = await client.jobs.plan(job);
  assert.equal(plan.FailedTGAllocs, null);
  const created = await client.jobs.create(job);
  assert.match(created.EvalID, /^[0-9a-f-]{36}$/);
  await world.settle();
  const { data } = await client.jobs.list();
  assert.deepEqual(
    data.map((one: Json) => [one.ID, one.Status]),
    [["judged", "running"]],
  );
  assert.equal((await client.jobs.summary("judged")).Summary.g.Running, 1);
  const evaluations = await client.jobs.evaluations("judged");
  assert.ok(evaluations.some((one: Json) => one.ID === created.EvalID));
  assert.equal((await client.jobs.deployments("judged")).length, 1);
  const healthy = await client.jobs.isHealthy("judged");
  assert.equal(healthy.runningAllocations, 1);
});

test("nomad-client: parses a job file (CL-224)", async () => {
  const text = 'job "x" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}\n';
  const parsed = await client.jobs.parse({ JobHCL: text, Canonicalize: true });
  assert.equal(parsed.ID, "x");
});

test("nomad-client: versions, a revert and scaling", async () => {
  await client.jobs.update(smallJob("judged", { Datacenters: ["dc1"], Meta: { a: "1" } }));
  await world.settle();
  assert.equal((await client.jobs.versions("judged")).length, 2);
  await client.jobs.revert("judged", 0);
  await world.settle();
  assert.equal((await client.jobs.get("judged")).Version, 2);
  await client.jobs.scale("judged", "g", 2);
  await world.settle();
  assert.equal((await client.jobs.get("judged")).TaskGroups[0].Count, 2);
});

test("nomad-client: allocations, their figures, signals and restarts", async () => {
  const { data } = await client.allocations.list();
  const running = data.find((one: Json) => one.ClientStatus === "running" && one.DesiredStatus === "run");
  assert.equal((await client.allocations.get(running.ID)).JobID, "judged");
  assert.equal((await client.allocations.stats(running.ID)).Tasks.t.ResourceUsage.MemoryStats.RSS, 1024);
  await client.allocations.restart(running.ID, { TaskName: "t" });
  await client.allocations.signal(running.ID, { Task: "t", Signal: "SIGHUP" });
  assert.deepEqual(await client.allocations.services(running.ID), []);
  await client.allocations.stop(running.ID);
  await world.settle();
  assert.equal((await client.allocations.get(running.ID)).DesiredStatus, "stop");
});

test("nomad-client: nodes and namespaces", async () => {
  const { data } = await client.nodes.list();
  assert.equal(data[0].Name, "node1");
  assert.equal((await client.nodes.get(nodeId)).Datacenter, "dc1");
  assert.ok((await client.nodes.allocations(nodeId)).length > 0);
  await client.namespaces.update({ Name: "team", Description: "theirs" });
  assert.equal((await client.namespaces.get("team")).Description, "theirs");
  await client.namespaces.delete("team");
  await client.jobs.delete("judged", true);
  await assert.rejects(client.jobs.get("judged"), /HTTP Error 404/);
});
