import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-table.ts";

/** A process that was begun here. */
export interface RunningProcess extends ProcessIdentity {
  readonly name: string;
}

interface RunRecord {
  readonly supervisor: ProcessIdentity;
  readonly processes: readonly RunningProcess[];
}

/** Who runs in a data directory: one supervisor at a time, and the processes it has begun. */
export interface RunFile {
  write(processes: readonly RunningProcess[]): void;
  remove(): void;
}

/**
 * Takes the data directory for this process. What a supervisor that was killed left running is ended
 * first, so that nobody else works on its files and ports.
 *
 * @throws {Refusal} of kind conflict when another supervisor runs there
 */
export async function takeDataDirectory(directory: string): Promise<RunFile> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "run.json");
  const before = readRecord(path);
  if (before && isAlive(before.supervisor)) {
    throw new Refusal(
      "conflict",
      `Fractus is already running in ${directory}, as process ${before.supervisor.pid}. Stop it, or give another directory with --data.`,
    );
  }
  await endAll(before?.processes ?? []);
  const supervisor = identify(process.pid)!;
  const file: RunFile = {
    write(processes) {
      writeFileSync(`${path}.new`, JSON.stringify({ supervisor, processes } satisfies RunRecord));
      renameSync(`${path}.new`, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
  file.write([]);
  return file;
}

function readRecord(path: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
}

/** They lose nothing when they are ended hard; a start should not wait long for them. */
const patienceMs = 2000;

async function endAll(processes: readonly ProcessIdentity[]): Promise<void> {
  signalAll(processes, "SIGTERM");
  const until = performance.now() + patienceMs;
  while (processes.some(isAlive) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  signalAll(processes, "SIGKILL");
}

function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const each of processes.filter(isAlive)) process.kill(each.pid, signal);
}
