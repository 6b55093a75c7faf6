/**
 * The images of this machine, under one directory:
 *
 *     blobs/sha256/HEX   manifests' parts as they were fetched
 *     layers/HEX         unpacked, shared by images
 *     names/HEX.json     which image a name stood for when it was last fetched
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { importArchive } from "./archive.ts";
import { openBlobs } from "./blobs.ts";
import type { Blobs } from "./blobs.ts";
import { digestOf } from "./digest.ts";
import { openLayers } from "./layers.ts";
import type { LayerStore } from "./layers.ts";
import { ownPlatform, readImageConfig, readManifest } from "./manifest.ts";
import type { Descriptor, ImageConfig, ImageManifest, Platform } from "./manifest.ts";
import { formatReference, parseReference } from "./reference.ts";
import { openRegistry } from "./registry.ts";
import type { Credentials, Registry } from "./registry.ts";
import { usualLimits } from "./unpack.ts";
import type { UnpackLimits } from "./unpack.ts";

export interface Image {
  /** Of its configuration, which names it as Docker does. */
  readonly id: string;
  readonly config: ImageConfig;
  /** Directories, the highest first. */
  readonly layers: readonly string[];
}

export interface PullOptions {
  readonly credentials?: Credentials;
  /** Asks the registry even if the image is here. That is done for the tag `latest` in any case. */
  readonly isForced?: boolean;
  /** If the credentials are turned down it is tried without. */
  readonly isAuthSoft?: boolean;
  readonly signal?: AbortSignal;
}

export interface Images {
  /** Fetches what is missing. Refuses what is no reference, is not there, or may not be had. */
  pull(reference: string, options?: PullOptions): Promise<Image>;
  /** Takes in a file; `reference` chooses among several images in it, and must fit if there are names. */
  load(archive: string, reference?: string): Promise<Image>;
}

export interface ImagesOptions {
  /** Absolute. Made when it is needed. */
  readonly directory: string;
  readonly platform?: Platform;
  readonly limits?: UnpackLimits;
  /** Before a request is repeated, in milliseconds. */
  readonly retryMs?: number;
}

interface Store {
  readonly directory: string;
  readonly platform: Platform;
  readonly limits: UnpackLimits;
  readonly blobs: Blobs;
  readonly layers: LayerStore;
  readonly retryMs: number;
}

const longestConfig = 4 * 1024 * 1024;

export function openImages(options: ImagesOptions): Images {
  const { directory, platform = ownPlatform(), limits = usualLimits, retryMs = 250 } = options;
  const store: Store = {
    directory,
    platform,
    limits,
    retryMs,
    blobs: openBlobs(directory, { retryMs }),
    layers: openLayers(directory, limits),
  };
  return {
    pull: (reference, how = {}) => pull(store, reference, how),
    load: (archive, reference) => load(store, archive, reference),
  };
}

async function pull(store: Store, text: string, how: PullOptions): Promise<Image> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  const known = await readName(store, name);
  const mustAsk = (how.isForced ?? false) || (reference.digest === undefined && reference.tag === "latest");
  const attempt = async (credentials: Credentials | undefined): Promise<Image> => {
    const { signal } = how;
    const { retryMs } = store;
    const registry = openRegistry(reference, {
      retryMs,
      ...(credentials && { credentials }),
      ...(signal && { signal }),
    });
    if (known && !mustAsk) return assemble(store, known, registry, signal);
    const manifest = await fetchManifest(store, registry, reference.digest ?? reference.tag ?? "latest");
    const image = await assemble(store, manifest, registry, signal);
    await writeName(store, name, manifest);
    return image;
  };
  try {
    return await attempt(how.credentials);
  } catch (error) {
    const isTurnedDown = error instanceof Refusal && error.kind === "forbidden";
    if (isTurnedDown && how.credentials && how.isAuthSoft) return attempt(undefined);
    // A loaded image, or a registry that is away: what is here is better than nothing.
    const isAway = error instanceof Refusal && error.kind === "unavailable";
    if (isAway && known && !how.isForced) return assemble(store, known);
    throw error;
  }
}

async function fetchManifest(store: Store, registry: Registry, tagOrDigest: string): Promise<ImageManifest> {
  let at = tagOrDigest;
  for (let depth = 0; depth < 4; depth++) {
    const answer = readManifest((await registry.manifest(at)).document, store.platform);
    if ("image" in answer) return answer.image;
    at = answer.chosen.digest;
  }
  throw new Refusal("invalid", "The image cannot be used: its indexes are nested too deep.");
}

/** Without a registry, from what is here. */
async function assemble(
  store: Store,
  { config, layers }: ImageManifest,
  registry?: Registry,
  signal?: AbortSignal,
): Promise<Image> {
  const from = (descriptor: Descriptor, fromByte: number) => {
    if (!registry) throw new Refusal("not-found", `${descriptor.digest}, a part of the image, is not here.`);
    return registry.blob(descriptor, fromByte);
  };
  if (config.size > longestConfig)
    throw new Refusal("invalid", "The image cannot be used: its configuration is too long.");
  const fetch = (descriptor: Descriptor) => store.blobs.fetch(descriptor, from, signal);
  await fetch(config);
  const read = readImageConfig(parse(await store.blobs.read(config.digest, longestConfig)), store.platform);
  if (read.diffIds.length !== layers.length)
    throw new Refusal("invalid", "The image cannot be used: manifest and configuration differ in layers.");
  if (layers.some(({ size }) => size > store.limits.mostBytes))
    throw new Refusal("exhausted", `A layer of the image is larger than ${store.limits.mostBytes} bytes.`);
  const directories = await store.layers.unpackAll(
    layers.map((layer, index) => ({ diffId: read.diffIds[index], fetch: () => fetch(layer) })),
  );
  return { id: config.digest, config: read, layers: directories };
}

async function load(store: Store, archive: string, reference: string | undefined): Promise<Image> {
  const limits = { mostBytes: store.limits.mostBytes, mostFiles: 10_000 };
  const images = await importArchive(archive, store.blobs, { platform: store.platform, limits });
  const wanted = reference === undefined ? undefined : formatReference(parseReference(reference));
  const full = (name: string) => {
    try {
      return formatReference(parseReference(name));
    } catch {
      return undefined;
    }
  };
  const named = images.find(({ names }) => names.some((name) => full(name) === wanted));
  const nameless =
    images.length === 1 && images[0].names.every((name) => !name.includes(":")) ? images[0] : undefined;
  const found = wanted === undefined ? images[0] : (named ?? nameless);
  if (!found) {
    const names = images.flatMap((image) => image.names).join(", ");
    throw new Refusal("not-found", `The image archive does not hold ${String(reference)}, only ${names}.`);
  }
  const image = await assemble(store, found.manifest);
  if (wanted !== undefined) await writeName(store, wanted, found.manifest);
  return image;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw new Refusal("invalid", "The image cannot be used: its configuration is no JSON.", { cause });
  }
}

function namePath({ directory }: Store, name: string): string {
  return join(directory, "names", `${digestOf(name).slice(7)}.json`);
}

async function readName(store: Store, name: string): Promise<ImageManifest | undefined> {
  const text = await readFile(namePath(store, name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { manifest: ImageManifest }).manifest;
}

async function writeName(store: Store, name: string, manifest: ImageManifest): Promise<void> {
  const path = namePath(store, name);
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify({ name, manifest }), { mode: 0o600 });
  await rename(fresh, path);
}
