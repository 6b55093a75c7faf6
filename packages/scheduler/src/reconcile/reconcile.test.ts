import assert from "node:assert/strict";
import { test } from "node:test";
import { allocationIndex, isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Group, Job, JobType } from "@fractus/core/job.ts";
import {
  stopReasons,
  type Decision,
  type NodeCondition,
  type Placement,
  type ReconcileInput,
} from "./decision.ts";
import { reconcile } from "./reconcile.ts";
import {
  sampleAllocation,
  sampleDeployment,
  sampleGroup,
  sampleJob,
  sampleReschedule,
  sampleTask,
  sampleUpdate,
} from "./testing/samples.ts";

const nowMs = 1_000_000;
const sound: NodeCondition = { status: "ready", isDraining: false, isEligible: true, isInReach: true };
const nodes = new Map<string, NodeCondition>([
  ["n1", sound],
  ["n2", sound],
  ["down", { ...sound, status: "down" }],
  ["cut", { ...sound, status: "disconnected" }],
  ["drained", { ...sound, isDraining: true, isEligible: false }],
  ["closed", { ...sound, isEligible: false }],
  ["far", { ...sound, isInReach: false }],
]);

/**
 * `check("what is so; copies", "what is done")`. A copy is `0` or `0b` (its index, and a letter if two
 * have the same), `@node` and `:word` for all that is not usual: a status, `old` (its replacement
 * needs a new copy), `mild` (it can be changed in place), `stop`, `migrate`, `next`, `back` (was
 * unknown), `canary`, `healthy`, `unhealthy`, `allowed` (to be rescheduled).
 */
function check(situation: string, expected: string): void {
  test(`reconcile: ${situation}`, () => assert.equal(words(reconcile(read(situation))), expected));
}

function read(situation: string): ReconcileInput {
  const [settings, copies = ""] = situation.split(/;\s*/);
  const facts = new Map(settings.split(" ").map((fact) => fact.split("=") as [string, string | undefined]));
  const job = jobFrom(facts);
  const before = facts.has("mild") ? mildlyOther(job) : otherwise(job);
  const allocations = copies
    .split(" ")
    .filter((text) => text !== "")
    .map((text) => copyFrom(text, job));
  return {
    job: facts.has("gone") ? undefined : job,
    jobId: "shop",
    versions: new Map([[job.version, job], ...(job.version > 0 ? [[0, before] as const] : [])]),
    allocations,
    deployment: deploymentFrom(facts, job, allocations),
    nodes,
    evaluationId: "e1",
    newDeploymentId: "d2",
    nowMs,
  };
}

function jobFrom(facts: ReadonlyMap<string, string | undefined>): Job {
  const number = (name: string, otherwise: number) => Number(facts.get(name) ?? otherwise);
  const type = (["batch", "system", "sysbatch"] as JobType[]).find((name) => facts.has(name)) ?? "service";
  const update = { ...sampleUpdate, maxParallel: number("max", 1), canaries: number("canaries", 0) };
  const attempts = facts.get("attempts");
  const policy = { ...sampleReschedule, delayMs: number("delay", 30) * 1_000 };
  const limited = { unlimited: false, attempts: Number(attempts), intervalMs: 3_600_000 };
  const disconnect = {
    lostAfterMs: facts.has("lost-after") ? number("lost-after", 0) * 1_000 : undefined,
    replace: !facts.has("no-substitute"),
    reconcile: facts.has("keep-original") ? "keep_original" : "best_score",
    stopOnNodeAfterMs: facts.has("stop-after") ? number("stop-after", 0) * 1_000 : undefined,
  } as const;
  const group = sampleGroup({
    count: number("count", 1),
    update: facts.has("max") ? update : undefined,
    reschedule: facts.has("final") ? undefined : { ...policy, ...(attempts && limited) },
    disconnect:
      facts.has("lost-after") || facts.has("no-substitute") || facts.has("stop-after")
        ? disconnect
        : undefined,
  });
  const version = number("v", 0);
  return sampleJob({
    type,
    groups: [group],
    version,
    specIndex: 1 + version,
    stopped: facts.has("stopped"),
    stable: facts.has("stable"),
  });
}

