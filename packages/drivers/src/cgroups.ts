/** Makes, limits, reads and removes the control groups of one task, in whichever world the machine lives. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { TaskLimits } from "./driver.ts";
import type { CgroupLayout, Hierarchy } from "./cgroup-layout.ts";
import { readIfThere } from "./process-table.ts";

/** The directories of one task's groups: one for each v1 tree that is used, and one of v2. Plain JSON. */
export interface TaskCgroups {
  readonly v1: Readonly<Record<string, string>>;
  readonly v2?: string;
}

export interface CgroupOutcome {
  readonly groups: TaskCgroups;
  /** What could not be had, by aspect, in words. */
  readonly lost: Readonly<Record<string, string>>;
}

export const noCgroups: TaskCgroups = { v1: {} };

const usedV1 = ["memory", "cpu", "cpuacct", "pids", "freezer"];

/**
 * Makes the groups, with limits where given, below the group that this process is in: whatever
 * bounds us bounds our tasks. Under v2 a group with processes cannot pass controllers on, so there,
 * unless it can, the groups are made at the top of the tree. Harmless if they exist.
 */
export function makeCgroups(layout: CgroupLayout, name: string, limits?: TaskLimits): CgroupOutcome {
  const lost: Record<string, string> = {};
  const v1: Record<string, string> = {};
  for (const controller of usedV1) {
    const tree = layout.v1[controller];
    const path = tree && join(tree.own, "fractus", name);
    if (path && attempt(() => makeGroup(path), controller, lost)) v1[controller] = path;
  }
  const v2 = layout.v2 && makeV2(layout.v2, name, lost);
  weighTogether({ v1, ...(v2 !== undefined && { v2 }) });
  const groups: TaskCgroups = { v1, ...(v2 !== undefined && { v2 }) };
  if (limits) limit(groups, limits, lost);
  return { groups, lost };
}

/**
 * All tasks are in one group, which without more would weigh as much as a single process of the machine. It gets
 * the weight of as many as there are cores, so that tasks are not starved by whatever else runs.
 */
function weighTogether({ v1, v2 }: TaskCgroups): void {
  const cores = availableParallelism();
  const shares = v1.cpu && join(dirname(v1.cpu), "cpu.shares");
  const weight = v2 && join(dirname(v2), "cpu.weight");
  if (shares && existsSync(shares)) attempt(() => writeFileSync(shares, String(1024 * cores)), "", {});
  if (weight && existsSync(weight))
    attempt(() => writeFileSync(weight, String(Math.min(100 * cores, 10_000))), "", {});
}

function makeV2(tree: Hierarchy, name: string, lost: Record<string, string>): string | undefined {
  for (const above of new Set([tree.own, tree.mount])) {
    const parent = join(above, "fractus");
    const trial: Record<string, string> = {};
    if (!attempt(() => makeGroup(join(parent, name)), "v2", trial)) continue;
    const passed = passControllers(above) && passControllers(parent);
    if (passed || above === tree.mount) return join(parent, name);
    rmdirIfEmpty(join(parent, name));
    rmdirIfEmpty(parent);
  }
  lost.v2 = "its own control group cannot be made";
  return undefined;
}

