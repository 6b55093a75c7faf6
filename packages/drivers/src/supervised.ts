/**
 * Drivers whose tasks run under a supervisor of their own (`supervisor.sh`): `raw_exec` and `exec`
 * differ only in the way to the command and in what they can say about isolation.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import { wasOutOfMemory, joinPaths } from "./cgroups.ts";
import type {
  Driver,
  IsolationClaim,
  Fingerprint,
  StopOptions,
  TaskHandle,
  TaskResult,
  TaskSpec,
  TaskStatus,
} from "./driver.ts";
import type { Started, TaskEvents } from "./events.ts";
import { openSession } from "./exec-session.ts";
import type { SessionTools } from "./exec-session.ts";
import { chunkBytes } from "./log-mover.ts";
import { lookUntil } from "./look-until.ts";
import { encodeOrders } from "./orders.ts";
import { groupStats, killGroup, removeGroup } from "./process-group.ts";
import { currentBootId, processStat, processTree, sendSignal } from "./process-table.ts";
import { signalNumber } from "./signals.ts";
import { checkFileName } from "./task-directory.ts";
import { followLogs, replaceReaders } from "./task-logs.ts";
import type { TaskLogs } from "./task-logs.ts";
import {
  addEvent,
  isStillAlive,
  lastEventMs,
  mainPid,
  messages,
  ownFile,
  readEvents,
  readRecord,
  runName,
  writeOrders,
  writeRecord,
} from "./task-state.ts";
import type { TaskRecord } from "./task-state.ts";
import { shell, toolPath } from "./tools.ts";

/** How tasks of one kind are begun. */
export interface Method {
  readonly name: string;
  fingerprint(): Promise<Fingerprint>;
  /** Checks all there is to check and makes what must be there. Doing it twice is harmless. */
  prepare(spec: TaskSpec, stateDirectory: string): Prepared | Promise<Prepared>;
  /** Brings about what a running task needs beside it, and must be able to lose. Doing it twice is harmless. */
  accompany?(record: TaskRecord, stateDirectory: string, initPid: number): Promise<void>;
  /** Ends what `accompany` began; harmless if there is nothing. */
  dismiss?(stateDirectory: string): Promise<void>;
  /** The programs a further command needs on the inside, where they are not the machine's. */
  sessionTools?(record: TaskRecord): SessionTools | undefined;
  /** How a further command gets to where the task is; `initPid` is the first process of its namespaces. */
  sessionLauncher(record: TaskRecord, initPid: number | undefined): readonly string[];
  /** The command's full path as the task sees it. */
  findCommand(record: TaskRecord, stateDirectory: string, command: string): string;
  isolation(record: TaskRecord): readonly IsolationClaim[];
}

export interface Prepared {
  readonly record: TaskRecord;
  readonly argv: readonly string[];
  /** What the supervisor executes, up to the shell that reads the orders. */
  readonly launcher: readonly string[];
  /** How `env` is called where the task is. */
  readonly envCommand?: readonly string[];
}

export interface SupervisedOptions {
  /** Hears of trouble that is nobody's request, such as a disk on which logs find no room. */
  readonly report?: (words: string) => void;
}

