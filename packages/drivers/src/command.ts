import { constants } from "node:fs";
import { accessSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";

/** Where commands are looked for when the task's environment has no PATH. */
export const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface CommandConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly workDirectory?: string;
}

/** Reads `command`, `args` and `work_dir`. Refuses what is missing, of a wrong type, or unknown. */
export function commandConfig(driver: string, config: Readonly<Record<string, unknown>>): CommandConfig {
  const { command, args = [], work_dir: workDirectory, ...others } = config;
  const wrong = (words: string) => new Refusal("invalid", `${driver}: ${words}`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`there is no setting ${JSON.stringify(unknown)}.`);
  if (typeof command !== "string" || command === "") throw wrong("command must be a text that is not empty.");
  if (!Array.isArray(args) || !args.every((argument) => typeof argument === "string"))
    throw wrong("args must be a list of texts.");
  if (workDirectory !== undefined && typeof workDirectory !== "string")
    throw wrong("work_dir must be a text.");
  return { command, args, ...(workDirectory !== undefined && { workDirectory }) };
}

/** How paths that the task sees are found on this machine; undefined for one that is on neither side. */
export type Locate = (path: string) => string | undefined;

/**
 * The full path of a command, as the task sees it: one with a slash counts from the task's
 * directories, one without is looked for there and then along PATH. Refuses one that cannot be found or executed.
 *
 * @param directories where the task itself may have put it, such as `/local`
 */
export function findCommand(
  command: string,
  {
    path = defaultPath,
    directories,
    locate,
  }: { path?: string; directories: readonly string[]; locate: Locate },
): string {
  const candidates = isAbsolute(command)
    ? [command]
    : [...directories, ...(command.includes("/") ? [] : path.split(":").filter(isAbsolute))].map(
        (directory) => join(directory, command),
      );
  const states = candidates.map((candidate) => ({ candidate, state: stateOf(locate(candidate)) }));
  const found = states.find(({ state }) => state === "executable");
  if (found) return found.candidate;
  const unfit = states.find(({ state }) => state !== "absent");
  throw new Refusal(
    "invalid",
    unfit
      ? `The command ${JSON.stringify(command)} cannot be executed: ${unfit.candidate} is ${unfit.state}.`
      : `The command ${JSON.stringify(command)} was not found: there is no ${candidates.join(" and no ")}.`,
  );
}

function stateOf(
  path: string | undefined,
): "executable" | "a directory" | "not an executable file" | "absent" {
  if (path === undefined) return "absent";
  try {
    if (statSync(path).isDirectory()) return "a directory";
  } catch {
    return "absent";
  }
  try {
    accessSync(path, constants.X_OK);
    return "executable";
  } catch {
    return "not an executable file";
  }
}
