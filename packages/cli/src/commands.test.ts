/** The smaller commands: what each sends, and what it prints. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as objects from "./testing/objects.ts";
import { Answer, session, type Answers } from "./testing/session.ts";

const { deploymentId, evaluationId } = objects;

/** Runs the line; compares what it prints, and the last request and its body if these are given. */
async function check(
  line: string,
  answers: Answers,
  expected: { prints?: string; sends?: string; body?: unknown },
) {
  const { code, stdout, stderr, asked } = await session(line, answers);
  assert.equal(code, 0, stderr);
  if (expected.prints !== undefined) assert.equal(stdout, expected.prints);
  const last = asked.at(-1);
  if (expected.sends) assert.equal(last?.line, expected.sends);
  if (expected.body) assert.deepEqual(last?.body, expected.body);
}

const jobAnswers: Answers = {
  "GET /v1/jobs": [objects.jobStub],
  "GET /v1/job/example": objects.job,
  "GET /v1/job/example/deployment": objects.deployment,
};

test("job scale: of a job with one group the name can be left out", async () => {
  const answers = { ...jobAnswers, "POST /v1/job/example/scale": { EvalID: "" } };
  for (const line of ["job scale example 4", "job scale exam exec 4"])
    await check(line, answers, {
      prints: 'Group "exec" of job "example" is scaled to 4\n',
      sends: "POST /v1/job/example/scale",
      body: { Count: 4, Target: { Group: "exec" }, Message: "" },
    });
  const { stderr } = await session("job scale example web 4", answers);
  assert.equal(stderr, 'Error: job "example" has no group "web": exec.\n');
});

test("job stop, eval, revert, promote, dispatch and periodic force: what is sent", async () => {
  const answers: Answers = {
    ...jobAnswers,
    "DELETE /v1/job/example": { EvalID: "" },
    "POST /v1/job/example/evaluate": { EvalID: "" },
    "POST /v1/job/example/revert": { EvalID: "" },
    "POST /v1/job/example/periodic/force": { EvalID: "" },
    "POST /v1/job/example/dispatch": { DispatchedJobID: "example/dispatch-1", EvalID: "" },
    [`POST /v1/deployment/promote/${deploymentId}`]: { EvalID: "" },
  };
  const { asked } = await session("job stop -purge example", answers);
  assert.equal(asked.at(-1)?.search.get("purge"), "true");
  await check("job eval -force-reschedule example", answers, {
    body: { JobID: "example", EvalOptions: { ForceReschedule: true } },
  });
  await check("job revert example 3", answers, { body: { JobID: "example", JobVersion: 3 } });
  await check("job promote -group exec example", answers, {
    body: { DeploymentID: deploymentId, All: false, Groups: ["exec"] },
  });
  await check("job dispatch -meta a=b=c example", answers, {
    prints: "Dispatched Job ID = example/dispatch-1\n",
    body: { Payload: null, Meta: { a: "b=c" } },
  });
  await check("job periodic force example", answers, { sends: "POST /v1/job/example/periodic/force" });
});

test("job history: versions, and what they changed", async () => {
  const versions = {
    Versions: [objects.job, { ...objects.job, Version: 3 }],
    Diffs: [
      { Type: "Edited", ID: "example", Fields: [{ Type: "Edited", Name: "Priority", Old: "40", New: "50" }] },
    ],
  };
  const answers = { ...jobAnswers, "GET /v1/job/example/versions": versions };
  const facts = (version: number) =>
    `Version     = ${version}\nStable      = true\nSubmit Date = 2020-03-09T19:25:38Z\n`;
  await check("job history example", answers, { prints: `${facts(4)}\n${facts(3)}` });
  await check("job history -p -version 4 example", answers, {
    prints: `${facts(4)}Diff        =\n+/- Job: "example"\n+/- Priority: "40" => "50"\n`,
  });
});

