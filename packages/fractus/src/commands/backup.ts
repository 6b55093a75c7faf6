/**
 * `fractus backup FILE` and `fractus restore FILE`: the data directory in one archive. Databases are copied
 * as of one moment each, also while the cloud runs; what belongs to tasks that run now is left out.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { backup as copyDatabase, DatabaseSync } from "node:sqlite";
import { Refusal } from "@fractus/core/refusal.ts";
import { readSettings } from "../config/config.ts";
import { runningIn } from "../data-directory.ts";

/** Of the running cloud only; a restored one makes its own. */
const leftOut = new Set(["run.json", "nodes", "log"]);

/** @throws Refusal not-found without a data directory, invalid without a file to write */
export async function backup(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const { file, rest } = fileOf(argv, "backup");
  const { dataDirectory } = readSettings(rest);
  if (!existsSync(dataDirectory))
    throw new Refusal("not-found", `There is no data directory ${dataDirectory}.`);
  const work = mkdtempSync(join(tmpdir(), "fractus-backup-"));
  try {
    for (const name of readdirSync(dataDirectory)) {
      if (leftOut.has(name) || /\.db-(wal|shm)$/.test(name)) continue;
      if (name.endsWith(".db")) await copyOf(join(dataDirectory, name), join(work, name));
      else cpSync(join(dataDirectory, name), join(work, name), { recursive: true, preserveTimestamps: true });
    }
    await tar(["-czf", file, "-C", work, "."]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  say(`${dataDirectory} is in ${file}.`);
  return 0;
}

/** @throws Refusal conflict while a cloud runs there, or when there is something already */
export async function restore(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const { file, rest } = fileOf(argv, "restore");
  const { dataDirectory } = readSettings(rest);
  if (runningIn(dataDirectory))
    throw new Refusal("conflict", `A cloud runs in ${dataDirectory}: stop it first.`);
  if (existsSync(dataDirectory) && readdirSync(dataDirectory).length > 0) {
    throw new Refusal(
      "conflict",
      `${dataDirectory} is not empty: move it away, or give another directory with --data.`,
    );
  }
  if (!existsSync(file)) throw new Refusal("not-found", `There is no file ${file}.`);
  mkdirSync(dataDirectory, { recursive: true });
  await tar(["-xzf", file, "-C", dataDirectory]);
  say(`${file} is in ${dataDirectory}; fractus up --data ${dataDirectory} goes on from there.`);
  return 0;
}

async function copyOf(path: string, to: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    await copyDatabase(database, to);
  } finally {
    database.close();
  }
}

function fileOf(argv: readonly string[], command: string): { file: string; rest: string[] } {
  const [file, ...rest] = argv;
  if (!file || file.startsWith("-"))
    throw new Refusal("invalid", `usage: fractus ${command} FILE [settings]`);
  return { file: resolve(file), rest };
}

function tar(words: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn("tar", words, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
    child.once("error", (cause) =>
      fail(new Refusal("unavailable", "The program tar is not there.", { cause })),
    );
    child.once("close", (code) =>
      code === 0 ? done() : fail(new Refusal("invalid", `tar: ${complaint.trim()}`)),
    );
  });
}
