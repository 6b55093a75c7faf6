import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
before(async () => {
  world = await startWorld();
  await world.join("node1");
});
after(() => world.close());

test("jobs: registering answers with an evaluation, and the copies run (CL-215)", async () => {
  const answer = await world.run(smallJob("web", {}, { Count: 2 }));
  assert.match(answer.EvalID, /^[0-9a-f-]{36}$/);
  assert.equal(answer.Warnings, "");
  assert.equal((await world.get(`/evaluation/${answer.EvalID}`)).Status, "complete");
  const job = await world.get("/job/web");
  assert.equal(job.Status, "running");
  assert.equal(job.Version, 0);
  assert.equal(job.JobModifyIndex, answer.JobModifyIndex);
  assert.equal(job.TaskGroups[0].RestartPolicy.Interval, 1_800_000_000_000);
  const allocations = await world.get("/job/web/allocations");
  assert.deepEqual(allocations.map((one: Json) => [one.Name, one.ClientStatus]).sort(), [
    ["web.g[0]", "running"],
    ["web.g[1]", "running"],
  ]);
  const summary = await world.get("/job/web/summary");
  assert.equal(summary.Summary.g.Running, 2);
});

test("jobs: a job file is parsed to the API's JSON (CL-224)", async () => {
  const text =
    'job "x" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n      config {\n        command = "sleep"\n      }\n    }\n  }\n}\n';
  const plain = await world.post("/jobs/parse", { JobHCL: text });
  assert.equal(plain.TaskGroups[0].Tasks[0].Driver, "raw_exec");
  assert.equal(plain.Priority, undefined);
  const full = await world.post("/jobs/parse", { JobHCL: text, Canonicalize: true });
  assert.equal(full.Priority, 50);
  const wrong = await world.call("POST", "/jobs/parse", { JobHCL: 'job "x" {' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /job\.hcl:1:/);
});

test("jobs: values of variables come with the file", async () => {
  const text =
    'variable "n" {\n  type = number\n}\njob "x" {\n  priority = var.n\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}\n';
  const job = await world.post("/jobs/parse", { JobHCL: text, Variables: "n = 70\n" });
  assert.equal(job.Priority, 70);
});

test("jobs: validation says all that is wrong", async () => {
  const fine = await world.post("/validate/job", { Job: smallJob("x") });
  assert.equal(fine.ValidationErrors, null);
  assert.equal(fine.Error, "");
  const wrong = await world.post("/validate/job", { Job: smallJob("a b", { Priority: 500 }) });
  assert.equal(wrong.ValidationErrors.length, 2);
  const refused = await world.call("POST", "/jobs", { Job: smallJob("a b") });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /1 error occurred/);
});

test("jobs: enforcing an index refuses what has changed in between", async () => {
  await world.run(smallJob("checked"));
  const { JobModifyIndex } = await world.get("/job/checked");
  const again = await world.call("POST", "/jobs", {
    Job: smallJob("checked"),
    EnforceIndex: true,
    JobModifyIndex: 0,
  });
  assert.equal(again.status, 409);
  assert.match(again.text, /job already exists/);
  await world.post("/job/checked", { Job: smallJob("checked"), EnforceIndex: true, JobModifyIndex });
});

test("jobs: a plan tells what would be done and changes nothing", async () => {
  await world.run(smallJob("planned"));
  const index = world.control.state.index;
  const bigger = smallJob("planned", {}, { Count: 3 });
  const plan = await world.post("/job/planned/plan", { Job: bigger, Diff: true });
  const written = world.control.ledger.recent().filter((one) => one.index > index);
  assert.ok(!written.some(({ kind }) => kind === "job-register"));
  assert.equal(plan.Diff.Type, "Edited");
  assert.deepEqual(plan.Diff.TaskGroups[0].Updates, { create: 2, "in-place update": 1 });
  assert.equal(plan.Annotations.DesiredTGUpdates.g.Place, 2);
  assert.equal(plan.FailedTGAllocs, null);
  assert.equal(plan.Placements.length, 2);
  assert.deepEqual(plan.Placements[0].NodeName, "node1");
  assert.match(plan.Explanation.join("\n"), /planned\.g\[1\] is on node1: score/);
  const same = await world.post("/job/planned/plan", { Job: smallJob("planned"), Diff: true });
  assert.equal(same.Diff.Type, "None");
});

