/** What the kernel says about processes: https://man7.org/linux/man-pages/man5/proc.5.html */
import { readdirSync, readFileSync } from "node:fs";
import type { Started } from "./events.ts";

export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  readonly startTicks: string;
  /** With the children it has waited for, in ticks. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** USER_HZ, which is 100 on every architecture that Node runs on. */
export const ticksPerSecond = 100;

export function processStat(pid: number): ProcessStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** The name in parentheses may contain anything, even a parenthesis and a line break. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (manualField: number) => Number(fields[manualField - 3]);
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0],
    parent: number(4),
    session: number(6),
    startTicks: fields[19],
    userTicks: number(14) + number(16),
    systemTicks: number(15) + number(17),
  };
}

/** Whether this very process is still there. One that ended and has not been waited for is not. */
export function isAlive(process: Started | undefined): boolean {
  const stat = process && processStat(process.pid);
  return stat !== undefined && stat.startTicks === process?.startTicks && !/[ZX]/.test(stat.state);
}

export function currentBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Only the children of its first thread, which is enough for a shell. */
export function childrenOf(pid: number): number[] {
  const text = readIfThere(`/proc/${pid}/task/${pid}/children`) ?? "";
  return text.split(" ").filter(Boolean).map(Number);
}

/** The process itself and all below it. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** Its number in the innermost namespace it belongs to. */
export function pidInNamespace(pid: number): number | undefined {
  const line = /^NSpid:\s*(.*)$/m.exec(readIfThere(`/proc/${pid}/status`) ?? "")?.[1];
  return line === undefined ? undefined : Number(line.split("\t").at(-1));
}

export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** A process may end between any two looks at it. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (
      ["ENOENT", "ESRCH", "EACCES", "ENOTDIR", "ENODEV"].includes((error as NodeJS.ErrnoException).code ?? "")
    )
      return undefined;
    throw error;
  }
}

/** Harmless if it has ended. */
export function sendSignal(pid: number, signal: number | NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
