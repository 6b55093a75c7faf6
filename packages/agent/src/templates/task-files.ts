/** The files templates read and write: inside the directories of the task, whatever links it has put there. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskDirectories } from "../artifacts/confined.ts";
import { codeOf, confine, withinDirectory } from "../artifacts/confined.ts";

/** Larger files are not for templates. */
const maxFileBytes = 2 * 1024 * 1024;

/** The text of a file of the task's. Refuses a file that is missing, outside or too large. */
export function readTaskFile(path: string, of: TaskDirectories): string {
  const what = "The file that the template reads";
  const place = confine(path, of, what);
  try {
    return withinDirectory(
      { ...place, path: dirname(place.path) },
      (directory) => readRegular(join(directory, basename(place.path)), path),
      { makesMissing: false },
    );
  } catch (error) {
    if (error instanceof Refusal || codeOf(error) === undefined) throw error;
    const reason = codeOf(error) === "ENOENT" ? "is not there" : `cannot be read (${codeOf(error)})`;
    throw new Refusal("invalid", `${what}, ${JSON.stringify(path)}, ${reason}.`, { cause: error });
  }
}

function readRegular(path: string, shown: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile() || size > maxFileBytes)
      throw new Refusal("invalid", `${JSON.stringify(shown)} is no file of at most ${maxFileBytes} bytes.`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

export interface FileOwnership {
  /** Octal digits. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Puts text in the place of a file, whole or not at all. Refuses a place outside, and an owner it may not give. */
export function writeTaskFile(path: string, text: string, how: FileOwnership & TaskDirectories): void {
  const place = confine(path, how, "The destination of the template");
  const name = basename(place.path);
  if (name === "") throw new Refusal("invalid", `The destination ${JSON.stringify(path)} is a directory.`);
  withinDirectory({ ...place, path: dirname(place.path) }, (directory) => {
    const temporary = join(directory, `.${name.slice(0, 100)}.${process.pid}.new`);
    rmSync(temporary, { force: true });
    try {
      writeNew(temporary, text, how);
      renameSync(temporary, join(directory, name));
    } catch (error) {
      rmSync(temporary, { force: true });
      if (codeOf(error) !== "EISDIR") throw error;
      throw new Refusal("invalid", `The destination ${JSON.stringify(path)} is a directory.`, {
        cause: error,
      });
    }
  });
}

function writeNew(path: string, text: string, how: FileOwnership): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeFileSync(descriptor, text);
    giveAway(descriptor, how);
    fchmodSync(descriptor, permissionBits(how.permissions));
  } finally {
    closeSync(descriptor);
  }
}

function giveAway(descriptor: number, { uid = -1, gid = -1 }: FileOwnership): void {
  if (uid < 0 && gid < 0) return;
  const { uid: ownUid, gid: ownGid } = fstatSync(descriptor);
  const wanted = { uid: uid < 0 ? ownUid : uid, gid: gid < 0 ? ownGid : gid };
  if (wanted.uid === ownUid && wanted.gid === ownGid) return;
  try {
    fchownSync(descriptor, wanted.uid, wanted.gid);
  } catch (error) {
    const message = `The template cannot belong to ${wanted.uid}:${wanted.gid}: the agent may not give files away.`;
    throw new Refusal("invalid", message, { cause: error });
  }
}

function permissionBits(digits = "0644"): number {
  if (!/^0?[0-7]{3}$/.test(digits))
    throw new Refusal("invalid", `The permissions ${JSON.stringify(digits)} are not three octal digits.`);
  return Number.parseInt(digits, 8);
}