test("jobs: what has no place is told with its reasons, and why says the same", async () => {
  const job = smallJob(
    "greedy",
    {},
    {
      Count: 2,
      Networks: [{ ReservedPorts: [{ Label: "http", Value: 8080 }] }],
    },
  );
  const plan = await world.post("/job/greedy/plan", { Job: job, Diff: false });
  const metric = plan.FailedTGAllocs.g;
  assert.equal(metric.NodesExhausted, 1);
  assert.deepEqual(metric.DimensionExhausted, { "network: reserved port collision http=8080": 1 });
  assert.match(plan.Explanation.join("\n"), /Smallest change/);
  await world.run(job);
  const blocked = await world.get("/evaluations?job=greedy&status=blocked");
  assert.equal(blocked.length, 1);
  assert.equal((await world.get("/job/greedy/summary")).Summary.g.Queued, 1);
  const why = await world.get("/job/greedy/why");
  assert.equal(why.Groups[0].Name, "g");
  assert.match(why.Groups[0].Lines.join("\n"), /8080/);
});

test("jobs: ids with slashes are found encoded and raw", async () => {
  await world.run(
    smallJob("backup", {
      Type: "batch",
      ParameterizedJob: { Payload: "optional" },
    }),
  );
  const launched = await world.post("/job/backup/dispatch", {
    Payload: Buffer.from("hi").toString("base64"),
  });
  await world.settle();
  const id: string = launched.DispatchedJobID;
  const again = await world.post("/job/backup/dispatch/payload?idempotency_token=once");
  assert.equal(
    (await world.post("/job/backup/dispatch?idempotency_token=once")).DispatchedJobID,
    again.DispatchedJobID,
  );
  assert.equal((await world.get(`/job/${again.DispatchedJobID}`)).CreateIndex, again.JobCreateIndex);
  assert.match(id, /^backup\/dispatch-\d+-[0-9a-f]{8}$/);
  for (const path of [id, encodeURIComponent(id)]) {
    assert.equal((await world.get(`/job/${path}`)).ParentID, "backup");
    assert.equal((await world.get(`/job/${path}/allocations`)).length, 1);
  }
  assert.equal((await world.call("GET", "/job/backup/nothing/here")).status, 404);
  await world.settle();
  const parent = await world.get("/job/backup/summary");
  assert.equal(parent.Children.Running, 2);
});

test("jobs: versions, revert, tags, stability and submission", async () => {
  const submission = { Source: 'job "v" {}', Format: "hcl2", Variables: "", VariableFlags: { a: "1" } };
  await world.run(smallJob("v"), { Submission: submission });
  await world.run(smallJob("v", { Meta: { a: "1" } }));
  const versions = await world.get("/job/v/versions?diffs=true");
  assert.deepEqual(
    versions.Versions.map((one: { Version: number }) => one.Version),
    [1, 0],
  );
  assert.equal(versions.Diffs.length, 1);
  assert.equal(versions.Diffs[0].Type, "Edited");
  assert.deepEqual((await world.get("/job/v/submission?version=0")).VariableFlags, { a: "1" });
  assert.equal((await world.call("GET", "/job/v/submission?version=1")).status, 404);
  const tagged = await world.post("/job/v/versions/good/tag", { Version: 0, Description: "works" });
  assert.equal(tagged.Name, "good");
  assert.equal((await world.get("/job/v/versions")).Versions[1].VersionTag.Description, "works");
  await world.post("/job/v/stable", { JobVersion: 0, Stable: true });
  await world.post("/job/v/revert", { JobID: "v", JobVersion: 0 });
  assert.equal((await world.get("/job/v")).Version, 2);
  assert.equal((await world.get("/job/v")).Meta, null);
  assert.equal((await world.call("DELETE", "/job/v/versions/good/tag")).status, 200);
});

