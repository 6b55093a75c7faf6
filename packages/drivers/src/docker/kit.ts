/**
 * The few programs that are needed inside a container, whose image may hold none: a shell to read the
 * orders, `env`, and what a terminal takes. They are copies of the machine's own, with their libraries
 * and their loader, and stand read-only at `/.fractus` in every container.
 *
 * Until a process has the rights of the container only, nothing of the image is executed or loaded by it.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { SessionTools } from "../exec-session.ts";
import { enterScript } from "../task-state.ts";
import { findTool, shell, tool, toolPath } from "../tools.ts";

export const kitMount = "/.fractus";

/** Below the kit: where the machine's root is put aside for a moment. */
export const oldRoot = `${kitMount}/old`;

const needed = ["env", "setpriv", "umount"];
const forTerminals = ["script", "stty", "tty"];

/** How a program of the kit is called in a container. */
export function inKit(name: string): string[] {
  return [`${kitMount}/ld.so`, "--library-path", `${kitMount}/lib`, `${kitMount}/${name}`];
}

/** `enter.sh` with the programs of the kit. */
const kitEnterScript = ["stty", "tty"].reduce(
  (script, name) => script.replaceAll(`/usr/bin/${name}`, inKit(name).join(" ")),
  enterScript,
);

/** The same for the main process: it waits until the machine's root is out of sight. */
export const gatedEnterScript = `echo >&8; read -r __fractus_gate <&7 || exit 126; exec 7>&- 8>&-; unset __fractus_gate\n${kitEnterScript}`;

export const kitTools: SessionTools = {
  shell: inKit("sh"),
  enterScript: kitEnterScript,
  script: inKit("script"),
  stty: inKit("stty"),
  env: inKit("env"),
  environment: { SHELL: `${kitMount}/shell`, LD_LIBRARY_PATH: `${kitMount}/lib` },
};

/** Makes the kit once for each state of the machine's programs; answers with its directory. */
export async function makeKit(directory: string): Promise<string> {
  const programs = { sh: shell(), ...Object.fromEntries(needed.map((name) => [name, tool(name)])) };
  const terminal = forTerminals.flatMap((name) => {
    const path = findTool(name);
    return path === undefined ? [] : [[name, path] as const];
  });
  const all: Record<string, string> = { ...programs, ...Object.fromEntries(terminal) };
  const { loader, libraries } = await librariesOf(Object.values(all));
  const target = join(directory, "kit", signature([loader, ...libraries, ...Object.values(all)]));
  if (existsSync(target)) return target;
  await mkdir(join(directory, "kit"), { recursive: true, mode: 0o700 });
  const partial = await mkdtemp(join(directory, "kit", ".new-"));
  try {
    await fill(partial, { programs: all, loader, libraries });
    await rename(partial, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

interface KitContent {
  readonly programs: Readonly<Record<string, string>>;
  readonly loader: string;
  readonly libraries: readonly string[];
}

async function fill(directory: string, { programs, loader, libraries }: KitContent): Promise<void> {
  await chmod(directory, 0o755);
  for (const name of ["lib", "old"]) await mkdir(join(directory, name), { mode: 0o755 });
  const copy = async (from: string, to: string) => {
    await copyFile(from, join(directory, to));
    await chmod(join(directory, to), 0o755);
  };
  await copy(loader, "ld.so");
  for (const path of libraries) await copy(path, join("lib", basename(path)));
  for (const [name, path] of Object.entries(programs)) await copy(path, name);
  // `script` starts its shell by one path alone, and a first line takes one argument.
  await writeFile(join(directory, "shell"), `#!${kitMount}/ld.so ${kitMount}/sh\nshift\neval "$1"\n`, {
    mode: 0o755,
  });
  await chmod(join(directory, "shell"), 0o755);
}

/** As `ldd` tells them: `libc.so.6 => /lib/libc.so.6 (0x…)`; a line with a path alone is the loader. */
async function librariesOf(
  programs: readonly string[],
): Promise<{ loader: string; libraries: readonly string[] }> {
  const libraries = new Set<string>();
  let loader: string | undefined;
  for (const program of programs) {
    const { stdout } = await promisify(execFile)(tool("ldd"), [program], {
      env: { PATH: toolPath, LC_ALL: "C" },
    });
    for (const line of stdout.split("\n")) {
      const [, path] = /=> (\/\S+) \(/.exec(line) ?? [];
      if (path !== undefined) libraries.add(path);
      else loader ??= /^\s*(\/\S+) \(/.exec(line)?.[1];
    }
  }
  if (loader === undefined) throw new Error("ldd names no loader");
  return { loader, libraries: [...libraries] };
}

function signature(paths: readonly string[]): string {
  const words = paths.map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`);
  return createHash("sha256")
    .update([kitMount, ...words].join("\n"))
    .digest("hex")
    .slice(0, 16);
}
