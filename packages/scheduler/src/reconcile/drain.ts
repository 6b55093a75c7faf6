/**
 * Leads instances away from nodes that are drained.
 *
 *     draining ──▶ done    nothing is left on it, apart from system jobs if they are to be ignored
 *
 * Services leave in steps: of each group `count` less `migrate.maxParallel` copies stay healthy, and
 * when replacements have become so, the next ones follow. Batch copies may finish. System jobs go
 * last, when nothing else is there. When the deadline has come, or from the start if the drain is
 * forced, all go at once.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/commands/node/drain
 */
import { isOver, isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import type { Drain } from "@fractus/core/node.ts";
import { groupOf, type Group, type Job } from "@fractus/core/job.ts";
import { jobKey } from "../group-ask.ts";
import { judgeHealth } from "./health.ts";

/** A node that is drained; a `forceAtMs` that has passed moves everything at once. */
export interface DrainedNode extends Drain {
  readonly nodeId: string;
}

export interface DrainInput {
  readonly drains: readonly DrainedNode[];
  /** Jobs with allocations on the nodes. */
  readonly jobs: readonly Job[];
  /** All allocations of those jobs, wherever they are. */
  readonly allocations: readonly Allocation[];
  readonly nowMs: number;
}

export interface DrainStep {
  /** Allocations that are to be moved, or of batch jobs stopped, now. */
  readonly migrate: readonly Allocation[];
  /** Nodes on which nothing is left: their drains are over. */
  readonly doneNodeIds: readonly string[];
  readonly wakeAtMs?: number;
}

const noMigratePolicy = { maxParallel: 1, minHealthyMs: 10_000 };

/** One step of all drains together, since a group may be on several of their nodes. */
export function drain(input: DrainInput): DrainStep {
  return drainJobs({ ...input, jobs: new Map(input.jobs.map((job) => [jobKey(job), job])) });
}

/** The same, with the jobs by their keys. */
interface Drains extends Omit<DrainInput, "jobs"> {
  readonly jobs: ReadonlyMap<string, Job>;
}

function drainJobs(input: Drains): DrainStep {
  const migrate = new Map<string, Allocation>();
  const doneNodeIds: string[] = [];
  const wakes: number[] = [];
  for (const one of input.drains) {
    const remaining = remainingOn(input, one);
    if (remaining.length === 0) doneNodeIds.push(one.nodeId);
    else if (one.forceAtMs !== undefined && one.forceAtMs > input.nowMs) wakes.push(one.forceAtMs);
    for (const allocation of leavingAtOnce(input, one, remaining)) migrate.set(allocation.id, allocation);
  }
  const stepwise = stepOfServices(input, migrate);
  for (const allocation of stepwise.migrate) migrate.set(allocation.id, allocation);
  wakes.push(...stepwise.wakes);
  const soonestMs = Math.min(Infinity, ...wakes);
  const wakeAtMs = Number.isFinite(soonestMs) ? soonestMs : undefined;
  return { migrate: [...migrate.values()], doneNodeIds, wakeAtMs };
}

function remainingOn(input: Drains, drain: DrainedNode): Allocation[] {
  return input.allocations.filter((allocation) => {
    if (allocation.nodeId !== drain.nodeId || isOver(allocation)) return false;
    return !(drain.ignoresSystemJobs && isOfSystemJob(input, allocation));
  });
}

function isOfSystemJob(input: Drains, allocation: Allocation): boolean {
  const type = jobOf(input, allocation)?.type;
  return type === "system" || type === "sysbatch";
}

/** Those that do not go in steps: all at the deadline; system jobs when they are alone. */
function leavingAtOnce(input: Drains, drain: DrainedNode, remaining: readonly Allocation[]): Allocation[] {
  const isDue = drain.forceAtMs !== undefined && drain.forceAtMs <= input.nowMs;
  const isLast = remaining.every((allocation) => isOfSystemJob(input, allocation));
  return isDue || isLast ? remaining.filter(mayLeave) : [];
}

function mayLeave(allocation: Allocation): boolean {
  return !isTerminal(allocation) && !allocation.transition.migrate;
}

/** For each group of a service on a drained node, as many as its migrate policy lets go now. */
function stepOfServices(
  input: Drains,
  already: ReadonlyMap<string, Allocation>,
): { readonly migrate: readonly Allocation[]; readonly wakes: readonly number[] } {
  const drained = new Set(input.drains.map((one) => one.nodeId));
  const migrate: Allocation[] = [];
  const wakes: number[] = [];
  for (const members of Map.groupBy(input.allocations, groupKey).values()) {
    const job = jobOf(input, members[0]);
    const group = job && groupOf(job, members[0].group);
    if (job?.type !== "service" || !group) continue;
    const staying = members.filter((one) => !already.has(one.id) && mayLeave(one));
    const leaving = staying.filter((one) => drained.has(one.nodeId));
    if (leaving.length === 0) continue;
    const step = healthOfGroup(group, staying, input.nowMs);
    const maxParallel = Math.max(1, group.migrate?.maxParallel ?? noMigratePolicy.maxParallel);
    migrate.push(...leaving.slice(0, Math.max(0, step.healthy - (group.count - maxParallel))));
    wakes.push(...step.wakes);
  }
  return { migrate, wakes };
}

function jobOf({ jobs }: Drains, { project, jobId }: Allocation): Job | undefined {
  return jobs.get(jobKey({ project, id: jobId }));
}

function groupKey({ project, jobId, group }: Allocation): string {
  return `${jobKey({ project, id: jobId })}\n${group}`;
}

function healthOfGroup(
  group: Group,
  members: readonly Allocation[],
  nowMs: number,
): { readonly healthy: number; readonly wakes: readonly number[] } {
  const verdicts = members.map((allocation) => {
    if (allocation.health?.isHealthy !== undefined) return { isHealthy: allocation.health.isHealthy };
    const { minHealthyMs } = group.migrate ?? noMigratePolicy;
    return judgeHealth({
      allocation,
      group,
      policy: { healthCheck: "task_states", minHealthyMs, healthyDeadlineMs: Infinity },
      joinedAtMs: allocation.createdAtMs,
      checksPassSinceMs: undefined,
      nowMs,
    });
  });
  return {
    healthy: verdicts.filter((verdict) => verdict.isHealthy).length,
    wakes: verdicts.flatMap((verdict) => ("wakeAtMs" in verdict ? (verdict.wakeAtMs ?? []) : [])),
  };
}
