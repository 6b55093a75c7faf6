/** The objects of the document's session, as the API has them. */

/** Nanoseconds of a time of the day of the document's session. */
export function at(time: string): number {
  return Date.parse(`2020-03-09T${time}Z`) * 1e6;
}

export const evaluationId = "8eb3657a-0000-4000-8000-000000000001";
export const deploymentId = "f31e3269-0000-4000-8000-000000000002";
export const allocationId = "21d08737-0000-4000-8000-000000000003";
export const nodeId = "4b393cb6-0000-4000-8000-000000000004";

export const jobStub = {
  ID: "example",
  Name: "example",
  Namespace: "default",
  Type: "service",
  Priority: 50,
  Status: "running",
  Stop: false,
  Periodic: false,
  ParameterizedJob: false,
  ParentID: "",
  SubmitTime: at("19:25:38"),
};

export const job = {
  ...jobStub,
  Datacenters: ["infrastructure_at_home"],
  NodePool: "default",
  Periodic: null,
  ParameterizedJob: null,
  Dispatched: false,
  Version: 4,
  Stable: true,
  TaskGroups: [{ Name: "exec", Count: 1, Tasks: [{ Name: "http_serve", Driver: "exec" }] }],
};

export const summary = {
  JobID: "example",
  Namespace: "default",
  Summary: { exec: { Queued: 0, Starting: 0, Running: 1, Failed: 2, Complete: 1, Lost: 0, Unknown: 0 } },
  Children: null,
};

export const deployment = {
  ID: deploymentId,
  Namespace: "default",
  JobID: "example",
  JobVersion: 4,
  Status: "successful",
  StatusDescription: "Deployment completed successfully",
  TaskGroups: {
    exec: {
      AutoRevert: false,
      Promoted: false,
      DesiredCanaries: 0,
      DesiredTotal: 1,
      PlacedAllocs: 1,
      HealthyAllocs: 1,
      UnhealthyAllocs: 0,
      RequireProgressBy: "2020-03-09T19:35:38.123Z",
    },
  },
};

export const allocation = {
  ID: allocationId,
  EvalID: evaluationId,
  Name: "example.exec[0]",
  Namespace: "default",
  NodeID: nodeId,
  NodeName: "raspi-4-1",
  JobID: "example",
  JobType: "service",
  JobVersion: 4,
  TaskGroup: "exec",
  DesiredStatus: "run",
  ClientStatus: "running",
  ClientDescription: "",
  CreateIndex: 20,
  ModifyIndex: 21,
  CreateTime: at("19:25:38"),
  ModifyTime: at("19:25:52"),
  TaskStates: { http_serve: { State: "running", Failed: false, Restarts: 0, Events: [] } },
};

export const earlierAllocation = {
  ...allocation,
  ID: "0d1c2b3a-0000-4000-8000-000000000005",
  JobVersion: 3,
  DesiredStatus: "stop",
  ClientStatus: "complete",
  CreateIndex: 10,
  CreateTime: at("19:11:08"),
  ModifyTime: at("19:25:38"),
};

export const evaluation = {
  ID: evaluationId,
  Priority: 50,
  Type: "service",
  TriggeredBy: "job-register",
  Namespace: "default",
  JobID: "example",
  NodeID: "",
  DeploymentID: deploymentId,
  Status: "complete",
  StatusDescription: "",
  BlockedEval: "",
  FailedTGAllocs: null,
  CreateIndex: 19,
  ModifyIndex: 21,
};

export const registered = { EvalID: evaluationId, EvalCreateIndex: 19, JobModifyIndex: 19, Warnings: "" };

export const nodes = (
  [
    ["7be9e3ea", "raspi-0"],
    ["537de130", "raspi-4-1"],
    ["899eab5d", "raspi-3-2"],
    ["c2a79d23", "raspi-3-1"],
  ] as const
).map(([id, name]) => ({
  ID: `${id}-0000-4000-8000-000000000000`,
  Name: name,
  Datacenter: "infrastructure_at_home",
  NodeClass: "",
  NodePool: "default",
  Drain: false,
  SchedulingEligibility: "eligible",
  Status: "ready",
}));
