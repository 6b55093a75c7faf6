/** What holds at any time, whatever has gone wrong: looked at after every step, on control's own state and on the machines. */
import { isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { isActive } from "@fractus/core/deployment.ts";
import { isTemplate } from "@fractus/core/job.ts";
import { ClusterMirror } from "@fractus/control/placement/cluster-mirror.ts";
import { settingsOf, type State } from "@fractus/control/state/state.ts";
import { jobStatus } from "@fractus/scheduler/reconcile/versions.ts";
import { soundWire } from "./wire.ts";
import type { SimNode, World } from "./world.ts";

/** Within this time of a quiet cloud, control has looked at what it is asked to look at. */
const patienceMs = 150_000;

export function checkInvariants(world: World): void {
  const { control } = world;
  for (const node of world.nodes.values()) checkMachine(world, node);
  checkOnePlace(world);
  if (!control) return;
  const { state, mirror } = control.control;
  checkRoom(world, state);
  checkMirror(world, state, mirror);
  checkJobs(world, state);
  checkEvaluations(world, state);
}

/** Nothing is given out twice: what is wanted and not over fits on its node. */
function checkRoom(world: World, state: State): void {
  for (const node of state.nodes.values()) {
    const here = state.allocations.by("liveOnNode", node.id);
    const fail = (words: string) => world.violate("no node is oversubscribed", `${node.name}: ${words}`);
    const most = (what: string, used: number, room: number) => {
      if (used > room) fail(`${what} ${used} of ${room}`);
    };
    const total = (of: (one: Allocation) => number) => here.reduce((sum, one) => sum + of(one), 0);
    const { capacity, reserved } = node;
    most(
      "memory",
      total((one) => one.grant.memoryBytes),
      capacity.memoryBytes - reserved.memoryBytes,
    );
    most(
      "disk",
      total((one) => one.grant.diskBytes),
      capacity.diskBytes - reserved.diskBytes,
    );
    most(
      "MHz",
      total((one) => one.grant.cpuMhz),
      capacity.cpuMhz - reserved.cpuMhz,
    );
    const cores = here.flatMap((one) => one.grant.cores);
    const ports = here.flatMap((one) => one.grant.ports.map(({ address, port }) => `${address}:${port}`));
    for (const [what, all] of [
      ["core", cores],
      ["port", ports],
    ] as const) {
      const twice = all.find((one, at) => all.indexOf(one as never) !== at);
      if (twice !== undefined) fail(`${what} ${twice} is given to two`);
    }
  }
}

/** What the scheduler sees is what it would see if it were made anew. */
function checkMirror(world: World, state: State, mirror: ClusterMirror): void {
  const present = mirrorText(mirror, state);
  const anew = mirrorText(new ClusterMirror(state), state);
  for (const [id, text] of anew) {
    if (present.get(id) !== text)
      world.violate("the mirror is that of the state", `node ${id}: ${present.get(id)} instead of ${text}`);
  }
  if (present.size !== anew.size) world.violate("the mirror is that of the state", "it has other nodes");
}

function mirrorText({ cluster }: ClusterMirror, state: State): Map<string, string> {
  const { nodes, instances } = cluster;
  const texts = new Map<string, string>();
  for (const number of nodes.numbers()) {
    const { id } = nodes.at(number);
    const rows = instances.onNode(number);
    const held = rows.map((row) => {
      const ports = cluster.portsOf(row).map(({ address, port }) => `${address}:${port}`);
      return `${instances.id(row)} ${ports.join()}`;
    });
    const sums = [nodes.cpuUsed, nodes.memoryUsed, nodes.diskUsed, nodes.coresUsed, nodes.instances];
    const free = state.nodes.get(id) ? nodes.accepting[number] : "gone";
    texts.set(id, `${sums.map((column) => column[number]).join()} ${free} ${held.toSorted().join(" ")}`);
  }
  return texts;
}

function checkJobs(world: World, state: State): void {
  for (const [key, { job }] of [...state.jobs.ids()].map((id) => [id, state.jobs.get(id)!] as const)) {
    const allocations = state.allocations.by("job", key);
    const evaluations = state.evaluations.by("job", key);
    const deployments = state.deployments.by("job", key);
    if (allocations.length + evaluations.length > 0 || isTemplate(job)) {
      const status = jobStatus(job, { allocations, evaluations, deployments });
      if (status !== job.status)
        world.violate("a job's status follows the rule", `${job.id} is ${job.status} instead of ${status}`);
    }
    const name = `${job.project}/${job.id}`;
    checkSummary(world, state, { key, name, allocations });
    if (deployments.filter(isActive).length > 1)
      world.violate("a job has one deployment at a time", `${name} has several`);
    if (evaluations.filter(({ status }) => status === "blocked").length > 1)
      world.violate("at most one evaluation of a job is blocked", name);
    if (evaluations.every(({ status }) => status !== "pending")) checkCounts(world, state, key);
  }
}

function checkSummary(
  world: World,
  state: State,
  {
    key,
    name,
    allocations,
  }: { readonly key: string; readonly name: string; readonly allocations: readonly Allocation[] },
): void {
  const summary = state.summaries.get(key);
  const fail = (words: string) => world.violate("a summary equals a recount", `${name}: ${words}`);
  const live = allocations.filter((one) => !isTerminal(one)).length;
  if ((summary?.live ?? 0) !== live) fail(`${summary?.live} live instead of ${live}`);
  if ((summary?.total ?? 0) < allocations.length)
    fail(`${summary?.total} in all, ${allocations.length} are there`);
  for (const group of new Set([
    ...Object.keys(summary?.groups ?? {}),
    ...allocations.map((one) => one.group),
  ])) {
    const counted = summary?.groups[group];
    const of = (status: Allocation["status"]) =>
      allocations.filter((one) => one.group === group && one.status === status).length;
    const same = [
      ["starting", counted?.starting ?? 0, of("pending")],
      ["running", counted?.running ?? 0, of("running")],
      ["unknown", counted?.unknown ?? 0, of("unknown")],
    ] as const;
    for (const [word, said, found] of same)
      if (said !== found) fail(`${group}: ${said} ${word} instead of ${found}`);
    for (const status of ["failed", "complete", "lost"] as const)
      if ((counted?.[status] ?? 0) < of(status))
        fail(`${group}: ${counted?.[status]} ${status}, ${of(status)} are there`);
  }
}

/** When nobody has yet to look at the job, there are no more copies than it wants. */
function checkCounts(world: World, state: State, key: string): void {
  const { job } = state.jobs.get(key)!;
  if (isTemplate(job)) return;
  const here = state.allocations
    .by("job", key)
    .filter((one) => !isTerminal(one) && one.status !== "unknown" && one.unknownSinceMs === undefined);
  const deployment = state.deployments.by("job", key).find(isActive);
  for (const group of job.groups) {
    const copies = here.filter((one) => one.group === group.name);
    const fail = (words: string) =>
      world.violate("no more run than are wanted", `${key.replace("\n", "/")} ${group.name}: ${words}`);
    if (job.type === "system" || job.type === "sysbatch") {
      const twice = copies.find((one, at) => copies.findIndex((other) => other.nodeId === one.nodeId) !== at);
      if (twice && !isRollout(deployment?.groups[group.name])) fail(`two on ${twice.nodeId}`);
      continue;
    }
    const most = job.stopped ? 0 : group.count + (deployment?.groups[group.name]?.desiredCanaries ?? 0);
    if (copies.length > most)
      fail(
        `${copies.length} of ${most}: ${copies.map((one) => `${one.name} v${one.jobVersion} ${one.status}`).join(", ")}`,
      );
  }
}

function isRollout(rollout: { readonly desiredCanaries: number } | undefined): boolean {
  return (rollout?.desiredCanaries ?? 0) > 0;
}

function checkEvaluations(world: World, state: State): void {
  const nowMs = world.clock.nowMs();
  if (settingsOf(state).isPaused || world.store.isFull) world.quietSinceMs = nowMs;
  if (nowMs - world.quietSinceMs < patienceMs) return;
  for (const one of state.evaluations.by("status", "pending")) {
    const dueMs = Math.max(one.waitUntilMs ?? one.createdAtMs, world.quietSinceMs);
    if (nowMs - dueMs > patienceMs)
      world.violate(
        "no evaluation is pending for ever",
        `${one.id} (${one.cause}) since ${nowMs - dueMs} ms`,
      );
  }
}

/** A machine runs nothing twice, and nothing that is not assigned to it for longer than it can know. */
function checkMachine(world: World, { host, agent, wire, isOn, soundSinceMs }: SimNode): void {
  for (const [id, copies] of host.copies) {
    if (copies > 1)
      world.violate("an agent never runs two copies", `${host.facts.name} runs ${id} ${copies} times`);
  }
  const state = world.control?.control.state;
  if (!state || !isOn || !agent || wire.isCut || wire.quality !== soundWire) return;
  const nowMs = world.clock.nowMs();
  const quietSinceMs = Math.max(soundSinceMs, world.quietSinceMs);
  for (const id of host.copies.keys()) {
    const one = state.allocations.get(id);
    const sinceMs = Math.max(quietSinceMs, one?.modifiedAtMs ?? 0);
    if ((!one || isUnwanted(one) || one.nodeId !== host.facts.id) && nowMs - sinceMs > patienceMs)
      world.violate(
        "an agent runs only what is assigned to it",
        `${host.facts.name} still runs ${id} (${one?.name})`,
      );
  }
}

function checkOnePlace(world: World): void {
  const places = new Map<string, string>();
  for (const { host } of world.nodes.values()) {
    for (const id of host.copies.keys()) {
      const other = places.get(id);
      if (other)
        world.violate("no instance is on two nodes", `${id} runs on ${other} and ${host.facts.name}`);
      places.set(id, host.facts.name);
    }
  }
}
