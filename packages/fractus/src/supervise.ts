/**
 * Keeps processes running.
 *
 * A process is `running` until it ends. Then it is `waiting`, longer each time (`firstPauseMs` to
 * `mostPauseMs`), and runs again; having lived for `steadyMs` it starts over with short pauses.
 * `stop` asks it to end (SIGTERM), and after `graceMs` ends it (SIGKILL); then it is `stopped`.
 *
 * Each process has a group of its own, so that Ctrl-C at a terminal reaches only the supervisor, which
 * stops them in order; and writes straight to its log file, so that it does not need the supervisor to live.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { identify, type ProcessIdentity } from "./process-table.ts";

export interface ProcessSpec {
  readonly name: string;
  /** A file for this Node and its arguments. */
  readonly args: readonly string[];
}

export interface Supervised {
  readonly name: string;
  readonly logFile: string;
  /** Undefined while it is not running. */
  identity(): ProcessIdentity | undefined;
  restarts(): number;
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly logDirectory: string;
  /** Told of every end that was not asked for. */
  readonly onEnd: (name: string, how: string, pauseMs: number) => void;
  /** Told whenever a process has begun or ended. */
  readonly onChange: () => void;
}

const firstPauseMs = 100;
const mostPauseMs = 10_000;
const steadyMs = 1000;
const graceMs = 10_000;
const mostLogBytes = 10 * 1024 * 1024;

export function supervise(spec: ProcessSpec, options: SuperviseOptions): Supervised {
  mkdirSync(options.logDirectory, { recursive: true });
  const logFile = join(options.logDirectory, `${spec.name}.log`);
  let child: ChildProcess | undefined;
  let identity: ProcessIdentity | undefined;
  let pauseMs = firstPauseMs;
  let pause: NodeJS.Timeout | undefined;
  let restarts = 0;
  let stopping = false;

  function start(): void {
    const startedAtMs = performance.now();
    child = startProcess(spec, logFile);
    identity = child.pid === undefined ? undefined : identify(child.pid);
    options.onChange();
    child.once("error", () => {});
    child.once("close", (code, signal) => {
      child = identity = undefined;
      options.onChange();
      if (stopping) return;
      if (performance.now() - startedAtMs >= steadyMs) pauseMs = firstPauseMs;
      options.onEnd(spec.name, signal ? `was ended by ${signal}` : `ended with code ${code}`, pauseMs);
      pause = setTimeout(start, pauseMs);
      pauseMs = Math.min(pauseMs * 2, mostPauseMs);
      restarts += 1;
    });
  }
  start();

  return {
    name: spec.name,
    logFile,
    identity: () => identity,
    restarts: () => restarts,
    async stop() {
      stopping = true;
      clearTimeout(pause);
      if (child) await endProcess(child);
    },
  };
}

function startProcess(spec: ProcessSpec, logFile: string): ChildProcess {
  keepLogSmall(logFile);
  const log = openSync(logFile, "a");
  try {
    return spawn(process.execPath, spec.args, {
      detached: true,
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** A log that has grown large makes way when its process begins anew; one older log is kept. */
function keepLogSmall(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > mostLogBytes) renameSync(logFile, `${logFile}.1`);
}

async function endProcess(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(force);
}
