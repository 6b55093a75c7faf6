/**
 * The root file system of a task: the programs of the machine read-only, an `/etc` of its own, fresh
 * `/proc`, `/sys` and `/dev`, and its own directories. It is put together inside the task's mount
 * namespace, so the machine's mount table never sees it, from a skeleton of empty directories and a
 * table for `mount --all`.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskMount } from "./driver.ts";
import type { TaskDirectory } from "./task-directory.ts";
import type { User } from "./users.ts";

export interface RootFileSystem {
  readonly root: string;
  readonly fstab: string;
}

/** Everything lies in the state directory. Harmless if it is there already. */
export function rootFileSystemPaths(stateDirectory: string): RootFileSystem {
  return { root: join(stateDirectory, "root"), fstab: join(stateDirectory, "fstab") };
}

export interface RootRequest {
  readonly directory: TaskDirectory;
  readonly user: User;
  readonly mounts: readonly TaskMount[];
  readonly hostName: string;
}

/** Makes the skeleton and the table of mounts. Refuses a mount without a source, or outside the root. */
export function makeRootFileSystem(stateDirectory: string, request: RootRequest): void {
  const { root, fstab } = rootFileSystemPaths(stateDirectory);
  makeDirectories(root);
  makeEtc(root, request);
  const lines = mountLines(root, request);
  writeFileSync(fstab, lines.map(fstabLine).join(""), { mode: 0o600 });
}

/** Empty directories and, as on the machine itself, `/bin` and its like as links into `/usr`. */
function makeDirectories(root: string): void {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  const modes = { root: 0o700, tmp: 0o777 } as Record<string, number>;
  for (const name of [
    "usr",
    "etc",
    "proc",
    "sys",
    "dev",
    "dev/pts",
    "dev/shm",
    "alloc",
    "local",
    "secrets",
    "tmp",
    "mnt",
    "run",
    "home",
    "root",
    "var",
    "var/tmp",
    "opt",
  ]) {
    mkdirSync(join(root, name), { recursive: true });
    chmodSync(join(root, name), modes[name] ?? 0o755);
  }
  for (const name of programDirectories()) {
    const isLink = lstatSync(name).isSymbolicLink();
    if (!isLink) mkdirSync(join(root, name), { recursive: true });
    else linkOnce(readlinkSync(name), join(root, name));
  }
  for (const device of devices) writeFileSync(join(root, "dev", device), "");
  for (const [name, target] of deviceLinks) linkOnce(target, join(root, "dev", name));
}

export function linkOnce(target: string, path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })) symlinkSync(target, path);
}

export const devices = ["null", "zero", "full", "random", "urandom", "tty"];

export const deviceLinks = [
  ["ptmx", "pts/ptmx"],
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
] as const;

function programDirectories(): string[] {
  return ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].filter((path) => existsSync(path));
}

/** What is in /etc of the machine and of use to programs, without being anyone's secret. */
const etcNames =
  /^(alternatives|ca-certificates|ca-certificates\.conf|debian_version|fonts|gai\.conf|host\.conf|inputrc|java.*|ld\.so\.cache|ld\.so\.conf|ld\.so\.conf\.d|locale\.alias|locale\.conf|localtime|magic|mime\.types|networks|nsswitch\.conf|os-release|perl|protocols|python3.*|resolv\.conf|rpc|services|ssl|terminfo|timezone)$/;

function makeEtc(root: string, { user, hostName }: RootRequest): void {
  for (const name of etcEntries()) {
    const path = join("/etc", name);
    const target = join(root, "etc", name);
    if (statSync(path).isDirectory()) mkdirSync(target, { recursive: true });
    else copyFileSync(path, target);
  }
  linkOnce("/proc/self/mounts", join(root, "etc/mtab"));
  const account = user.name ?? "task";
  const others = user.uid === 0 ? "" : `${account}:x:${user.uid}:${user.gid}::/local:/bin/sh\n`;
  writeFileSync(join(root, "etc/passwd"), `root:x:0:0:root:/root:/bin/sh\n${others}`);
  writeFileSync(join(root, "etc/group"), `root:x:0:\n${user.gid === 0 ? "" : `${account}:x:${user.gid}:\n`}`);
  writeFileSync(join(root, "etc/hostname"), `${hostName}\n`);
  writeFileSync(
    join(root, "etc/hosts"),
    `127.0.0.1 localhost\n127.0.1.1 ${hostName}\n::1 localhost ip6-localhost\n`,
  );
}

function etcEntries(): string[] {
  return readdirSync("/etc").filter((name) => etcNames.test(name) && existsSync(join("/etc", name)));
}

