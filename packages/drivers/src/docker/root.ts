/**
 * The root file system of a container: the layers of its image below a layer of its own (overlay), and
 * over that `/proc`, `/dev`, `/sys`, the task's directories and its volumes. The image is anybody's: where
 * something is mounted is found out without following a link out of it, and made in the container's own layer.
 *
 * In the state directory: lower/N (links to the layers), upper, work, root, dev, etc, overlay, fstab.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskMount } from "../driver.ts";
import { lookup, resolve } from "../oci/layer-view.ts";
import type { Layers } from "../oci/layer-view.ts";
import { deviceLinks, devices, empty, fstabLine, linkOnce, procMasks } from "../root-file-system.ts";
import type { Mount } from "../root-file-system.ts";
import type { TaskDirectory } from "../task-directory.ts";
import { kitMount } from "./kit.ts";
import type { DockerSettings, VolumeSetting } from "./settings.ts";

export interface ContainerRoot {
  readonly layers: Layers;
  readonly kit: string;
  readonly settings: DockerSettings;
  readonly directory: TaskDirectory;
  readonly mounts: readonly TaskMount[];
  readonly hostName: string;
  /** Made if the image does not have it. */
  readonly workDirectory: string;
  readonly allowsHostPaths: boolean;
}

/** How a path that the container will see is found on the machine. */
export type LocateInside = (path: string) => string | undefined;

/** Makes all that is needed in the state directory. Refuses a volume that is not there or would cover what protects the machine. */
export function makeContainerRoot(stateDirectory: string, request: ContainerRoot): LocateInside {
  const { layers, settings, workDirectory } = request;
  for (const name of ["lower", "upper", "work", "root", "dev", "etc"])
    makeDirectory(join(stateDirectory, name));
  const lower = makeLower(stateDirectory, layers);
  const options = [`lowerdir=${lower.join(":")}`, "upperdir=upper", "workdir=work", "nosuid", "nodev"];
  writeFileSync(join(stateDirectory, "overlay"), `${options.join(",")}\n`, { mode: 0o600 });
  const tree = [join(stateDirectory, "upper"), ...layers];
  const root = join(stateDirectory, "root");
  const system = systemMounts(stateDirectory, tree, request);
  const own = taskMounts(tree, request.directory);
  const volumes = taskVolumes(tree, request, own);
  const covering = [...own, ...volumes];
  const isInVolume = covering.some(({ target }) =>
    join(placeOf(tree, workDirectory), "/").startsWith(join(target, "/")),
  );
  if (!isInVolume) makeMountPoint(tree, workDirectory, "directory", []);
  const mounts = [...system, ...covering, ...(settings.isRootReadOnly ? [readOnlyRoot()] : [])];
  checkNothingIsPreloaded(tree, mounts);
  const inRoot = (mount: Mount) => ({ ...mount, target: join(root, mount.target) });
  writeFileSync(join(stateDirectory, "fstab"), mounts.map((mount) => fstabLine(inRoot(mount))).join(""), {
    mode: 0o600,
  });
  return (path) => locate(tree, covering, path);
}

function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}

/** By short names: all of them have to fit into one page. */
function makeLower(stateDirectory: string, layers: Layers): string[] {
  const all = layers.length > 0 ? layers : [join(stateDirectory, "etc")];
  return all.map((layer, index) => {
    const path = join(stateDirectory, "lower", String(index));
    if (!lstatSync(path, { throwIfNoEntry: false })) symlinkSync(layer, path);
    return `lower/${index}`;
  });
}

const preloadList = "/etc/ld.so.preload";

/**
 * What stands in this list would be loaded into the one program of ours that still has all rights in the new
 * root. So there is none: not in the image, and not by a link or a mount that would put something there.
 */
function checkNothingIsPreloaded(tree: Layers, mounts: readonly Mount[]): void {
  const isCovered = mounts.some(
    ({ target, options }) => !options.includes("remount") && `${preloadList}/`.startsWith(join(target, "/")),
  );
  if (isCovered || placeOf(tree, preloadList) !== preloadList || lookup(tree, preloadList))
    throw new Refusal("invalid", `docker: an image with a file ${preloadList} is not run.`);
}

