import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import { printed } from "../testing/document.ts";
import * as objects from "../testing/objects.ts";
import { inTurn, session, type Answers } from "../testing/session.ts";
import { exitCodeOf } from "./wait.ts";

const folder = new URL("../../../hcl/src/job/fixtures", import.meta.url).pathname;
const { evaluation, evaluationId, deploymentId } = objects;

const answers: Answers = {
  "POST /v1/jobs": objects.registered,
  [`GET /v1/evaluation/${evaluationId}`]: evaluation,
  [`GET /v1/evaluation/${evaluationId}/allocations`]: [],
  [`GET /v1/deployment/${deploymentId}`]: objects.deployment,
};

const run = (line: string, more: Answers = {}) =>
  session(line, { ...answers, ...more }, { directory: folder });

test("run: the lines that the document prints, then the deployment (CL-236, CL-239, CL-240)", async () => {
  const { code, stdout, asked } = await run("job run document-example.nomad");
  assert.ok(stdout.startsWith(printed("job run")), stdout);
  assert.equal(
    stdout.slice(printed("job run").length),
    `==> Monitoring deployment "f31e3269"
    ID          = f31e3269
    Job ID      = example
    Job Version = 4
    Status      = successful
    Description = Deployment completed successfully

    Deployed
    Task Group  Desired  Placed  Healthy  Unhealthy  Progress Deadline
    exec        1        1       1        0          2020-03-09T19:35:38Z

==> Deployment "f31e3269" ended with status "successful"
`,
  );
  assert.equal(code, 0);
  const { Submission } = asked[0].body as { Submission: { Format: string; Source: string } };
  assert.equal(Submission.Format, "hcl1");
  assert.match(Submission.Source, /^job "example"/);
});

test("run: the same lines with the time (CL-236)", async () => {
  const { stdout } = await run("run -timestamps document-example.nomad");
  assert.ok(stdout.startsWith(printed("job run, with timestamps")), stdout);
});

test("run: `example.`, as the document has it, is the file that begins so (CL-236)", async () => {
  const { code, stderr } = await run("job run document-example.");
  assert.equal(code, 0);
  assert.match(stderr, /taking document-example.nomad/);
});

test("run: allocations are told of when they are made and when they change", async () => {
  const pending = { ...objects.allocation, ClientStatus: "pending" };
  const { stdout } = await run("run document-example.nomad", {
    [`GET /v1/evaluation/${evaluationId}`]: inTurn({ ...evaluation, Status: "pending" }, evaluation),
    [`GET /v1/evaluation/${evaluationId}/allocations`]: inTurn([pending], [objects.allocation]),
  });
  const lines = stdout.split("\n").slice(2, 6);
  assert.deepEqual(lines, [
    '    Evaluation within deployment: "f31e3269"',
    '    Allocation "21d08737" created: node "4b393cb6", group "exec"',
    '    Allocation "21d08737" status changed: "pending" -> "running"',
    '    Evaluation status changed: "pending" -> "complete"',
  ]);
});

test("run: what finds no place is told with its reasons, and the exit code is 2 (CL-245)", async () => {
  const failed = { webserver: { NodesEvaluated: 1, NodesExhausted: 1, DimensionExhausted: { memory: 1 } } };
  const { code, stdout } = await run("run document-example.nomad", {
    [`GET /v1/evaluation/${evaluationId}`]: {
      ...evaluation,
      FailedTGAllocs: failed,
      BlockedEval: "c9b6f1a2-0000-4000-8000-000000000000",
    },
  });
  assert.equal(code, 2);
  assert.ok(
    stdout.endsWith(`==> Evaluation "8eb3657a" finished with status "complete" but failed to place all allocations:
    Task Group "webserver" (failed to place 1 allocation):
      * Resources exhausted on 1 nodes
      * Dimension "memory" exhausted on 1 nodes
    Evaluation "c9b6f1a2" waiting for additional capacity to place remainder
`),
    stdout,
  );
});