export function supervisedDriver(
  method: Method,
  { report = () => undefined }: SupervisedOptions = {},
): Driver {
  const starting = new Map<string, Promise<TaskHandle>>();
  const followed = new Map<string, TaskLogs>();

  const follow = (stateDirectory: string, record: TaskRecord): TaskLogs => {
    const logs = followed.get(stateDirectory) ?? followLogs(stateDirectory, record, report);
    followed.set(stateDirectory, logs);
    return logs;
  };

  const start = async (spec: TaskSpec): Promise<TaskHandle> => {
    checkFileName(spec.name);
    const stateDirectory = join(spec.directory.private, runName(spec.id));
    if (hasBegun(readEvents(stateDirectory))) await accompany(method, stateDirectory);
    else await begin(method, spec, stateDirectory);
    const record = readRecord(stateDirectory);
    if (!record) throw new Error(`${stateDirectory} has no record of the task`);
    follow(stateDirectory, record);
    return handleOf(method.name, stateDirectory, record);
  };

  const known = (handle: TaskHandle): { record: TaskRecord; events: TaskEvents } => {
    const record = readRecord(handle.stateDirectory);
    if (!record) throw new Refusal("not-found", `The task ${handle.id} is gone.`);
    return { record, events: readEvents(handle.stateDirectory) };
  };

  const running = (handle: TaskHandle) => {
    const { record, events } = known(handle);
    const pid = mainPid(events);
    if (pid === undefined || events.exit)
      throw new Refusal("conflict", `The task ${record.name} does not run.`);
    return { record, events, pid };
  };

  const wait = async (handle: TaskHandle, signal?: AbortSignal): Promise<TaskResult> => {
    const { record } = known(handle);
    const { stateDirectory } = handle;
    const logs = follow(stateDirectory, record);
    try {
      const events = await lookUntil(stateDirectory, () => endOf(handle), { intervalMs: beatMs, signal });
      await untilRead(events);
      await logs.flush();
      return resultOf(stateDirectory, record, events);
    } catch (cause) {
      // It was destroyed between any two of these steps.
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      throw new Refusal("not-found", `The task ${handle.id} is gone.`, { cause });
    }
  };

  return {
    name: method.name,
    fingerprint: () => method.fingerprint(),

    start(spec) {
      const begun = starting.get(spec.id) ?? start(spec).finally(() => starting.delete(spec.id));
      starting.set(spec.id, begun);
      return begun;
    },

    async recover(handle): Promise<TaskStatus> {
      const record = readRecord(handle.stateDirectory);
      if (!record) return { state: "gone" };
      const logs = follow(handle.stateDirectory, record);
      const events = endOf(handle);
      if (!events) {
        await accompany(method, handle.stateDirectory).catch((error: unknown) => report(String(error)));
        return { state: "running" };
      }
      await logs.flush();
      return { state: "exited", result: resultOf(handle.stateDirectory, record, events) };
    },

    wait,

    async stop(handle, { signal, killTimeoutMs }: StopOptions) {
      const { record, events } = known(handle);
      const number = signalNumber(signal ?? record.container?.stopSignal ?? "SIGINT");
      const pid = mainPid(events);
      if (pid !== undefined) sendSignal(pid, number);
      const isEnded = await Promise.race([
        wait(handle).then(() => true),
        sleep(killTimeoutMs, false, { ref: false }),
      ]);
      if (!isEnded) await killGroup(record.group);
      return wait(handle);
    },

    async destroy(handle) {
      await starting.get(handle.id)?.catch(() => undefined);
      await method.dismiss?.(handle.stateDirectory);
      await destroyState(handle.stateDirectory, (record) => follow(handle.stateDirectory, record));
      followed.get(handle.stateDirectory)?.close();
      followed.delete(handle.stateDirectory);
    },

    async signal(handle, name) {
      const number = signalNumber(name);
      sendSignal(running(handle).pid, number);
    },

    async stats(handle) {
      return groupStats(running(handle).record.group, Date.now());
    },

    async exec(handle, command, options = {}) {
      const { record, events } = running(handle);
      if (command[0] === undefined) throw new Refusal("invalid", "There is no command to execute.");
      const argv = [method.findCommand(record, handle.stateDirectory, command[0]), ...command.slice(1)];
      const launcher = method.sessionLauncher(record, events.init?.pid);
      const tools = method.sessionTools?.(record);
      const { stateDirectory } = handle;
      return openSession({ record, argv, launcher, stateDirectory, options, ...(tools && { tools }) });
    },

    async isolation(handle) {
      return method.isolation(known(handle).record);
    },

    async close() {
      for (const logs of followed.values()) {
        await logs.flush();
        logs.close();
      }
      followed.clear();
    },
  };
}

/** How often it is looked whether a process is still there that ended without leaving word. */
const beatMs = 2000;

/** How long a start may take on a machine under load. */
const startLimitMs = 20_000;

function hasBegun(events: TaskEvents): boolean {
  return events.main !== undefined && events.failure === undefined;
}

async function begin(method: Method, spec: TaskSpec, stateDirectory: string): Promise<void> {
  const earlier = readEvents(stateDirectory);
  const isHalfDone = earlier.supervisor !== undefined && !isStillAlive(earlier, earlier.supervisor);
  if (isHalfDone) await destroyState(stateDirectory);
  try {
    const cannotSpawn = await launch(method, spec, stateDirectory);
    const signal = AbortSignal.any([cannotSpawn, AbortSignal.timeout(startLimitMs)]);
    await lookUntil(stateDirectory, () => startOf(stateDirectory, spec), { intervalMs: 200, signal });
    await accompany(method, stateDirectory);
  } catch (cause) {
    await destroyState(stateDirectory);
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("unavailable", `The task ${spec.name} could not be started.`, { cause });
  }
}

/**
 * The record is written first: with it, whatever was made so far can be removed. Answers with a signal that is
 * aborted if the machine has no process left to give.
 */
async function launch(method: Method, spec: TaskSpec, stateDirectory: string): Promise<AbortSignal> {
  const { record, argv, launcher, envCommand } = await method.prepare(spec, stateDirectory);
  writeRecord(stateDirectory, record);
  const orders = {
    directory: record.workDirectory,
    env: record.env,
    argv,
    ...(envCommand && { envCommand }),
  };
  writeOrders(stateDirectory, encodeOrders(orders));
  const groups = joinPaths(record.group.cgroups);
  const child = spawn(
    shell(),
    [
      ownFile("supervisor.sh"),
      stateDirectory,
      String(chunkBytes),
      record.logs.disabled ? "drop" : "keep",
      String(groups.length),
      ...groups,
      ...launcher,
    ],
    { detached: true, stdio: "ignore", cwd: "/", env: { PATH: toolPath } },
  );
  const cannotSpawn = new AbortController();
  child.on("error", (error) => cannotSpawn.abort(error)).unref();
  return cannotSpawn.signal;
}