function systemMounts(stateDirectory: string, tree: Layers, request: ContainerRoot): Mount[] {
  const { settings, kit } = request;
  const root = join(stateDirectory, "root");
  makeDevices(join(stateDirectory, "dev"));
  const place = (path: string, kind: "directory" | "file" = "directory") =>
    makeMountPoint(tree, path, kind, []);
  for (const path of ["/dev", "/proc", "/sys"]) checkPlain(path, place(path));
  return [
    bind(kit, place(kitMount), "bind,ro"),
    bind(join(stateDirectory, "dev"), "/dev", "bind,noexec"),
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
    {
      source: "tmpfs",
      target: "/dev/shm",
      type: "tmpfs",
      options: `nosuid,nodev,noexec,mode=1777,size=${settings.shmBytes}`,
    },
    { source: "proc", target: "/proc", type: "proc", options: "nosuid,nodev,noexec" },
    ...(settings.isPrivileged ? [] : procMasks(root)),
    {
      source: "sysfs",
      target: "/sys",
      type: "sysfs",
      options: `${settings.isPrivileged ? "rw" : "ro"},nosuid,nodev,noexec`,
    },
    ...(settings.isPrivileged
      ? []
      : ["/sys/firmware", "/sys/kernel/debug", "/sys/kernel/security"]
          .filter((path) => existsSync(path))
          .map(empty)),
    ...makeEtc(join(stateDirectory, "etc"), request).map(([source, target]) =>
      bind(source, place(target, "file"), "bind"),
    ),
  ];
}

/** Where Nomad has them, too: https://developer.hashicorp.com/nomad/docs/concepts/filesystem#docker */
function taskMounts(tree: Layers, { shared, local, secrets }: TaskDirectory): Mount[] {
  const own = [
    [shared, "/alloc", "bind"],
    [local, "/local", "bind"],
    [secrets, "/secrets", "bind,noexec"],
  ] as const;
  return own.map(([source, target, options]) =>
    bind(source, makeMountPoint(tree, target, "directory", []), options),
  );
}

/** An image in which one of these is a link could lead the mounts that protect the machine astray. */
function checkPlain(wanted: string, found: string): void {
  if (wanted !== found)
    throw new Refusal("invalid", `docker: an image in which ${wanted} is a link is not run.`);
}

function makeDevices(path: string): void {
  for (const name of ["pts", "shm"]) makeDirectory(join(path, name));
  for (const name of devices) writeFileSync(join(path, name), "");
  for (const [name, target] of deviceLinks) linkOnce(target, join(path, name));
}

function bind(source: string, target: string, options: string): Mount {
  return { source, target, type: "none", options: `${options},nosuid,nodev` };
}

function readOnlyRoot(): Mount {
  return { source: "none", target: "/", type: "none", options: "bind,remount,ro,nosuid,nodev" };
}

/** Each with its place in the container. */
function makeEtc(etc: string, { settings, hostName }: ContainerRoot): (readonly [string, string])[] {
  const hosts = [
    "127.0.0.1 localhost",
    `127.0.1.1 ${hostName}`,
    "::1 localhost ip6-localhost",
    ...settings.extraHosts.map((each) => {
      const colon = each.indexOf(":");
      return `${each.slice(colon + 1)} ${each.slice(0, colon)}`;
    }),
  ];
  writeFileSync(join(etc, "hostname"), `${hostName}\n`);
  writeFileSync(join(etc, "hosts"), `${hosts.join("\n")}\n`);
  makeResolver(join(etc, "resolv.conf"), settings);
  for (const name of ["hostname", "hosts", "resolv.conf"]) chmodSync(join(etc, name), 0o644);
  return ["hostname", "hosts", "resolv.conf"].map((name) => [join(etc, name), `/etc/${name}`] as const);
}

