/** Random jobs, of the shapes that people ask for, on small nodes so that room is scarce. */
import type { Dice } from "@fractus/core/dice.ts";
import type { Constraint, Group, Job, JobType, Task, UpdatePolicy } from "@fractus/core/job.ts";
import { sampleGroup, sampleJob, sampleTask } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { between, happens, pick, pickWeighted } from "./chance.ts";

const mebibyte = 1024 ** 2;

/** How the tasks of a job behave; stands in the settings of their driver. */
export type Behaviour = "steady" | "ends" | "fails" | "flaky" | "sick";

export const projects = ["default", "team"] as const;
const names = ["web", "db", "cache", "mail", "report", "probe"] as const;

export function randomJob(dice: Dice): Job {
  const type = pickWeighted<JobType>(dice, [
    [10, "service"],
    [5, "batch"],
    [2, "system"],
    [2, "sysbatch"],
  ]);
  const id = `${type}-${pick(dice, names)}`;
  const groups = ["front", "back"].slice(0, happens(dice, 0.3) ? 2 : 1);
  return sampleJob({
    project: pickWeighted(dice, [
      [4, "default"],
      [1, "team"],
    ]),
    id,
    name: id,
    type,
    priority: between(dice, 1, 9) * 10,
    constraints: happens(dice, 0.1) ? [distinctHosts] : [],
    spreads: happens(dice, 0.2) ? [{ attribute: "${node.datacenter}", weight: 50, targets: [] }] : [],
    zones: happens(dice, 0.1) ? ["dc1"] : ["*"],
    groups: groups.map((name) => randomGroup(dice, type, name)),
    ...templateOf(dice, { type, id }),
  });
}

const distinctHosts: Constraint = { attribute: "", operator: "distinct_hosts", value: "" };

/** The name says of what kind a job is, so that a name never changes its kind. */
function templateOf(dice: Dice, { type, id }: { readonly type: JobType; readonly id: string }): Partial<Job> {
  if (type !== "batch") return {};
  if (id.endsWith("report")) {
    const periodic = { enabled: true, specs: ["*/2 * * * *"], timeZone: "UTC" };
    return { periodic: { ...periodic, prohibitOverlap: happens(dice, 0.5) } };
  }
  if (id.endsWith("mail"))
    return { parameterized: { payload: "optional", metaRequired: [], metaOptional: ["key"] } };
  return {};
}

function randomGroup(dice: Dice, type: JobType, name: string): Group {
  const isSystem = type === "system" || type === "sysbatch";
  return sampleGroup({
    name,
    count: isSystem ? 1 : between(dice, 0, 6),
    tasks: [randomTask(dice, type)],
    networks: happens(dice, 0.4) ? [{ ports: randomPorts(dice) }] : [],
    constraints: happens(dice, 0.15)
      ? [{ attribute: "${node.class}", operator: "=", value: pick(dice, ["large", "small"]) }]
      : [],
    ephemeralDisk: { sizeBytes: 300 * mebibyte, sticky: happens(dice, 0.2), migrate: false },
    ...(happens(dice, 0.6) && type !== "batch" && type !== "sysbatch" && { update: randomUpdate(dice) }),
    ...(!isSystem && { reschedule: randomReschedule(dice) }),
    ...(happens(dice, 0.3) && !isSystem && { disconnect: randomDisconnect(dice) }),
    ...(happens(dice, 0.4) && type === "service" && { migrate: randomMigrate(dice) }),
  });
}

function randomTask(dice: Dice, type: JobType): Task {
  const isBatch = type === "batch" || type === "sysbatch";
  const behaviour: Behaviour = pickWeighted(dice, [
    [isBatch ? 2 : 8, "steady"],
    [isBatch ? 8 : 1, "ends"],
    [1, "fails"],
    [2, "flaky"],
    [1, "sick"],
  ]);
  const cores = happens(dice, 0.1) ? 1 : 0;
  const resources = {
    cpuMhz: cores > 0 ? 0 : between(dice, 1, 8) * 100,
    cores,
    memoryBytes: between(dice, 1, 16) * 128 * mebibyte,
    networks: [],
    devices: [],
  };
  return sampleTask({ driver: "sim", config: { behaviour }, resources });
}

function randomPorts(dice: Dice): { label: string; static?: number }[] {
  const fixed = happens(dice, 0.3) ? [{ label: "admin", static: between(dice, 8000, 8001) }] : [];
  return [{ label: "http" }, ...fixed];
}

function randomUpdate(dice: Dice): UpdatePolicy {
  const canaries = pickWeighted(dice, [
    [3, 0],
    [1, 1],
    [1, 2],
    [1, 4],
  ]);
  return {
    maxParallel: between(dice, 1, 2),
    healthCheck: pick(dice, ["checks", "task_states"]),
    minHealthyMs: between(dice, 0, 2) * 5_000,
    healthyDeadlineMs: 60_000,
    progressDeadlineMs: pick(dice, [0, 120_000, 120_000]),
    staggerMs: 30_000,
    canaries,
    autoRevert: happens(dice, 0.3),
    autoPromote: canaries > 0 && happens(dice, 0.4),
  };
}

function randomReschedule(dice: Dice): NonNullable<Group["reschedule"]> {
  const unlimited = happens(dice, 0.7);
  return {
    attempts: unlimited ? 0 : between(dice, 0, 2),
    intervalMs: unlimited ? 0 : 600_000,
    unlimited,
    delayMs: between(dice, 1, 4) * 5_000,
    delayFunction: pick(dice, ["constant", "exponential", "fibonacci"]),
    maxDelayMs: 60_000,
  };
}

function randomDisconnect(dice: Dice): NonNullable<Group["disconnect"]> {
  return {
    ...(happens(dice, 0.8) && { lostAfterMs: between(dice, 1, 6) * 20_000 }),
    replace: happens(dice, 0.7),
    reconcile: pick(dice, ["best_score", "keep_original", "keep_replacement", "longest_running"]),
  };
}

function randomMigrate(dice: Dice): NonNullable<Group["migrate"]> {
  return {
    maxParallel: between(dice, 1, 2),
    healthCheck: "task_states",
    minHealthyMs: 5_000,
    healthyDeadlineMs: 60_000,
  };
}

/** The job with something else about it: a new environment, count, amount of memory, priority or behaviour. */
export function changedJob(dice: Dice, job: Job): Job {
  const [first, ...rest] = job.groups;
  const task = first.tasks[0];
  const withTask = (change: Partial<Task>): Job => ({
    ...job,
    groups: [{ ...first, tasks: [{ ...task, ...change }] }, ...rest],
  });
  const changes: readonly (() => Job)[] = [
    () => withTask({ env: { VERSION: String(between(dice, 0, 99)) } }),
    () => withTask({ config: { behaviour: pick(dice, ["steady", "ends", "fails", "sick"]) } }),
    () => withTask({ resources: { ...task.resources, memoryBytes: between(dice, 1, 16) * 128 * mebibyte } }),
    () => ({ ...job, groups: [{ ...first, count: between(dice, 0, 6) }, ...rest] }),
    () => ({ ...job, groups: [randomGroup(dice, job.type, first.name), ...rest] }),
    () => ({ ...job, priority: between(dice, 1, 9) * 10 }),
    () => ({ ...job, meta: { note: String(between(dice, 0, 9)) } }),
    () => job,
  ];
  return pick(dice, changes)();
}
