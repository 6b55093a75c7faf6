import { createWriteStream } from "node:fs";
import { chmod, link, mkdir, rm, symlink } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import { limitBytes } from "./limit-bytes.ts";

export interface TreeLimits {
  /** Files, links and directories. */
  readonly maxFiles: number;
  readonly maxUnpackedBytes: number;
}

/**
 * The files of an artifact on their way to a task, in a directory that nobody else can reach.
 *
 * Nothing is written through a link, and a link may only lead up as far as the tree's own root: `../`
 * some times, then down. As the directories above a link are real ones, that cannot lead outside.
 */
export class StagingTree {
  readonly root: string;
  #subdirectory: readonly string[];
  #limits: TreeLimits;
  #signal: AbortSignal;
  #kinds = new Map<string, "directory" | "file" | "link">();
  #bytesLeft: number;

  /** @param subdirectory what is not below it is left out, the rest is taken as if it were the root */
  constructor(root: string, options: { subdirectory: string; limits: TreeLimits; signal: AbortSignal }) {
    this.root = root;
    this.#subdirectory = options.subdirectory.split("/").filter((part) => part !== "");
    this.#limits = options.limits;
    this.#signal = options.signal;
    this.#bytesLeft = options.limits.maxUnpackedBytes;
  }

  /** Paths from the root, `/` between their parts. */
  get files(): readonly string[] {
    return [...this.#kinds].filter(([, kind]) => kind === "file").map(([path]) => path);
  }

  has(path: string): boolean {
    return this.#kinds.has(path);
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  async addDirectory(name: string): Promise<void> {
    const path = this.#place(name);
    if (path) await this.#makeParents(`${path}/x`);
  }

  /** @param mode only who may read and execute is kept, never the set-user-id bit */
  async addFile(name: string, mode: number, content: Readable): Promise<void> {
    const path = this.#place(name);
    if (path === undefined || path === "") {
      content.resume();
      await finished(content);
      return;
    }
    await this.#prepare(path, "file");
    const target = join(this.root, path);
    const limit = limitBytes(this.#bytesLeft, "the unpacked files");
    limit.on("data", (chunk: Buffer) => (this.#bytesLeft -= chunk.length));
    await pipeline(content, limit, createWriteStream(target, { flags: "wx" }), { signal: this.#signal });
    await chmod(target, (mode & 0o777) | 0o600);
  }

  async addLink(name: string, target: string): Promise<void> {
    const path = this.#place(name);
    if (path === undefined) return;
    const [up, down] = /^((?:\.\.\/|\.\/)*(?:\.\.?$)?)(.*)$/s.exec(target)?.slice(1) ?? ["", target];
    const leavesBy = up.split("/").filter((part) => part === "..").length;
    const depth = path.split("/").length - 1;
    const isSound =
      target !== "" && !target.startsWith("/") && !/\0/.test(target) && !down.split("/").includes("..");
    if (path === "" || !isSound || leavesBy > depth)
      throw new Refusal(
        "invalid",
        `The link ${JSON.stringify(name)} leads to ${JSON.stringify(target)}, outside of its directory.`,
      );
    await this.#prepare(path, "link");
    await symlink(target, join(this.root, path));
  }

  /** A second name for a file that came before. */
  async addHardLink(name: string, target: string): Promise<void> {
    const path = this.#place(name);
    if (path === undefined) return;
    const original = this.#place(target);
    if (!path || !original || this.#kinds.get(original) !== "file")
      throw new Refusal(
        "invalid",
        `The link ${JSON.stringify(name)} leads to ${JSON.stringify(target)}, which is no file of the archive.`,
      );
    if (path === original) return;
    await this.#prepare(path, "file");
    await link(join(this.root, original), join(this.root, path));
  }

  /** The path below the root; undefined for what is not in the wanted subdirectory. Refuses what leads outside. */
  #place(name: string): string | undefined {
    this.#signal.throwIfAborted();
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (name.startsWith("/") || parts.includes("..") || name.includes("\0"))
      throw new Refusal("invalid", `The entry ${JSON.stringify(name)} leads outside of its directory.`);
    const isInside = this.#subdirectory.every((part, index) => parts[index] === part);
    return isInside ? parts.slice(this.#subdirectory.length).join("/") : undefined;
  }

  /** Makes room for an entry: a later one of the same name takes the place of an earlier. */
  async #prepare(path: string, kind: "file" | "link"): Promise<void> {
    await this.#makeParents(path);
    const existing = this.#kinds.get(path);
    if (existing === "directory")
      throw new Refusal("invalid", `The entry ${JSON.stringify(path)} is both a file and a directory.`);
    if (existing) await rm(join(this.root, path));
    this.#register(path, kind);
  }

  async #makeParents(path: string): Promise<void> {
    const parents: string[] = [];
    for (let at = posix.dirname(path); at !== "." && !this.#isDirectory(at); at = posix.dirname(at))
      parents.push(at);
    for (const parent of parents.toReversed()) {
      await mkdir(join(this.root, parent));
      this.#register(parent, "directory");
    }
  }

  #isDirectory(path: string): boolean {
    const kind = this.#kinds.get(path);
    if (kind === undefined || kind === "directory") return kind !== undefined;
    throw new Refusal("invalid", `Something is to be put into ${JSON.stringify(path)}, which is a ${kind}.`);
  }

  #register(path: string, kind: "directory" | "file" | "link"): void {
    this.#kinds.set(path, kind);
    if (this.#kinds.size > this.#limits.maxFiles)
      throw new Refusal("invalid", `More than ${this.#limits.maxFiles} files are not allowed.`);
  }
}
