/**
 * Images out of one file, as `docker save` writes it, or an OCI layout in a tar:
 * https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 *
 * The names in the archive are only keys of a table; nothing is ever written under them.
 */
import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Blobs } from "./blobs.ts";
import { readManifest } from "./manifest.ts";
import type { ImageManifest, Platform } from "./manifest.ts";
import { eachEntry } from "./tar-entries.ts";
import { decompressed } from "./unpack.ts";

export interface ArchivedImage {
  /** As they stand in the archive: `nginx:1.17`; none is possible. */
  readonly names: readonly string[];
  readonly manifest: ImageManifest;
}

export interface ArchiveLimits {
  readonly mostBytes: number;
  readonly mostFiles: number;
}

const longestDocument = 4 * 1024 * 1024;

/** Keeps what the archive holds as blobs, and answers with the images in it. Refuses what is no such archive. */
export async function importArchive(
  path: string,
  blobs: Blobs,
  { platform, limits }: { readonly platform: Platform; readonly limits: ArchiveLimits },
): Promise<readonly ArchivedImage[]> {
  const files = await readFiles(path, blobs, limits);
  const document = async (name: string): Promise<unknown> => {
    const file = find(files, name);
    if (!file) return undefined;
    return JSON.parse((await blobs.read(file.digest, longestDocument)).toString()) as unknown;
  };
  try {
    const saved = await document("manifest.json");
    const images = Array.isArray(saved)
      ? saved.map((each) => savedImage(each, files))
      : await layoutImages(await document("index.json"), document, platform);
    if (images.length === 0) throw unfit("there is no image in it");
    const used = new Set(
      images.flatMap(({ manifest }) => [manifest.config, ...manifest.layers].map(({ digest }) => digest)),
    );
    for (const { digest, isNew } of files.values())
      if (isNew && !used.has(digest)) await blobs.remove(digest);
    return images;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw unfit((cause as Error).message, cause);
  }
}

interface ArchivedFile {
  readonly digest: string;
  readonly size: number;
  /** It was not among the blobs before. */
  readonly isNew: boolean;
  readonly linkTo?: string;
}

async function readFiles(
  path: string,
  blobs: Blobs,
  limits: ArchiveLimits,
): Promise<Map<string, ArchivedFile>> {
  const files = new Map<string, ArchivedFile>();
  let left = limits.mostBytes;
  try {
    await eachEntry(decompressed(createReadStream(path)), async ({ name, type, linkname }, body) => {
      const key = posix.normalize(`/${name}`);
      if (files.size >= limits.mostFiles)
        throw new Refusal("exhausted", "The image archive holds too many files.");
      if (type === "file") {
        const { digest, size, isNew } = await blobs.put(body, left);
        left -= size;
        files.set(key, { digest, size, isNew });
      } else if ((type === "symlink" || type === "link") && typeof linkname === "string") {
        const from = type === "link" ? "/" : posix.dirname(key);
        files.set(key, { digest: "", size: 0, isNew: false, linkTo: posix.resolve(from, linkname) });
      }
    });
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw unfit((cause as Error).message, cause);
  }
  return files;
}

/** Older writers keep one layer and link to it. */
function find(files: ReadonlyMap<string, ArchivedFile>, name: string): ArchivedFile | undefined {
  let key = posix.normalize(`/${name}`);
  for (let links = 0; links < 10; links++) {
    const file = files.get(key);
    if (file?.linkTo === undefined) return file;
    key = file.linkTo;
  }
  return undefined;
}

function savedImage(value: unknown, files: ReadonlyMap<string, ArchivedFile>): ArchivedImage {
  const { Config, Layers, RepoTags } = (value ?? {}) as Record<string, unknown>;
  const blob = (name: unknown) => {
    const file = typeof name === "string" ? find(files, name) : undefined;
    if (!file) throw unfit(`its manifest names ${JSON.stringify(name)}, which is not in it`);
    return { digest: file.digest, size: file.size, mediaType: "" };
  };
  if (!Array.isArray(Layers)) throw unfit("its manifest names no layers");
  const manifest = { config: blob(Config), layers: Layers.map(blob) };
  const names = Array.isArray(RepoTags) ? RepoTags.filter((tag) => typeof tag === "string") : [];
  return { names, manifest };
}

interface LayoutEntry {
  readonly digest?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

async function layoutImages(
  index: unknown,
  document: (name: string) => Promise<unknown>,
  platform: Platform,
): Promise<ArchivedImage[]> {
  const { manifests } = (index ?? {}) as { manifests?: unknown };
  if (!Array.isArray(manifests)) throw unfit("there is neither a manifest.json nor an index.json in it");
  const images: ArchivedImage[] = [];
  for (const { digest, annotations = {} } of manifests as LayoutEntry[]) {
    const manifest = await layoutManifest(digest, document, platform);
    const names = ["io.containerd.image.name", "org.opencontainers.image.ref.name"].map(
      (key) => annotations[key],
    );
    images.push({ names: names.filter((name) => typeof name === "string"), manifest });
  }
  return images;
}

async function layoutManifest(
  digest: unknown,
  document: (name: string) => Promise<unknown>,
  platform: Platform,
): Promise<ImageManifest> {
  let at = digest;
  for (let depth = 0; depth < 4; depth++) {
    const answer = readManifest(await document(`blobs/${String(at).replace(":", "/")}`), platform);
    if ("image" in answer) return answer.image;
    at = answer.chosen.digest;
  }
  throw unfit("its indexes are nested too deep");
}

function unfit(why: string, cause?: unknown): Refusal {
  return new Refusal("invalid", `The image archive cannot be used: ${why}.`, { cause });
}