test("job inspect: JSON, or the file as it was given", async () => {
  const answers = {
    ...jobAnswers,
    "GET /v1/job/example/submission": { Source: 'job "example" {}\n', Format: "hcl2" },
  };
  const { stdout } = await session("inspect example", answers);
  assert.equal((JSON.parse(stdout) as { Job: { ID: string } }).Job.ID, "example");
  await check("job inspect -hcl example", answers, { prints: 'job "example" {}\n' });
  const without = await session("job inspect -hcl example", jobAnswers);
  assert.match(without.stdout, /^job "example" \{/);
});

test("job init, fmt and fix: files are written, and none that is there is replaced", async () => {
  const directory = mkdtempSync(join(tmpdir(), "fractus-cli-"));
  try {
    const run = (line: string) => session(line, {}, { directory });
    assert.equal((await run("init a.nomad")).stdout, "Example job file written to a.nomad\n");
    assert.equal((await run("init a.nomad")).stderr, "Error: cannot write a.nomad: it is there already.\n");
    assert.equal((await run("validate a.nomad")).code, 1, "the server's answer is 404");
    assert.equal((await run("fmt -check a.nomad")).code, 0);
    writeFileSync(join(directory, "b.hcl"), 'job "b" {\n type="batch"\n}\n');
    assert.deepEqual((({ code, stdout }) => [code, stdout])(await run("fmt -check")), [1, "b.hcl\n"]);
    assert.deepEqual((({ code, stdout }) => [code, stdout])(await run("fmt")), [0, "b.hcl\n"]);
    assert.equal(readFileSync(join(directory, "b.hcl"), "utf8"), 'job "b" {\n  type = "batch"\n}\n');
    writeFileSync(join(directory, "old.nomad"), 'job "c" {\n  datacenters = ["a"],\n}\n');
    assert.equal(
      (await run("job fix -write=false old.nomad")).stdout,
      'job "c" {\n  datacenters = ["a"]\n}\n',
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("job validate: a server that is away leaves it at what is checked here", async () => {
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  const directory = new URL("../../hcl/src/job/fixtures", import.meta.url).pathname;
  const { code, stdout } = await session("validate document-example.nomad", {}, { fetch, directory });
  assert.deepEqual([code, stdout], [0, "Job validation successful\n"]);
});

test("deployment list, status and pause", async () => {
  const answers = {
    "GET /v1/deployments": [objects.deployment],
    [`POST /v1/deployment/pause/${deploymentId}`]: { EvalID: "" },
  };
  await check("deployment list", answers, {
    prints:
      "ID        Job ID   Job Version  Status      Description\n" +
      "f31e3269  example  4            successful  Deployment completed successfully\n",
  });
  assert.match(
    (await session("deployment status f31e", answers)).stdout,
    /^Deployed\nTask Group {2}Desired/m,
  );
  await check("deployment pause f31e3269", answers, {
    prints: 'Deployment "f31e3269" is paused\n',
    body: { DeploymentID: deploymentId, Pause: true },
  });
});

test("eval list, status and delete", async () => {
  const failed = { exec: { NodesEvaluated: 2, ConstraintFiltered: { "${attr.kernel.name} = linux": 2 } } };
  const evaluation = { ...objects.evaluation, FailedTGAllocs: failed, QueuedAllocations: { exec: 1 } };
  const answers = {
    "GET /v1/evaluations": [evaluation],
    [`GET /v1/evaluation/${evaluationId}`]: evaluation,
    [`GET /v1/evaluation/${evaluationId}/allocations`]: [objects.allocation],
    "DELETE /v1/evaluations": { Count: 1 },
  };
  assert.match(
    (await session("eval list", answers)).stdout,
    /8eb3657a {2}50 {8}job-register {2}example .*true$/m,
  );
  const { stdout } = await session("eval status 8eb", answers);
  assert.match(stdout, /Constraint "\$\{attr.kernel.name\} = linux": 2 nodes excluded by filter/);
  assert.match(stdout, /Queued\nTask Group {2}Allocations\nexec {8}1\n/);
  assert.match(stdout, /Placed Allocations\nID .*\n21d08737 /);
  await check("eval delete 8eb3657a", answers, { body: { EvalIDs: [evaluationId] } });
});

test("service list, info and delete", async () => {
  const registration = {
    ID: "r1",
    ServiceName: "web",
    JobID: "example",
    AllocID: objects.allocationId,
    NodeID: objects.nodeId,
    Tags: ["a", "b"],
    Address: "127.0.0.1",
    Port: 24_680,
  };
  const answers = {
    "GET /v1/services": [{ Namespace: "default", Services: [{ ServiceName: "web", Tags: ["a", "b"] }] }],
    "GET /v1/service/web": [registration],
    "DELETE /v1/service/web/r1": null,
  };
  await check("service list", answers, { prints: "Service Name  Tags\nweb           [a,b]\n" });
  await check("service info web", answers, {
    prints:
      "Job ID   Address          Tags   Node ID   Alloc ID\n" +
      "example  127.0.0.1:24680  [a,b]  4b393cb6  21d08737\n",
  });
  await check("service delete web r1", answers, { sends: "DELETE /v1/service/web/r1" });
});

test("var put: items are added to those that are there, in the state they were seen in", async () => {
  const variable = {
    Namespace: "default",
    Path: "a/b",
    Items: { old: "1" },
    CreateTime: 0,
    ModifyTime: 0,
    ModifyIndex: 7,
  };
  const answers: Answers = {
    "GET /v1/var/a/b": variable,
    "PUT /v1/var/a/b": { ...variable, Items: { old: "1", new: "x=y" }, ModifyIndex: 8 },
  };
  const { asked, stdout } = await session("var put a/b new=x=y", answers);
  assert.equal(asked.at(-1)?.search.get("cas"), "7");
  assert.deepEqual(asked.at(-1)?.body, { Path: "a/b", Items: { old: "1", new: "x=y" } });
  assert.match(stdout, /Check Index = 8\n\nItems\nnew = x=y\nold = 1\n$/);
  const conflict = {
    ...answers,
    "PUT /v1/var/a/b": new Answer(409, JSON.stringify({ ...variable, ModifyIndex: 9 })),
  };
  assert.match((await session("var put -check-index 8 a/b k=v", conflict)).stderr, /at index 9 now/);
  await check("var get -item old a/b", answers, { prints: "1\n" });
  const fresh = await session("var put a/b k=v", { ...answers, "GET /v1/var/a/b": new Answer(404, "none") });
  assert.equal(fresh.asked.at(-1)?.search.get("cas"), "0");
  assert.equal((await session("var get c", {})).stderr, 'Error: there is no variable "c".\n');
});

test("acl and namespace: what is sent and shown", async () => {
  const token = {
    AccessorID: "acc",
    SecretID: "sec",
    Name: "ci",
    Type: "client",
    Policies: ["deploy"],
    Global: false,
    CreateTime: "2020-03-09T19:25:38Z",
    CreateIndex: 3,
    ModifyIndex: 3,
  };
  await check(
    "acl token create -name ci -policy deploy -ttl 8h",
    { "POST /v1/acl/token": token },
    {
      body: { Name: "ci", Type: "client", Policies: ["deploy"], Global: false, ExpirationTTL: 8 * 3600e9 },
    },
  );
  const { stdout } = await session("acl bootstrap", {
    "POST /v1/acl/bootstrap": { ...token, Type: "management" },
  });
  assert.match(stdout, /^Secret ID {4}= sec$/m);
  assert.match(stdout, /^Policies {5}= n\/a$/m);
  await check(
    "namespace apply -description text web",
    { "POST /v1/namespace/web": null },
    {
      prints: 'Successfully applied namespace "web"!\n',
      body: { Name: "web", Description: "text", Meta: {} },
    },
  );
  const before = {
    Name: "web",
    Description: "text",
    Limits: { CPU: 500, MemoryBytes: 0, Allocs: 3 },
    Meta: null,
  };
  await check(
    "namespace apply -quota memory=64 -quota allocs=0 web",
    { "GET /v1/namespace/web": before, "POST /v1/namespace/web": null },
    {
      prints: 'Successfully applied namespace "web"!\n',
      body: {
        Name: "web",
        Description: "text",
        Limits: { CPU: 500, MemoryBytes: 2 ** 26, Allocs: 0 },
        Meta: {},
      },
    },
  );
});

test("deployment pause: it does not go on, so it is not followed", async () => {
  const { stdout, code, asked } = await session(`deployment pause ${deploymentId}`, {
    "GET /v1/deployments": [objects.deployment],
    [`POST /v1/deployment/pause/${deploymentId}`]: { EvalID: evaluationId },
    [`GET /v1/evaluation/${evaluationId}`]: objects.evaluation,
    [`GET /v1/evaluation/${evaluationId}/allocations`]: [],
  });
  assert.equal(code, 0);
  assert.match(stdout, /^Deployment "f31e3269" is paused\n==> Monitoring evaluation/);
  assert.doesNotMatch(stdout, /Monitoring deployment/);
  assert.ok(asked.every(({ line }) => line !== `GET /v1/deployment/${deploymentId}`));
});

test("operator: what is not said stays as it is; any request can be sent", async () => {
  const SchedulerConfig = {
    SchedulerAlgorithm: "binpack",
    PreemptionConfig: { SystemSchedulerEnabled: true },
    MemoryOversubscriptionEnabled: false,
  };
  const path = "/v1/operator/scheduler/configuration";
  const { asked } = await session("operator scheduler set-config -scheduler-algorithm spread", {
    [`GET ${path}`]: { SchedulerConfig },
    [`PUT ${path}`]: { Updated: true },
  });
  const sent = asked.at(-1)?.body as typeof SchedulerConfig;
  assert.deepEqual([sent.SchedulerAlgorithm, sent.PreemptionConfig.SystemSchedulerEnabled], ["spread", true]);
  const api = await session(["operator", "api", "-d", '{"a":1}', "/v1/jobs?prefix=x"], {
    "POST /v1/jobs": { ok: 1 },
  });
  assert.equal(api.stdout, '{"ok":1}\n');
  assert.deepEqual([api.asked[0].search.get("prefix"), api.asked[0].body], ["x", { a: 1 }]);
});

test("server members: the leader is marked", async () => {
  const member = (name: string, port: string) => ({
    Name: name,
    Addr: "127.0.0.1",
    Port: 4648,
    Status: "alive",
    Tags: { port, build: "0.1.0", dc: "dc1", region: "global" },
  });
  await check(
    "server members",
    {
      "GET /v1/agent/members": { Members: [member("a.global", "4647")] },
      "GET /v1/status/leader": "127.0.0.1:4647",
    },
    {
      prints:
        "Name      Address    Port  Status  Leader  Build  Datacenter  Region\n" +
        "a.global  127.0.0.1  4648  alive   true    0.1.0  dc1         global\n",
    },
  );
});

test("why and rebalance: the server's own words, and moves that are only shown", async () => {
  const answers = {
    ...jobAnswers,
    "GET /v1/job/example/why": { Groups: [{ Name: "exec", Lines: ["on raspi-0: it is the only one"] }] },
    "POST /v1/rebalance": {
      Moves: [{ AllocID: "abcdef0123", Name: "a.b[0]", From: "x", To: "y", Gain: 0.12345 }],
    },
  };
  await check("why example", answers, { prints: 'Task Group "exec"\n  on raspi-0: it is the only one\n' });
  await check("rebalance -plan", answers, {
    prints: "Alloc ID  Name    From  To  Gain\nabcdef01  a.b[0]  x     y   0.123\n",
    body: { Plan: true },
  });
  assert.equal((await session("rebalance", answers)).code, 1);
});
