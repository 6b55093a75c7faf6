/**
 * Unpacks the archive of one layer into a directory of its own. The archive is anybody's: nothing is
 * written but below the directory, whatever names and links it holds, and no link is ever followed out of it.
 *
 * https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
import { constants } from "node:fs";
import {
  chmod,
  chown,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  readlink,
  rm,
  symlink,
  utimes,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Header } from "tar-stream";
import { namesIn } from "./layer-view.ts";
import type { Layers } from "./layer-view.ts";
import { eachEntry } from "./tar-entries.ts";

export interface UnpackLimits {
  /** Of the archive when it is no longer compressed. */
  readonly mostBytes: number;
  readonly mostEntries: number;
}

export const usualLimits: UnpackLimits = { mostBytes: 16 * 1024 ** 3, mostEntries: 500_000 };

export interface UnpackRequest {
  /** Exists and is empty. */
  readonly directory: string;
  /** The layers below, the highest first: what this one hides of them. */
  readonly below: Layers;
  readonly limits: UnpackLimits;
  /** Only root can give files away; elsewhere they belong to whoever unpacks. */
  readonly keepsOwners: boolean;
  /** Makes the whiteouts and FIFOs, for which Node has no call; paths on this machine. */
  makeNodes(nodes: {
    readonly whiteouts: readonly string[];
    readonly fifos: readonly string[];
  }): Promise<void>;
}

const whiteoutPrefix = ".wh.";
const opaqueMarker = ".wh..wh..opq";

/** @param archive the tar itself; see `decompressed` */
export async function unpack(archive: AsyncIterable<Buffer>, request: UnpackRequest): Promise<void> {
  const unpacking = newUnpacking(request);
  try {
    await eachEntry(archive, (header, body) => unpackEntry(unpacking, header, body));
    await finish(unpacking);
  } catch (cause) {
    if (cause instanceof Refusal || (cause as NodeJS.ErrnoException).syscall !== undefined) throw cause;
    throw unfit(`its archive is damaged (${(cause as Error).message})`, cause);
  }
}

/** As it comes, gunzipped or unzstded, by its first bytes: media types say less than the bytes themselves. */
export async function* decompressed(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = stream[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  while (length < 4) {
    const { value, done } = await source.next();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  const head = Buffer.concat(parts);
  const rest = (async function* () {
    yield head;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  })();
  const filter = filterFor(head);
  if (filter) yield* filtered(rest, filter);
  else yield* rest;
}

function filtered(source: AsyncIterable<Buffer>, filter: Transform): AsyncIterable<Buffer> {
  const input = Readable.from(source);
  input.on("error", (error) => filter.destroy(error));
  return input.pipe(filter);
}

function filterFor(head: Buffer): Transform | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip();
  if (head.length >= 4 && head.readUInt32LE() === 0xfd2fb528) return createZstdDecompress();
  return undefined;
}

interface Unpacking {
  readonly request: UnpackRequest;
  entries: number;
  /** Known to be directories of ours and no links. */
  readonly directories: Set<string>;
  readonly attributes: Map<string, Header>;
  readonly whiteouts: Set<string>;
  readonly opaque: Set<string>;
  readonly fifos: Map<string, Header>;
}

function newUnpacking(request: UnpackRequest): Unpacking {
  return {
    request,
    entries: 0,
    directories: new Set(),
    attributes: new Map(),
    whiteouts: new Set(),
    opaque: new Set(),
    fifos: new Map(),
  };
}

async function unpackEntry(unpacking: Unpacking, header: Header, body: AsyncIterable<Buffer>): Promise<void> {
  unpacking.entries++;
  if (unpacking.entries > unpacking.request.limits.mostEntries)
    throw new Refusal(
      "exhausted",
      `A layer of the image has more than ${unpacking.request.limits.mostEntries} entries.`,
    );
  const parts = partsOf(header.name);
  const name = parts.at(-1);
  if (name === undefined) {
    unpacking.attributes.set("", header);
    return;
  }
  const parent = await makeParent(unpacking, parts.slice(0, -1));
  if (name === opaqueMarker) unpacking.opaque.add(parent);
  else if (name.startsWith(whiteoutPrefix)) addWhiteout(unpacking, parent, name);
  else await makeEntry(unpacking, join(parent, name), header, body);
}

function addWhiteout({ whiteouts }: Unpacking, parent: string, name: string): void {
  const hidden = name.slice(whiteoutPrefix.length);
  // Names such as .wh..wh.plnk are notes of aufs to itself.
  if (hidden.startsWith(whiteoutPrefix)) return;
  if (["", ".", ".."].includes(hidden)) throw unfit(`it hides ${JSON.stringify(hidden)}`);
  whiteouts.add(join(parent, hidden));
}

/** Refuses a name that leads up or holds what no name can hold; one that begins at the root begins at ours. */
function partsOf(name: string): string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes(".."))
    throw unfit(`an archive in it leads outside (${JSON.stringify(name.slice(0, 200))})`);
  const isTooLong = parts.length > 200 || parts.some((part) => Buffer.byteLength(part) > 255);
  if (name.includes("\0") || isTooLong) throw unfit("an archive in it has a name that no file can have");
  return parts;
}

