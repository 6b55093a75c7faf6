import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";

/**
 * Where a task keeps its files, laid out as in Nomad
 * (https://developer.hashicorp.com/nomad/docs/concepts/filesystem):
 *
 *     ROOT/alloc/{data,logs,tmp}              shared by the tasks of the instance
 *     ROOT/TASK/{local,secrets,tmp,private}   of the task alone; private is ours
 */
export interface TaskDirectory {
  readonly shared: string;
  readonly logs: string;
  readonly task: string;
  readonly local: string;
  readonly secrets: string;
  readonly temporary: string;
  readonly private: string;
}

/** The paths alone. Refuses a name that cannot be a file name. */
export function taskDirectory(root: string, task: string): TaskDirectory {
  checkFileName(task);
  const shared = join(root, "alloc");
  const own = join(root, task);
  return {
    shared,
    logs: join(shared, "logs"),
    task: own,
    local: join(own, "local"),
    secrets: join(own, "secrets"),
    temporary: join(own, "tmp"),
    private: join(own, "private"),
  };
}

/** Makes what is missing. The task's own directories belong to `owner`, where the caller may give them away. */
export function makeTaskDirectory(directory: TaskDirectory, owner: { uid: number; gid: number }): void {
  const { shared, logs, task, local, secrets, temporary } = directory;
  for (const path of [shared, join(shared, "data"), join(shared, "tmp")]) makeWithMode(path, 0o777);
  for (const path of [logs, task]) makeWithMode(path, 0o755);
  makeWithMode(directory.private, 0o700);
  const isGiven = process.getuid?.() === 0;
  for (const [path, mode] of [
    [local, 0o755],
    [secrets, 0o700],
    [temporary, 0o700],
  ] as const) {
    if (makeWithMode(path, mode) && isGiven) chownSync(path, owner.uid, owner.gid);
  }
}

/** Refuses what is not the name of one file: a path, an empty name, one the file system cannot store. */
export function checkFileName(name: string): void {
  const isName = name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
  if (!isName || Buffer.byteLength(name) > 200)
    throw new Refusal(
      "invalid",
      `${JSON.stringify(name)} cannot be the name of a task: it must be a file name.`,
    );
}

/** Refuses a working directory that is none, by the name under which it was asked for. */
export function checkIsDirectory(path: string, wanted: string): void {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isDirectory)
    throw new Refusal("invalid", `The working directory ${JSON.stringify(wanted)} is not there.`);
}

/** Whether it had to be made. The mode is set whatever the umask says. */
function makeWithMode(path: string, mode: number): boolean {
  const isNew = mkdirSync(path, { recursive: true, mode }) !== undefined;
  if (isNew) chmodSync(path, mode);
  return isNew;
}