function otherwise(job: Job): Job {
  return withGroup(job, (group) => ({ ...group, tasks: [sampleTask({ env: { OLD: "1" } })] }));
}

function mildlyOther(job: Job): Job {
  return withGroup(job, (group) => ({ ...group, count: group.count + 1 }));
}

function withGroup(job: Job, change: (group: Group) => Group): Job {
  return { ...job, groups: job.groups.map(change), version: 0, specIndex: 1 };
}

function copyFrom(text: string, job: Job): Allocation {
  const [, index, letter, node, flagText] = /^(\d+)([a-z]?)(?:@(\w+))?((?::[\w-]+)*)$/.exec(text) ?? [];
  const flags = new Set(flagText.split(":").slice(1));
  const status = (["pending", "failed", "complete", "lost", "unknown"] as const).find((name) =>
    flags.has(name),
  );
  const isOld = flags.has("old");
  const isMember = ["healthy", "unhealthy", "canary", "member"].some((flag) => flags.has(flag));
  const isHealthy = flags.has("healthy") ? true : flags.has("unhealthy") ? false : undefined;
  const isDead = status === "failed" || status === "complete";
  return sampleAllocation({
    index: Number(index),
    id: index + letter,
    nodeId: node ?? "n1",
    status: status ?? "running",
    desired: flags.has("stop") ? "stop" : "run",
    jobVersion: isOld ? 0 : job.version,
    specIndex: isOld ? 1 : job.specIndex,
    nextId: flags.has("next") ? "other" : undefined,
    previousId: letter === "b" ? index : undefined,
    unknownSinceMs: status === "unknown" || flags.has("back") ? nowMs - 10_000 : undefined,
    transition: { migrate: flags.has("migrate") || undefined, reschedule: flags.has("allowed") || undefined },
    deploymentId: isMember ? "d1" : undefined,
    health: isMember ? { joinedAtMs: 0, isCanary: flags.has("canary"), isHealthy } : undefined,
    score: letter === "b" ? 0.9 : 0.5,
    createdAtMs: letter === "b" ? 5 : 0,
    tasks: {
      main: {
        status: isDead ? "dead" : "running",
        failed: status === "failed",
        wasKilled: flags.has("killed"),
        restarts: 0,
        startedAtMs: 0,
        finishedAtMs: isDead ? nowMs - 10_000 : undefined,
      },
    },
  });
}

function deploymentFrom(
  facts: ReadonlyMap<string, string | undefined>,
  job: Job,
  allocations: readonly Allocation[],
): Deployment | undefined {
  const status = (["running", "paused", "failed"] as const).find((name) => facts.has(name));
  if (!status) return undefined;
  const canaries = allocations.filter((one) => one.health?.isCanary).map((one) => one.id);
  const web = {
    autoRevert: false,
    autoPromote: false,
    isPromoted: facts.has("promoted"),
    desiredCanaries: canaries.length > 0 || facts.has("on-trial") ? (job.groups[0].update?.canaries ?? 0) : 0,
    placedCanaries: canaries,
    desired: job.groups[0].count,
    placed: 0,
    healthy: allocations.filter((one) => one.health?.isHealthy && !isTerminal(one)).length,
    unhealthy: 0,
    progressDeadlineMs: 600_000,
  };
  const jobVersion = facts.has("of-v0") ? 0 : job.version;
  return sampleDeployment({ status, jobVersion, groups: { web } });
}

function words(decision: Decision): string {
  const parts = [
    ...decision.deploymentUpdates.map((one) => `${one.status}: ${one.reason}`),
    ...decision.stops.map((one) => `stop ${one.allocation.id} (${reasonWords[one.reason]})`),
    ...decision.disconnects.map((one) => `unknown ${one.id}`),
    ...decision.reconnects.map((one) => `welcome ${one.id}`),
    ...decision.inPlace.map((one) => `change ${one.id}`),
    ...decision.placements.map(placementWords),
    ...decision.followUps.map(
      (one) => `see ${one.allocationIds.join("+")} in ${(one.atMs - nowMs) / 1_000} s`,
    ),
  ];
  const rollout = decision.deployment?.id === "d2" ? decision.deployment.groups["web"] : undefined;
  if (rollout)
    parts.push(
      `deploy ${rollout.desired}${rollout.desiredCanaries ? ` with ${rollout.desiredCanaries} canary` : ""}`,
    );
  return parts.join(", ") || "nothing";
}

