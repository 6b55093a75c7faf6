/** The processes of tasks, as the machine itself knows them: whatever bears an allocation's id in its environment. */
import { readdirSync, readFileSync } from "node:fs";
import { taskMark } from "./job-shapes.ts";

export interface TaskProcess {
  readonly pid: number;
  /** Absent for a child of the task, and once the supervisor is dead. */
  readonly supervisor?: number;
  readonly allocation: string;
  /** Where its allocation's files are. */
  readonly directory: string;
  /** The task itself, not a child of it. */
  readonly isTask: boolean;
}

/** All processes of allocations whose files are in the folder. */
export function taskProcesses(folder: string): TaskProcess[] {
  const bearers = new Map<number, { allocation: string; directory: string }>();
  for (const pid of pids()) {
    const environment = read(pid, "environ");
    const [, allocation] = /(?:^|\0)NOMAD_ALLOC_ID=([^\0]+)/.exec(environment) ?? [];
    const [, directory] = /(?:^|\0)NOMAD_ALLOC_DIR=([^\0]+)/.exec(environment) ?? [];
    if (allocation && directory?.startsWith(`${folder}/`)) bearers.set(pid, { allocation, directory });
  }
  return [...bearers].map(([pid, { allocation, directory }]) => {
    const parent = parentOf(pid);
    const isChild = bearers.get(parent)?.allocation === allocation;
    const isSupervised = read(parent, "cmdline").includes("supervisor.sh");
    return {
      pid,
      ...(isSupervised && { supervisor: parent }),
      allocation,
      directory,
      isTask: !isChild && read(pid, "cmdline").includes(taskMark),
    };
  });
}

/** Whatever still has to do with the folder, be it a task, its supervisor, the cloud or an agent. */
export function processesOf(folder: string): string[] {
  return pids()
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, commandLine: read(pid, "cmdline"), environment: read(pid, "environ") }))
    .filter((one) => one.commandLine.includes(folder) || one.environment.includes(`=${folder}/`))
    .map(({ pid, commandLine }) => `${pid} ${commandLine.replaceAll("\0", " ").trim()}`);
}

function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(pid, "status"))?.[1] ?? 0);
}

/** Empty when the process is gone. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
