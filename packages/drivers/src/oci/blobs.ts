/**
 * Blobs by their digest: what an image is made of, each kept once.
 *
 *     DIRECTORY/blobs/sha256/HEX
 *     DIRECTORY/partial/HEX.PID.*   what has come so far
 *     DIRECTORY/partial/HEX.left    where a transfer was given up: the next one goes on from there
 */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import { digestHash } from "./digest.ts";
import type { Descriptor } from "./manifest.ts";

/** The bytes of a blob from there on, or from the beginning where `fromByte` says so. */
export type OpenBlob = (
  descriptor: Descriptor,
  fromByte: number,
) => Promise<{ body: AsyncIterable<Buffer>; fromByte: number }>;

export interface Blobs {
  path(digest: string): string;
  has(digest: string): boolean;
  /** Brings the blob here if it is not, and answers with its path. Nothing is kept that has not the digest. */
  fetch(descriptor: Descriptor, from: OpenBlob, signal?: AbortSignal): Promise<string>;
  /** Keeps what comes, up to so many bytes; answers with its digest. */
  put(body: AsyncIterable<Buffer>, mostBytes: number): Promise<PutBlob>;
  /** A small blob in memory. Refuses one that is longer. */
  read(digest: string, mostBytes: number): Promise<Buffer>;
  remove(digest: string): Promise<void>;
}

export interface PutBlob {
  readonly digest: string;
  readonly size: number;
  /** It was not here before. */
  readonly isNew: boolean;
}

export interface BlobOptions {
  /** Before a transfer that broke goes on, in milliseconds. */
  readonly retryMs?: number;
}

/** So often in a row may a transfer break without a byte having come. */
const mostFruitless = 4;

export function openBlobs(directory: string, { retryMs = 250 }: BlobOptions = {}): Blobs {
  const coming = new Map<string, Promise<string>>();
  const partials = join(directory, "partial");
  const path = (digest: string) => join(directory, "blobs", ...digest.split(":"));

  const fetchOnce = async (descriptor: Descriptor, from: OpenBlob, signal?: AbortSignal): Promise<string> => {
    const { digest, size } = descriptor;
    const target = path(digest);
    if (existsSync(target)) return target;
    await mkdir(partials, { recursive: true, mode: 0o700 });
    const partial = await takePartial(partials, digest.split(":")[1]);
    await transfer(partial, { descriptor, from, retryMs, ...(signal && { signal }) }).catch(
      async (error: unknown) => {
        await rename(partial, join(partials, `${digest.split(":")[1]}.left`)).catch(() => undefined);
        throw error;
      },
    );
    const { size: length } = await stat(partial);
    const found = await fileDigest(partial, digest);
    if (length !== size || found !== digest) {
      await rm(partial, { force: true });
      throw new Refusal(
        "unavailable",
        `What came for ${digest} is something else (${found}, ${length} bytes).`,
      );
    }
    await keep(partial, target);
    return target;
  };

  return {
    path,
    has: (digest) => existsSync(path(digest)),
    fetch(descriptor, from, signal) {
      const begun =
        coming.get(descriptor.digest) ??
        fetchOnce(descriptor, from, signal).finally(() => coming.delete(descriptor.digest));
      coming.set(descriptor.digest, begun);
      return begun;
    },
    async put(body, mostBytes) {
      await mkdir(partials, { recursive: true, mode: 0o700 });
      const partial = join(partials, `put.${process.pid}.${randomUUID()}`);
      try {
        const hash = digestHash("sha256");
        let size = 0;
        const counted = async function* (source: AsyncIterable<Buffer>) {
          for await (const part of source) {
            size += part.length;
            if (size > mostBytes)
              throw new Refusal("exhausted", `An archive holds more than ${mostBytes} bytes.`);
            hash.update(part);
            yield part;
          }
        };
        await pipeline(body, counted, createWriteStream(partial, { mode: 0o600 }));
        const digest = `sha256:${hash.digest("hex")}`;
        const isNew = !existsSync(path(digest));
        if (isNew) await keep(partial, path(digest));
        return { digest, size, isNew };
      } finally {
        await rm(partial, { force: true });
      }
    },
    async read(digest, mostBytes) {
      const { size } = await stat(path(digest));
      if (size > mostBytes) throw new Refusal("invalid", `${digest} is longer than ${mostBytes} bytes.`);
      return readFile(path(digest));
    },
    remove: (digest) => rm(path(digest), { force: true }),
  };
}

interface Transfer {
  readonly descriptor: Descriptor;
  readonly from: OpenBlob;
  readonly retryMs: number;
  readonly signal?: AbortSignal;
}

/** Goes on where it broke off, as long as something comes. */
async function transfer(partial: string, { descriptor, from, retryMs, signal }: Transfer): Promise<void> {
  for (let fruitless = 0; ;) {
    const before = (await stat(partial).catch(() => undefined))?.size ?? 0;
    if (before === descriptor.size && before > 0) return;
    try {
      await append(partial, before, descriptor, from);
      return;
    } catch (error) {
      if (error instanceof Refusal || signal?.aborted) throw error;
      const after = (await stat(partial).catch(() => undefined))?.size ?? 0;
      fruitless = after > before ? 0 : fruitless + 1;
      if (fruitless === mostFruitless)
        throw new Refusal(
          "unavailable",
          `${descriptor.digest} cannot be transferred: ${(error as Error).message}.`,
          {
            cause: error,
          },
        );
      await sleep(retryMs * 2 ** fruitless, undefined, signal && { signal });
    }
  }
}

async function append(
  partial: string,
  haveBytes: number,
  descriptor: Descriptor,
  from: OpenBlob,
): Promise<void> {
  const { body, fromByte } = await from(descriptor, haveBytes);
  if (fromByte !== haveBytes && fromByte !== 0)
    throw new Refusal("unavailable", `${descriptor.digest}: other bytes came than were asked for.`);
  let length = fromByte;
  const file = await open(partial, fromByte === 0 ? "w" : "a", 0o600);
  try {
    for await (const part of body) {
      length += part.length;
      if (length > descriptor.size)
        throw new Refusal(
          "invalid",
          `${descriptor.digest} is longer than the ${descriptor.size} bytes it should have.`,
        );
      await file.write(part);
    }
  } finally {
    await file.close();
  }
  if (length < descriptor.size) throw new Error(`it ended after ${length} of ${descriptor.size} bytes`);
}

/** What another process left behind that is no longer there is taken over. */
async function takePartial(partials: string, hex: string): Promise<string> {
  const own = join(partials, `${hex}.${process.pid}.${randomUUID()}`);
  const names = (await readdir(partials)).filter((name) => name.startsWith(`${hex}.`));
  const orphan = names.find((name) => !existsSync(`/proc/${name.split(".")[1]}`));
  if (orphan !== undefined) await rename(join(partials, orphan), own).catch(() => undefined);
  return own;
}

async function fileDigest(path: string, like: string): Promise<string> {
  const hash = digestHash(like);
  await pipeline(createReadStream(path), hash);
  return `${like.split(":")[0]}:${hash.digest("hex")}`;
}

/** On the disk first, then under its name. */
async function keep(partial: string, target: string): Promise<void> {
  const file = await open(partial, "r");
  await file.sync();
  await file.close();
  await mkdir(join(target, ".."), { recursive: true, mode: 0o700 });
  await rename(partial, target);
}
