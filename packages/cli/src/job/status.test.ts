import assert from "node:assert/strict";
import { test } from "node:test";
import { printed } from "../testing/document.ts";
import * as objects from "../testing/objects.ts";
import { session, type Answers } from "../testing/session.ts";

const answers: Answers = {
  "POST /v1/search": { Matches: { jobs: ["example"] }, Truncations: {} },
  "GET /v1/jobs": (search: URLSearchParams) =>
    "example".startsWith(search.get("prefix") ?? "") ? [objects.jobStub] : [],
  "GET /v1/job/example": objects.job,
  "GET /v1/job/example/summary": objects.summary,
  "GET /v1/job/example/allocations": [objects.earlierAllocation, objects.allocation],
  "GET /v1/job/example/evaluations": [objects.evaluation],
  "GET /v1/job/example/deployment": objects.deployment,
};

test("status: what the document prints, by the beginning of the ID too (CL-237, CL-238, CL-239, CL-240, CL-241)", async () => {
  for (const line of ["status example", "job status exam"]) {
    const { code, stdout } = await session(line, answers);
    assert.equal(stdout, printed("status"));
    assert.equal(code, 0);
  }
});

test("status: what is not as usual is shown: unknown allocations, another pool, canaries", async () => {
  const groups = {
    exec: { ...objects.deployment.TaskGroups.exec, AutoRevert: true, DesiredCanaries: 1, Promoted: true },
  };
  const { stdout } = await session("status example", {
    ...answers,
    "GET /v1/job/example": { ...objects.job, NodePool: "big", Stop: true },
    "GET /v1/job/example/summary": { Summary: { exec: { ...objects.summary.Summary.exec, Unknown: 1 } } },
    "GET /v1/job/example/deployment": { ...objects.deployment, TaskGroups: groups },
  });
  assert.match(stdout, /^Node Pool     = big\nStatus        = running \(stopped\)$/m);
  assert.match(stdout, /Lost  Unknown\n.* 0     1$/m);
  assert.match(
    stdout,
    /^Task Group {2}Auto Revert {2}Promoted {2}Desired {2}Canaries {2}Placed .*\nexec {8}true {9}true /m,
  );
});

test("status: while an evaluation is blocked, the failure to place is shown", async () => {
  const failed = { exec: { NodesEvaluated: 0, NodesAvailable: { dc1: 0 }, CoalescedFailures: 1 } };
  const { stdout } = await session("job status example", {
    ...answers,
    "GET /v1/job/example/evaluations": [
      { ...objects.evaluation, FailedTGAllocs: failed },
      { ...objects.evaluation, Status: "blocked" },
    ],
  });
  assert.ok(
    stdout.includes(`Placement Failure
Task Group "exec" (failed to place 2 allocations):
  * No nodes were eligible for evaluation
  * No nodes are available in datacenter "dc1"
`),
    stdout,
  );
});

test("status: a job that makes others shows those", async () => {
  const child = {
    ...objects.jobStub,
    ID: "example/periodic-1583781938",
    ParentID: "example",
    Status: "dead",
  };
  const { stdout } = await session("job status example", {
    ...answers,
    "GET /v1/jobs": [objects.jobStub, child],
    "GET /v1/job/example": { ...objects.job, Periodic: { Spec: "@daily", TimeZone: "UTC", Enabled: true } },
    "GET /v1/job/example/summary": { Summary: {}, Children: { Pending: 0, Running: 0, Dead: 1 } },
  });
  assert.match(stdout, /^Pending {2}Running {2}Dead\n0 {8}0 {8}1$/m);
  assert.match(stdout, /^example\/periodic-1583781938 {2}dead {4}2020-03-09T19:25:38Z$/m);
});

test("status: all jobs, and none", async () => {
  assert.equal(
    (await session("status", answers)).stdout,
    "ID       Type     Priority  Status   Submit Date\nexample  service  50        running  2020-03-09T19:25:38Z\n",
  );
  assert.equal((await session("job status", { "GET /v1/jobs": [] })).stdout, "No running jobs\n");
});

test("status: what is not there is named, and what is not clear is listed", async () => {
  const { code, stderr } = await session("job status top", answers);
  assert.equal(code, 1);
  assert.equal(stderr, 'Error: there is no job whose ID is or begins with "top".\n');
  const two = { "GET /v1/jobs": [objects.jobStub, { ...objects.jobStub, ID: "example2" }] };
  const unclear = await session("job status exam", two);
  assert.match(
    unclear.stderr,
    /beginning of 2 jobs:\n {2}ID {8}Status\n {2}example {3}running\n {2}example2 {2}running/,
  );
});
