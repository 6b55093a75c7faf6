import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { checkFileName, makeTaskDirectory, taskDirectory } from "@fractus/drivers/task-directory.ts";
import { pathBelow, withinDirectory } from "../artifacts/confined.ts";
import type { Assignment } from "../control-link.ts";
import type { AgentStorage, NodeIdentity, RunRecord, StoredRun } from "./records.ts";

/**
 * Storage in a directory:
 *
 *     node.json                          the node's id and meta
 *     runs/ALLOCATION/assignment.json    what is wanted of it, as last heard
 *     runs/ALLOCATION/run.json           what has become of it
 *     allocs/ALLOCATION/                 its files
 *
 * Files are replaced in one step, so that a reader finds the earlier or the later state, whole.
 */
export function diskStorage(directory: string): AgentStorage {
  const runs = join(directory, "runs");
  const allocations = join(directory, "allocs");
  mkdirSync(runs, { recursive: true });
  chmodSync(runs, 0o700);
  mkdirSync(allocations, { recursive: true, mode: 0o711 });
  const runDirectory = (id: string) => join(runs, checked(id));
  const directoryOf = (id: string) => join(allocations, checked(id));
  const write = (id: string, name: string, value: unknown) => {
    mkdirSync(runDirectory(id), { recursive: true });
    replaceFile(join(runDirectory(id), name), value);
  };
  return {
    readNode: () => readIfThere(join(directory, "node.json")) as NodeIdentity | undefined,
    writeNode: (node) => replaceFile(join(directory, "node.json"), node),
    readRuns: () => readRuns(runs),
    writeAssignment: (assignment) => write(assignment.allocation.id, "assignment.json", assignment),
    writeRun: (record) => write(record.allocationId, "run.json", record),
    forgetRun: (id) => rmSync(runDirectory(id), { recursive: true, force: true }),
    directoryOf,
    makeDirectories(id, task, owner) {
      mkdirSync(directoryOf(id), { recursive: true, mode: 0o755 });
      makeTaskDirectory(taskDirectory(directoryOf(id), task), owner);
    },
    writeLocal: (id, task, { path, data }) =>
      writeInside(taskDirectory(directoryOf(id), task).local, path, data),
    carryOver: ({ from, to, tasks }) => carryOver(directoryOf(from), directoryOf(to), tasks),
    removeFiles: (id) => rm(directoryOf(id), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }),
    diskUse() {
      const { blocks, bavail } = statfsSync(directory);
      return blocks === 0 ? 0 : 1 - bavail / blocks;
    },
  };
}

function checked(id: string): string {
  checkFileName(id);
  return id;
}

function readRuns(directory: string): { runs: StoredRun[]; damaged: string[] } {
  const runs: StoredRun[] = [];
  const damaged: string[] = [];
  for (const id of readdirSync(directory).filter((name) => !name.endsWith(damagedEnding))) {
    const run = readRun(join(directory, id));
    if (run === undefined) damaged.push(id);
    else if (run !== "unbegun") runs.push(run);
  }
  for (const id of damaged) {
    rmSync(join(directory, id + damagedEnding), { recursive: true, force: true });
    renameSync(join(directory, id), join(directory, id + damagedEnding));
  }
  return { runs, damaged };
}

const damagedEnding = ".damaged";

/** Of two files the second may be missing: then nothing was begun yet, and what is wanted is told again. */
function readRun(directory: string): StoredRun | "unbegun" | undefined {
  try {
    const assignment = readIfThere(join(directory, "assignment.json")) as Assignment | undefined;
    const record = readIfThere(join(directory, "run.json")) as RunRecord | undefined;
    return assignment && record ? { assignment, record } : "unbegun";
  } catch {
    return undefined;
  }
}

/** What a task before it left there may be links: none is followed. */
function writeInside(root: string, path: string, data: Buffer): void {
  const inside = pathBelow(root, join(root, path));
  if (inside === undefined || inside === "")
    throw new Refusal("invalid", `${JSON.stringify(path)} leads out of the task's directory.`);
  withinDirectory({ root, path: dirname(inside) === "." ? "" : dirname(inside) }, (directory) => {
    const target = join(directory, basename(inside));
    rmSync(target, { force: true });
    writeFileSync(target, data, { mode: 0o644, flag: "wx" });
  });
}

/** The directories move, which is done at once: both are on one disk. */
function carryOver(from: string, to: string, tasks: readonly string[]): void {
  for (const path of [join("alloc", "data"), ...tasks.map((task) => join(task, "local"))]) {
    if (!existsSync(join(from, path))) continue;
    rmSync(join(to, path), { recursive: true, force: true });
    renameSync(join(from, path), join(to, path));
  }
}

function readIfThere(path: string): unknown {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, "utf8"));
}

function replaceFile(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