/**
 * The directory for an entry, in our tree's own words, made as far as it is not there. A link on the way is
 * taken as a process would take it whose root is our directory.
 */
async function makeParent(unpacking: Unpacking, parts: readonly string[]): Promise<string> {
  const direct = parts.join("/");
  if (unpacking.directories.has(direct)) return direct;
  const todo = [...parts];
  let at: string[] = [];
  for (let links = 0; todo.length > 0;) {
    const part = todo.shift() ?? "";
    if (part === "..") {
      at.pop();
      continue;
    }
    const next = [...at, part];
    const path = hostPath(unpacking, next.join("/"));
    const stat = unpacking.directories.has(next.join("/")) ? undefined : await lstat(path).catch(() => null);
    if (stat?.isSymbolicLink()) {
      links++;
      if (links > 40) throw unfit("links in it go round in a circle");
      const target = await readlink(path);
      if (target.startsWith("/")) at = [];
      todo.unshift(...target.split("/").filter((word) => word !== "" && word !== "."));
      continue;
    }
    if (stat && !stat.isDirectory()) throw unfit(`${JSON.stringify(direct)} lies below a file`);
    if (stat === null) await mkdir(path, { mode: 0o755 });
    at = next;
    unpacking.directories.add(at.join("/"));
  }
  return at.join("/");
}

function hostPath({ request }: Unpacking, path: string): string {
  return join(request.directory, path);
}

async function makeEntry(
  unpacking: Unpacking,
  path: string,
  header: Header,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const target = hostPath(unpacking, path);
  const isDirectory = header.type === "directory";
  await makeRoom(unpacking, path, target, isDirectory);
  switch (header.type) {
    case "directory":
      await mkdir(target, { mode: 0o755 }).catch(ignoreExisting);
      unpacking.directories.add(path);
      unpacking.attributes.set(path, header);
      return;
    case "file":
    case "contiguous-file":
      return writeFile(unpacking, target, header, body);
    case "symlink":
      await symlink(header.linkname ?? "", target);
      await setOwner(unpacking, target, header);
      await lutimes(target, ...timesOf(header));
      return;
    case "link":
      return makeHardLink(unpacking, target, header);
    case "fifo":
      unpacking.fifos.set(path, header);
      return;
    case "character-device":
    case "block-device":
      // A container gets its devices from us; one out of an archive would be a door to the machine.
      return;
    default:
      throw unfit(`an archive in it has an entry of the kind ${JSON.stringify(header.type)}`);
  }
}

/** A later entry of a name takes the place of an earlier one; only a directory stays where one was. */
async function makeRoom(
  unpacking: Unpacking,
  path: string,
  target: string,
  isDirectory: boolean,
): Promise<void> {
  unpacking.fifos.delete(path);
  const stat = await lstat(target).catch(() => undefined);
  if (!stat || (isDirectory && stat.isDirectory())) return;
  await rm(target, { recursive: true });
  for (const kept of [unpacking.directories, unpacking.opaque, unpacking.whiteouts])
    for (const each of kept) if (each === path || each.startsWith(`${path}/`)) kept.delete(each);
  for (const kept of [unpacking.attributes, unpacking.fifos])
    for (const each of kept.keys()) if (each === path || each.startsWith(`${path}/`)) kept.delete(each);
}