/** The machine's, unless the job says otherwise: https://man7.org/linux/man-pages/man5/resolv.conf.5.html */
function makeResolver(path: string, { dnsServers, dnsSearch, dnsOptions }: DockerSettings): void {
  if (dnsServers.length + dnsSearch.length + dnsOptions.length === 0 && existsSync("/etc/resolv.conf")) {
    copyFileSync("/etc/resolv.conf", path);
    return;
  }
  const lines = [
    ...dnsServers.map((server) => `nameserver ${server}`),
    ...(dnsSearch.length > 0 ? [`search ${dnsSearch.join(" ")}`] : []),
    ...(dnsOptions.length > 0 ? [`options ${dnsOptions.join(" ")}`] : []),
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** Those of the job and of the group; what lies deeper comes later. */
function taskVolumes(tree: Layers, request: ContainerRoot, above: readonly Mount[]): Mount[] {
  const { settings, mounts } = request;
  const wanted: readonly (VolumeSetting & { readonly isGiven?: boolean })[] = [
    ...mounts.map(({ source, destination, readOnly }) => ({
      kind: "bind" as const,
      source,
      target: join("/", destination),
      isReadOnly: readOnly,
      isGiven: true,
    })),
    ...settings.volumes,
  ];
  const depth = ({ target }: VolumeSetting) => target.split("/").length;
  const made: Mount[] = [];
  for (const volume of [...wanted].sort((a, b) => depth(a) - depth(b)))
    made.push(volumeMount(tree, volume, request, [...above, ...made]));
  return made;
}

function volumeMount(
  tree: Layers,
  volume: VolumeSetting & { readonly isGiven?: boolean },
  request: ContainerRoot,
  above: readonly Mount[],
): Mount {
  checkTarget(tree, volume.target);
  if (volume.kind === "tmpfs") {
    const target = makeMountPoint(tree, volume.target, "directory", above);
    const options = `nosuid,nodev,size=${volume.sizeBytes},mode=${volume.mode.toString(8)}`;
    return { source: "tmpfs", target, type: "tmpfs", options };
  }
  const source = volume.isGiven ? volume.source : ownSource(volume.source, request);
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat)
    throw new Refusal("invalid", `The volume's source ${JSON.stringify(volume.source)} is not there.`);
  const target = makeMountPoint(tree, volume.target, stat.isDirectory() ? "directory" : "file", above);
  return bind(source, target, volume.isReadOnly ? "bind,ro" : "bind");
}

function checkTarget(tree: Layers, wanted: string): void {
  const target = placeOf(tree, wanted);
  const isBelow = (path: string, parent: string) => path === parent || path.startsWith(`${parent}/`);
  const isTaken = ["/proc", "/sys", "/dev", kitMount].some((path) => isBelow(target, path));
  if (target === "/" || isTaken || isBelow(placeOf(tree, preloadList), target))
    throw new Refusal("invalid", `Nothing can be mounted at ${JSON.stringify(wanted)} in a container.`);
}

/**
 * A relative source lies in the task's own directory, whatever links it holds; there it is made if it is not
 * there. What tasks share is not offered, since another task could put a link in its place: it is at `/alloc`
 * anyway. An absolute source is the machine's.
 */
function ownSource(source: string, { directory, allowsHostPaths }: ContainerRoot): string {
  if (source.startsWith("/")) {
    if (allowsHostPaths) return source;
    throw new Refusal(
      "invalid",
      `docker: the volume ${JSON.stringify(source)} is a path of the machine, and those are not allowed here.`,
    );
  }
  const [first, ...inside] = source.split("/").filter((part) => part !== "" && part !== ".");
  const bases = new Map([
    ["local", directory.local],
    ["secrets", directory.secrets],
    ["tmp", directory.temporary],
  ]);
  const base = bases.get(first);
  if (base === undefined || inside.includes(".."))
    throw new Refusal(
      "invalid",
      `docker: the volume ${JSON.stringify(source)} is not below local, secrets or tmp.`,
    );
  const { found, rest } = resolve([realpathSync(base)], inside.join("/"));
  if (!found || (rest.length > 0 && !found.stat.isDirectory()))
    throw new Refusal("invalid", `The volume's source ${JSON.stringify(source)} is not there.`);
  const path = join(found.hostPath, ...rest);
  if (rest.length > 0) mkdirSync(path, { recursive: true });
  return path;
}

/** The path in the container, without links, whether or not it is there. */
function placeOf(tree: Layers, path: string): string {
  const { found, rest } = resolve(tree, path);
  return join(found?.path ?? "/", ...rest);
}

/**
 * Where something can be mounted at that path, made in the container's own layer as far as the image does not
 * have it. Refuses a file in the place of a directory, or the reverse.
 */
function makeMountPoint(
  tree: Layers,
  wanted: string,
  kind: "directory" | "file",
  volumes: readonly Mount[],
): string {
  const place = placeOf(tree, wanted);
  // What others can change must not say where something is mounted.
  if (volumes.some(({ target }) => place.startsWith(`${target}/`) || place === target))
    throw new Refusal("invalid", `${JSON.stringify(wanted)} lies in another volume.`);
  const { found, rest } = resolve(tree, wanted);
  const isFitting = !found || found.stat.isDirectory() === (rest.length > 0 || kind === "directory");
  if (!isFitting) throw new Refusal("invalid", `${JSON.stringify(wanted)} is no ${kind} in the image.`);
  if (found && rest.length === 0) return place;
  const upper = tree[0];
  makeParents(tree, dirname(place));
  if (kind === "directory") makeDirectory(join(upper, place));
  else writeFileSync(join(upper, place), "", { mode: 0o644 });
  return place;
}

/** A directory of the image that is made again in our layer has to have the same owner and mode: ours is what will be seen. */
function makeParents(tree: Layers, path: string): void {
  const upper = tree[0];
  let at = "/";
  for (const part of path.split("/").filter(Boolean)) {
    at = join(at, part);
    const own = join(upper, at);
    if (existsSync(own)) continue;
    const { stat } = lookup(tree, at) ?? {};
    mkdirSync(own);
    if (stat) chownSync(own, stat.uid, stat.gid);
    chmodSync(own, stat ? stat.mode & 0o7777 : 0o755);
  }
}

function locate(tree: Layers, volumes: readonly Mount[], path: string): string | undefined {
  const place = placeOf(tree, path);
  const volume = volumes.findLast(({ target }) => place === target || place.startsWith(`${target}/`));
  if (!volume) return lookup(tree, path)?.hostPath;
  return lookup([volume.source], relative(volume.target, place))?.hostPath;
}
