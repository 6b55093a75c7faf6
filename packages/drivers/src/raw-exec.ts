import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { commandConfig, findCommand } from "./command.ts";
import type { Driver, Fingerprint, IsolationClaim, TaskSpec } from "./driver.ts";
import { canMark, marking } from "./process-group.ts";
import type { ProcessGroup } from "./process-group.ts";
import { supervisedDriver } from "./supervised.ts";
import type { Prepared, SupervisedOptions } from "./supervised.ts";
import { checkIsDirectory, makeTaskDirectory } from "./task-directory.ts";
import { enterScript } from "./task-state.ts";
import type { TaskRecord } from "./task-state.ts";
import { missingLinux, missingTools, shell, supervisorTools, tool } from "./tools.ts";
import { becomeUser, findUserHere } from "./users.ts";
import { isRoot, trackingGroup } from "./tracking.ts";
import type { User } from "./users.ts";

/**
 * Runs a command on the machine as it is, without isolation: for any user. As root the task gets a
 * control group, so that all of its processes are found whatever they do, and may run as another user.
 */
export function rawExecDriver(options: SupervisedOptions = {}): Driver {
  return supervisedDriver(
    {
      name: "raw_exec",
      fingerprint: () => Promise.resolve(fingerprint()),
      prepare,
      sessionLauncher: ({ user, group }) => launcher(user, group),
      findCommand: (record, _, command) => locateCommand(command, record.env, record.workDirectory),
      isolation,
    },
    options,
  );
}

function fingerprint(): Fingerprint {
  const missing = [...missingLinux(), ...missingTools(supervisorTools, "no task can be started")];
  const isDetected = missing.length === 0;
  const untracked =
    isRoot() || canMark()
      ? []
      : [
          {
            what: "a limit on real-time scheduling that could serve as a mark",
            lost: "tasks cannot be told from other processes",
          },
        ];
  return {
    isDetected,
    isHealthy: isDetected && untracked.length === 0,
    attributes: isDetected ? { "driver.raw_exec": "1" } : {},
    missing: [
      ...missing,
      ...untracked,
      ...(isRoot()
        ? []
        : [
            {
              what: "root",
              lost: "tasks run as the user of the agent, and their processor time is counted only while they live",
            },
          ]),
      ...missingTools(["script", "stty"], "exec has no terminal"),
    ],
  };
}

function prepare(spec: TaskSpec, stateDirectory: string): Prepared {
  const {
    command,
    args,
    workDirectory: wanted = spec.directory.task,
  } = commandConfig("raw_exec", spec.config);
  const user = spec.user === undefined ? undefined : allowedUser(spec.user);
  if (spec.mounts?.length)
    throw new Refusal("unavailable", "raw_exec cannot mount volumes: it has no file system of its own.");
  makeTaskDirectory(spec.directory, user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  const workDirectory = join(wanted.startsWith("/") ? "/" : spec.directory.task, wanted);
  checkIsDirectory(workDirectory, wanted);
  const argv = [locateCommand(command, spec.env, spec.directory.task, spec.directory.local), ...args];
  const { group, lost } = trackingGroup(stateDirectory);
  const record: TaskRecord = {
    id: spec.id,
    name: spec.name,
    logs: spec.logs,
    logDirectory: spec.directory.logs,
    env: spec.env,
    workDirectory,
    ...(user && { user }),
    group,
    lost,
    startedAtMs: Date.now(),
  };
  return { record, argv, launcher: [...launcher(user, group), shell(), "-c", enterScript] };
}

function locateCommand(
  command: string,
  env: Readonly<Record<string, string>>,
  ...directories: string[]
): string {
  return findCommand(command, { path: env.PATH, directories, locate: (path) => path });
}

/** Only root can become someone else. */
function allowedUser(wanted: string): User | undefined {
  const user = findUserHere(wanted);
  if (user.uid === process.getuid?.()) return undefined;
  if (isRoot()) return user;
  throw new Refusal(
    "unavailable",
    `The task cannot run as ${JSON.stringify(wanted)}: the agent does not run as root.`,
  );
}

function launcher(user: User | undefined, group: ProcessGroup): string[] {
  return [...marking(group), tool("setsid"), ...(user ? [tool("setpriv"), ...becomeUser(user)] : [])];
}

function isolation({ user, group }: TaskRecord): IsolationClaim[] {
  const account = user ? (user.name ?? String(user.uid)) : "the user of the agent";
  return [
    {
      aspect: "files",
      holds: false,
      words: `It sees the files of the machine and may do with them what ${account} may.`,
    },
    {
      aspect: "processes",
      holds: false,
      words: `It sees all processes of the machine, and may signal those of ${account}. Its own are known ${group.mark === undefined ? "by a control group" : "by a mark they inherit"} and end with it.`,
    },
    {
      aspect: "privileges",
      holds: false,
      words: `It has all the rights of ${account}, and may gain more by set-user-ID programs.`,
    },
    { aspect: "network", holds: false, words: "It shares the network of the machine." },
    { aspect: "memory", holds: false, words: "Its memory is not limited." },
    { aspect: "cpu", holds: false, words: "Its processor time is not limited." },
    { aspect: "system calls", holds: false, words: "All system calls are open to it." },
  ];
}
