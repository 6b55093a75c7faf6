import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { cgroupLayout } from "../cgroup-layout.ts";
import { allPids, readIfThere } from "../process-table.ts";

/**
 * Everything on this machine that bears the sign of a test bench, in words: processes by their command
 * line, environment, directory or open files; mounts in any namespace; control groups.
 *
 * @param root the bench's directory, whose last part is not used by anything else
 */
export function traces(root: string): string[] {
  const sign = basename(root);
  return [...processTraces(sign), ...cgroupTraces(sign)];
}

function processTraces(sign: string): string[] {
  return allPids()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => {
      const seen = ["cmdline", "environ", "mountinfo"].filter((name) =>
        read(`/proc/${pid}/${name}`).includes(sign),
      );
      const open = links(pid).filter((path) => path.includes(sign));
      return seen.length + open.length > 0 ? [`process ${pid} (${seen.join(", ")} ${open.join(", ")})`] : [];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function links(pid: number): string[] {
  try {
    const open = readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
    return [`/proc/${pid}/cwd`, `/proc/${pid}/root`, ...open].map((path) => readlinkSync(path));
  } catch {
    return [];
  }
}

function cgroupTraces(sign: string): string[] {
  const layout = cgroupLayout(
    readIfThere("/proc/self/mountinfo") ?? "",
    readIfThere("/proc/self/cgroup") ?? "",
  );
  const trees = [...Object.values(layout.v1), ...(layout.v2 ? [layout.v2] : [])];
  const parents = new Set(trees.flatMap(({ own, mount }) => [join(own, "fractus"), join(mount, "fractus")]));
  return [...parents].flatMap((parent) => {
    try {
      return readdirSync(parent)
        .filter((name) => name.includes(sign))
        .map((name) => join(parent, name));
    } catch {
      return [];
    }
  });
}