async function writeFile(
  unpacking: Unpacking,
  target: string,
  header: Header,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(target, flags, 0o600);
  try {
    for await (const part of body) await file.writeFile(part);
  } finally {
    await file.close();
  }
  await setOwner(unpacking, target, header);
  await chmod(target, modeOf(header));
  await utimes(target, ...timesOf(header));
}

/** Only to a file of this same layer that is a file: a link to a link would be followed by someone. */
async function makeHardLink(unpacking: Unpacking, target: string, header: Header): Promise<void> {
  const parts = partsOf(header.linkname ?? "");
  const name = parts.pop();
  const words = JSON.stringify((header.linkname ?? "").slice(0, 200));
  if (name === undefined) throw unfit(`an archive in it links to ${words}`);
  const source = hostPath(unpacking, join(await makeParent(unpacking, parts), name));
  const stat = await lstat(source).catch(() => undefined);
  if (!stat || stat.isDirectory()) throw unfit(`an archive in it links to ${words}, which is no file in it`);
  await link(source, target);
}

async function setOwner({ request }: Unpacking, target: string, header: Header): Promise<void> {
  if (request.keepsOwners) await lchown(target, header.uid ?? 0, header.gid ?? 0);
}

function modeOf({ mode }: Header): number {
  return mode & 0o7777;
}

function timesOf({ mtime }: Header): [Date, Date] {
  const time = Number.isFinite(Number(mtime)) ? mtime : new Date(0);
  return [time, time];
}

/** What has to wait for the end: attributes of directories, and what is hidden of the layers below. */
async function finish(unpacking: Unpacking): Promise<void> {
  const { request, fifos, attributes } = unpacking;
  const whiteouts = await hiddenPaths(unpacking);
  await request.makeNodes({
    whiteouts: whiteouts.map((path) => hostPath(unpacking, path)),
    fifos: [...fifos.keys()].map((path) => hostPath(unpacking, path)),
  });
  for (const [path, header] of [...fifos, ...[...attributes].reverse()]) {
    const target = hostPath(unpacking, path);
    if (request.keepsOwners) await chown(target, header.uid ?? 0, header.gid ?? 0);
    await chmod(target, modeOf(header));
    await utimes(target, ...timesOf(header));
  }
}

/** A directory that hides all below it becomes a whiteout for each of their names: that needs no extended attributes. */
async function hiddenPaths(unpacking: Unpacking): Promise<string[]> {
  const hidden = new Set<string>();
  const hide = async (path: string, isOpaque: boolean): Promise<void> => {
    const stat = await lstat(hostPath(unpacking, path)).catch(() => undefined);
    if (stat?.isDirectory()) {
      if (isOpaque)
        for (const name of namesIn(unpacking.request.below, path)) await hide(join(path, name), true);
    } else if (!stat && isBelow(unpacking, path)) hidden.add(path);
  };
  for (const path of unpacking.opaque) await hide(path, true);
  for (const path of unpacking.whiteouts) await hide(path, true);
  return [...hidden];
}

function isBelow({ request }: Unpacking, path: string): boolean {
  const above = dirname(path);
  return namesIn(request.below, above === "." ? "" : above).includes(path.split("/").at(-1) ?? "");
}

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
}

/** Lets through so many bytes: a small archive may unpack to any size. */
export function bounded(mostBytes: number): Transform {
  let length = 0;
  return new Transform({
    transform(part: Buffer, _, done) {
      length += part.length;
      if (length > mostBytes)
        done(new Refusal("exhausted", `A layer of the image unpacks to more than ${mostBytes} bytes.`));
      else done(null, part);
    },
  });
}

function unfit(why: string, cause?: unknown): Refusal {
  return new Refusal("invalid", `The image cannot be used: ${why}.`, { cause });
}
