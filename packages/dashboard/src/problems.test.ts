import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { JobStub } from "@fractus/client/types/job.ts";
import type { NodeStub } from "@fractus/client/types/node.ts";
import { awaitsPromotion, problemsOf, reasonOf, type Situation } from "./problems.ts";

const quiet: Situation = { nodes: [], jobs: [], allocations: [], evaluations: [], deployments: [] };

function check(situation: Partial<Situation>, expected: readonly string[]): void {
  const problems = problemsOf({ ...quiet, ...situation });
  assert.deepEqual(
    problems.map(({ tone, title, lines }) => [`${tone}: ${title}`, ...lines].join(" | ")),
    expected,
  );
}

const node = (Name: string, changes: Partial<NodeStub> = {}) =>
  ({ ID: Name, Name, Status: "ready", SchedulingEligibility: "eligible", ...changes }) as NodeStub;

const allocation = (status: string, changes: object = {}) =>
  ({
    ID: "a1",
    Name: "web.app[0]",
    NodeName: "raspi",
    JobID: "web",
    Namespace: "default",
    DesiredStatus: "run",
    ClientStatus: status,
    ClientDescription: "Failed tasks",
    ModifyTime: 1,
    ...changes,
  }) as AllocationStub;

const job = { ID: "web", Namespace: "default", JobModifyIndex: 7 } as JobStub;

const events = (...types: readonly (readonly [string, string])[]) => ({
  t: {
    State: "dead",
    Failed: true,
    Restarts: 0,
    Events: types.map(([Type, DisplayMessage], Time) => ({ Type, DisplayMessage, Time })),
  },
});

test("problems: nodes that are gone come before those that were taken out of use (CL-207)", () => {
  check(
    {
      nodes: [
        node("idle", { SchedulingEligibility: "ineligible" }),
        node("well"),
        node("gone", { Status: "down", StatusDescription: "no heartbeat" }),
      ],
    },
    ["bad: Node gone is down | no heartbeat", "busy: Node idle is ineligible"],
  );
});

test("problems: allocations in the same trouble are one problem, with the reasons of the newest", () => {
  const TaskStates = events(["Terminated", "Exit Code: 3"], ["Not Restarting", "Policy allows none"]);
  check(
    {
      allocations: [
        allocation("failed", { TaskStates }),
        ...[2, 3, 4].map((at) => allocation("failed", { Name: `web.app[${at}]`, ModifyTime: at })),
        allocation("failed", { DesiredStatus: "stop" }),
        allocation("running"),
      ],
    },
    [
      "bad: web: 4 allocations failed | web.app[4] on raspi: Failed tasks | web.app[3] on raspi: Failed tasks" +
        " | web.app[2] on raspi: Failed tasks | … and 1 more",
    ],
  );
  check({ allocations: [allocation("failed", { TaskStates })] }, [
    "bad: web: 1 allocation failed | web.app[0] on raspi: Exit Code: 3",
  ]);
});

test("problems: what keeps restarting or is unhealthy is no less wrong than what failed", () => {
  const restarting = { t: { State: "pending", Failed: false, Restarts: 4, Events: null } };
  check(
    {
      allocations: [
        allocation("pending", { TaskStates: restarting, ClientDescription: "" }),
        allocation("pending"),
        allocation("running", {
          JobID: "db",
          DeploymentStatus: { Healthy: false },
          ClientDescription: "slow",
        }),
      ],
    },
    [
      "bad: web: 1 allocation keeps restarting | web.app[0] on raspi: no reason is known",
      "bad: db: 1 allocation unhealthy | web.app[0] on raspi: slow",
    ],
  );
});

test("problems: a job that waits for room is told once, with the copies that wait", () => {
  const blocked = {
    JobID: "web",
    Namespace: "default",
    Status: "blocked",
    FailedTGAllocs: { app: { CoalescedFailures: 2 } },
  } as unknown as Evaluation;
  check({ jobs: [job], evaluations: [blocked, blocked] }, ["bad: web waits: no node has room for 3 copies"]);
  check({ jobs: [], evaluations: [blocked] }, []);
});

test("problems: a service that is to run and does not is wrong, whatever its status says", () => {
  const counts = { Queued: 0, Starting: 0, Running: 0, Failed: 0, Complete: 4, Lost: 0 };
  const stub = { ...job, Type: "service", Status: "running", JobSummary: { Summary: { app: counts } } };
  check({ jobs: [stub as unknown as JobStub] }, ["bad: web: nothing of it runs"]);
  check({ jobs: [{ ...stub, Stop: true } as unknown as JobStub] }, []);
});

test("problems: a rollout counts while it is that of the present version", () => {
  const deployment = (changes: object) =>
    ({
      ID: "d1",
      JobID: "web",
      Namespace: "default",
      JobVersion: 2,
      JobModifyIndex: 7,
      StatusDescription: "deadline",
      ...changes,
    }) as Deployment;
  const canary = { DesiredCanaries: 1, Promoted: false, HealthyAllocs: 1 };
  const waiting = deployment({ Status: "running", TaskGroups: { app: canary } });
  check({ jobs: [job], deployments: [waiting, deployment({ Status: "failed" })] }, [
    "bad: web: the rollout of version 2 failed | deadline",
    "busy: web: the canaries of version 2 wait for your word | deadline",
  ]);
  check({ jobs: [job], deployments: [deployment({ Status: "failed", JobModifyIndex: 5 })] }, []);
  assert.ok(!awaitsPromotion({ ...waiting, TaskGroups: { app: { ...canary, HealthyAllocs: 0 } } } as never));
});

test("problems: the reason is the last telling event, not what comes around it", () => {
  const TaskStates = events(["Driver Failure", "no such file"], ["Killing", "Sent interrupt"]);
  assert.equal(reasonOf({ TaskStates, ClientDescription: "Failed tasks" } as never), "no such file");
  assert.equal(reasonOf({ TaskStates: null, ClientDescription: "alloc is lost" }), "alloc is lost");
});
