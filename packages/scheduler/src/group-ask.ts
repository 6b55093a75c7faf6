/** What one copy of a group asks of a node: everything that its job, itself and its tasks say about it. */
import type { Allocation } from "@fractus/core/allocation.ts";
import { groupOf, type Constraint, type Group, type Job, type Task } from "@fractus/core/job.ts";
import { largerOf, noResources, type Resources, sumOf } from "@fractus/core/resources.ts";
import type { Ask, DistinctProperty } from "./ask.ts";
import type { SettledInstance } from "./cluster.ts";

/** The ask for copies of a group. */
export function groupAsk(job: Job, group: Group): Ask {
  const constraints = [
    ...job.constraints,
    ...group.constraints,
    ...group.tasks.flatMap((task) => task.constraints),
  ];
  const networks = [...group.networks, ...group.tasks.flatMap((task) => task.resources.networks)];
  return {
    name: `${job.id}.${group.name}`,
    job: jobKey(job),
    group: group.name,
    priority: job.priority,
    count: group.count,
    zones: job.zones,
    pool: job.pool === "all" ? undefined : job.pool,
    resources: groupResources(group),
    ports: networks.flatMap((network) => network.ports),
    devices: group.tasks.flatMap((task) => task.resources.devices),
    constraints: constraints.filter((one) => !one.operator.startsWith("distinct_")),
    affinities: [...job.affinities, ...group.affinities, ...group.tasks.flatMap((task) => task.affinities)],
    spreads: [...group.spreads, ...job.spreads],
    drivers: [...new Set(group.tasks.map((task) => task.driver))],
    networkModes: [...new Set(networks.flatMap((network) => network.mode ?? []))],
    volumes: Object.values(group.volumes),
    distinctHosts: distinctHosts(job, group),
    distinctProperties: [
      ...distinctProperties(job.constraints, "job"),
      ...distinctProperties(group.constraints, "group"),
    ],
    movesAtOnce: group.migrate?.maxParallel,
  };
}

/** A group in a version of its job, and what its copies ask for. */
export interface AskedGroup {
  readonly group: Group;
  readonly ask: Ask;
}

/** Finds the group that something was, or is to be, made from. */
export type AskOf = (made: { readonly jobVersion: number; readonly group: string }) => AskedGroup | undefined;

/** One ask for each group and version, so that all copies share it. */
export function rememberedAsks(jobOf: (version: number) => Job | undefined): AskOf {
  const asks = new Map<string, AskedGroup | undefined>();
  return ({ jobVersion, group: name }) => {
    const key = `${jobVersion} ${name}`;
    if (!asks.has(key)) {
      const job = jobOf(jobVersion);
      const group = job && groupOf(job, name);
      asks.set(key, group && { group, ask: groupAsk(job, group) });
    }
    return asks.get(key);
  };
}

/** An allocation as the cluster knows it. */
export function settledCopy(ask: Ask, allocation: Allocation): SettledInstance {
  const { ports, devices, cores } = allocation.grant;
  return { id: allocation.id, nodeId: allocation.nodeId, footprint: ask, ports, devices, cores };
}

/** Whose the instances are: jobs of two projects may have one name. */
export function jobKey(job: Pick<Job, "project" | "id">): string {
  return `${job.project}/${job.id}`;
}

/**
 * The most that is needed at any time: by the tasks that prepare, by those that run, by those that
 * clean up. Cores are not shared among them, so these add up.
 */
function groupResources(group: Group): Resources {
  const total = (tasks: readonly Task[]) => tasks.map(taskResources).reduce(sumOf, noResources);
  const hookOf = (task: Task) => task.lifecycle?.hook;
  const prepare = group.tasks.filter((task) => hookOf(task) === "prestart");
  const clean = group.tasks.filter((task) => hookOf(task) === "poststop");
  const run = group.tasks.filter(
    (task) => !clean.includes(task) && (!prepare.includes(task) || task.lifecycle?.sidecar),
  );
  return {
    ...largerOf(largerOf(total(run), total(prepare)), total(clean)),
    cores: group.tasks.reduce((sum, task) => sum + task.resources.cores, 0),
    diskBytes: group.ephemeralDisk.sizeBytes,
  };
}

function taskResources({ resources }: Task): Resources {
  const { cpuMhz, memoryBytes, memoryMaxBytes, cores } = resources;
  return {
    ...noResources,
    cpuMhz,
    memoryBytes,
    cores,
    ...(memoryMaxBytes !== undefined && { memoryMaxBytes }),
  };
}

function distinctHosts(job: Job, group: Group): Ask["distinctHosts"] {
  const isOn = (one: Constraint) => one.operator === "distinct_hosts" && one.value !== "false";
  if (job.constraints.some(isOn)) return "job";
  return group.constraints.some(isOn) ? "group" : undefined;
}

function distinctProperties(
  constraints: readonly Constraint[],
  scope: DistinctProperty["scope"],
): DistinctProperty[] {
  return constraints
    .filter((one) => one.operator === "distinct_property")
    .map(({ attribute, value }) => ({ attribute, limit: value === "" ? 1 : Number(value), scope }));
}
