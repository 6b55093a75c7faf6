/**
 * What holds of every decision and every course of events. Each seed is a job, some nodes and a
 * series of mishaps and wishes; afterwards the cloud is left alone and has to come to rest.
 *
 * `RECONCILE_SEEDS=10000 node --test properties.test.ts` tries that many seeds instead of 200;
 * `RECONCILE_SEED=7` tries only that one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isOver, isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { awaitsPromotion, isActive, type Deployment } from "@fractus/core/deployment.ts";
import { rollInteger, seededDice, type Dice } from "@fractus/core/dice.ts";
import type { DisconnectPolicy, Group, Job, JobType, ReschedulePolicy } from "@fractus/core/job.ts";
import type { Decision, ReconcileInput } from "./decision.ts";
import { pause, promote } from "./deployment-watch.ts";
import { beginRollout } from "./rollout.ts";
import {
  sampleAllocation,
  sampleDeployment,
  sampleGroup,
  sampleJob,
  sampleReschedule,
  sampleTask,
  sampleUpdate,
} from "./testing/samples.ts";
import { World } from "./testing/world.ts";

const seedCount = Number(process.env["RECONCILE_SEEDS"] ?? 200);
const onlySeed = process.env["RECONCILE_SEED"];
const seeds = onlySeed ? [Number(onlySeed)] : Array.from({ length: seedCount }, (_, index) => index + 1);

function forEachSeed(name: string, claim: (dice: Dice) => void): void {
  test(`properties: ${name}`, () => {
    for (const seed of seeds) {
      try {
        claim(seededDice(seed));
      } catch (cause) {
        throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }
  });
}

forEachSeed("a service comes to rest, whatever happens to it", (dice) => liveThrough(dice, "service"));
forEachSeed("a batch job comes to rest, whatever happens to it", (dice) => liveThrough(dice, "batch"));
forEachSeed("a system job comes to rest, whatever happens to it", (dice) => liveThrough(dice, "system"));

for (const type of ["service", "batch", "system"] as const) {
  forEachSeed(`a decision about a ${type} job is safe whatever state it finds`, (dice) =>
    wakeUpIn(dice, type),
  );
}

/** Any allocations in any state, lawful or not: one decision, and from there to rest. */
function wakeUpIn(dice: Dice, type: JobType): void {
  const world = worldFor(dice, type);
  world.register({
    groups: world.job.groups.map((group) => ({ ...group, tasks: [sampleTask({ user: "next" })] })),
  });
  for (const id of world.nodes.keys()) {
    world.setNode(id, {
      status: oneOf(dice, ["ready", "ready", "down", "disconnected", "initializing"]),
      isDraining: dice.roll() < 0.1,
      isEligible: dice.roll() < 0.8,
      isInReach: dice.roll() < 0.9,
    });
  }
  const ids = Array.from({ length: rollInteger(dice, { low: 0, high: 10 }) }, (_, index) => `x${index}`);
  for (const id of ids) world.allocations.set(id, randomAllocation(dice, world, { id, ids }));
  if (dice.roll() < 0.6) world.setDeployment(randomDeployment(dice, world));
  world.evaluate();
  recover(world);
  for (const id of world.nodes.keys()) world.setNode(id, { isInReach: true });
  world.settle(400);
  assertArrived(world);
}

function randomAllocation(
  dice: Dice,
  world: World,
  known: { readonly id: string; readonly ids: readonly string[] },
): Allocation {
  const maybe = <Value>(value: Value): Value | undefined => (dice.roll() < 0.2 ? value : undefined);
  const status = oneOf(dice, [
    "pending",
    "running",
    "running",
    "complete",
    "failed",
    "lost",
    "unknown",
  ] as const);
  const isOld = dice.roll() < 0.5;
  const others = known.ids.filter((id) => id !== known.id);
  const isMember = dice.roll() < 0.4 && world.job.groups[0].update !== undefined;
  const isDead = status === "complete" || status === "failed";
  return sampleAllocation({
    id: known.id,
    group: oneOf(dice, ["web", "cache", "former"]),
    index: rollInteger(dice, { low: 0, high: 6 }),
    nodeId: oneOf(dice, [...world.nodes.keys(), "gone"]),
    status,
    desired: oneOf(dice, ["run", "run", "run", "stop", "evict"]),
    jobVersion: isOld ? 0 : world.job.version,
    specIndex: isOld ? 1 : world.job.specIndex,
    transition: { migrate: maybe(true), reschedule: maybe(true), forceReschedule: maybe(true) },
    nextId: others.length > 0 ? maybe(oneOf(dice, others)) : undefined,
    previousId: others.length > 0 ? maybe(oneOf(dice, others)) : undefined,
    unknownSinceMs:
      status === "unknown" ? world.nowMs - rollInteger(dice, { low: 0, high: 700_000 }) : maybe(1),
    deploymentId: isMember ? "d000000" : undefined,
    health: isMember
      ? {
          joinedAtMs: world.nowMs,
          isCanary: dice.roll() < 0.3,
          isHealthy: oneOf(dice, [true, false, undefined]),
        }
      : undefined,
    createdAtMs: rollInteger(dice, { low: 0, high: world.nowMs }),
    modifiedAtMs: world.nowMs,
    tasks: {
      main: {
        status: isDead ? "dead" : "running",
        failed: status === "failed",
        restarts: 0,
        startedAtMs: world.nowMs,
      },
    },
  });
}

