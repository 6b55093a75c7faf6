import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { watchIfPossible } from "@fractus/drivers/look-until.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { FileChunk, FollowOptions } from "../agent-access.ts";
import { listInside, openFileInside } from "./open-inside.ts";

const pieceBytes = 64 * 1024;
/** Watching tells of changes at once; this is for systems that cannot. */
const beatMs = 500;

/** A file as it grows. One that is made shorter is read from its beginning again; one that is deleted is over. */
export async function* followFile(
  root: string,
  path: string,
  { follow, origin, offset, signal }: FollowOptions,
  clock: Clock,
): AsyncGenerator<FileChunk> {
  const file = await openFileInside(root, path);
  const changes = changesIn(dirname(join(root, file.path)), clock, follow);
  try {
    const { size } = await file.handle.stat();
    let place = origin === "end" ? Math.max(size - offset, 0) : Math.min(offset, size);
    for (;;) {
      for await (const chunk of piecesOf(file, place, signal)) {
        place = chunk.offset;
        yield chunk;
      }
      if (!follow || signal?.aborted) return;
      const stat = await file.handle.stat();
      if (stat.nlink === 0) {
        yield { path: file.path, offset: place, data: empty, event: "file deleted" };
        return;
      }
      if (stat.size < place) {
        place = 0;
        yield { path: file.path, offset: 0, data: empty, event: "file truncated" };
      } else if (stat.size === place) await changes.next(signal);
    }
  } finally {
    changes.close();
    await file.handle.close();
  }
}

/**
 * What a task wrote, over its log files `TASK.STREAM.0`, `.1` … in their order; with `follow` also what it will
 * write, until the signal or until it has ended for good.
 *
 * A file is complete when there is a later one, so it is read to its end once more after the later one was seen.
 */
export async function* followLogs(
  root: string,
  which: { readonly task: string; readonly stream: "stdout" | "stderr" } & FollowOptions,
  { clock, hasEnded }: { readonly clock: Clock; hasEnded(): boolean },
): AsyncGenerator<FileChunk> {
  const { follow, signal } = which;
  const changes = changesIn(join(root, "alloc", "logs"), clock, follow);
  let reading: { readonly number: number; readonly file: { handle: FileHandle; path: string } } | undefined;
  try {
    let { number, place } = await startOf(root, which);
    for (;;) {
      const wasOver = hasEnded();
      const later = (await logFiles(root, which)).find((file) => file.number > number);
      if (reading?.number !== number) {
        await reading?.file.handle.close();
        const file = await openIfThere(root, logPath(which, number));
        reading = file && { number, file };
      }
      if (reading)
        for await (const chunk of piecesOf(reading.file, place, signal)) {
          place = chunk.offset;
          yield chunk;
        }
      if (signal?.aborted) return;
      if (later) {
        number = later.number;
        place = 0;
      } else if (!follow || wasOver) return;
      else await changes.next(signal);
    }
  } finally {
    changes.close();
    await reading?.file.handle.close();
  }
}

const empty = Buffer.alloc(0);

type LogName = { readonly task: string; readonly stream: string };

/** The file and the place in it where the reader wants to begin. */
async function startOf(
  root: string,
  which: LogName & FollowOptions,
): Promise<{ number: number; place: number }> {
  const files = await logFiles(root, which);
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let skipped = which.origin === "end" ? Math.max(total - which.offset, 0) : which.offset;
  for (const { number, sizeBytes } of files) {
    if (skipped < sizeBytes) return { number, place: skipped };
    skipped -= sizeBytes;
  }
  const last = files.at(-1);
  return { number: last?.number ?? 0, place: last?.sizeBytes ?? 0 };
}

async function logFiles(root: string, which: LogName): Promise<{ number: number; sizeBytes: number }[]> {
  const start = basename(logPath(which, 0)).slice(0, -1);
  const entries = await listInside(root, "alloc/logs").catch((error: unknown) => {
    if (error instanceof Refusal && error.kind === "not-found") return [];
    throw error;
  });
  return entries
    .filter(({ name }) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
    .map(({ name, sizeBytes }) => ({ number: Number(name.slice(start.length)), sizeBytes }))
    .sort((a, b) => a.number - b.number);
}

function logPath({ task, stream }: LogName, number: number): string {
  return `alloc/logs/${task}.${stream}.${number}`;
}

async function openIfThere(
  root: string,
  path: string,
): Promise<{ handle: FileHandle; path: string } | undefined> {
  try {
    return await openFileInside(root, path);
  } catch (error) {
    if (error instanceof Refusal && error.kind === "not-found") return undefined;
    throw error;
  }
}

async function* piecesOf(
  { handle, path }: { readonly handle: FileHandle; readonly path: string },
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<FileChunk> {
  for (let offset = from; !signal?.aborted;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, offset);
    if (bytesRead === 0) return;
    offset += bytesRead;
    yield { path, offset, data: buffer.subarray(0, bytesRead) };
  }
}

/** Says when something has changed since it was last asked, at the latest after a moment. */
function changesIn(directory: string, clock: Clock, isNeeded: boolean) {
  let change = new AbortController();
  const watcher = isNeeded ? watchIfPossible(directory, () => change.abort()) : undefined;
  return {
    async next(signal?: AbortSignal): Promise<void> {
      const any = AbortSignal.any([change.signal, ...(signal ? [signal] : [])]);
      await clock.sleep(beatMs, any).catch(() => undefined);
      change = new AbortController();
    },
    close: () => watcher?.close(),
  };
}