test("run: a failed deployment is shown as it goes, and the exit code is 1", async () => {
  const running = { ...objects.deployment, Status: "running", StatusDescription: "Deployment is running" };
  const failed = { ...running, Status: "failed", StatusDescription: "Failed due to progress deadline" };
  const { code, stdout } = await run("run document-example.nomad", {
    [`GET /v1/deployment/${deploymentId}`]: inTurn(running, failed),
  });
  assert.equal(code, 1);
  assert.deepEqual(stdout.match(/Description = .*/g), [
    "Description = Deployment is running",
    "Description = Failed due to progress deadline",
  ]);
});

test("run: on a terminal the deployment is drawn in one place", async () => {
  const running = { ...objects.deployment, Status: "running" };
  const replies = { ...answers, [`GET /v1/deployment/${deploymentId}`]: inTurn(running, objects.deployment) };
  const options = { directory: folder, isTerminal: true };
  const { stdout } = await session("run document-example.nomad", replies, options);
  assert.ok(stdout.includes("\u001b[10A\u001b[J"));
});

test("run: -detach prints the evaluation and asks for nothing more; -check-index is sent", async () => {
  const { stdout, asked } = await run("run -detach -check-index 0 document-example.nomad");
  assert.match(stdout, new RegExp(`Evaluation ID: ${evaluationId}\n$`));
  assert.equal(asked.length, 1);
  const { EnforceIndex, JobModifyIndex } = asked[0].body as Record<string, unknown>;
  assert.deepEqual([EnforceIndex, JobModifyIndex], [true, 0]);
});

test("run: -output sends nothing", async () => {
  const { stdout, asked } = await run("run -output document-example.nomad");
  assert.equal((JSON.parse(stdout) as { Job: { ID: string } }).Job.ID, "example");
  assert.equal(asked.length, 0);
});

test("run: a file that is not in order is refused here, with line and suggestion", async () => {
  const { code, stderr, asked } = await session(
    "run -",
    {},
    { stdin: chunks('job "a" {\n  group "g" {\n    task "t" {\n      drivr = "exec"\n    }\n  }\n}\n') },
  );
  assert.equal(code, 1);
  assert.match(stderr, /\(standard input\):4:7[^]*Did you mean driver\?/);
  assert.equal(asked.length, 0);
});

test("run: -wait ends with the batch job, and with its exit code", async () => {
  const batch =
    'job "render" {\n  type = "batch"\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n      config {\n        command = "false"\n      }\n    }\n  }\n}\n';
  const event = { Type: "Terminated", Time: 1, DisplayMessage: "Exit Code: 3", Details: { exit_code: "3" } };
  const failed = {
    ...objects.allocation,
    JobType: "batch",
    ClientStatus: "failed",
    TaskStates: { t: { State: "dead", Failed: true, Events: [event] } },
  };
  const job = { ...objects.job, ID: "render", Type: "batch" };
  const { code } = await session(
    "run -wait -",
    {
      ...answers,
      [`GET /v1/evaluation/${evaluationId}`]: { ...evaluation, DeploymentID: "" },
      "GET /v1/job/render": inTurn(job, { ...job, Status: "dead" }),
      "GET /v1/job/render/allocations": [failed],
    },
    { stdin: chunks(batch) },
  );
  assert.equal(code, 3);
});

test("run: an allocation that was made up for does not count", () => {
  const lost = { Name: "a.g[0]", CreateIndex: 1, ClientStatus: "lost" };
  const done = { Name: "a.g[0]", CreateIndex: 2, ClientStatus: "complete" };
  const list = [done, lost] as unknown as AllocationStub[];
  assert.equal(exitCodeOf(list), 0);
  assert.equal(exitCodeOf(list.slice(1)), 1);
  assert.equal(exitCodeOf([]), 1);
});

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
