/** What a stack of layers looks like as one tree, without mounting it: as overlay would show it. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";

/** Directories of layers, the highest first; or one directory that is a whole tree. */
export type Layers = readonly string[];

export interface Found {
  /** In the tree, without a link left in it. */
  readonly path: string;
  /** On this machine; of a directory, the highest. */
  readonly hostPath: string;
  readonly stat: Stats;
}

/** A device of numbers 0 and 0 hides what is below it: https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories */
export function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

const mostLinks = 40;

/**
 * What is at that path, links followed as a process would whose root is the tree: none leads out of
 * it. Undefined if nothing is there, or the links go round in a circle.
 */
export function lookup(layers: Layers, path: string): Found | undefined {
  const { found, rest } = resolve(layers, path);
  return rest.length === 0 ? found : undefined;
}

export interface Resolved {
  /** The deepest that is there. */
  readonly found: Found | undefined;
  /** What is not, below it: no links, no dots. */
  readonly rest: readonly string[];
}

/** As far as there is something. */
export function resolve(layers: Layers, path: string): Resolved {
  const todo = partsOf(path);
  let at: string[] = [];
  for (let links = 0; todo.length > 0;) {
    const part = todo.shift() ?? "";
    if (part === "..") at.pop();
    else {
      const next = entry(layers, [...at, part]);
      if (!next) return { found: entry(layers, at), rest: withoutDots([part, ...todo]) };
      if (!next.stat.isSymbolicLink()) at.push(part);
      else {
        links++;
        if (links > mostLinks) return { found: undefined, rest: [] };
        const target = readlinkSync(next.hostPath);
        if (target.startsWith("/")) at = [];
        todo.unshift(...partsOf(target));
      }
    }
  }
  return { found: entry(layers, at), rest: [] };
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function withoutDots(parts: readonly string[]): string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === "..") kept.pop();
    else kept.push(part);
  }
  return kept;
}

/** Exactly that path, no link followed. */
function entry(layers: Layers, parts: readonly string[]): Found | undefined {
  let live: readonly { readonly directory: string; readonly stat: Stats }[] = layers.flatMap((directory) => {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    return stat ? [{ directory, stat }] : [];
  });
  for (const [index, part] of parts.entries()) {
    const { directories, other } = step(
      live.map(({ directory }) => directory),
      part,
    );
    if (other) return index === parts.length - 1 ? { path: `/${parts.join("/")}`, ...other } : undefined;
    live = directories;
  }
  const [top] = live;
  return top && { path: `/${parts.join("/")}`, hostPath: top.directory, stat: top.stat };
}

/** Directories of one name are merged down to the first that is something else. */
function step(
  live: readonly string[],
  name: string,
): { directories: { directory: string; stat: Stats }[]; other?: { hostPath: string; stat: Stats } } {
  const directories: { directory: string; stat: Stats }[] = [];
  for (const above of live) {
    const path = join(above, name);
    const stat = lstatOf(path);
    if (!stat) continue;
    if (stat.isDirectory()) directories.push({ directory: path, stat });
    else {
      const hides = directories.length > 0 || isWhiteout(stat);
      return hides ? { directories } : { directories, other: { hostPath: path, stat } };
    }
  }
  return { directories };
}

/** A name may be longer than the file system takes, or the process whose root we look at may have ended. */
function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The names in a directory that is there under exactly that path; none if it is no directory. */
export function namesIn(layers: Layers, path: string): string[] {
  let live: readonly string[] = layers;
  for (const part of partsOf(path)) live = step(live, part).directories.map(({ directory }) => directory);
  const names = new Map<string, boolean>();
  for (const directory of live)
    for (const name of readNames(directory)) {
      const stat = names.has(name) ? undefined : lstatOf(join(directory, name));
      if (stat) names.set(name, !isWhiteout(stat));
    }
  return [...names].filter(([, isThere]) => isThere).map(([name]) => name);
}

function readNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
