/**
 * A driver without processes, for the simulator: how long a task runs and how it ends stands in its settings, and
 * time comes from a `Clock`. What "runs" lives in a `SimMachine`, so that it outlives the agent as real tasks do.
 */
import { PassThrough } from "node:stream";
import type { Clock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Driver, ExecSession, TaskHandle, TaskResult, TaskSpec } from "./driver.ts";
import { signalName, signalNumber } from "./signals.ts";
import { checkFileName } from "./task-directory.ts";

/** The settings of a simulated task. */
export interface SimConfig {
  /** Without it, until it is stopped. */
  readonly runForMs?: number;
  readonly exitCode?: number;
  /** It ends by this signal instead. */
  readonly exitSignal?: string;
  /** It cannot be started, for this reason. */
  readonly startError?: string;
  readonly startDelayMs?: number;
  /** Only SIGKILL ends it. */
  readonly ignoresSignals?: boolean;
}

export interface SimMachine {
  readonly tasks: Map<string, SimTask>;
}

interface SimTask {
  readonly spec: TaskSpec;
  readonly config: SimConfig;
  readonly startedAtMs: number;
  /** How it was ended from outside. */
  ended?: TaskResult;
  /** Wakes those who wait. */
  readonly change: AbortController;
}

export function simMachine(): SimMachine {
  return { tasks: new Map() };
}

export function simDriver(clock: Clock, machine: SimMachine): Driver {
  const find = ({ id }: TaskHandle): SimTask => {
    const task = machine.tasks.get(id);
    if (!task) throw new Refusal("not-found", `The task ${id} is gone.`);
    return task;
  };
  const running = (handle: TaskHandle): SimTask => {
    const task = find(handle);
    if (endOf(task, clock.nowMs())) throw new Refusal("conflict", `The task ${task.spec.name} does not run.`);
    return task;
  };
  const wait = async (handle: TaskHandle, signal?: AbortSignal): Promise<TaskResult> => {
    for (;;) {
      const task = find(handle);
      const result = endOf(task, clock.nowMs());
      if (result) return result;
      await pause(clock, endsAtMs(task) - clock.nowMs(), [task.change.signal, ...(signal ? [signal] : [])]);
      signal?.throwIfAborted();
    }
  };
  return {
    name: "sim",
    fingerprint: () =>
      Promise.resolve({ isDetected: true, isHealthy: true, attributes: { "driver.sim": "1" }, missing: [] }),
    async start(spec) {
      checkFileName(spec.name);
      const config = simConfig(spec.config);
      if (config.startDelayMs !== undefined && !machine.tasks.has(spec.id))
        await clock.sleep(config.startDelayMs);
      if (config.startError !== undefined) throw new Refusal("unavailable", config.startError);
      const task = machine.tasks.get(spec.id) ?? {
        spec,
        config,
        startedAtMs: clock.nowMs(),
        change: new AbortController(),
      };
      machine.tasks.set(spec.id, task);
      return {
        driver: "sim",
        id: spec.id,
        stateDirectory: spec.directory.private,
        startedAtMs: task.startedAtMs,
      };
    },
    recover(handle) {
      const task = machine.tasks.get(handle.id);
      const result = task && endOf(task, clock.nowMs());
      if (!task) return Promise.resolve({ state: "gone" });
      return Promise.resolve(result ? { state: "exited", result } : { state: "running" });
    },
    wait,
    async stop(handle, { signal = "SIGINT", killTimeoutMs }) {
      const task = find(handle);
      const number = signalNumber(signal);
      if (task.config.ignoresSignals) {
        await pause(clock, Math.min(killTimeoutMs, endsAtMs(task) - clock.nowMs()), [task.change.signal]);
        end(task, 9, clock.nowMs());
      } else end(task, number, clock.nowMs());
      return wait(handle);
    },
    async destroy({ id }) {
      const task = machine.tasks.get(id);
      machine.tasks.delete(id);
      task?.change.abort();
    },
    async signal(handle, name) {
      const number = signalNumber(name);
      const task = running(handle);
      if (number === 9 || !task.config.ignoresSignals) end(task, number, clock.nowMs());
    },
    async stats(handle) {
      const { spec, startedAtMs } = running(handle);
      const measuredAtMs = clock.nowMs();
      const cpuMs = measuredAtMs - startedAtMs;
      const { memoryBytes } = spec.resources;
      return { cpuMs, userCpuMs: cpuMs, systemCpuMs: 0, memoryBytes, processes: 1, measuredAtMs };
    },
    async exec(handle, command) {
      running(handle);
      return echo(command);
    },
    async isolation(handle) {
      find(handle);
      return [{ aspect: "processes", holds: true, words: "It is simulated: there is no process." }];
    },
    close: () => Promise.resolve(),
  };
}

/** There is nothing to run a command in: it says its own words and succeeds. */
function echo(command: readonly string[]): ExecSession {
  const stdout = new PassThrough();
  stdout.end(`${command.join(" ")}\n`);
  const stderr = new PassThrough();
  stderr.end();
  const exit = Promise.resolve({ exitCode: 0 });
  return {
    stdin: new PassThrough().resume(),
    stdout,
    stderr,
    exit,
    resize: () => Promise.resolve(),
    kill: () => undefined,
  };
}

function simConfig(config: Readonly<Record<string, unknown>>): SimConfig {
  const known = {
    runForMs: "number",
    exitCode: "number",
    exitSignal: "string",
    startError: "string",
    startDelayMs: "number",
    ignoresSignals: "boolean",
  };
  for (const [name, value] of Object.entries(config)) {
    const type = new Map(Object.entries(known)).get(name);
    if (type === undefined) throw new Refusal("invalid", `sim: there is no setting ${JSON.stringify(name)}.`);
    if (typeof value !== type) throw new Refusal("invalid", `sim: ${name} must be a ${type}.`);
  }
  return config;
}

function endsAtMs({ startedAtMs, config }: SimTask): number {
  return startedAtMs + (config.runForMs ?? Number.POSITIVE_INFINITY);
}

function endOf(task: SimTask, nowMs: number): TaskResult | undefined {
  if (task.ended) return task.ended;
  const finishedAtMs = endsAtMs(task);
  if (finishedAtMs > nowMs) return undefined;
  const { exitCode = 0, exitSignal } = task.config;
  if (exitSignal === undefined) return { exitCode, isOutOfMemory: false, finishedAtMs };
  return { exitCode: 128 + signalNumber(exitSignal), signal: exitSignal, isOutOfMemory: false, finishedAtMs };
}

/** Harmless if it has ended. */
function end(task: SimTask, signal: number, nowMs: number): void {
  if (endOf(task, nowMs)) return;
  task.ended = {
    exitCode: 128 + signal,
    signal: signalName(signal),
    isOutOfMemory: false,
    finishedAtMs: nowMs,
  };
  task.change.abort();
}

/** Until the time has passed or one of the signals comes; without limit if the time is infinite. */
async function pause(clock: Clock, delayMs: number, signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return;
  if (delayMs !== Number.POSITIVE_INFINITY)
    return clock.sleep(Math.max(delayMs, 0), any).catch(() => undefined);
  await new Promise((resolve) => any.addEventListener("abort", resolve, { once: true }));
}
