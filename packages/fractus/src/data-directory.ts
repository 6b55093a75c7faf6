import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-table.ts";

/** Who runs on a data directory, and where it answers. */
export interface RunRecord {
  readonly process: ProcessIdentity;
  readonly address?: string;
}

/** The hold that one cloud has on its data directory. */
export interface DataDirectoryHold {
  /** Says where the cloud answers. */
  announce(address: string): void;
  release(): void;
}

/**
 * Takes the data directory for this process; one cloud at a time may run on it.
 *
 * @throws {Refusal} of kind conflict when another one does
 */
export function takeDataDirectory(directory: string): DataDirectoryHold {
  mkdirSync(directory, { recursive: true });
  const before = runningIn(directory);
  if (before) {
    throw new Refusal(
      "conflict",
      `Fractus is already running in ${directory}, as process ${before.process.pid}. Stop it, or give another directory with --data.`,
    );
  }
  const process_ = identify(process.pid)!;
  const path = recordPath(directory);
  const write = (record: RunRecord) => {
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  };
  write({ process: process_ });
  return {
    announce: (address) => write({ process: process_, address }),
    release: () => rmSync(path, { force: true }),
  };
}

/** The cloud that runs on a data directory, if one does. */
export function runningIn(directory: string): RunRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(directory), "utf8")) as RunRecord;
    return isAlive(record.process) ? record : undefined;
  } catch {
    return undefined;
  }
}

function recordPath(directory: string): string {
  return join(directory, "run.json");
}
