/** What the machine uses, from /proc and the file system: https://man7.org/linux/man-pages/man5/proc.5.html */
import { readFileSync, statfsSync } from "node:fs";
import { cpus, freemem, totalmem, uptime } from "node:os";
import type { HostStats } from "../agent-access.ts";

type CoreTimes = ReturnType<typeof cpus>[number]["times"];

/** Figures of the machine; those of the cores are since the last look, or since the start of the machine. */
export function hostLook(directory: string): (nowMs: number) => HostStats {
  let earlier: readonly CoreTimes[] = [];
  return (nowMs) => {
    const times = cpus().map((core) => core.times);
    const cpu = times.map((now, i) => ({ name: `cpu${i}`, ...shares(now, earlier.at(i)) }));
    earlier = times;
    return {
      measuredAtMs: nowMs,
      uptimeMs: Math.round(uptime() * 1000),
      memory: { totalBytes: totalmem(), availableBytes: availableMemory(), freeBytes: freemem() },
      cpu,
      disks: [diskOf(directory)],
    };
  };
}

/** Percentages of the time that has passed between two looks. */
export function shares(
  now: CoreTimes,
  before: CoreTimes | undefined,
): { user: number; system: number; idle: number } {
  const passed = (name: keyof CoreTimes) => now[name] - (before?.[name] ?? 0);
  const names: (keyof CoreTimes)[] = ["user", "nice", "sys", "idle", "irq"];
  const total = names.reduce((sum, name) => sum + passed(name), 0) || 1;
  const percent = (part: number) => (100 * part) / total;
  return {
    user: percent(passed("user") + passed("nice")),
    system: percent(passed("sys") + passed("irq")),
    idle: percent(passed("idle")),
  };
}

function availableMemory(): number {
  const kibibytes = /^MemAvailable:\s*(\d+) kB$/m.exec(textOf("/proc/meminfo"))?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

/** The one that holds the allocations' files. */
function diskOf(directory: string): HostStats["disks"][number] {
  const { blocks, bfree, bavail, bsize } = statfsSync(directory);
  const mount = mountOf(directory, textOf("/proc/self/mounts"));
  return {
    ...mount,
    sizeBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    availableBytes: bavail * bsize,
  };
}

/** The mount with the longest path that the directory is below of. */
export function mountOf(directory: string, mounts: string): { device: string; mount: string } {
  const candidates = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, mount = "-"]) => mount === "/" || directory === mount || directory.startsWith(`${mount}/`))
    .sort(([, a], [, b]) => b.length - a.length);
  const [device = "", mount = "/"] = candidates.at(0) ?? [];
  return { device, mount };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
