/** What comes about once nothing goes wrong any more: everything that is wanted, or a reason why not; then silence. */
import { isOver, isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import { awaitsPromotion, type Deployment, isActive } from "@fractus/core/deployment.ts";
import { isTemplate, type Group, type Job } from "@fractus/core/job.ts";
import { acceptsWork, type Node } from "@fractus/core/node.ts";
import type { State } from "@fractus/control/state/state.ts";
import type { World } from "./world.ts";

/** What is not yet as it is wanted, in words; empty when everything is. */
export function unsettled(world: World): string[] {
  const state = world.control?.control.state;
  if (!state) return ["control is not up"];
  return [
    ...[...state.nodes.values()].flatMap((node) => unsettledNode(world, node)),
    ...[...state.deployments.values()]
      .filter((one) => isActive(one) && !mayWait(state, one))
      .map(
        (one) =>
          `deployment ${one.id} of ${one.jobId} v${one.jobVersion} is ${one.status}: ${one.statusReason}`,
      ),
    ...[...state.evaluations.values()]
      .filter(({ status }) => status === "pending")
      .map((one) => `evaluation ${one.id} of ${one.jobId} (${one.cause}) is pending`),
    ...[...state.jobs.ids()].flatMap((key) => unsettledJob(world, state, key)),
    ...[...state.allocations.values()].flatMap((one) => unsettledAllocation(world, state, one)),
  ];
}

function unsettledNode(world: World, node: Node): string[] {
  const isKnown = world.nodes.has(node.id);
  return [
    ...(isKnown && node.status !== "ready" ? [`node ${node.name} is ${node.status}`] : []),
    ...(node.drain || node.isEligible ? [] : [`node ${node.name} takes no work`]),
    ...(node.drain ? [`node ${node.name} still drains`] : []),
  ];
}

/** Control knows of each copy what its node knows. */
function unsettledAllocation(world: World, state: State, one: Allocation): string[] {
  const node = world.nodes.get(one.nodeId);
  const words = `${one.name} ${one.id.slice(0, 8)} on ${state.nodes.get(one.nodeId)?.name ?? "a node that is gone"}`;
  const seen = node?.host.look(one.id);
  if (seen) {
    const { status } = seen;
    if (status !== one.status && !(isOver(one) && one.status !== "lost"))
      return [`${words} is ${status}, and control has it ${one.status}, desired ${one.desired}`];
  }
  if (seen?.isAtRest === false) return [`${words} has not come to rest`];
  if (one.status === "pending" && !isTerminal(one)) return [`${words} is pending`];
  if (one.status === "unknown" || (isTerminal(one) && !isOver(one)))
    return [`${words} is ${one.status}, desired ${one.desired}`];
  return [];
}

function unsettledJob(world: World, state: State, key: string): string[] {
  const { job } = state.jobs.get(key)!;
  if (isTemplate(job)) return [];
  const all = state.allocations.by("job", key);
  if (job.stopped)
    return all
      .filter((one) => !isTerminal(one))
      .map((one) => `${one.name} of a stopped job is ${one.status}`);
  if (isBlocked(state, key)) return [];
  return job.groups.flatMap((group) => unsettledGroup(world, state, { key, job, group }));
}

/**
 * While there is no room for the rest, a deployment has no deadline if all that have a place are well. As long as
 * somebody has yet to judge a copy, it is not at rest.
 */
function mayWait(state: State, { id, groups, project, jobId }: Deployment): boolean {
  const key = `${project}\n${jobId}`;
  const hasDeadline = Object.values(groups).some((group) => {
    if (group.requireProgressByMs === undefined) return false;
    if (!awaitsPromotion(group)) return group.healthy < group.desired;
    return (
      group.placedCanaries.filter((one) => isWell(state.allocations.get(one))).length < group.desiredCanaries
    );
  });
  const members = state.allocations.by("job", key).filter((one) => one.deploymentId === id);
  const isJudged = members.every((one) => isTerminal(one) || one.health?.isHealthy !== undefined);
  return !hasDeadline && isJudged && isBlocked(state, key);
}

function isWell(one: Allocation | undefined): boolean {
  return one?.health?.isHealthy === true && !isTerminal(one);
}

/** It waits for room, and says so. */
function isBlocked(state: State, key: string): boolean {
  return state.evaluations.by("job", key).some(({ status }) => status === "blocked");
}

function unsettledGroup(
  world: World,
  state: State,
  { key, job, group }: { readonly key: string; readonly job: Job; readonly group: Group },
): string[] {
  const all = state.allocations.by("job", key).filter((one) => one.group === group.name);
  const isBatch = job.type === "batch" || job.type === "sysbatch";
  const here = all.filter((one) => !isTerminal(one));
  const isFailed = world.failedRollouts.has(`${key}\n${job.version}`);
  const done = isBatch
    ? all.filter((one) => one.status === "complete" && !here.some(({ name }) => name === one.name))
    : [];
  const given = all.filter(
    (one) => one.status === "failed" && one.nextId === undefined && one.desired === "run",
  );
  const removed = all.filter((one) => one.transition.withoutReplacement);
  const wanted = wantedCopies(state, job, group);
  const words = `${key.replace("\n", "/")} ${group.name}`;
  const found = here.length + done.length + given.length + removed.length;
  const outdated = here.filter((one) => one.jobVersion !== job.version);
  return [
    ...(found < wanted && !isFailed && !isCollected(state, key)
      ? [`${words} has ${here.length} copies, ${done.length} done and ${given.length} given up, of ${wanted}`]
      : []),
    ...(!isBatch && outdated.length > 0 && !isFailed ? [`${words} has copies of an older version`] : []),
    ...here.filter((one) => one.status !== "running").map((one) => `${one.name} is ${one.status}`),
  ];
}

/** Copies that are over may have been forgotten. */
function isCollected(state: State, key: string): boolean {
  return (state.summaries.get(key)?.total ?? 0) > state.allocations.idsBy("job", key).size;
}

function wantedCopies(state: State, job: Job, group: Group): number {
  if (job.type !== "system" && job.type !== "sysbatch") return group.count;
  if (group.count === 0) return 0;
  const classes = group.constraints.map(({ value }) => value);
  const suits = (node: Node) =>
    acceptsWork(node) &&
    (job.zones.includes("*") || job.zones.includes(node.zone)) &&
    classes.every((one) => one === node.class);
  return [...state.nodes.values()].filter(suits).length;
}
