import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "@fractus/core/refusal.ts";
import { defaultPath, findCommand } from "../command.ts";
import type { Locate } from "../command.ts";
import type { Driver, Fingerprint, IsolationClaim, Lack, TaskSpec } from "../driver.ts";
import { openImages } from "../oci/images.ts";
import type { Image, Images } from "../oci/images.ts";
import { lookup, resolve } from "../oci/layer-view.ts";
import { marking } from "../process-group.ts";
import { supervisedDriver } from "../supervised.ts";
import type { Prepared, SupervisedOptions } from "../supervised.ts";
import { makeTaskDirectory } from "../task-directory.ts";
import { ownFile, readEvents, runName } from "../task-state.ts";
import type { TaskRecord } from "../task-state.ts";
import { findTool, missingLinux, missingTools, shell, supervisorTools, tool, toolPath } from "../tools.ts";
import { isRoot, ownCgroupLayout, trackingGroup } from "../tracking.ts";
import { capabilities, commandLine, containerUser, environment } from "./container.ts";
import type { ContainerRecord } from "./container-record.ts";
import { gatedEnterScript, inKit, kitTools, makeKit } from "./kit.ts";
import { planNetwork, publish, unpublish } from "./ports.ts";
import { makeContainerRoot } from "./root.ts";
import { readSettings } from "./settings.ts";
import type { DockerSettings } from "./settings.ts";

export interface DockerOptions extends SupervisedOptions {
  /** Where images are kept. Absolute; shared by all agents of a machine that belong together. */
  readonly directory: string;
  /** Jobs may mount any path of the machine. No, unless it says otherwise, as in Nomad. */
  readonly allowsHostPaths?: boolean;
  /** Jobs may ask for privileged containers, which own the machine. No, unless it says otherwise. */
  readonly allowsPrivileged?: boolean;
  /** Before a request to a registry is repeated, in milliseconds. */
  readonly retryMs?: number;
}

/** In this order: the network's is missing where the machine's is used. */
const ownNamespaces = ["--mount", "--pid", "--ipc", "--uts", "--cgroup"];
const isolationTools = [
  "unshare",
  "nsenter",
  "setpriv",
  "chroot",
  "mount",
  "umount",
  "pivot_root",
  "mknod",
  "ldd",
  "prlimit",
];

/**
 * Runs images of registries, or from archives, without Docker: they are pulled by our own client, and run by
 * the machinery of `exec` in a root file system that is the image's. Needs root.
 */
export function dockerDriver(options: DockerOptions): Driver {
  const { directory, retryMs } = options;
  const images = openImages({ directory, ...(retryMs !== undefined && { retryMs }) });
  let trial: Promise<readonly Lack[]> | undefined;
  return supervisedDriver(
    {
      name: "docker",
      fingerprint: async () => {
        const lacks = missingPrograms();
        return fingerprint(lacks.length > 0 ? lacks : await (trial ??= missingRights(directory)));
      },
      prepare: (spec, stateDirectory) => prepare(options, images, spec, stateDirectory),
      accompany: ({ container }, stateDirectory, initPid) =>
        publish(container?.ports ?? [], stateDirectory, initPid),
      dismiss: unpublish,
      sessionLauncher,
      sessionTools: () => kitTools,
      findCommand: (record, stateDirectory, command) => {
        const inside = [`/proc/${readEvents(stateDirectory).init?.pid}/root`];
        return locateCommand(command, record, (path) => lookup(inside, path)?.hostPath);
      },
      isolation,
    },
    options,
  );
}

function missingPrograms(): Lack[] {
  return [
    ...missingLinux(),
    ...(isRoot() ? [] : [{ what: "root", lost: "no container can be started: raw_exec is what remains" }]),
    ...missingTools([...supervisorTools, ...isolationTools], "no container can be started"),
  ];
}

