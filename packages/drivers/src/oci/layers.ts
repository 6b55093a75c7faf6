/**
 * Unpacked layers, each kept once and shared by all images that build on it:
 *
 *     DIRECTORY/layers/HEX           HEX is the digest of the layer and of all below it
 *     DIRECTORY/layers/.HEX.PID.*    one that is being unpacked
 *
 * https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { Refusal } from "@fractus/core/refusal.ts";
import { tool, toolPath } from "../tools.ts";
import { isRoot } from "../tracking.ts";
import { digestHash, digestOf } from "./digest.ts";
import { bounded, decompressed, unpack, usualLimits } from "./unpack.ts";
import type { UnpackLimits } from "./unpack.ts";

export interface LayerSource {
  /** Of the unpacked archive. */
  readonly diffId: string;
  /** The archive's path on this machine, once it is there. */
  fetch(): Promise<string>;
}

export interface LayerStore {
  /** The directories of all layers, the highest first; what is not here is fetched and unpacked. */
  unpackAll(sources: readonly LayerSource[]): Promise<readonly string[]>;
}

export function openLayers(directory: string, limits: UnpackLimits = usualLimits): LayerStore {
  const unpacking = new Map<string, Promise<string>>();
  const parent = join(directory, "layers");

  const unpackOnce = (chain: string, source: LayerSource, below: readonly string[]): Promise<string> => {
    const begun =
      unpacking.get(chain) ??
      unpackLayer(parent, { chain, source, below, limits }).finally(() => unpacking.delete(chain));
    unpacking.set(chain, begun);
    return begun;
  };

  return {
    async unpackAll(sources) {
      await mkdir(parent, { recursive: true, mode: 0o700 });
      await removeOrphans(parent);
      const chains = chainIds(sources.map(({ diffId }) => diffId));
      const isThere = (index: number) => existsSync(layerPath(parent, chains[index]));
      // All are fetched at once; one after the other is unpacked, as each hides what is below it.
      await Promise.all(sources.filter((_, index) => !isThere(index)).map((source) => source.fetch()));
      const layers: string[] = [];
      for (const [index, source] of sources.entries())
        layers.unshift(await unpackOnce(chains[index], source, [...layers]));
      return layers;
    },
  };
}

/** Each is the digest of the one below and of the layer itself, so that equal stacks have equal names. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chains: string[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chains;
}

function layerPath(parent: string, chain: string): string {
  return join(parent, chain.split(":")[1]);
}

interface UnpackOrder {
  readonly chain: string;
  readonly source: LayerSource;
  readonly below: readonly string[];
  readonly limits: UnpackLimits;
}

/** Under another name until it is whole. */
async function unpackLayer(parent: string, { chain, source, below, limits }: UnpackOrder): Promise<string> {
  const target = layerPath(parent, chain);
  if (existsSync(target)) return target;
  const archive = await source.fetch();
  const partial = join(parent, `.${chain.split(":")[1]}.${process.pid}.${randomUUID()}`);
  await mkdir(partial);
  await chmod(partial, 0o755);
  try {
    const hash = digestHash(source.diffId);
    const whole = Readable.from(hashed(decompressed(createReadStream(archive)), hash, limits.mostBytes));
    await unpack(whole, { directory: partial, below, limits, keepsOwners: isRoot(), makeNodes });
    const found = `${source.diffId.split(":")[0]}:${hash.digest("hex")}`;
    if (found !== source.diffId)
      throw new Refusal("invalid", `The image cannot be used: a layer is ${found} and not ${source.diffId}.`);
    await rename(partial, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

async function* hashed(
  stream: AsyncIterable<Buffer>,
  hash: ReturnType<typeof digestHash>,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  const limit = bounded(mostBytes);
  const source = Readable.from(stream);
  source.on("error", (error) => limit.destroy(error));
  for await (const part of source.pipe(limit) as AsyncIterable<Buffer>) {
    hash.update(part);
    yield part;
  }
}

/** Node has no call for either; `mknod` takes one at a time. */
async function makeNodes({
  whiteouts,
  fifos,
}: {
  whiteouts: readonly string[];
  fifos: readonly string[];
}): Promise<void> {
  const run = (program: string, args: readonly string[]) =>
    promisify(execFile)(tool(program), args, { env: { PATH: toolPath, LC_ALL: "C" } });
  for (const path of whiteouts) await run("mknod", ["--", path, "c", "0", "0"]);
  for (const path of fifos) await run("mkfifo", ["--", path]);
}

/** What a process that is no longer there had begun. */
async function removeOrphans(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\.[0-9a-f]+\.(\d+)\./.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}