const reasonWords: Readonly<Record<string, string>> = {
  [stopReasons.notNeeded]: "not needed",
  [stopReasons.migrating]: "migrating",
  [stopReasons.lost]: "lost",
  [stopReasons.reconnected]: "reconnected",
  [stopReasons.nodeLeft]: "node left",
};

function placementWords(placement: Placement): string {
  const { previous, isUpdate, nodeId } = placement;
  const what = placement.isCanary ? "canary" : "place";
  if (isUpdate && previous) return `${placement.isCanary ? "canary " : ""}replace ${previous.id}`;
  const stead = previous ? ` for ${previous.id}` : "";
  const version =
    previous && placement.jobVersion !== previous.jobVersion ? ` as v${placement.jobVersion}` : "";
  return `${what} ${nodeId ?? allocationIndex(placement.name)}${stead}${version}`;
}

// What is there, is missing, or is too much.
check("count=3", "place 0, place 1, place 2");
check("count=3; 0 1 2", "nothing");
check("count=3; 0 2", "place 1");
check("count=1; 0 1 2", "stop 2 (not needed), stop 1 (not needed)");
check("count=2; 0:failed 1 2", "stop 0 (not needed)");
check("count=0; 0 1", "stop 0 (not needed), stop 1 (not needed)");
check("count=2 stopped; 0 1", "stop 0 (not needed), stop 1 (not needed)");
check("count=2 gone; 0 1:stop", "stop 0 (not needed)");
check("count=1; 0 0b", "stop 0b (not needed)");
check("count=2; 0 0b", "stop 0b (not needed), place 1");
check("count=1; 0:complete", "place 0");
check("count=1; 0:stop", "place 0");

// Batch jobs run to success once.
check("batch count=2; 0:complete 1", "nothing");
check("batch count=1; 0:stop:complete:killed", "place 0");
check("batch count=1; 0:stop:complete", "nothing");
check("batch count=1 v=1; 0:complete:old", "place 0");
check("batch count=1 v=1; 0:old", "replace 0");
check("batch count=1; 0@down:complete", "nothing");
check("batch count=1; 0@down", "stop 0 (lost), place 0 for 0");

// Failed copies.
check("count=1 delay=30; 0:failed", "see 0 in 20 s");
check("count=1 delay=5; 0:failed", "place 0 for 0");
check("count=2 delay=30; 0:failed 1:failed", "see 0+1 in 20 s");
check("count=1 attempts=0; 0:failed", "nothing");
check("count=1 final; 0:failed", "nothing");
check("count=1 attempts=0 v=1; 0:failed:old", "replace 0");
check("count=1 delay=30 v=1; 0:failed:old", "replace 0");
check("count=1 delay=5; 0:failed:next 0b", "nothing");
check("count=1 max=1 delay=5 running; 0:failed:unhealthy", "nothing");
check("count=1 max=1 delay=5 running; 0:failed:unhealthy:allowed", "place 0 for 0");

// Nodes that do not answer.
check("count=2; 0@down 1", "stop 0 (lost), place 0 for 0");
check("count=1; 0@gone", "stop 0 (lost), place 0 for 0");
check("count=1; 0@cut", "stop 0 (lost), place 0 for 0");
check("count=1 lost-after=60; 0@cut", "unknown 0, place 0 for 0, see 0 in 60 s");
check("count=1 lost-after=60; 0@cut:pending", "stop 0 (lost), place 0 for 0");
check("count=1 lost-after=60 no-substitute; 0@cut", "unknown 0, see 0 in 60 s");
check("count=1 no-substitute; 0@down", "unknown 0");
check("count=1 lost-after=60; 0@cut:unknown:next 0b", "nothing");
check("count=1 lost-after=5; 0@cut:unknown:next 0b", "stop 0 (lost)");
check("count=1 stop-after=45; 0@down", "stop 0 (lost), see 0 in 45 s");
check("count=1; 0:lost:stop", "place 0 for 0");

