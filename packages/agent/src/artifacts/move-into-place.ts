import {
  chownSync,
  copyFileSync,
  lchownSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  readlinkSync,
  constants,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { ConfinedPath } from "./confined.ts";
import { codeOf, withinDirectory } from "./confined.ts";

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Moves all that is in a directory to its destination, next to what is there; files of the same name are replaced. */
export function moveTree(from: string, to: ConfinedPath, owner?: Owner): void {
  withinDirectory(to, () => undefined);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const target = { root: to.root, path: join(to.path, entry.name) };
    const source = join(from, entry.name);
    if (!entry.isDirectory()) {
      moveFile(source, target, owner);
      continue;
    }
    moveTree(source, target, owner);
    if (owner) withinDirectory(target, (directory) => chownSync(directory, owner.uid, owner.gid));
  }
}

/** Moves one file or link to exactly this place. */
export function moveFile(from: string, to: ConfinedPath, owner?: Owner): void {
  const name = basename(to.path);
  if (owner) lchownSync(from, owner.uid, owner.gid);
  withinDirectory({ ...to, path: dirname(to.path) }, (directory) => {
    try {
      rename(from, join(directory, name));
    } catch (error) {
      const isTaken = ["EISDIR", "ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "");
      if (!isTaken) throw error;
      throw new Refusal("invalid", `There is a directory at ${JSON.stringify(to.path)} already.`, {
        cause: error,
      });
    }
  });
}

/** `secrets/` may be a file system of its own, into which nothing can be renamed. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== "EXDEV") throw error;
    const { uid, gid } = lstatSync(from);
    const temporary = join(dirname(to), `.${basename(to).slice(0, 100)}.${process.pid}.new`);
    rmSync(temporary, { force: true });
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), temporary);
    else copyFileSync(from, temporary, constants.COPYFILE_EXCL);
    if (process.getuid?.() === 0) lchownSync(temporary, uid, gid);
    renameSync(temporary, to);
  }
}
