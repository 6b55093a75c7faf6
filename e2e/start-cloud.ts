import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../packages/fractus/src/fractus.ts", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCloud {
  readonly url: string;
  readonly dataDirectory: string;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Runs a command of `fractus` against it. */
  fractus(...words: readonly string[]): Ran;
  /** The same without waiting for its end to go on. */
  run(...words: readonly string[]): Promise<Ran>;
  /** The JSON that the HTTP API answers. */
  get<T>(path: string): Promise<T>;
  /** Ends it as `kill -9` does, and leaves what it keeps. */
  kill(): Promise<void>;
  /** Ends it as Ctrl-C does, and leaves what it keeps. */
  stop(): Promise<void>;
}

export interface CloudOptions {
  readonly dataDirectory: string;
  readonly args?: readonly string[];
  /** The configuration file. */
  readonly config?: string;
}

/** Starts a cloud without Fractals on free ports, and waits until it answers. */
export async function startCloud({ dataDirectory, args = [], config }: CloudOptions): Promise<RunningCloud> {
  const file = join(dataDirectory, "..", "fractus.hcl");
  if (config !== undefined) writeFileSync(file, config);
  const ports = ["--http-port", "0", "--dns-port", "0", "--no-fractals"];
  const configured = config === undefined ? [] : ["--config", file];
  const child = spawn(
    process.execPath,
    [program, "up", "--data", dataDirectory, ...ports, ...configured, ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  for (const until = Date.now() + 30_000; !output.includes("Ctrl-C stops everything");) {
    if (child.exitCode !== null || Date.now() > until) {
      await end("SIGKILL");
      throw new Error(`The cloud did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const url = /cloud +(\S+?)\/ /.exec(output)![1];
  const command = (words: readonly string[]) => ({
    words: [program, ...words],
    env: { ...process.env, FRACTUS_ADDR: url },
  });
  return {
    url,
    dataDirectory,
    pid: child.pid!,
    output: () => output,
    fractus(...all) {
      const { words, env } = command(all);
      const { status, stdout, stderr } = spawnSync(process.execPath, words, {
        env,
        encoding: "utf8",
        timeout: 120_000,
      });
      return { code: status, stdout, stderr };
    },
    run(...all) {
      const { words, env } = command(all);
      return new Promise((resolve) => {
        const running = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "pipe"] });
        let [stdout, stderr] = ["", ""];
        running.stdout.on("data", (chunk) => (stdout += String(chunk)));
        running.stderr.on("data", (chunk) => (stderr += String(chunk)));
        running.once("close", (code) => resolve({ code, stdout, stderr }));
      });
    },
    async get<T>(path: string) {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    kill: () => end("SIGKILL"),
    stop: () => end("SIGINT"),
  };
}

/** A folder for a cloud's data, which is ended and removed after use, whatever happened. */
export async function withCloudFolder(use: (dataDirectory: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cloud-"));
  const dataDirectory = join(folder, "data");
  try {
    await use(dataDirectory);
  } finally {
    endCloud(dataDirectory);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a person does when nothing else has helped: `fractus down`, which also ends what a killed cloud has left. */
export function endCloud(dataDirectory: string): void {
  if (existsSync(dataDirectory))
    spawnSync(process.execPath, [program, "down", "--data", dataDirectory], { timeout: 60_000 });
}

/** Asks again until it is true; fails after half a minute. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  for (const until = Date.now() + limitMs; !(await check());) {
    if (Date.now() > until) throw new Error(`${what}: not after ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The command line of a process; empty when it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
