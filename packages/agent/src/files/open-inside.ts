/**
 * Files of an allocation, opened for people who look at them from outside. A task may put anything into its
 * directories, and replace it at any moment: a link to a file of the machine or of another task's secrets, a FIFO
 * that never answers. So a file is opened first, and what was opened is judged: by the path that the kernel says
 * it has (https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html).
 */
import { constants } from "node:fs";
import { lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { platform } from "node:os";
import { join, relative } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { FileEntry } from "../agent-access.ts";

export interface OpenedFile {
  readonly handle: FileHandle;
  /** Within the root. */
  readonly path: string;
}

/** Opens a regular file. Refuses with `not-found`, with `forbidden` what is outside or secret, else with `invalid`. */
export async function openFileInside(root: string, path: string): Promise<OpenedFile> {
  const opened = await openInside(root, path);
  const stat = await opened.handle.stat();
  if (stat.isFile()) return opened;
  await opened.handle.close();
  throw new Refusal("invalid", `${JSON.stringify(path)} is not a file.`);
}

/** Entries of a directory, by name. Links are shown as what they are. */
export async function listInside(root: string, path: string): Promise<FileEntry[]> {
  const { handle, path: inside } = await openInside(root, path);
  try {
    if (!(await handle.stat()).isDirectory())
      throw new Refusal("invalid", `${JSON.stringify(path)} is not a directory.`);
    const directory = procPath(handle) ?? join(root, inside);
    const names = (await readdir(directory)).filter((name) => !isSecret(join(inside, name)));
    const entries = await Promise.all(names.sort().map((name) => entryOf(join(directory, name), name)));
    return entries.filter((entry) => entry !== undefined);
  } finally {
    await handle.close();
  }
}

export async function statInside(root: string, path: string): Promise<FileEntry> {
  const { handle, path: inside } = await openInside(root, path);
  try {
    const stat = await handle.stat();
    const isFile = stat.isFile();
    return {
      name: inside === "" ? "/" : (inside.split("/").at(-1) ?? inside),
      isDirectory: stat.isDirectory(),
      sizeBytes: stat.size,
      mode: modeText(stat.mode),
      modifiedAtMs: Math.round(stat.mtimeMs),
      ...(isFile && { contentType: await contentType(handle) }),
    };
  } finally {
    await handle.close();
  }
}

async function openInside(root: string, path: string): Promise<OpenedFile> {
  const wanted = join("/", path).slice(1);
  refuseSecret(wanted, path);
  const realRoot = await realpath(root).catch(() => {
    throw new Refusal("not-found", "The files of the allocation are gone.");
  });
  const handle = await openWithoutWaiting(join(realRoot, wanted), path);
  try {
    const inside = relative(realRoot, await realPathOf(handle, join(realRoot, wanted)));
    if (inside === ".." || inside.startsWith("../") || inside.startsWith("/"))
      throw new Refusal("forbidden", `${JSON.stringify(path)} leads out of the allocation.`);
    refuseSecret(inside, path);
    return { handle, path: inside };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openWithoutWaiting(path: string, wanted: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new Refusal("not-found", `There is no file ${JSON.stringify(wanted)}.`);
    if (code === "EACCES" || code === "EPERM")
      throw new Refusal("forbidden", `The file ${JSON.stringify(wanted)} cannot be read.`);
    if (code === "ELOOP" || code === "ENXIO" || code === "ENAMETOOLONG" || code === "ERR_INVALID_ARG_VALUE")
      throw new Refusal("invalid", `${JSON.stringify(wanted)} cannot be opened.`);
    throw error;
  }
}

/** Elsewhere than on Linux the path is looked at again, which a task that is quick may outwit. */
async function realPathOf(handle: FileHandle, path: string): Promise<string> {
  const link = procPath(handle);
  return link === undefined ? realpath(path) : readlink(link);
}

function procPath(handle: FileHandle): string | undefined {
  return platform() === "linux" ? `/proc/self/fd/${handle.fd}` : undefined;
}

/** `TASK/secrets` and `TASK/private`, and everything below. */
function isSecret(path: string): boolean {
  const [, directory] = path.split("/");
  return directory === "secrets" || directory === "private";
}

function refuseSecret(path: string, wanted: string): void {
  if (isSecret(path)) throw new Refusal("forbidden", `${JSON.stringify(wanted)} is secret.`);
}

async function entryOf(path: string, name: string): Promise<FileEntry | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  return (
    stat && {
      name,
      isDirectory: stat.isDirectory(),
      sizeBytes: stat.size,
      mode: modeText(stat.mode),
      modifiedAtMs: Math.round(stat.mtimeMs),
    }
  );
}

/** `drwxr-xr-x`. */
export function modeText(mode: number): string {
  const kinds: Readonly<Record<number, string>> = {
    0o040000: "d",
    0o120000: "l",
    0o010000: "p",
    0o140000: "s",
    0o060000: "b",
    0o020000: "c",
  };
  const bits = "rwxrwxrwx".split("").map((letter, i) => (mode & (0o400 >> i) ? letter : "-"));
  return (kinds[mode & 0o170000] ?? "-") + bits.join("");
}

/** Text if the beginning is. */
async function contentType(handle: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
  const isText = !buffer.subarray(0, bytesRead).includes(0);
  return isText ? "text/plain; charset=utf-8" : "application/octet-stream";
}