function randomDeployment(dice: Dice, world: World): Deployment {
  const canaryIds = (group: string) =>
    [...world.allocations.values()]
      .filter((one) => one.group === group && one.health?.isCanary)
      .map((one) => one.id);
  const rollouts = world.job.groups
    .filter((group) => group.update !== undefined)
    .map((group) => [
      group.name,
      {
        ...beginRollout(group.update ?? sampleUpdate, {
          desired: group.count,
          desiredCanaries: Math.min(group.update?.canaries ?? 0, canaryIds(group.name).length),
        }),
        isPromoted: dice.roll() < 0.3,
        placedCanaries: canaryIds(group.name),
        requireProgressByMs: group.update?.progressDeadlineMs ? world.nowMs + 600_000 : undefined,
      },
    ]);
  return sampleDeployment({
    id: "d000000",
    jobVersion: oneOf(dice, [0, world.job.version]),
    status: oneOf(dice, ["running", "running", "paused", "failed", "successful", "cancelled"]),
    groups: Object.fromEntries(rollouts) as Deployment["groups"],
  });
}

function liveThrough(dice: Dice, type: JobType): void {
  const world = worldFor(dice, type);
  world.onEvaluated = () => assertNotTooMany(world);
  for (let step = rollInteger(dice, { low: 1, high: 8 }); step > 0; step--) {
    mishap(dice, world);
    for (let round = rollInteger(dice, { low: 0, high: 6 }); round > 0; round--) {
      world.round();
      world.nowMs += rollInteger(dice, { low: 0, high: 30_000 });
    }
  }
  recover(world);
  world.settle(400);
  assertArrived(world);
}

function worldFor(dice: Dice, type: JobType): World {
  const job = randomJob(dice, type);
  const nodes = Array.from({ length: rollInteger(dice, { low: 1, high: 5 }) }, (_, index) => [
    `n${index}`,
    { slots: rollInteger(dice, { low: 2, high: 20 }) },
  ]);
  const world = new World(job, Object.fromEntries(nodes) as Record<string, { slots: number }>);
  world.onDecision = (input, decision) => {
    assertDecision(input, decision);
    assertLinks(input, decision);
  };
  return world;
}

const oneOf = <Choice>(dice: Dice, choices: readonly Choice[]): Choice =>
  choices[rollInteger(dice, { low: 0, high: choices.length - 1 })];

function randomJob(dice: Dice, type: JobType): Job {
  const groups = oneOf(dice, [["web"], ["web", "cache"]]).map((name) => randomGroup(dice, { name, type }));
  return sampleJob({ type, groups });
}

function randomGroup(dice: Dice, known: { readonly name: string; readonly type: JobType }): Group {
  const isService = known.type === "service";
  const update = {
    ...sampleUpdate,
    maxParallel: rollInteger(dice, { low: 1, high: 3 }),
    canaries: oneOf(dice, [0, 0, 1, 2]) * (known.type === "system" ? 30 : 1),
    autoPromote: dice.roll() < 0.5,
    autoRevert: dice.roll() < 0.5,
    progressDeadlineMs: oneOf(dice, [0, 600_000]),
  };
  return sampleGroup({
    name: known.name,
    count: known.type === "system" ? 1 : rollInteger(dice, { low: 0, high: 5 }),
    update: known.type !== "batch" && dice.roll() < 0.7 ? update : undefined,
    reschedule: known.type === "system" ? undefined : randomReschedule(dice),
    disconnect: dice.roll() < 0.6 ? randomDisconnect(dice, isService) : undefined,
  });
}

function randomReschedule(dice: Dice): ReschedulePolicy | undefined {
  const delayFunction = oneOf(dice, ["constant", "exponential", "fibonacci"] as const);
  return oneOf(dice, [
    { ...sampleReschedule, delayFunction },
    { ...sampleReschedule, delayFunction, unlimited: false, attempts: 2, intervalMs: 3_600_000 },
    undefined,
  ]);
}

