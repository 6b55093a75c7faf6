/**
 * Which control groups this machine has, and where we stand in them. There are three worlds: v1 with a
 * tree for each controller, v2 with one tree for all, and both at once ("hybrid"), where v2 only groups.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
 * https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { join, relative } from "node:path";

export interface CgroupLayout {
  readonly version: "v1" | "hybrid" | "v2" | "none";
  /** By controller: `memory`, `cpu`, `cpuacct`, `pids`, `freezer`. */
  readonly v1: Readonly<Record<string, Hierarchy>>;
  readonly v2?: Hierarchy;
}

export interface Hierarchy {
  /** Where it is mounted. */
  readonly mount: string;
  /** The directory of the group that this process belongs to. */
  readonly own: string;
}

/**
 * @param mountInfo  /proc/self/mountinfo
 * @param ownCgroups /proc/self/cgroup
 */
export function cgroupLayout(mountInfo: string, ownCgroups: string): CgroupLayout {
  const own = parseOwn(ownCgroups);
  const v1: Record<string, Hierarchy> = {};
  let v2: Hierarchy | undefined;
  for (const { root, mount, type, options } of parseMounts(mountInfo)) {
    if (type === "cgroup2") v2 ??= hierarchy(root, mount, own.get(""));
    else
      for (const name of options.filter((option) => own.has(option)))
        v1[name] ??= hierarchy(root, mount, own.get(name));
  }
  const hasV1 = ["memory", "cpu", "pids", "freezer", "cpuacct"].some((name) => name in v1);
  const version = hasV1 ? (v2 ? "hybrid" : "v1") : v2 ? "v2" : "none";
  return { version, v1, ...(v2 && { v2 }) };
}

function parseOwn(text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n").filter(Boolean)) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const controller of (controllers ?? "").split(",")) own.set(controller, path);
  }
  return own;
}

interface Mount {
  readonly root: string;
  readonly mount: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The fields are described in https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    if (after === undefined) return [];
    const [type, , options] = after.split(" ");
    const fields = before.split(" ").map(unescapeMount);
    return type === "cgroup" || type === "cgroup2"
      ? [{ root: fields[3], mount: fields[4], type, options: options.split(",") }]
      : [];
  });
}

/** Blanks and backslashes are written as three octal digits. */
export function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** In a container the mount shows a part of the tree only; a path that is not in that part counts as its top. */
function hierarchy(root: string, mount: string, own = "/"): Hierarchy {
  const below = relative(root, own);
  return { mount, own: below.startsWith("..") ? mount : join(mount, below) };
}
