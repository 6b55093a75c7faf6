import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Lack } from "./driver.ts";

/** The only places where the programs are looked for that we start: whoever writes there is root. */
export const toolPath = "/usr/sbin:/usr/bin:/sbin:/bin";

export function findTool(name: string): string | undefined {
  return toolPath
    .split(":")
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Refuses with the name of what is not installed. */
export function tool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Refusal("unavailable", `${name} is not installed.`);
  return path;
}

/** dash is the smallest, and adds nothing to an environment. */
export function shell(): string {
  return findTool("dash") ?? tool("sh");
}

export function missingTools(names: readonly string[], lost: string): Lack[] {
  return names
    .filter((name) => findTool(name) === undefined)
    .map((name) => ({ what: `${name} is not installed`, lost }));
}

/** How processes are told apart is a matter of Linux's /proc. */
export function missingLinux(): Lack[] {
  return process.platform === "linux" ? [] : [{ what: "Linux", lost: "no task can be started" }];
}

/** What every supervised task needs; all of it is in coreutils and util-linux. */
export const supervisorTools = ["sh", "flock", "mkfifo", "split", "sync", "setsid", "env"];
