/**
 * Where artifacts and templates may write. A task can put links into its directories while the agent,
 * which may be root, writes there: so no path is followed through a link. On Linux each directory is
 * opened below the one before, which a task cannot get in between of; elsewhere it is looked at first.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";

export interface TaskDirectories {
  /** ROOT/TASK, with `local/` and `secrets/` in it. */
  readonly taskDirectory: string;
  /** ROOT of the allocation, or the directory in it that tasks share: ROOT/alloc. */
  readonly allocationDirectory: string;
}

/** What the agent keeps for itself in the task's directory. */
export const privateDirectory = "private";

export interface ConfinedPath {
  readonly root: string;
  /** Below the root, without `..`; empty for the root itself. */
  readonly path: string;
}

/**
 * Finds the place a job means by a path: below the task's directory, or below the one that tasks share,
 * which is also `/alloc`. Other absolute paths are taken as the task sees them.
 *
 * Refuses what lies elsewhere, and the directory that the agent keeps for itself.
 *
 * @param what for the message, such as `The destination of the template`
 */
export function confine(path: string, to: TaskDirectories, what: string): ConfinedPath {
  const isWhole = path !== "" && !path.includes("\0");
  const { taskDirectory } = to;
  const shared = sharedDirectory(to);
  const target = isAbsolute(path) ? hostPath(path, taskDirectory, shared) : resolve(taskDirectory, path);
  for (const root of [taskDirectory, shared]) {
    const inside = pathBelow(root, target);
    const isPrivate = root === taskDirectory && inside?.split(sep)[0] === privateDirectory;
    if (inside !== undefined && !isPrivate && isWhole) return { root, path: inside };
  }
  throw new Refusal(
    "invalid",
    `${what}, ${JSON.stringify(path)}, is outside of the directories of the task and its allocation.`,
  );
}

/** The path of `target` seen from `root`, or undefined if it is not below it. */
export function pathBelow(root: string, target: string): string | undefined {
  const path = relative(root, target);
  const isOutside = path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
  return isOutside ? undefined : path;
}

/**
 * Lets `use` have a path that stands for the directory while it runs, and for no other. What is missing
 * is made, unless it is not to be: then opening fails with ENOENT.
 */
export function withinDirectory<T>(
  place: ConfinedPath,
  use: (directory: string) => T,
  { makesMissing = true } = {},
): T {
  const opened: number[] = [];
  try {
    let directory = place.root;
    if (makesMissing) mkdirSync(directory, { recursive: true });
    for (const part of place.path.split(sep).filter((name) => name !== "")) {
      const next = join(directory, part);
      if (makesMissing) makeDirectory(next, place);
      directory = enter(next, place, opened);
    }
    return use(directory);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

function sharedDirectory({ taskDirectory, allocationDirectory }: TaskDirectories): string {
  const isRoot = pathBelow(allocationDirectory, taskDirectory) !== undefined;
  return isRoot ? join(allocationDirectory, "alloc") : allocationDirectory;
}

function hostPath(path: string, taskDirectory: string, shared: string): string {
  const isOfHost = [taskDirectory, shared].some((root) => pathBelow(root, path) !== undefined);
  if (isOfHost) return path;
  const inShared = pathBelow("/alloc", path);
  return inShared === undefined ? join(taskDirectory, path) : join(shared, inShared);
}

function makeDirectory(path: string, place: ConfinedPath): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (!lstatSync(path).isDirectory()) throw notADirectory(place);
  }
}

function enter(path: string, place: ConfinedPath, opened: number[]): string {
  if (process.platform !== "linux") return path;
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    opened.push(descriptor);
    return `/proc/self/fd/${descriptor}`;
  } catch (error) {
    if (codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP") throw notADirectory(place);
    throw error;
  }
}

function notADirectory(place: ConfinedPath): Refusal {
  return new Refusal("invalid", `In ${JSON.stringify(place.path)} there is something that is no directory.`);
}

/** The code of an error of the operating system, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