/** Root in a container may lack the rights, and not every file system can be the ground of an overlay: only a trial tells. */
async function missingRights(directory: string): Promise<Lack[]> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const place = mkdtempSync(join(directory, "trial-"));
  for (const name of ["lower", "upper", "work", "root"]) mkdirSync(join(place, name));
  const script =
    'cd "$1" && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay root && mknod lower/x c 0 0 && umount root';
  try {
    await promisify(execFile)(
      tool("unshare"),
      [...ownNamespaces, "--net", "--fork", "--kill-child", shell(), "-c", script, "trial", place],
      { env: { PATH: toolPath, LC_ALL: "C" }, timeout: 30_000 },
    );
    return [];
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim() ?? String(error);
    return [
      { what: `the right to make namespaces and overlays (${reason})`, lost: "no container can be started" },
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function fingerprint(missing: readonly Lack[]): Fingerprint {
  const isDetected = missing.length === 0;
  return {
    isDetected,
    isHealthy: isDetected,
    attributes: isDetected
      ? {
          "driver.docker": "1",
          "driver.docker.runtime": "fractus",
          "driver.docker.cgroups": ownCgroupLayout().version,
        }
      : {},
    missing: [
      ...missing,
      ...missingTools(["ip"], "no container has a network of its own, so no port can be mapped to another"),
      ...missingTools(["script", "stty", "tty"], "exec has no terminal"),
    ],
  };
}

/** The groups come last: what was refused before has made only directories. */
async function prepare(
  { directory, allowsHostPaths = false, allowsPrivileged = false }: DockerOptions,
  images: Images,
  spec: TaskSpec,
  stateDirectory: string,
): Promise<Prepared> {
  if (!isRoot())
    throw new Refusal(
      "unavailable",
      "docker needs root. Without it there is raw_exec, which does not isolate.",
    );
  const settings = readSettings(spec.config);
  if (settings.isPrivileged && !allowsPrivileged)
    throw new Refusal("invalid", "docker: privileged is not allowed here.");
  const rights = capabilities(settings);
  const network = planNetwork(settings, spec.ports ?? []);
  if (network.hasOwnNetwork && findTool("ip") === undefined)
    throw new Refusal(
      "unavailable",
      "docker: ip (of iproute2) is not installed, so there is no network of its own.",
    );
  makeTaskDirectory(spec.directory, { uid: 0, gid: 0 });
  const image = await fetchImage(images, settings, spec);
  const { config, layers } = image;
  const user = containerUser(spec.user ?? config.user ?? "", layers, settings.groups);
  const workDirectory = join("/", settings.workDirectory ?? config.workDirectory ?? "/");
  const env = environment(config.env, spec.env);
  const hostName = settings.hostname ?? hostNameOf(spec);
  const kit = await makeKit(directory);
  const locate = makeContainerRoot(stateDirectory, {
    layers,
    kit,
    settings,
    directory: spec.directory,
    mounts: spec.mounts ?? [],
    hostName,
    workDirectory: settings.workDirectory === undefined ? workDirectory : "/",
    allowsHostPaths,
  });
  checkWorkDirectory(locate, workDirectory, settings.workDirectory);
  const inside = { env, workDirectory };
  const [command, ...args] = commandLine(config, settings);
  const argv = [locateCommand(command, inside, (path) => locate(path)), ...args];
  const container: ContainerRecord = {
    image: image.id,
    groups: user.groups,
    capabilities: rights,
    isPrivileged: settings.isPrivileged,
    stopSignal: config.stopSignal ?? "SIGTERM",
    ...network,
  };
  const { group, lost } = trackingGroup(stateDirectory, {
    ...spec.resources,
    ...(settings.memoryMaxBytes !== undefined && { memoryMaxBytes: settings.memoryMaxBytes }),
    ...(settings.maxProcesses !== undefined && { maxProcesses: settings.maxProcesses }),
  });
  const record: TaskRecord = {
    id: spec.id,
    name: spec.name,
    logs: spec.logs,
    logDirectory: spec.directory.logs,
    env,
    workDirectory,
    user: { uid: user.uid, gid: user.gid, ...(user.name !== undefined && { name: user.name }) },
    group,
    lost,
    startedAtMs: Date.now(),
    container,
  };
  return {
    record,
    argv,
    envCommand: inKit("env"),
    launcher: [
      ...marking(group),
      tool("unshare"),
      ...namespaces(container),
      "--fork",
      "--kill-child",
      shell(),
      ownFile("docker/init.sh"),
      stateDirectory,
      hostName,
      container.hasOwnNetwork ? "own" : "host",
      inKit("umount").join(" "),
      ...limited(settings.ulimits),
      ...asContainer(record, "."),
      ...inKit("sh"),
      "-c",
      gatedEnterScript,
    ],
  };
}

function fetchImage(images: Images, settings: DockerSettings, { directory }: TaskSpec): Promise<Image> {
  const { image, load, credentials } = settings;
  if (load !== undefined) return images.load(localFile(directory.local, load), image);
  return images.pull(image, {
    isForced: settings.isPullForced,
    isAuthSoft: settings.isAuthSoft,
    signal: AbortSignal.timeout(settings.pullTimeoutMs),
    ...(credentials && { credentials }),
  });
}

/** A file below `local`, whatever links it holds. */
function localFile(local: string, path: string): string {
  const { found, rest } = resolve([local], path);
  if (!found?.stat.isFile() || rest.length > 0)
    throw new Refusal(
      "invalid",
      `docker: there is no image archive ${JSON.stringify(path)} in the task's local directory.`,
    );
  return found.hostPath;
}

function hostNameOf({ id, name }: TaskSpec): string {
  return `${name.replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 40)}-${runName(id).slice(-12)}`;
}

/** The image's own is made, as Docker does it; the task's has to be there. */
function checkWorkDirectory(locate: Locate, path: string, wanted: string | undefined): void {
  const place = locate(path);
  if (wanted !== undefined && (place === undefined || !existsSync(join(place, "."))))
    throw new Refusal("invalid", `The working directory ${JSON.stringify(wanted)} is not there.`);
}

function locateCommand(
  command: string,
  { env, workDirectory }: Pick<TaskRecord, "env" | "workDirectory">,
  locate: Locate,
): string {
  const directories = command.includes("/") ? [workDirectory] : [];
  return findCommand(command, { path: env.PATH ?? defaultPath, directories, locate });
}

function namespaces({ hasOwnNetwork }: ContainerRecord): string[] {
  return [...ownNamespaces, ...(hasOwnNetwork ? ["--net"] : [])];
}

function limited(ulimits: Readonly<Record<string, string>>): string[] {
  const limits = Object.entries(ulimits).map(([name, value]) => `--${name}=${value}`);
  return limits.length > 0 ? [tool("prlimit"), ...limits] : [];
}

/** What it takes to change root and user, and is gone once another user has begun. */
const rightsOfPassage = ["sys_chroot", "setuid", "setgid"];

/**
 * From root of the machine into the container, by programs of the machine only, giving up rights on the way.
 * Root inside has no user to change to; if it may not change root either, a last step in there takes that from it.
 *
 * @param root the container's root, as it is reached from where we are
 */
function asContainer({ user, container }: TaskRecord, root: string): string[] {
  if (!user || !container) throw new Error("a container has a user");
  const { groups, isPrivileged } = container;
  const isRootInside = user.uid === 0;
  const wanted = new Set(container.capabilities);
  const passage = isRootInside ? ["sys_chroot"] : rightsOfPassage;
  const left = passage.filter((name) => !wanted.has(name));
  const isLastStepNeeded = isRootInside && left.length > 0;
  const bound = new Set([...wanted, ...left, ...(isLastStepNeeded ? ["setpcap"] : [])]);
  const unwanted = [...bound].filter((name) => !wanted.has(name)).map((name) => `-${name}`);
  const plusGroups = groups.map((group) => `+${group}`).join(",");
  return [
    tool("setsid"),
    tool("setpriv"),
    ...(isPrivileged ? [] : ["--no-new-privs"]),
    "--inh-caps=-all",
    `--bounding-set=${["-all", ...[...bound].map((name) => `+${name}`)].join(",")}`,
    ...(isRootInside
      ? [`--regid=${user.gid}`, groups.length > 0 ? `--groups=${groups.join(",")}` : "--clear-groups"]
      : []),
    tool("chroot"),
    ...(isRootInside ? [] : [`--userspec=+${user.uid}:+${user.gid}`, `--groups=${plusGroups}`]),
    root,
    ...(isLastStepNeeded ? [...inKit("setpriv"), `--bounding-set=${unwanted.join(",")}`] : []),
  ];
}

/** Into all its namespaces but that of mounts: the programs that give up the rights are the machine's. */
function sessionLauncher(record: TaskRecord, initPid: number | undefined): string[] {
  const { group, container } = record;
  if (initPid === undefined || !container) throw new Error("a container has namespaces");
  return [
    ...marking(group),
    tool("nsenter"),
    `--target=${initPid}`,
    ...namespaces(container).filter((name) => name !== "--mount"),
    `--wd=/proc/${initPid}/root`,
    ...asContainer(record, "."),
  ];
}

/** What holds, measured against what the machine allowed when the task was started. */
function isolation({ user, lost, container }: TaskRecord): IsolationClaim[] {
  const account = user?.name ?? String(user?.uid);
  const isPrivileged = container?.isPrivileged ?? false;
  const limit = (aspect: "memory" | "cpu" | "processes", holds: string) =>
    lost[aspect] === undefined ? holds : `It is not limited: ${lost[aspect]}.`;
  return [
    {
      aspect: "files",
      holds: true,
      words:
        "Its root file system is the image's, under a layer of its own; run by Fractus itself, without Docker.",
    },
    {
      aspect: "processes",
      holds: true,
      words: `It sees and signals only its own processes, which end with it. ${limit("processes", "Their number is limited.")}`,
    },
    {
      aspect: "privileges",
      holds: !isPrivileged,
      words: isPrivileged
        ? "It is privileged: its root is root of the machine."
        : `It runs as ${account}${user?.uid === 0 ? ` with ${container?.capabilities.length} of root's capabilities` : ""} and cannot gain any. Its numbers of users are those of the machine.`,
    },
    networkClaim(container),
    { aspect: "memory", holds: lost.memory === undefined, words: limit("memory", "Its memory is limited.") },
    {
      aspect: "cpu",
      holds: lost.cpu === undefined,
      words: limit("cpu", "It gets its share of the processors."),
    },
    { aspect: "system calls", holds: false, words: "All system calls are open to it: there is no filter." },
  ];
}

function networkClaim(container: ContainerRecord | undefined): IsolationClaim {
  if (!container?.hasOwnNetwork)
    return { aspect: "network", holds: false, words: "It shares the network of the machine." };
  const count = container.ports.length;
  const words = `It has a network of its own, reached by ${count === 0 ? "nobody" : `its ${count} published port${count === 1 ? "" : "s"}`}; from inside it reaches nothing else.`;
  return { aspect: "network", holds: true, words };
}