test("jobs: scaling changes the count and keeps the rest", async () => {
  await world.run(smallJob("scaled"));
  await world.post("/job/scaled/scale", { Count: 2, Target: { Group: "g" } });
  await world.settle();
  const status = await world.get("/job/scaled/scale");
  assert.equal(status.TaskGroups.g.Desired, 2);
  assert.equal(status.TaskGroups.g.Running, 2);
  assert.equal((await world.get("/job/scaled")).TaskGroups[0].Count, 2);
  await world.run(smallJob("scaled", { Meta: { x: "1" } }), { PreserveCounts: true });
  assert.equal((await world.get("/job/scaled")).TaskGroups[0].Count, 2);
});

test("jobs: a stopped job is dead, a purged one is gone", async () => {
  await world.run(smallJob("short"));
  const stopped = await world.call("DELETE", "/job/short");
  assert.match(stopped.json.EvalID, /^[0-9a-f-]{36}$/);
  await world.settle();
  const job = await world.get("/job/short");
  assert.equal(job.Stop, true);
  assert.equal(job.Status, "dead");
  await world.call("DELETE", "/job/short?purge=true");
  const gone = await world.call("GET", "/job/short");
  assert.equal(gone.status, 404);
  assert.equal(gone.text, 'job "short" not found');
});

test("jobs: a periodic job runs nothing itself; forced, it launches one", async () => {
  const job = smallJob("nightly", { Type: "batch", Periodic: { Spec: "0 3 * * *" } });
  const plan = await world.post("/job/nightly/plan", { Job: job });
  assert.match(plan.NextPeriodicLaunch, /T03:00:00/);
  assert.deepEqual(plan.Placements, []);
  const answer = await world.run(job);
  assert.equal(answer.EvalID, "");
  assert.equal((await world.get("/job/nightly")).Status, "running");
  await world.post("/job/nightly/periodic/force");
  await world.settle();
  const children = await world.get("/jobs?prefix=nightly/periodic-");
  assert.equal(children.length, 1);
  assert.equal(children[0].ParentID, "nightly");
});

test("jobs: the list can be narrowed, filtered, turned round and read page by page", async () => {
  for (const id of ["l-a", "l-b", "l-c"]) await world.run(smallJob(id, { Meta: { id } }, { Count: 0 }));
  const ids = async (query: string) =>
    (await world.get<{ ID: string }[]>(`/jobs?prefix=l-&${query}`)).map((job) => job.ID);
  assert.deepEqual(await ids(""), ["l-a", "l-b", "l-c"]);
  assert.deepEqual(await ids("reverse=true"), ["l-c", "l-b", "l-a"]);
  assert.deepEqual(await ids(`filter=${encodeURIComponent('ID != "l-b"')}`), ["l-a", "l-c"]);
  assert.deepEqual(await ids(`meta=true&filter=${encodeURIComponent("Meta.id == l-b")}`), ["l-b"]);
  assert.deepEqual(await ids(`filter=${encodeURIComponent("Meta.id == l-c and Region == global")}`), ["l-c"]);
  const first = await world.call("GET", "/jobs?prefix=l-&per_page=2");
  assert.equal(first.json.length, 2);
  const token = String(first.headers["x-nomad-nexttoken"]);
  assert.deepEqual(await ids(`per_page=2&next_token=${token}`), ["l-c"]);
  const wrong = await world.call("GET", "/jobs?filter=ID%20is");
  assert.equal(wrong.status, 400);
});

test("jobs: the statuses of all jobs come with their copies", async () => {
  await world.run(smallJob("seen"));
  const statuses = await world.post("/jobs/statuses", { Jobs: [{ id: "seen", namespace: "default" }] });
  assert.equal(statuses.length, 1);
  assert.equal(statuses[0].GroupCountSum, 1);
  assert.equal(statuses[0].Allocs[0].ClientStatus, "running");
  assert.equal(statuses[0].LatestDeployment.JobVersion, 0);
  assert.ok((await world.get("/jobs/statuses")).length > 1);
});
