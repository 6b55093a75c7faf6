import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { Refusal } from "@fractus/core/refusal.ts";
import { joinPaths } from "./cgroups.ts";
import type { ExecOptions, ExecSession, TerminalSize } from "./driver.ts";
import { encodeOrders } from "./orders.ts";
import { processTree, sendSignal } from "./process-table.ts";
import { signalNumber } from "./signals.ts";
import { enterScript } from "./task-state.ts";
import type { TaskRecord } from "./task-state.ts";
import { findTool, shell, toolPath } from "./tools.ts";

export interface SessionRequest {
  readonly record: TaskRecord;
  readonly stateDirectory: string;
  readonly argv: readonly string[];
  /** What brings a command to where the task is. */
  readonly launcher: readonly string[];
  readonly options: ExecOptions;
  readonly tools?: SessionTools;
}

/** The programs that are needed on the inside, as they are called there. */
export interface SessionTools {
  readonly shell: readonly string[];
  readonly enterScript: string;
  readonly script: readonly string[];
  readonly stty: readonly string[];
  readonly env: readonly string[];
  /** Under which `script` finds its shell. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the programs of the machine are there. */
function machineTools(): SessionTools {
  return {
    shell: ["/bin/sh"],
    enterScript,
    script: ["/usr/bin/script"],
    stty: ["/usr/bin/stty"],
    env: ["/usr/bin/env"],
    environment: { SHELL: "/bin/sh" },
  };
}

/**
 * Runs a command beside the task. A terminal is made by `script` of util-linux, on the inside, so that
 * `/dev/pts` there knows it.
 */
export async function openSession(request: SessionRequest): Promise<ExecSession> {
  const { tty = false } = request.options;
  if (tty && findTool("script") === undefined)
    throw new Refusal("unavailable", "There can be no terminal: script (of util-linux) is not installed.");
  const child = startSession(request, tty);
  const [stdin, stdout, stderr, , , , reports] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    0,
    0,
    0,
    Readable,
  ];
  stdin.on("error", () => undefined);
  const terminal = terminalPath(reports);
  const exit = exitOf(child);
  return {
    stdin,
    stdout,
    stderr,
    exit,
    async resize(size) {
      const path = tty ? await terminal : undefined;
      if (path !== undefined) await setSize(request, path, size);
    },
    kill() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        for (const pid of processTree(child.pid)) sendSignal(pid, "SIGKILL");
    },
  };
}

function startSession(
  { record, stateDirectory, argv, launcher, options, tools = machineTools() }: SessionRequest,
  tty: boolean,
): ChildProcess {
  const size = tty ? (options.size ?? { rows: 24, columns: 80 }) : undefined;
  const orders = join(stateDirectory, `orders-${randomUUID()}`);
  writeFileSync(
    orders,
    encodeOrders({
      directory: record.workDirectory,
      env: { ...record.env, ...options.env },
      argv,
      size,
      envCommand: tools.env,
    }),
    {
      mode: 0o600,
    },
  );
  const descriptor = openSync(orders, "r");
  try {
    const groups = joinPaths(record.group.cgroups);
    const enter = tty ? terminalCommand(tools) : [...tools.shell, "-c", tools.enterScript];
    return spawn(
      shell(),
      ["-c", joinScript, "exec", String(groups.length), ...groups, ...launcher, ...enter],
      {
        stdio: ["pipe", "pipe", "pipe", "ignore", "ignore", descriptor, "pipe"],
        cwd: "/",
        env: { PATH: toolPath, ...(tty && { FRACTUS_ENTER: tools.enterScript, ...tools.environment }) },
      },
    );
  } finally {
    closeSync(descriptor);
    rmSync(orders);
  }
}

const joinScript = `
count=$1
shift
while [ "$count" -gt 0 ]; do
  echo 0 >"$1/cgroup.procs" || exit 126
  shift
  count=$((count - 1))
done
exec "$@"`;

/** \`script\` takes shell text only, so what it gets is always the same: the command comes with the orders. */
function terminalCommand({ script, shell, environment }: SessionTools): string[] {
  const names = Object.keys(environment).join(" ");
  const command = `unset ${names}; exec ${shell.join(" ")} -c "$FRACTUS_ENTER"`;
  return [...script, "-q", "-e", "-f", "-c", command, "/dev/null"];
}

/** The name of the terminal, as it is known inside; undefined if the session ended before there was one. */
function terminalPath(reports: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    reports.setEncoding("utf8");
    reports.on("data", (data: string) => {
      text += data;
      const path = /^terminal (.*)\n/m.exec(text)?.[1];
      if (path !== undefined) resolve(path);
    });
    reports.on("error", () => undefined);
    reports.on("close", () => resolve(undefined));
  });
}

async function setSize(
  { launcher, tools = machineTools() }: SessionRequest,
  path: string,
  { rows, columns }: TerminalSize,
): Promise<void> {
  const [program, ...args] = [
    ...launcher,
    ...tools.stty,
    "-F",
    path,
    "rows",
    String(rows),
    "cols",
    String(columns),
  ];
  const child = spawn(program, args, { stdio: "ignore", cwd: "/", env: { PATH: toolPath } });
  await once(child, "close");
}

async function exitOf(child: ChildProcess): Promise<{ exitCode: number; signal?: string }> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return signal === null ? { exitCode: code ?? 0 } : { exitCode: 128 + signalNumber(signal), signal };
}
