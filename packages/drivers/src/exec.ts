import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "@fractus/core/refusal.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { commandConfig, findCommand } from "./command.ts";
import type { CommandConfig, Locate } from "./command.ts";
import type { Driver, Fingerprint, IsolationClaim, Lack, TaskSpec } from "./driver.ts";
import { marking } from "./process-group.ts";
import { locateInRoot, makeRootFileSystem, rootFileSystemPaths } from "./root-file-system.ts";
import { supervisedDriver } from "./supervised.ts";
import type { Prepared, SupervisedOptions } from "./supervised.ts";
import { makeTaskDirectory } from "./task-directory.ts";
import { enterScript, ownFile, readEvents, runName } from "./task-state.ts";
import type { TaskRecord } from "./task-state.ts";
import { missingLinux, missingTools, shell, supervisorTools, tool, toolPath } from "./tools.ts";
import { isRoot, ownCgroupLayout, trackingGroup } from "./tracking.ts";
import { becomeUser, findUserHere } from "./users.ts";
import type { User } from "./users.ts";

const ownNamespaces = ["--mount", "--pid", "--ipc", "--uts", "--cgroup"];
const isolationTools = ["unshare", "nsenter", "setpriv", "mount", "umount", "pivot_root"];

/**
 * Runs a command of this machine in a root file system and in namespaces of its own, under limits,
 * as `nobody` unless another user is asked for. Needs root. The network is the machine's.
 */
export function execDriver(options: SupervisedOptions = {}): Driver {
  let trial: Promise<readonly Lack[]> | undefined;
  return supervisedDriver(
    {
      name: "exec",
      fingerprint: async () => {
        const lacks = missingPrograms();
        return fingerprint(lacks.length > 0 ? lacks : await (trial ??= missingRights()));
      },
      prepare,
      sessionLauncher,
      findCommand: (record, stateDirectory, command) => {
        const inside = `/proc/${readEvents(stateDirectory).init?.pid}/root`;
        return locateCommand(command, record.env, (path) => join(inside, path));
      },
      isolation,
    },
    options,
  );
}

function missingPrograms(): Lack[] {
  return [
    ...missingLinux(),
    ...(isRoot() ? [] : [{ what: "root", lost: "tasks cannot be isolated: raw_exec is what remains" }]),
    ...missingTools([...supervisorTools, ...isolationTools], "no task can be started"),
  ];
}

/** Root in a container may lack the right to make namespaces or mounts: only a trial tells. */
async function missingRights(): Promise<Lack[]> {
  const trial = [...ownNamespaces, "--fork", "--kill-child", tool("mount"), "-t", "proc", "proc", "/proc"];
  try {
    await promisify(execFile)(tool("unshare"), trial, {
      env: { PATH: toolPath, LC_ALL: "C" },
      timeout: 30_000,
    });
    return [];
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim() ?? String(error);
    return [{ what: `the right to make namespaces (${reason})`, lost: "no task can be started" }];
  }
}

function fingerprint(missing: readonly Lack[]): Fingerprint {
  const isDetected = missing.length === 0;
  return {
    isDetected,
    isHealthy: isDetected,
    attributes: isDetected ? { "driver.exec": "1", "driver.exec.cgroups": ownCgroupLayout().version } : {},
    missing: [
      ...missing,
      ...(isDetected ? missingLimits() : []),
      ...missingTools(["script", "stty"], "exec has no terminal"),
    ],
  };
}

/** What this machine's control groups do not offer. */
function missingLimits(): Lack[] {
  const { groups, lost } = makeCgroups(ownCgroupLayout(), `trial-${process.pid}`, {
    cpuMhz: 100,
    cpuLimitMillis: 100,
    memoryBytes: 64 * MEBIBYTE,
  });
  removeCgroups(groups);
  return Object.entries(lost).map(([aspect, why]) => ({
    what: `control of ${aspect} (${why})`,
    lost: `tasks run, but are not limited in it, and say so`,
  }));
}

