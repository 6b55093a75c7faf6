import assert from "node:assert/strict";
import { test } from "node:test";
import { printed } from "../testing/document.ts";
import { allocation, nodes } from "../testing/objects.ts";
import { session } from "../testing/session.ts";

test("node status: the document's table of four nodes (CL-220, CL-221)", async () => {
  const { code, stdout } = await session("node status", { "GET /v1/nodes": nodes });
  assert.equal(stdout, printed("node status"));
  assert.equal(code, 0);
});

test("node status: pools are shown once there are some, and how much runs if asked", async () => {
  const [first] = nodes;
  const list = [{ ...first, NodePool: "big", NodeClass: "pi" }];
  const { stdout } = await session("node status -allocs", {
    "GET /v1/nodes": list,
    [`GET /v1/node/${first.ID}/allocations`]: [allocation, { ...allocation, ClientStatus: "failed" }],
  });
  assert.equal(
    stdout,
    "ID        Node Pool  DC                      Name     Class  Drain  Eligibility  Status  Running Allocs\n" +
      "7be9e3ea  big        infrastructure_at_home  raspi-0  pi     false  eligible     ready   1\n",
  );
});

test("node status: one node by its name: drivers, what it gave away, its allocations (CL-207)", async () => {
  const [, node] = nodes;
  const path = `GET /v1/node/${node.ID}`;
  const size = (cpu: number, memory: number, disk: number) => ({
    Cpu: { CpuShares: cpu },
    Memory: { MemoryMB: memory },
    Disk: { DiskMB: disk },
  });
  const { stdout } = await session("node status raspi-4-1", {
    "GET /v1/nodes": nodes,
    [path]: {
      ...node,
      StatusDescription: "",
      Drivers: {
        exec: { Detected: true, Healthy: true, HealthDescription: "Healthy" },
        java: { Detected: false },
      },
      NodeResources: size(4000, 4096, 10240),
      ReservedResources: size(0, 0, 0),
    },
    [`${path}/allocations`]: [
      {
        ...allocation,
        AllocatedResources: { Tasks: { http_serve: size(200, 200, 0) }, Shared: { DiskMB: 300 } },
        Job: { Type: "service", Version: 4 },
      },
    ],
  });
  assert.match(stdout, /^Name {9}= raspi-4-1$/m);
  assert.match(
    stdout,
    /^Drivers\nDriver {2}Detected {2}Healthy {2}Message\nexec {4}true {6}true {5}Healthy\n\n/m,
  );
  assert.match(stdout, /^200\/4000 MHz {2}200 MiB\/4 GiB {2}300 MiB\/10 GiB$/m);
  assert.match(stdout, /^21d08737 {2}4b393cb6 {2}exec {8}4 {8}run {6}running/m);
});

test("node drain: tells of what ends, until the node is empty", async () => {
  const [node] = nodes;
  const path = `/v1/node/${node.ID}`;
  let reads = 0;
  const { code, stdout, asked } = await session("node drain -enable -deadline 10m raspi-0", {
    "GET /v1/nodes": nodes,
    [`POST ${path}/drain`]: { NodeModifyIndex: 5, EvalIDs: [] },
    [`GET ${path}`]: () => ({ ...node, Drain: reads === 0, DrainStrategy: reads === 0 ? {} : null }),
    [`GET ${path}/allocations`]: () => [
      { ...allocation, ClientStatus: reads++ === 0 ? "running" : "complete" },
    ],
  });
  assert.equal(code, 0);
  const sent = asked.find(({ line }) => line === `POST ${path}/drain`);
  assert.deepEqual(sent?.body, {
    NodeID: node.ID,
    DrainSpec: { Deadline: 600e9, IgnoreSystemJobs: false },
    MarkEligible: false,
    Meta: {},
  });
  assert.equal(
    stdout,
    '2020-03-09T19:33:27Z: Node "7be9e3ea" is being drained\n' +
      '2020-03-09T19:33:27Z: Alloc "21d08737" status running -> complete\n' +
      '2020-03-09T19:33:27Z: Drain complete for node "7be9e3ea"\n',
  );
});