function randomDisconnect(dice: Dice, isService: boolean): DisconnectPolicy {
  return {
    lostAfterMs: oneOf(dice, [undefined, 60_000, 600_000]),
    stopOnNodeAfterMs: isService && dice.roll() < 0.2 ? 45_000 : undefined,
    replace: dice.roll() < 0.7,
    reconcile: oneOf(dice, ["best_score", "keep_original", "keep_replacement", "longest_running"] as const),
  };
}

/** Something that users, nodes or programs do. */
function mishap(dice: Dice, world: World): void {
  const allocation = oneOf(dice, [...world.allocations.values()]);
  const nodeId = oneOf(dice, [...world.nodes.keys()]);
  const isDrainable = world.nodes.get(nodeId)?.status === "ready";
  const { deployment } = world;
  const things: readonly (() => void)[] = [
    () =>
      changeGroups(world, (group) => ({
        ...group,
        tasks: [sampleTask({ env: { V: String(dice.roll()) } })],
      })),
    () => changeGroups(world, (group) => ({ ...group, shutdownDelayMs: Math.floor(dice.roll() * 1e6) })),
    () =>
      world.job.type !== "system" &&
      changeGroups(world, (group) => ({ ...group, count: rollInteger(dice, { low: 0, high: 5 }) })),
    () => world.register({ stopped: dice.roll() < 0.3 }),
    () => world.setNode(nodeId, { status: "down" }),
    () => world.setNode(nodeId, { status: "disconnected" }),
    () => world.setNode(nodeId, { status: "ready" }),
    () => world.setNode(nodeId, { isEligible: dice.roll() < 0.5 }),
    () => isDrainable && beginDrain(dice, world, nodeId),
    () => allocation && world.doomed.add(allocation.id),
    () => allocation && world.update(allocation.id, { transition: { migrate: true } }),
    () =>
      deployment &&
      isActive(deployment) &&
      world.setDeployment(pause(deployment, { isPaused: true, nowMs: world.nowMs })),
    () => promoteIfPossible(world),
    () => world.nodes.size > 2 && allocation && isOver(allocation) && world.nodes.delete(nodeId),
  ];
  oneOf(dice, things)();
}

function changeGroups(world: World, change: (group: Group) => Group): void {
  world.register({ groups: world.job.groups.map(change) });
}

function beginDrain(dice: Dice, world: World, nodeId: string): void {
  const forceAtMs = oneOf(dice, [undefined, world.nowMs, world.nowMs + 100_000]);
  const drain = { startedAtMs: world.nowMs, forceAtMs, ignoresSystemJobs: dice.roll() < 0.3 };
  world.setNode(nodeId, { isDraining: true, isEligible: false, drain });
}

function promoteIfPossible(world: World): void {
  const { deployment } = world;
  if (!deployment || !isActive(deployment)) return;
  try {
    const allocations = [...world.allocations.values()];
    world.setDeployment(promote(deployment, { allocations, nowMs: world.nowMs }));
  } catch {
    // Refused: the canaries are not well, or there are none.
  }
}

/** All is well again: nodes answer and take work, and nobody holds a deployment back. */
function recover(world: World): void {
  for (const id of world.nodes.keys()) {
    world.setNode(id, { status: "ready", isDraining: false, isEligible: true, drain: undefined, slots: 100 });
  }
  const { deployment } = world;
  if (deployment?.status === "paused") {
    world.setDeployment(pause(deployment, { isPaused: false, nowMs: world.nowMs }));
  }
}

/** The safety properties of a single decision. */
function assertDecision(input: ReconcileInput, decision: Decision): void {
  const isSystem = input.job?.type === "system" || input.job?.type === "sysbatch";
  for (const name of new Set([
    ...input.allocations.map((one) => one.group),
    ...(input.job?.groups ?? []).map((one) => one.name),
  ])) {
    const group = input.job?.groups.find((one) => one.name === name);
    const desired = decision.desired[name];
    assert.ok(desired, `no summary for group ${name}`);
    const existing = input.allocations.filter((one) => one.group === name).length;
    const placements = decision.placements.filter((one) => one.group === name);
    const count = isSystem ? input.nodes.size : (group?.count ?? 0);
    const canaries = isSystem ? input.nodes.size : (group?.update?.canaries ?? 0);
    const canariesNow = placements.filter((one) => one.isCanary).length;
    assert.ok(placements.length - canariesNow <= count, `${placements.length} placements for count ${count}`);
    assert.ok(desired.canary <= canaries, "more canaries than wanted");
    assert.ok(desired.destructive <= count, "more replaced than wanted");
    assert.ok(
      desired.place + desired.canary + desired.destructive <= count + 2 * canaries,
      "place + canary + destructive",
    );
    for (const field of ["inPlace", "destructive", "migrate", "ignore", "reconnect"] as const) {
      assert.ok(desired[field] <= existing, `${field} ${desired[field]} of ${existing}`);
      assert.ok(desired[field] >= 0, `${field} ${desired[field]}`);
    }
    assert.ok(desired.migrate <= desired.stop, "migrating without stopping");
    assert.ok(desired.rescheduleLater <= desired.ignore + desired.disconnect, "later but not ignored");
    if (!group || input.job?.stopped || (count === 0 && !isSystem)) assertNothingBegins(decision, name);
  }
}

