/** What can be said of the machine: from /proc on Linux, and from Node elsewhere. */
import { readFileSync, statfsSync } from "node:fs";
import { arch, constants, cpus, hostname, networkInterfaces, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly attributes: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly mhzPerCore: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly address: string;
}

/** @param directory on whose disk the allocations' files are */
export function describeMachine(directory: string): Machine {
  const processors = cpus();
  const cores = Math.max(processors.length, 1);
  const mhzPerCore = clockRate(processors.map(({ speed }) => speed));
  const memoryBytes = memoryTotal();
  const disk = diskOf(directory);
  const address = primaryAddress(networkInterfaces());
  return {
    cores,
    mhzPerCore,
    memoryBytes,
    diskBytes: disk.freeBytes,
    address,
    attributes: {
      arch: archName(),
      "cpu.arch": archName(),
      "cpu.modelname": processors[0]?.model.trim() ?? "",
      "cpu.numcores": String(cores),
      "cpu.reservablecores": String(cores),
      "cpu.frequency": String(mhzPerCore),
      "cpu.totalcompute": String(cores * mhzPerCore),
      "kernel.name": platform() === "win32" ? "windows" : platform(),
      "kernel.version": release(),
      "kernel.arch": kernelArch(),
      ...operatingSystem(readText("/etc/os-release")),
      "os.signals": Object.keys(constants.signals).join(","),
      "os.cgroups.version": cgroupsVersion(readText("/proc/self/cgroup")),
      "memory.totalbytes": String(memoryBytes),
      "unique.hostname": hostname(),
      "unique.network.ip-address": address,
      "unique.storage.volume": directory,
      "unique.storage.bytestotal": String(disk.totalBytes),
      "unique.storage.bytesfree": String(disk.freeBytes),
    },
  };
}

/** Names as Go has them, which constraints in job files use. */
function archName(): string {
  const names: Partial<Record<string, string>> = { x64: "amd64", ia32: "386", arm64: "arm64", arm: "arm" };
  return names[arch()] ?? arch();
}

function kernelArch(): string {
  const names: Partial<Record<string, string>> = { x64: "x86_64", arm64: "aarch64", ia32: "i686" };
  return names[arch()] ?? arch();
}

/** The rate that the kernel knows as the highest, else the mean of what the cores have just now. */
function clockRate(speeds: readonly number[]): number {
  const highest = Number(readText("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")) / 1000;
  if (highest > 0) return Math.round(highest);
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / Math.max(speeds.length, 1);
  return mean > 0 ? Math.round(mean) : 1000;
}

/** A control group may allow less than the machine has. */
function memoryTotal(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function diskOf(directory: string): { totalBytes: number; freeBytes: number } {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

/** The first address of this machine that others could reach, or that of itself. */
export function primaryAddress(interfaces: ReturnType<typeof networkInterfaces>): string {
  const own = Object.entries(interfaces)
    .filter(([name]) => !/^(docker|br-|veth|virbr|fr-)/.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal }) => !internal);
  const found =
    own.find(({ family }) => family === "IPv4") ?? own.find(({ address }) => !address.startsWith("fe80"));
  return found?.address ?? "127.0.0.1";
}

/** `os.name` and `os.version` from /etc/os-release: https://www.freedesktop.org/software/systemd/man/os-release.html */
export function operatingSystem(osRelease: string): Record<string, string> {
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1];
  const name = value("ID");
  const version = value("VERSION_ID");
  return {
    "os.name": name ?? platform(),
    ...(version !== undefined && { "os.version": version }),
  };
}

/** `1`, `2`, or `hybrid`-ly both, of which Nomad says 1. */
function cgroupsVersion(ownGroups: string): string {
  if (ownGroups === "") return "off";
  return ownGroups.split("\n").some((line) => /^\d+:[^:]/.test(line)) ? "1" : "2";
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