export interface Mount {
  readonly source: string;
  /** Inside the root. */
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

function mountLines(root: string, { directory, mounts }: RootRequest): Mount[] {
  const inRoot = (mount: Mount) => ({ ...mount, target: join(root, mount.target) });
  const bind = (source: string, target: string, options: string) => ({
    source,
    target,
    type: "none",
    options: `${options},nosuid,nodev`,
  });
  const programs = ["/usr", ...programDirectories().filter((path) => !lstatSync(path).isSymbolicLink())];
  const etcDirectories = etcEntries()
    .map((name) => join("/etc", name))
    .filter((path) => statSync(path).isDirectory());
  return [
    bind(root, "/", "bind"),
    ...[...programs, ...etcDirectories].map((path) => bind(path, path, "bind,ro")),
    ...(existsSync("/etc/ssl/private") ? [empty("/etc/ssl/private")] : []),
    ...devices.map((name) => ({
      source: `/dev/${name}`,
      target: `/dev/${name}`,
      type: "none",
      options: "bind",
    })),
    {
      source: "devpts",
      target: "/dev/pts",
      type: "devpts",
      options: "newinstance,ptmxmode=0666,mode=0620,nosuid,noexec",
    },
    { source: "tmpfs", target: "/dev/shm", type: "tmpfs", options: "nosuid,nodev,mode=1777,size=64m" },
    { source: "proc", target: "/proc", type: "proc", options: "nosuid,nodev,noexec" },
    ...procMasks(root),
    { source: "sysfs", target: "/sys", type: "sysfs", options: "ro,nosuid,nodev,noexec" },
    ...["/sys/firmware", "/sys/kernel/debug", "/sys/kernel/security"]
      .filter((path) => existsSync(path))
      .map(empty),
    bind(directory.shared, "/alloc", "bind"),
    bind(directory.local, "/local", "bind"),
    bind(directory.secrets, "/secrets", "bind,noexec"),
    bind(directory.temporary, "/tmp", "bind"),
    ...mounts.map((mount) => volume(root, mount)),
  ].map(inRoot);
}

/** A directory in which there is nothing and into which nothing can be put. */
export function empty(target: string): Mount {
  return { source: "tmpfs", target, type: "tmpfs", options: "ro,nosuid,nodev,noexec,mode=0000,size=4k" };
}

/** As container runtimes have it: https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#masked-paths */
export function procMasks(root: string): Mount[] {
  const exists = (name: string) => existsSync(join("/proc", name));
  const readOnly = ["bus", "fs", "irq", "sys", "sysrq-trigger"].filter(exists);
  const hiddenFiles = [
    "kallsyms",
    "kcore",
    "keys",
    "kmsg",
    "kpagecgroup",
    "kpagecount",
    "kpageflags",
    "latency_stats",
    "sched_debug",
    "slabinfo",
    "timer_list",
    "timer_stats",
    "vmallocinfo",
  ].filter(exists);
  return [
    ...readOnly.map((name) => ({
      source: join(root, "proc", name),
      target: join("/proc", name),
      type: "none",
      options: "bind,ro,nosuid,nodev,noexec",
    })),
    ...hiddenFiles.map((name) => ({
      source: "/dev/null",
      target: join("/proc", name),
      type: "none",
      options: "bind",
    })),
    ...["acpi", "scsi", "driver", "asound"].filter(exists).map((name) => empty(join("/proc", name))),
  ];
}

/** The target is made in the skeleton, which is ours alone, before anything is mounted over it. */
function volume(root: string, { source, destination, readOnly }: TaskMount): Mount {
  const target = join("/", destination);
  const taken = [
    "/",
    "/usr",
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/bin",
    "/sbin",
    "/lib",
    "/alloc",
    "/local",
    "/secrets",
    "/tmp",
  ];
  const isTaken = taken.some((path) => path === target || (path !== "/" && target.startsWith(`${path}/`)));
  if (isTaken)
    throw new Refusal("invalid", `Nothing can be mounted at ${JSON.stringify(destination)} in a task.`);
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat) throw new Refusal("invalid", `The volume's source ${JSON.stringify(source)} is not there.`);
  mkdirSync(join(root, stat.isDirectory() ? target : dirname(target)), { recursive: true });
  if (!stat.isDirectory()) writeFileSync(join(root, target), "");
  return { source, target, type: "none", options: `bind,nosuid,nodev${readOnly ? ",ro" : ""}` };
}

/** The format, with its escapes: https://man7.org/linux/man-pages/man5/fstab.5.html */
export function fstabLine({ source, target, type, options }: Mount): string {
  return `${fstabWord(source)} ${fstabWord(target)} ${type} ${options} 0 0\n`;
}

function fstabWord(text: string): string {
  return text.replace(/[\s\\#"']/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** Where a path that the task sees lies on the machine; undefined for what is only in the task. */
export function locateInRoot(
  directory: TaskDirectory,
  mounts: readonly TaskMount[],
  path: string,
): string | undefined {
  const places = [
    ...mounts.map(({ source, destination }) => [join("/", destination), source] as const),
    ["/alloc", directory.shared] as const,
    ["/local", directory.local] as const,
    ["/secrets", directory.secrets] as const,
    ["/tmp", directory.temporary] as const,
    ...["/usr", ...programDirectories()].map((name) => [name, name] as const),
  ];
  const place = places.find(([inside]) => path === inside || path.startsWith(`${inside}/`));
  return place && join(place[1], relative(place[0], path));
}
