import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../packages/fractus/src/fractus.ts", import.meta.url));

export interface RunningFractals {
  readonly url: string;
  readonly transportUrl: string;
  readonly dataDirectory: string;
  readonly supervisorPid: number;
  /** Where the cloud answers that runs it. */
  readonly cloudUrl: string;
  /** Process numbers by name: broker, api, worker-0, … */
  pids(): Promise<Record<string, number>>;
  /** What it has printed so far. */
  output(): string;
  /** Stops it as Ctrl-C does and, unless the directory was given, removes what it kept. */
  stop(): Promise<void>;
}

/** Starts what `npm start` starts, on free ports and in a fresh folder, and waits until it answers. */
export async function startFractals(
  options: {
    readonly workers?: number;
    readonly demo?: boolean;
    readonly dataDirectory?: string;
    readonly args?: readonly string[];
  } = {},
): Promise<RunningFractals> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), "fractals-")));
  const args = [
    "up",
    "--http-port",
    "0",
    "--port",
    "0",
    "--amqp-port",
    "0",
    "--dns-port",
    "0",
    "--data",
    dataDirectory,
    "--workers",
    String(options.workers ?? 2),
  ];
  if (!options.demo) args.push("--no-demo");
  const child = spawn(process.execPath, [program, ...args, ...(options.args ?? [])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));

  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGINT");
    await ended;
    if (options.dataDirectory === undefined) await rm(dataDirectory, { recursive: true, force: true });
  };
  const until = Date.now() + 30_000;
  while (!output.includes("Ctrl-C stops everything")) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`Fractals did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const transportUrl = /queue +(\S+)/.exec(output)![1];
  const workers = () => Object.keys(tasksOf(transportUrl)).filter((name) => name.startsWith("worker-"));
  while (workers().length < (options.workers ?? 2) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: /gallery +(\S+)\//.exec(output)![1],
    cloudUrl: /cloud +(\S+)\//.exec(output)![1],
    transportUrl,
    dataDirectory,
    supervisorPid: child.pid!,
    output: () => output,
    pids: async () => tasksOf(transportUrl),
    stop,
  };
}

/** The programs of Fractals that work with the queue at this address. */
function tasksOf(transportUrl: string): Record<string, number> {
  const { port } = new URL(transportUrl);
  const found: Record<string, number> = {};
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const line = commandLine(pid);
    const program = line[1]?.split("/").at(-1);
    const isBroker = program === "fractus-broker.ts" && line[line.indexOf("--port") + 1] === port;
    if (!line[0]?.endsWith("/node") || !(isBroker || line.includes(transportUrl))) continue;
    if (isBroker) found.broker = Number(pid);
    if (program === "faafo-api.ts") found.api = Number(pid);
    if (program === "faafo-worker.ts") found[line[line.indexOf("--name") + 1]] = Number(pid);
  }
  return found;
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
