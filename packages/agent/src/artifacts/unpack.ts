/** Unpacks archives into a staging tree, entry by entry: nothing is believed of what their tables say. */
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import type { Transform } from "node:stream";
import { pipeline, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Header } from "tar-stream";
import { extract } from "tar-stream";
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import type { ArchiveKind } from "./artifact-source.ts";
import type { StagingTree } from "./staging-tree.ts";

/** Where programs are looked for; the agent's own environment is not theirs. */
export const programPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Compression = "gz" | "bz2" | "xz" | "zst" | "none";

/** @param fileName without its ending the name of what a single compressed file becomes */
export async function unpack(
  path: string,
  how: { readonly archive: ArchiveKind; readonly fileName: string; readonly signal: AbortSignal },
  tree: StagingTree,
): Promise<void> {
  const { archive, fileName, signal } = how;
  try {
    if (archive === "zip") return await unpackZip(path, tree);
    const { isTar, compression } = compositionOf(archive);
    const content = decompressed(path, compression, signal);
    if (isTar) await unpackTar(content, tree);
    else await tree.addFile(fileName.replace(/\.(gz|bz2|xz|zst)$/i, "") || fileName, 0o644, content);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (signal.aborted) throw signal.reason;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal("invalid", `It cannot be unpacked as ${archive}: ${reason}.`, { cause: error });
  }
}

function compositionOf(archive: Exclude<ArchiveKind, "zip">): { isTar: boolean; compression: Compression } {
  const short = { tgz: "gz", tbz2: "bz2", txz: "xz", tzst: "zst", tar: "none" } as const;
  if (Object.hasOwn(short, archive))
    return { isTar: true, compression: short[archive as keyof typeof short] };
  const ending = archive.replace("tar.", "") as Compression;
  return { isTar: archive.startsWith("tar."), compression: ending };
}

function decompressed(path: string, compression: Compression, signal: AbortSignal): Readable {
  switch (compression) {
    case "gz":
      return through(createReadStream(path), createGunzip());
    case "zst":
      return through(createReadStream(path), createZstdDecompress());
    case "xz":
      return Readable.from(filtered(path, "xz", signal), { objectMode: false });
    case "bz2":
      return Readable.from(filtered(path, "bzip2", signal), { objectMode: false });
  }
  return createReadStream(path);
}

/** Errors of either end come out of the last. */
function through(file: Readable, transform: Transform): Readable {
  return pipeline(file, transform, () => undefined);
}

/** What a program of the machine makes of the file. */
async function* filtered(path: string, program: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const child = spawn(program, ["-dc", "--", path], {
    signal,
    killSignal: "SIGKILL",
    env: { PATH: programPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const complaint = text(child.stderr).catch(() => "");
  const ended = new Promise<number | null | Error>((resolve) => {
    child.on("error", resolve);
    child.on("close", resolve);
  });
  try {
    yield* child.stdout;
    const outcome = await ended;
    if (outcome instanceof Error && "code" in outcome && outcome.code === "ENOENT")
      throw new Refusal(
        "unavailable",
        `It needs the program ${program} to be unpacked, which this machine lacks.`,
        {
          cause: outcome,
        },
      );
    if (outcome !== 0)
      throw new Refusal(
        "invalid",
        `It cannot be unpacked: ${program} says ${(await complaint).trim().slice(0, 200)}`,
      );
  } finally {
    child.kill("SIGKILL");
  }
}

async function unpackTar(content: Readable, tree: StagingTree): Promise<void> {
  const entries = extract();
  content.on("error", (error) => entries.destroy(error));
  content.pipe(entries);
  try {
    for await (const entry of entries) {
      await addTarEntry(entry.header, Readable.from(entry, { objectMode: false }), tree);
      entry.resume();
    }
  } finally {
    content.destroy();
    entries.destroy();
  }
}

async function addTarEntry(header: Header, content: Readable, tree: StagingTree): Promise<void> {
  const { name, linkname, mode } = header;
  switch (header.type) {
    case "file":
    case "contiguous-file":
      return tree.addFile(name, mode, content);
    case "directory":
      return tree.addDirectory(name);
    case "symlink":
      return tree.addLink(name, linkname ?? "");
    case "link":
      return tree.addHardLink(name, linkname ?? "");
  }
  throw new Refusal(
    "invalid",
    `The entry ${JSON.stringify(name)} is a ${header.type ?? "thing of an unknown kind"}, which is not unpacked.`,
  );
}

async function unpackZip(path: string, tree: StagingTree): Promise<void> {
  const zip = await yauzl.openPromise(path, {
    lazyEntries: true,
    validateEntrySizes: true,
    autoClose: false,
  });
  try {
    for await (const entry of zip.eachEntry()) await addZipEntry(zip, entry, tree);
  } finally {
    zip.close();
  }
}

const maxLinkBytes = 4096;

/** The upper half of the external attributes is a Unix mode where Unix made the archive: APPNOTE 4.4.2 and 4.4.15. */
async function addZipEntry(zip: ZipFile, entry: Entry, tree: StagingTree): Promise<void> {
  const name = entry.fileName;
  if (name.endsWith("/")) return tree.addDirectory(name);
  if (entry.isEncrypted()) throw new Refusal("invalid", `The entry ${JSON.stringify(name)} is encrypted.`);
  const isUnix = [3, 19].includes(entry.versionMadeBy >>> 8);
  const mode = isUnix ? entry.externalFileAttributes >>> 16 : 0o644;
  const kind = mode & 0o170000;
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o120000)
    throw new Refusal(
      "invalid",
      `The entry ${JSON.stringify(name)} is neither a file nor a directory nor a link.`,
    );
  if (kind === 0o120000 && entry.uncompressedSize > maxLinkBytes)
    throw new Refusal("invalid", `The link ${JSON.stringify(name)} is too long.`);
  const content = await zip.openReadStreamPromise(entry);
  if (kind === 0o120000) await tree.addLink(name, await text(content));
  else await tree.addFile(name, mode & 0o777 || 0o644, content);
}
