/**
 * What a driver keeps about one run of a task, in `private/RUN` of the task's directory:
 *
 *     task.json   what was decided at the start (of mode 0600: it holds the environment)
 *     orders      the same for `enter.sh`
 *     events      what the supervisor saw
 *     messages    what its shell had to say
 *     stdout, stderr, spool/   the way of the output
 */
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerRecord } from "./docker/container-record.ts";
import type { LogRotation } from "./driver.ts";
import { parseEvents } from "./events.ts";
import type { Started, TaskEvents } from "./events.ts";
import type { ProcessGroup } from "./process-group.ts";
import { childrenOf, currentBootId, isAlive, pidInNamespace, readIfThere } from "./process-table.ts";
import type { User } from "./users.ts";

/** Plain JSON. */
export interface TaskRecord {
  readonly id: string;
  readonly name: string;
  readonly logs: LogRotation;
  readonly logDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  /** As the task sees it. */
  readonly workDirectory: string;
  /** Absent: whoever starts it. */
  readonly user?: User;
  readonly group: ProcessGroup;
  /** What the machine does not allow, by aspect. */
  readonly lost: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  /** If it is one of `docker`. */
  readonly container?: ContainerRecord;
}

/** A directory's name for any id: readable, and different for different ids. */
export function runName(id: string): string {
  const digest = createHash("sha256").update(id).digest("hex").slice(0, 12);
  return `${id.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 48)}-${digest}`;
}

export function readRecord(stateDirectory: string): TaskRecord | undefined {
  const text = readIfThere(join(stateDirectory, "task.json"));
  return text === undefined ? undefined : (JSON.parse(text) as TaskRecord);
}

export function writeRecord(stateDirectory: string, record: TaskRecord): void {
  mkdirSync(join(stateDirectory, "spool"), { recursive: true, mode: 0o700 });
  writeWhole(join(stateDirectory, "task.json"), JSON.stringify(record));
}

export function writeOrders(stateDirectory: string, orders: string): void {
  writeWhole(join(stateDirectory, "orders"), orders);
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function readEvents(stateDirectory: string): TaskEvents {
  return parseEvents(readIfThere(join(stateDirectory, "events")) ?? "");
}

/** Why a task did not come to its command, in the words of the programs that should have brought it there. */
export function messages(stateDirectory: string): string {
  return ["messages", "spool/stderr.000000000"]
    .map((name) => (readIfThere(join(stateDirectory, name)) ?? "").trim().slice(-1000))
    .filter(Boolean)
    .join("; ");
}

/** The time of the last event. */
export function lastEventMs(stateDirectory: string): number {
  return Math.floor(statSync(join(stateDirectory, "events")).mtimeMs);
}

export function addEvent(stateDirectory: string, line: string): void {
  appendFileSync(join(stateDirectory, "events"), `${line}\n`);
}

/** Whether a process of these events is there: none is after a restart of the machine. */
export function isStillAlive(events: TaskEvents, process: Started | undefined): boolean {
  return events.bootId === currentBootId() && isAlive(process);
}

/** The main process by the host's numbers, if it is there. */
export function mainPid(events: TaskEvents): number | undefined {
  const { init, main } = events;
  if (!init) return isStillAlive(events, main) ? main?.pid : undefined;
  if (!isStillAlive(events, init)) return undefined;
  return childrenOf(init.pid).find((pid) => pidInNamespace(pid) === main?.pid);
}

/** A file of this package by its name. */
export function ownFile(name: string): string {
  return join(import.meta.dirname, name);
}

export const enterScript = readFileSync(ownFile("enter.sh"), "utf8");