function assertNothingBegins(decision: Decision, group: string): void {
  const { place, canary, destructive, migrate, rescheduleLater, preemptions } = decision.desired[group];
  assert.deepEqual(
    { place, canary, destructive, migrate, rescheduleLater, preemptions },
    { place: 0, canary: 0, destructive: 0, migrate: 0, rescheduleLater: 0, preemptions: 0 },
  );
}

/** Nothing is decided twice. */
function assertLinks(input: ReconcileInput, decision: Decision): void {
  const stopped = decision.stops.map((one) => one.allocation.id);
  assert.equal(new Set(stopped).size, stopped.length, "stopped twice");
  const reconnected = new Set(decision.reconnects.map((one) => one.id));
  assert.ok(!stopped.some((id) => reconnected.has(id)), "reconnected and stopped");
  const previous = decision.placements.flatMap((one) => one.previous?.id ?? []);
  assert.equal(new Set(previous).size, previous.length, "replaced twice");
  const changed = new Set(decision.inPlace.map((one) => one.id));
  assert.ok(![...stopped, ...previous].some((id) => changed.has(id)), "changed in place and gone");
  const known = new Set(input.allocations.map((one) => one.id));
  assert.ok(
    [...stopped, ...previous].every((id) => known.has(id)),
    "an allocation that nobody knows",
  );
}

/** Copies that are wanted, and not away. */
function wanted(world: World, group: string): Allocation[] {
  return [...world.allocations.values()].filter(
    (one) =>
      one.group === group &&
      !isOver(one) &&
      !isUnwanted(one) &&
      one.status !== "unknown" &&
      one.unknownSinceMs === undefined,
  );
}

/** No node holds more than it has room for, apart from copies that it still stops. */
function assertNotTooMany(world: World): void {
  for (const [id, node] of world.nodes) {
    const held = [...world.allocations.values()].filter((one) => one.nodeId === id && !isTerminal(one));
    assert.ok(held.length <= node.slots, `node ${id} holds ${held.length} with room for ${node.slots}`);
  }
  for (const group of world.job.groups) {
    const { update } = group;
    const most = world.job.type === "system" ? world.nodes.size : group.count + (update?.canaries ?? 0);
    const live = wanted(world, group.name).filter((one) => world.nodes.get(one.nodeId)?.status === "ready");
    assert.ok(live.length <= most, `${live.length} copies of ${group.name} with count ${group.count}`);
  }
}

/** At rest, there is what is wanted, unless a known reason keeps it from being so. */
function assertArrived(world: World): void {
  const { job, deployment } = world;
  for (const group of job.groups) {
    const live = wanted(world, group.name);
    const rollout = deployment?.jobVersion === job.version ? deployment.groups[group.name] : undefined;
    const onTrial = rollout && awaitsPromotion(rollout) ? rollout.desiredCanaries : 0;
    if (job.stopped) {
      assert.equal(live.length, 0, "stopped, and yet something is wanted");
      continue;
    }
    if (job.type === "system") {
      assert.equal(live.length, world.nodes.size, "one on each node");
      continue;
    }
    assert.ok(live.length <= group.count + onTrial, `${live.length} copies of ${group.count}`);
    const names = live.map((one) => one.name);
    if (onTrial === 0) assert.equal(new Set(names).size, names.length, "two copies of one name");
    const isStalled = deployment?.status === "failed" && deployment.jobVersion === job.version;
    if (isStalled || onTrial > 0) continue;
    const resting = [...world.allocations.values()].filter(
      (one) => one.group === group.name && isOver(one) && !one.nextId && one.status !== "lost",
    );
    const reach =
      live.length +
      (job.type === "batch" || resting.some((one) => one.status === "failed") ? resting.length : 0);
    assert.ok(reach >= group.count, `${live.length} copies of ${group.count}, ${resting.length} at rest`);
    if (isStalled) continue;
    for (const one of live)
      assert.equal(one.specIndex, job.specIndex, `${one.name} is of version ${one.jobVersion}`);
  }
}