/** Another agent may at any moment remove the group above, if that is empty. */
function makeGroup(path: string): void {
  for (let round = 0; ; round++) {
    try {
      mkdirSync(path, { recursive: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || round === 10) throw error;
    }
  }
}

/** Whether groups below have all the controllers we use that there are here. */
function passControllers(group: string): boolean {
  const wanted = ["cpu", "memory", "pids"].filter((name) =>
    words(join(group, "cgroup.controllers")).includes(name),
  );
  for (const name of wanted)
    attempt(() => writeFileSync(join(group, "cgroup.subtree_control"), `+${name}`), name, {});
  const passed = words(join(group, "cgroup.subtree_control"));
  return wanted.every((name) => passed.includes(name));
}

function words(path: string): string[] {
  return (readIfThere(path) ?? "").split(/\s+/).filter(Boolean);
}

function limit(groups: TaskCgroups, limits: TaskLimits, lost: Record<string, string>): void {
  for (const { aspect, files } of limitFiles(groups, limits)) {
    const present = files.filter(({ path, isOptional }) => !isOptional || existsSync(path));
    if (present.length === 0) lost[aspect] = "the kernel offers no control group for it here";
    for (const { path, value } of present) attempt(() => writeFileSync(path, value), aspect, lost);
  }
}

interface LimitFile {
  readonly path: string;
  readonly value: string;
  /** Not every kernel has it: swap accounting, for one. */
  readonly isOptional?: boolean;
}

interface Limit {
  readonly aspect: string;
  readonly files: readonly LimitFile[];
}

/** What is written where, in this order. */
function limitFiles({ v1, v2 }: TaskCgroups, limits: TaskLimits): Limit[] {
  const memory = String(Math.max(limits.memoryMaxBytes ?? 0, limits.memoryBytes));
  const reserved = String(limits.memoryBytes);
  const shares = Math.min(Math.max(Math.round(limits.cpuMhz), 2), 262_144);
  const quota =
    limits.cpuLimitMillis === undefined ? undefined : String(Math.max(limits.cpuLimitMillis * 100, 1000));
  const processes = String(limits.maxProcesses ?? 4096);
  const inV1 = (controller: string, file: string, value: string, isOptional = false) =>
    v1[controller] ? [{ path: join(v1[controller], file), value, isOptional }] : [];
  const inV2 = (controller: string, file: string, value: string, isOptional = false) =>
    v2 && !v1[controller] && words(join(v2, "cgroup.controllers")).includes(controller)
      ? [{ path: join(v2, file), value, isOptional }]
      : [];
  return [
    {
      aspect: "memory",
      files: [
        ...inV1("memory", "memory.limit_in_bytes", memory),
        ...inV1("memory", "memory.memsw.limit_in_bytes", memory, true),
        ...inV1("memory", "memory.soft_limit_in_bytes", reserved),
        ...inV2("memory", "memory.max", memory),
        ...inV2("memory", "memory.swap.max", "0", true),
        ...inV2("memory", "memory.low", reserved),
      ],
    },
    {
      aspect: "cpu",
      files: [
        ...inV1("cpu", "cpu.shares", String(shares)),
        ...(quota ? inV1("cpu", "cpu.cfs_quota_us", quota) : []),
        ...inV2("cpu", "cpu.weight", String(cpuWeight(shares))),
        ...(quota ? inV2("cpu", "cpu.max", `${quota} 100000`) : []),
      ],
    },
    {
      aspect: "processes",
      files: [...inV1("pids", "pids.max", processes), ...inV2("pids", "pids.max", processes)],
    },
  ];
}

/** From 2 … 262144 to 1 … 10000, as OCI runtimes convert it: https://github.com/opencontainers/cgroups/blob/main/utils.go */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** Where a process must be written to belong to the task. */
export function joinPaths({ v1, v2 }: TaskCgroups): string[] {
  return [...new Set([...Object.values(v1), ...(v2 === undefined ? [] : [v2])])];
}

/** The processes in it; undefined where there is no group to tell. */
export function cgroupPids({ v1, v2 }: TaskCgroups): number[] | undefined {
  const group = v2 ?? v1.pids ?? v1.freezer ?? v1.memory ?? v1.cpu;
  return group === undefined ? undefined : words(join(group, "cgroup.procs")).map(Number);
}

/** Ends all processes at once where the kernel can. Whether it can: 5.14 and later, with v2. */
export function killCgroup({ v2 }: TaskCgroups): boolean {
  if (v2 === undefined || !existsSync(join(v2, "cgroup.kill"))) return false;
  return attempt(() => writeFileSync(join(v2, "cgroup.kill"), "1"), "", {});
}

/** While it is frozen nothing in it can fork away from a kill. Nothing happens without v1's freezer. */
export function freezeCgroup({ v1 }: TaskCgroups, state: "FROZEN" | "THAWED"): void {
  if (v1.freezer) attempt(() => writeFileSync(join(v1.freezer, "freezer.state"), state), "", {});
}

/** Removes the groups, and the one above if it has no more. Whether nothing is left. */
export function removeCgroups(groups: TaskCgroups): boolean {
  const paths = joinPaths(groups);
  const areGone = paths.map(rmdirIfEmpty).every(Boolean);
  for (const path of paths) rmdirIfEmpty(dirname(path));
  return areGone;
}

function rmdirIfEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Processor time of the group, of those that ended too. */
export function cgroupCpu({
  v1,
  v2,
}: TaskCgroups): { userMs: number; systemMs: number; totalMs: number } | undefined {
  const inV2 = v2 === undefined ? {} : table(join(v2, "cpu.stat"));
  if (inV2.usage_usec !== undefined)
    return {
      totalMs: inV2.usage_usec / 1000,
      userMs: (inV2.user_usec ?? 0) / 1000,
      systemMs: (inV2.system_usec ?? 0) / 1000,
    };
  if (!v1.cpuacct) return undefined;
  const { user = 0, system = 0 } = table(join(v1.cpuacct, "cpuacct.stat"));
  const total = Number(readIfThere(join(v1.cpuacct, "cpuacct.usage")) ?? 0);
  return { totalMs: total / 1e6, userMs: user * 10, systemMs: system * 10 };
}

/** Resident memory, without the page cache. */
export function cgroupMemoryBytes({ v1, v2 }: TaskCgroups): number | undefined {
  if (v1.memory) {
    const { total_rss, total_mapped_file = 0 } = table(join(v1.memory, "memory.stat"));
    return total_rss === undefined ? undefined : total_rss + total_mapped_file;
  }
  const { anon, file_mapped = 0 } = v2 ? table(join(v2, "memory.stat")) : {};
  return anon === undefined ? undefined : anon + file_mapped;
}

/** Whether the kernel has ended a process for want of memory. */
export function wasOutOfMemory({ v1, v2 }: TaskCgroups): boolean {
  const counters = v1.memory ? join(v1.memory, "memory.oom_control") : v2 && join(v2, "memory.events");
  return counters !== undefined && (table(counters).oom_kill ?? 0) > 0;
}

function table(path: string): Partial<Record<string, number>> {
  const lines = (readIfThere(path) ?? "").split("\n").map((line) => line.split(" "));
  return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
}

/** Whether it went well; what did not is noted under the aspect. */
function attempt(action: () => unknown, aspect: string, lost: Record<string, string>): boolean {
  try {
    action();
    return true;
  } catch (error) {
    lost[aspect] ??= (error as Error).message;
    return false;
  }
}
