import assert from "node:assert/strict";
import { test } from "node:test";
import { allocation, allocationId, at, job, jobStub } from "../testing/objects.ts";
import { Answer, session, type Answers } from "../testing/session.ts";

const whole = {
  ...allocation,
  Job: job,
  DeploymentID: "",
  PreviousAllocation: "",
  NextAllocation: "",
  AllocatedResources: {
    Tasks: {
      http_serve: {
        Cpu: { CpuShares: 200 },
        Memory: { MemoryMB: 200 },
        Networks: [{ IP: "127.0.0.1", DynamicPorts: [{ Label: "http", Value: 24_680, To: 0 }] }],
      },
    },
    Shared: { DiskMB: 300, Ports: [{ Label: "http", Value: 24_680, To: 0, HostIP: "127.0.0.1" }] },
  },
  TaskStates: {
    http_serve: {
      State: "running",
      Failed: false,
      Restarts: 1,
      LastRestart: "2020-03-09T19:30:00Z",
      StartedAt: "2020-03-09T19:25:40Z",
      FinishedAt: "0001-01-01T00:00:00Z",
      Events: [
        { Type: "Received", Time: at("19:25:38"), DisplayMessage: "Task received by client", Details: {} },
        { Type: "Started", Time: at("19:25:40"), DisplayMessage: "Task started by client", Details: {} },
      ],
    },
  },
};

const answers: Answers = {
  "GET /v1/jobs": [jobStub],
  "GET /v1/job/example/allocations": [allocation],
  "GET /v1/allocations": (search: URLSearchParams) =>
    allocationId.startsWith(search.get("prefix") ?? "") ? [allocation] : [],
  [`GET /v1/allocation/${allocationId}`]: whole,
  [`GET /v1/client/allocation/${allocationId}/stats`]: {
    Tasks: {
      http_serve: {
        ResourceUsage: { MemoryStats: { RSS: 5 * 2 ** 20, Usage: 0 }, CpuStats: { TotalTicks: 12.4 } },
      },
    },
  },
  [`GET /v1/allocation/${allocationId}/isolation`]: {
    http_serve: [{ Aspect: "file system", Holds: false, Words: "shares that of the machine" }],
  },
};

test("alloc status: health, use of resources, endpoints, isolation and events (CL-207)", async () => {
  const { code, stdout } = await session("alloc status 21d08", answers);
  assert.equal(code, 0);
  for (const lines of [
    "Node Name           = raspi-4-1\n",
    "Allocation Addresses:\nLabel  Address          To\nhttp   127.0.0.1:24680  <none>\n\n",
    'Task "http_serve" is "running"\n',
    "CPU         Memory         Disk\n12/200 MHz  5 MiB/200 MiB  300 MiB\n",
    "Aspect       Holds  How\nfile system  no     shares that of the machine\n",
    "Finished At    = N/A\n",
    "Time                  Type      Description\n2020-03-09T19:25:40Z  Started   Task started by client\n",
  ])
    assert.ok(stdout.includes(lines), `${lines}\nis not in\n${stdout}`);
});

test("alloc status: a node that does not answer is no reason to show nothing", async () => {
  const { code, stdout } = await session("alloc status 21d08737", {
    ...answers,
    [`GET /v1/client/allocation/${allocationId}/stats`]: new Answer(500, "no path to node"),
  });
  assert.equal(code, 0);
  assert.match(stdout, /^200 MHz {2}200 MiB {2}300 MiB$/m);
});

/** A log as the node streams it: heartbeats between frames, no regard for lines. */
function framed(...parts: readonly string[]): Response {
  const frames = parts.map((part) => `{}${JSON.stringify({ File: "x", Offset: 1, Data: btoa(part) })}`);
  return new Response(frames.join(""));
}

function withLogs(logs: Readonly<Record<string, () => Response>>): typeof fetch {
  return async (input) => {
    const url = new URL(new Request(input).url);
    if (url.pathname.startsWith("/v1/client/fs/logs/"))
      return logs[`${url.searchParams.get("task")} ${url.searchParams.get("type")}`]();
    const answer = answers[`GET ${url.pathname}`];
    const value = typeof answer === "function" ? answer(url.searchParams) : answer;
    return Response.json(value, { headers: { "X-Nomad-Index": "1" } });
  };
}

test("alloc logs: what the task wrote, or its last lines", async () => {
  const fetch = withLogs({
    "http_serve stdout": () => framed("one\ntw", "o\nthree\n"),
    "http_serve stderr": () => framed("oh\n"),
  });
  const logs = async (line: string) => (await session(line, {}, { fetch })).stdout;
  assert.equal(await logs("alloc logs 21d08737"), "one\ntwo\nthree\n");
  assert.equal(await logs("alloc logs -n 2 21d08737 http_serve"), "two\nthree\n");
  assert.equal(await logs("alloc logs -tail -stderr -job example"), "oh\n");
  const { stderr } = await session("alloc logs 21d08737 nginx", {}, { fetch });
  assert.equal(stderr, 'Error: allocation 21d08737 has no task "nginx"; it has http_serve.\n');
});

test("logs: all allocations of a job, each line with its origin", async () => {
  const fetch = withLogs({
    "http_serve stdout": () => framed("one\ntw", "o"),
    "http_serve stderr": () => framed("oh\n"),
  });
  const { code, stdout } = await session("logs example", {}, { fetch });
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split("\n").sort(), [
    "21d08737/http_serve  oh",
    "21d08737/http_serve  one",
    "21d08737/http_serve  two",
  ]);
});

test("alloc signal, restart and stop: what is sent", async () => {
  const changing: Answers = {
    ...answers,
    [`POST /v1/client/allocation/${allocationId}/signal`]: {},
    [`POST /v1/client/allocation/${allocationId}/restart`]: {},
    [`POST /v1/allocation/${allocationId}/stop`]: { EvalID: "e" },
  };
  const body = async (line: string) => (await session(line, changing)).asked.at(-1)?.body;
  assert.deepEqual(await body("alloc signal -s hup 21d08737"), { Signal: "SIGHUP", Task: "" });
  assert.deepEqual(await body("alloc restart 21d08737 http_serve"), {
    TaskName: "http_serve",
    AllTasks: false,
  });
  const { stdout } = await session("alloc stop -detach 21d08737", changing);
  assert.match(stdout, /is stopped\nEvaluation ID: e\n/);
});