// Nodes that are back.
check("count=1 lost-after=60; 0:back", "welcome 0");
check("count=1 lost-after=60; 0:back:next 0b", "stop 0 (reconnected)");
check("count=1 lost-after=60 keep-original; 0:back:next 0b", "stop 0b (reconnected), welcome 0");
check("count=1 v=1 mild lost-after=60 keep-original; 0:back:next:old 0b", "stop 0 (reconnected)");
check("count=1 lost-after=60; 0:back:failed:next 0b", "stop 0 (reconnected)");
check("count=1 lost-after=60; 0:back:failed", "stop 0 (reconnected), place 0 for 0");

// Drains.
check("count=2; 0@drained:migrate 1", "stop 0 (migrating), place 0 for 0");
check("count=1; 0@drained:migrate 1", "stop 0 (not needed)");

// Changes.
check("count=2 v=1 mild; 0:old 1:old", "change 0, change 1");
check("count=2 v=1; 0:old 1:old", "replace 0, replace 1");
check("count=2 max=1", "place 0, place 1, deploy 2");
check("count=2 max=1 stable", "place 0, place 1");
check("system max=1 stable", "place n1, place n2");
check("count=3 max=1 v=1; 0:old 1:old 2:old", "replace 0, deploy 3");
check("count=3 max=2 v=1; 0:old 1:old 2:old", "replace 0, replace 1, deploy 3");
check("count=3 max=1 v=1 mild; 0:old 1:old 2:old", "change 0, change 1, change 2, deploy 3");
check("count=3 max=1 v=1 running; 0:member 1:old 2:old", "nothing");
check("count=3 max=1 v=1 running; 0:healthy 1:old 2:old", "replace 1");
check("count=3 max=2 v=1 running; 0:healthy 1:unhealthy 2:old", "nothing");
check("count=2 max=1 v=1 paused; 0:healthy 1:old", "nothing");
check("count=2 max=1 v=1 failed; 0:healthy 1:old", "nothing");
check("count=2 max=1 v=1 failed; 0:healthy 1@down:old", "stop 1 (lost), place 1 for 1 as v1");
check("count=2 max=1 running; 0:healthy 1:healthy", "successful: Deployment completed successfully");
check(
  "count=2 max=1 v=1 running of-v0; 0:old 1:old",
  "cancelled: Cancelled due to newer version of job, replace 0, deploy 2",
);
check("count=1 max=1 stopped running; 0", "cancelled: Cancelled because job is stopped, stop 0 (not needed)");

// Canaries.
check("count=2 max=1 canaries=1 v=1; 0:old 1:old", "canary 0, deploy 2 with 1 canary");
check("count=2 max=1 canaries=1", "place 0, place 1, deploy 2");
check("count=2 max=1 canaries=1 v=1 running; 0b:canary:healthy 0:old 1:old", "nothing");
check("count=2 max=1 canaries=1 v=1 running; 0b:canary 0@down:old 1:old", "stop 0 (lost), place 0 for 0");
check("count=2 max=1 canaries=1 v=1 running; 0b@down:canary 0:old 1:old", "stop 0b (lost), canary 0");
check(
  "count=2 max=1 canaries=1 v=1 running promoted; 0b:canary:healthy 0:old 1:old",
  "stop 0 (not needed), replace 1",
);
check("count=2 max=1 canaries=1 v=1 failed; 0b:canary 0:old 1:old", "stop 0b (not needed)");
check(
  "count=1 max=1 canaries=2 v=1 running promoted; 0:canary:healthy 1:canary:healthy:stop:complete",
  "successful: Deployment completed successfully",
);
check("count=2 max=1 canaries=1 v=1 running on-trial", "canary 0");
check("count=1 max=1 canaries=1 v=1 running; 0b:canary:healthy:failed:allowed 0:old", "see 0b in 20 s");
check("count=2 max=1 canaries=2 v=1 running; 0b:canary:healthy", "canary 1");

