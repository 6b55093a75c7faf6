/**
 * All the processes of one task, including those that left its session or lost their parent. Where
 * there are control groups they tell. Elsewhere each process inherits a mark that nothing else has
 * and no program minds: a limit on its real-time scheduling, far above any that could be reached.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskStats } from "./driver.ts";
import {
  cgroupCpu,
  cgroupMemoryBytes,
  cgroupPids,
  freezeCgroup,
  killCgroup,
  removeCgroups,
} from "./cgroups.ts";
import type { TaskCgroups } from "./cgroups.ts";
import {
  allPids,
  processStat,
  readIfThere,
  residentBytes,
  sendSignal,
  ticksPerSecond,
} from "./process-table.ts";
import { tool } from "./tools.ts";

/** Plain JSON. */
export interface ProcessGroup {
  readonly cgroups: TaskCgroups;
  /** The RLIMIT_RTTIME of its processes, in microseconds. */
  readonly mark?: string;
}

/** A number of about 2^61 microseconds, some seventy thousand years. */
export function newMark(): string {
  return String(2n ** 61n + BigInt(randomInt(2 ** 47)) * 4096n + BigInt(randomInt(4096)));
}

/** What executes the rest of a command line with the mark; nothing where control groups tell. */
export function marking({ mark }: ProcessGroup): string[] {
  return mark === undefined ? [] : [tool("prlimit"), `--rttime=${mark}:${mark}`];
}

/** Whether the mark can be set: the limit must not be low already. */
export function canMark(): boolean {
  return limitLine(readIfThere("/proc/self/limits"))?.[1] === "unlimited";
}

export function groupPids({ cgroups, mark }: ProcessGroup): number[] {
  const pids = cgroupPids(cgroups);
  if (pids !== undefined) return pids;
  return mark === undefined ? [] : allPids().filter((pid) => isMarked(pid, mark));
}

function isMarked(pid: number, mark: string): boolean {
  const isDead = /^[ZX]/.test(processStat(pid)?.state ?? "X");
  return !isDead && limitLine(readIfThere(`/proc/${pid}/limits`))?.[1] === mark;
}

function limitLine(limits: string | undefined): RegExpExecArray | null {
  return /^Max realtime timeout\s+\S+\s+(\S+)/m.exec(limits ?? "");
}

/** Ends them all; resolves when none is left. */
export async function killGroup(group: ProcessGroup): Promise<void> {
  for (let round = 0; round < 500; round++) {
    const pids = groupPids(group);
    if (pids.length === 0) return;
    if (!killCgroup(group.cgroups)) killEach(group);
    await sleep(Math.min(1 + round, 20));
  }
  throw new Error(`processes ${groupPids(group).join(", ")} do not end although they were killed`);
}

function killEach(group: ProcessGroup): void {
  freezeCgroup(group.cgroups, "FROZEN");
  for (const pid of groupPids(group)) sendSignal(pid, "SIGKILL");
  freezeCgroup(group.cgroups, "THAWED");
}

/** After `killGroup`. The kernel may take a moment to let go of a group whose last process has ended. */
export async function removeGroup({ cgroups }: ProcessGroup): Promise<void> {
  for (let round = 0; !removeCgroups(cgroups); round++) {
    if (round === 200) throw new Error(`the control groups of ${JSON.stringify(cgroups)} cannot be removed`);
    await sleep(Math.min(1 + round, 20));
  }
}

export function groupStats(group: ProcessGroup, nowMs: number): TaskStats {
  const pids = groupPids(group);
  const cpu = cgroupCpu(group.cgroups) ?? cpuOf(pids);
  return {
    cpuMs: cpu.totalMs,
    userCpuMs: cpu.userMs,
    systemCpuMs: cpu.systemMs,
    memoryBytes: cgroupMemoryBytes(group.cgroups) ?? pids.reduce((sum, pid) => sum + residentBytes(pid), 0),
    processes: pids.length,
    measuredAtMs: nowMs,
  };
}

function cpuOf(pids: readonly number[]): { totalMs: number; userMs: number; systemMs: number } {
  const stats = pids.map(processStat).filter((stat) => stat !== undefined);
  const userMs = (stats.reduce((sum, stat) => sum + stat.userTicks, 0) * 1000) / ticksPerSecond;
  const systemMs = (stats.reduce((sum, stat) => sum + stat.systemTicks, 0) * 1000) / ticksPerSecond;
  return { totalMs: userMs + systemMs, userMs, systemMs };
}
