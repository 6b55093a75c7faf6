import { existsSync } from "node:fs";
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { LogRotation } from "./driver.ts";

/** How much the spool keeps in one file. */
export const chunkBytes = 1024 * 1024;

export interface LogMover {
  /** Moves whatever is there. Calls queue up; one that fails may be repeated. */
  pump(): Promise<void>;
}

/**
 * Moves the output of a task from the spool, where chunks of it gather whether or not anyone is
 * here, into log files `TARGET.0`, `TARGET.1` … of which the oldest are deleted. Files end with a
 * whole line where lines are shorter than files.
 *
 * It may be killed at any moment: a record beside the spool says up to where the spool had been moved
 * when the present log file had a certain size. Whatever the file has beyond that comes from the
 * chunk that the record names. The record is renewed before a chunk is deleted and before a file is begun.
 *
 * @param spool  the chunks' path without their number: `…/spool/stdout`
 * @param target the log files' path without their number: `…/logs/web.stdout`
 */
export function moveLog(spool: string, target: string, rotation: LogRotation): LogMover {
  let place: Place | undefined;
  let last = Promise.resolve();
  const pump = async () => {
    try {
      place = await moveAll({ spool, target, rotation }, place ?? (await findPlace(spool, target)));
    } catch (error) {
      place = undefined;
      throw error;
    }
  };
  return { pump: () => (last = last.then(pump, pump)) };
}

interface Paths {
  readonly spool: string;
  readonly target: string;
  readonly rotation: LogRotation;
}

/** Everything of the spool before (chunk, offset) is in the log files up to (file, size). */
interface Place {
  readonly chunk: number;
  readonly offset: number;
  readonly file: number;
  readonly size: number;
}

const chunkPath = (spool: string, chunk: number) => `${spool}.${String(chunk).padStart(9, "0")}`;
const filePath = (target: string, file: number) => `${target}.${file}`;
const recordPath = (spool: string) => `${spool}-place`;

async function moveAll(paths: Paths, place: Place): Promise<Place> {
  for (;;) {
    const isComplete = existsSync(chunkPath(paths.spool, place.chunk + 1));
    place = await moveChunk(paths, place);
    if (!isComplete) return place;
    const finished = place.chunk;
    place = { ...place, chunk: finished + 1, offset: 0 };
    await record(paths.spool, place);
    await rm(chunkPath(paths.spool, finished), { force: true });
  }
}

/** Moves what there is of one chunk. */
async function moveChunk(paths: Paths, place: Place): Promise<Place> {
  const file = await openIfThere(chunkPath(paths.spool, place.chunk));
  if (!file) return place;
  try {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, 256 * 1024));
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, place.offset);
      if (bytesRead === 0) return place;
      place = await append(paths, place, buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function append({ spool, target, rotation }: Paths, place: Place, data: Buffer): Promise<Place> {
  while (data.length > 0) {
    const length = fitting(data, rotation.maxFileBytes - place.size, place.size === 0);
    if (length > 0) await appendFile(filePath(target, place.file), data.subarray(0, length));
    place = { ...place, offset: place.offset + length, size: place.size + length };
    data = data.subarray(length);
    if (data.length === 0) break;
    place = { ...place, file: place.file + 1, size: 0 };
    await record(spool, place);
    await rm(filePath(target, place.file - rotation.maxFiles), { force: true });
  }
  return place;
}

/** How much goes into a file with so much room: up to the end of a line, or all of it where a line is longer than a file. */
function fitting(data: Buffer, room: number, isEmpty: boolean): number {
  if (data.length <= room) return data.length;
  const lines = room > 0 ? data.lastIndexOf(10, room - 1) + 1 : 0;
  return lines > 0 || !isEmpty ? lines : Math.max(room, 1);
}

async function findPlace(spool: string, target: string): Promise<Place> {
  const recorded = await readRecord(spool);
  if (recorded) {
    const moved = (await sizeOf(filePath(target, recorded.file))) - recorded.size;
    return { ...recorded, offset: recorded.offset + moved, size: recorded.size + moved };
  }
  await mkdir(dirname(target), { recursive: true });
  const file = await newestFile(target);
  const place = { chunk: 0, offset: 0, file, size: await sizeOf(filePath(target, file)) };
  await record(spool, place);
  return place;
}

async function readRecord(spool: string): Promise<Place | undefined> {
  try {
    return JSON.parse(await readFile(recordPath(spool), "utf8")) as Place;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function record(spool: string, place: Place): Promise<void> {
  await writeFile(`${recordPath(spool)}.new`, JSON.stringify(place));
  await rename(`${recordPath(spool)}.new`, recordPath(spool));
}

/** An earlier run of the task may have left some: its successor goes on with the last. */
async function newestFile(target: string): Promise<number> {
  const start = `${basename(target)}.`;
  const numbers = (await readdir(dirname(target)))
    .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)));
  return Math.max(0, ...numbers);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where a task's output gathers. */
export function spoolDirectory(stateDirectory: string): string {
  return join(stateDirectory, "spool");
}