/** The groups come last: what was refused before has made only directories. */
function prepare(spec: TaskSpec, stateDirectory: string): Prepared {
  if (!isRoot())
    throw new Refusal(
      "unavailable",
      "exec needs root. Without it there is raw_exec, which does not isolate.",
    );
  const config = commandConfig("exec", spec.config);
  const user = findUserHere(spec.user ?? "nobody");
  makeTaskDirectory(spec.directory, user);
  const argv = commandOf(config, spec);
  const hostName = `${spec.name.replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 40)}-${runName(spec.id).slice(-12)}`;
  const mounts = spec.mounts ?? [];
  makeRootFileSystem(stateDirectory, { directory: spec.directory, user, mounts, hostName });
  const { group, lost } = trackingGroup(stateDirectory, spec.resources);
  const workDirectory = join("/", config.workDirectory ?? "/");
  const record: TaskRecord = {
    id: spec.id,
    name: spec.name,
    logs: spec.logs,
    logDirectory: spec.directory.logs,
    env: spec.env,
    workDirectory,
    user,
    group,
    lost,
    startedAtMs: Date.now(),
  };
  const { root, fstab } = rootFileSystemPaths(stateDirectory);
  return {
    record,
    argv,
    launcher: [
      ...marking(group),
      tool("unshare"),
      ...ownNamespaces,
      "--fork",
      "--kill-child",
      shell(),
      ownFile("init.sh"),
      root,
      fstab,
      hostName,
      ...asUser(user),
      shell(),
      "-c",
      enterScript,
    ],
  };
}

function commandOf({ command, args }: CommandConfig, { env, directory, mounts = [] }: TaskSpec): string[] {
  return [locateCommand(command, env, (path) => locateInRoot(directory, mounts, path)), ...args];
}

function locateCommand(command: string, env: Readonly<Record<string, string>>, locate: Locate): string {
  return findCommand(command, { path: env.PATH, directories: ["/local", "/"], locate });
}

/** From root in its namespaces to the user with the fewest rights, and on to the command. */
function asUser(user: User): string[] {
  const rights = user.uid === 0 ? ["-all", ...rootRights.map((name) => `+${name}`)].join(",") : "-all";
  return [
    tool("setsid"),
    tool("setpriv"),
    "--no-new-privs",
    "--inh-caps=-all",
    `--bounding-set=${rights}`,
    ...becomeUser(user),
  ];
}

/** What is left to root in a task: its own files and accounts, low ports, nothing of the machine. */
const rootRights = [
  "chown",
  "dac_override",
  "fowner",
  "fsetid",
  "kill",
  "setgid",
  "setuid",
  "net_bind_service",
];

function sessionLauncher({ user, group }: TaskRecord, initPid: number | undefined): string[] {
  if (initPid === undefined || !user) throw new Error("a task of exec has namespaces and a user");
  return [
    ...marking(group),
    tool("nsenter"),
    `--target=${initPid}`,
    ...ownNamespaces,
    "--root",
    "--wd",
    ...asUser(user),
  ];
}

/** What holds, measured against what the machine allowed when the task was started. */
function isolation({ user, lost }: TaskRecord): IsolationClaim[] {
  const account = user?.name ?? String(user?.uid);
  const limit = (aspect: "memory" | "cpu" | "processes", holds: string) =>
    lost[aspect] === undefined ? holds : `It is not limited: ${lost[aspect]}.`;
  return [
    {
      aspect: "files",
      holds: true,
      words:
        "It has a root file system of its own, with the programs of the machine (/usr) to read; it writes to its own directories.",
    },
    {
      aspect: "processes",
      holds: true,
      words: `It sees and signals only its own processes, which end with it. ${limit("processes", "Their number is limited.")}`,
    },
    {
      aspect: "privileges",
      holds: true,
      words: `It runs as ${account} with ${user?.uid === 0 ? "few" : "no"} capabilities and cannot gain any. Its numbers of users are those of the machine.`,
    },
    { aspect: "network", holds: false, words: "It shares the network of the machine." },
    { aspect: "memory", holds: lost.memory === undefined, words: limit("memory", "Its memory is limited.") },
    {
      aspect: "cpu",
      holds: lost.cpu === undefined,
      words: limit("cpu", "It gets its share of the processors."),
    },
    { aspect: "system calls", holds: false, words: "All system calls are open to it: there is no filter." },
  ];
}
