import { spawn } from "node:child_process";
import type { FSWatcher } from "node:fs";
import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskEvents } from "./events.ts";
import { chunkBytes, moveLog, spoolDirectory } from "./log-mover.ts";
import { watchIfPossible } from "./look-until.ts";
import { processStat } from "./process-table.ts";
import { addEvent, isStillAlive } from "./task-state.ts";
import type { TaskRecord } from "./task-state.ts";
import { shell, tool, toolPath } from "./tools.ts";

export interface TaskLogs {
  /** Moves what is there into the log files. */
  flush(): Promise<void>;
  close(): void;
}

/** Keeps the log files of a task up to date while this process is here. */
export function followLogs(
  stateDirectory: string,
  record: TaskRecord,
  report: (words: string) => void,
): TaskLogs {
  const spool = spoolDirectory(stateDirectory);
  const movers = record.logs.disabled
    ? []
    : (["stdout", "stderr"] as const).map((stream) =>
        moveLog(join(spool, stream), join(record.logDirectory, `${record.name}.${stream}`), record.logs),
      );
  const flush = async () => {
    if (existsSync(spool)) await Promise.all(movers.map((mover) => mover.pump()));
  };
  let isMoving = false;
  let hasChanged = false;
  const onChange = () => {
    hasChanged = true;
    if (isMoving) return;
    isMoving = true;
    const move = async () => {
      while (hasChanged) {
        hasChanged = false;
        await flush();
        await sleep(settleMs, undefined, { ref: false });
      }
    };
    move()
      .catch((error: unknown) => report(`The output of ${record.name} cannot be written: ${String(error)}`))
      .finally(() => (isMoving = false));
  };
  const watcher: FSWatcher | undefined =
    movers.length > 0 ? watchIfPossible(spool, onChange)?.unref() : undefined;
  if (movers.length > 0) onChange();
  return { flush, close: () => watcher?.close() };
}

/** Output often comes in bursts of small writes: the first is moved at once, the others together. */
const settleMs = 20;

/** Replaces a reader that was killed; the output waits in the FIFO meanwhile. Harmless if both are there. */
export function replaceReaders(stateDirectory: string, events: TaskEvents): void {
  for (const stream of ["stdout", "stderr"] as const) {
    const reader = events.readers[stream];
    if (reader && !isStillAlive(events, reader)) startReader(stateDirectory, stream);
  }
}

/** While we hold the FIFO open for reading and writing, nobody who opens it has to wait. */
function startReader(stateDirectory: string, stream: "stdout" | "stderr"): void {
  const fifo = join(stateDirectory, stream);
  const held = openSync(fifo, "r+");
  const path = join(spoolDirectory(stateDirectory), stream);
  const child = spawn(
    shell(),
    [
      "-c",
      'exec "$1" -b "$2" "--numeric-suffixes=$3" -a 9 - "$4." <"$5"',
      "reader",
      tool("split"),
      String(chunkBytes),
      nextChunk(stateDirectory, stream),
      path,
      fifo,
    ],
    { detached: true, stdio: "ignore", cwd: "/", env: { PATH: toolPath } },
  );
  child.on("error", () => undefined).unref();
  const stat = child.pid === undefined ? undefined : processStat(child.pid);
  if (stat) addEvent(stateDirectory, `reader ${stream} ${stat.pid} ${stat.startTicks}`);
  setTimeout(() => closeSync(held), 1000);
}

function nextChunk(stateDirectory: string, stream: string): string {
  const numbers = readdirSync(spoolDirectory(stateDirectory))
    .filter((name) => name.startsWith(`${stream}.`))
    .map((name) => Number(name.slice(stream.length + 1)));
  return String(Math.max(-1, ...numbers) + 1);
}