/** A task that cannot have what belongs to it is not left half there. */
async function accompany(method: Method, stateDirectory: string): Promise<void> {
  const events = readEvents(stateDirectory);
  const record = readRecord(stateDirectory);
  if (!method.accompany || !record || !events.init || mainPid(events) === undefined) return;
  try {
    await method.accompany(record, stateDirectory, events.init.pid);
  } catch (error) {
    if (mainPid(readEvents(stateDirectory)) === undefined) return;
    await method.dismiss?.(stateDirectory);
    throw error;
  }
}

/** True when the command is about to be executed, undefined as long as nobody knows. */
function startOf(stateDirectory: string, spec: TaskSpec): true | undefined {
  const events = readEvents(stateDirectory);
  if (events.failure !== undefined) {
    const detail = messages(stateDirectory);
    throw new Refusal(
      "invalid",
      `The task ${spec.name} could not be started: it failed ${events.failure}${detail && ` (${detail})`}.`,
    );
  }
  if (events.main) return true;
  if (events.exit || (events.supervisor && !isStillAlive(events, events.supervisor)))
    throw new Refusal(
      "unavailable",
      `The task ${spec.name} could not be started: ${messages(stateDirectory)}`,
    );
  return undefined;
}

function handleOf(driver: string, stateDirectory: string, record: TaskRecord): TaskHandle {
  const events = readEvents(stateDirectory);
  const pid = mainPid(events);
  const stat = pid === undefined ? undefined : processStat(pid);
  return {
    driver,
    id: record.id,
    stateDirectory,
    ...(stat &&
      events.bootId && { process: { pid: stat.pid, startTicks: stat.startTicks, bootId: events.bootId } }),
    startedAtMs: record.startedAtMs,
  };
}

/** What happened, if the main process has ended; along the way, readers that were killed are replaced. */
function endOf({ id, stateDirectory }: TaskHandle): TaskEvents | undefined {
  const events = readEvents(stateDirectory);
  if (events.exit || events.isLost) return events;
  if (!events.supervisor || !existsSync(stateDirectory))
    throw new Refusal("not-found", `The task ${id} is gone.`);
  if (mainPid(events) !== undefined) {
    replaceReaders(stateDirectory, events);
    return undefined;
  }
  if (isStillAlive(events, events.supervisor) || isStillAlive(events, events.init)) return undefined;
  const latest = readEvents(stateDirectory);
  if (latest.exit) return latest;
  addEvent(stateDirectory, "lost");
  return { ...latest, isLost: true };
}

function resultOf(stateDirectory: string, record: TaskRecord, { exit, ...events }: TaskEvents): TaskResult {
  return {
    ...(exit ?? { error: `Nobody saw the end of it: ${whyLost(events)}.` }),
    isOutOfMemory: wasOutOfMemory(record.group.cgroups),
    finishedAtMs: lastEventMs(stateDirectory),
  };
}

function whyLost({ bootId }: TaskEvents): string {
  return bootId === currentBootId() ? "its supervisor was killed" : "the machine was restarted";
}

/** The readers end when all output is in the spool. A descendant that keeps the output open is not waited for. */
async function untilRead(events: TaskEvents): Promise<void> {
  for (const reader of Object.values(events.readers)) await untilEnded(events, reader);
}

async function untilEnded(events: TaskEvents, process: Started | undefined): Promise<void> {
  for (let waitedMs = 0; waitedMs < 1000 && isStillAlive(events, process); waitedMs += 5) await sleep(5);
}

/** Ends and removes whatever there is. May have been interrupted before; the record goes last. */
async function destroyState(
  stateDirectory: string,
  follow?: (record: TaskRecord) => TaskLogs,
): Promise<void> {
  const record = readRecord(stateDirectory);
  if (record) {
    await endProcesses(stateDirectory, record);
    await follow?.(record).flush();
    await removeGroup(record.group);
  }
  await rm(stateDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
}

async function endProcesses(stateDirectory: string, record: TaskRecord): Promise<void> {
  const events = readEvents(stateDirectory);
  const { supervisor } = events;
  if (!events.main && isStillAlive(events, supervisor)) endTree(supervisor?.pid);
  await killGroup(record.group);
  await untilRead(events);
  await untilEnded(events, supervisor);
  for (const left of [supervisor, ...Object.values(events.readers)])
    if (isStillAlive(events, left)) endTree(left?.pid);
}

function endTree(pid: number | undefined): void {
  if (pid !== undefined) for (const each of processTree(pid)) sendSignal(each, "SIGKILL");
}