// System jobs: one on each node.
check("system; 0", "place n2");
check("system; 0@n1 0b@n2", "nothing");
check("system; 0@n1 0b@n2 1@far 2@closed 3@down", "stop 3 (lost), stop 1 (node left)");
check("system; 0@n1 0b@n2 1@drained:migrate", "stop 1 (migrating)");
check("system; 0@n1:failed 0b@n2", "place n1 for 0");
check("system max=1 v=1; 0@n1:old 0b@n2:old", "replace 0, deploy 2");
check("system max=1 canaries=50 v=1; 0@n1:old 0b@n2:old", "canary replace 0, deploy 2 with 1 canary");
check("system max=1 canaries=1 v=1 running on-trial; 0@n1:old 0b@n2:old", "canary replace 0");
check("system max=1 canaries=1 v=1 running on-trial; 0@n1:old 0b@n2:member", "nothing");
check("sysbatch; 0@n1:complete 0b@n2", "nothing");
check("sysbatch v=1; 0@n1:complete:old 0b@n2", "place n1 for 0 as v1");

test("reconcile: a copy goes on carrying the nodes where it failed", () => {
  const input = read("count=1 delay=5; 0:failed");
  const [placement] = reconcile(input).placements;
  assert.deepEqual(placement.penaltyNodeIds, ["n1"]);
  assert.deepEqual(placement.reschedules, [
    { atMs: nowMs, previousId: "0", previousNodeId: "n1", delayMs: 5_000 },
  ]);
});

test("reconcile: a node that does not suit a system job is left out", () => {
  const input = { ...read("system"), suits: (nodeId: string) => nodeId === "n2" };
  assert.equal(words(reconcile(input)), "place n2");
});

test("reconcile: a copy whose node cannot hold the changed group is replaced", () => {
  const input = { ...read("count=1 v=1 mild; 0:old"), mayStay: () => false };
  assert.equal(words(reconcile(input)), "replace 0");
});

test("reconcile: a system job tries on copies that new nodes got", () => {
  const { deployment } = reconcile(
    read("system max=1 canaries=1 v=1 running on-trial; 0@n1:old 0b@n2:member"),
  );
  assert.deepEqual(deployment?.groups["web"].placedCanaries, ["0b"]);
});

test("reconcile: the deployment of a system job waits for nodes that suit it, not for such as there are none", () => {
  const input = read("system max=1 running; 0@down");
  const without = reconcile({ ...input, suits: () => false });
  assert.equal(without.deploymentUpdates[0]?.status, "successful");
  assert.deepEqual(reconcile({ ...input, suits: (nodeId) => nodeId === "down" }).deploymentUpdates, []);
});

/** What the rollout wants after the situation, in which it wanted the group's count. */
function checkWanted(situation: string, desired: number): void {
  test(`reconcile: ${situation}: ${desired} are wanted`, () => {
    const { deployment } = reconcile(read(situation));
    assert.equal(deployment?.groups["web"].desired, desired);
  });
}

checkWanted("system max=1 v=1 running; 0@n1:old 0b@n2:healthy", 2);
checkWanted("system max=1 v=1 running; 0@n1:healthy 0b@n2:healthy 1@closed:healthy 2@down:healthy", 3);
checkWanted("count=3 max=1 canaries=1 v=1; 0:old", 3);
checkWanted("count=3 max=1 v=1 no-substitute running; 0:unknown:old 1:healthy 2:old", 2);

test("reconcile: a group that takes no part in a deployment does not hold it up", () => {
  const input = read("count=1 max=1 running; 0:healthy");
  const job = { ...input.job!, groups: [...input.job!.groups, sampleGroup({ name: "cache" })] };
  const expected = "successful: Deployment completed successfully, place 0";
  assert.equal(words(reconcile({ ...input, job, versions: new Map([[0, job]]) })), expected);
});
