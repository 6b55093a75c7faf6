import assert from "node:assert/strict";
import { test } from "node:test";
import { groupAsk } from "./group-ask.ts";
import { sampleGroup, sampleJob, sampleTask } from "./reconcile/testing/samples.ts";
import { scoresOf } from "./scores-of.ts";
import { Session } from "./testing/session.ts";

test("scores-of: the best five nodes of a running copy, itself not counted, best first (CL-249)", () => {
  const drivers = { exec: { isDetected: true, isHealthy: true } };
  const ids = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"];
  const session = new Session(
    ids.map((id) => ({ id, zone: "dc1", drivers, attributes: { "unique.hostname": id } })),
  );
  const affinities = [
    { attribute: "${attr.unique.hostname}", operator: "=", value: "n6", weight: 100 } as const,
  ];
  const group = sampleGroup({ count: 1, affinities, tasks: [sampleTask({ driver: "exec" })] });
  const job = session.submit(sampleJob({ id: "web", zones: ["dc1"], groups: [group] }));
  session.run("web");
  const [copy] = session.copies("web");
  assert.equal(copy.nodeId, "n6");
  const before = session.cluster.nodes.instances[session.cluster.nodes.numberOf("n6")];
  const scores = scoresOf(session.cluster, groupAsk(job, job.groups[0]), { id: copy.id });
  assert.equal(scores.length, 5);
  assert.equal(scores[0].nodeId, "n6");
  assert.equal(scores[0].score, copy.score);
  const { parts, score } = scores[0];
  const values = Object.values(parts);
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - score) < 1e-12);
  assert.equal(session.cluster.nodes.instances[session.cluster.nodes.numberOf("n6")], before);
});
