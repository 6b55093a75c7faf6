import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Driver, TaskHandle, TaskSpec } from "../driver.ts";
import { taskDirectory } from "../task-directory.ts";

/** What a task of the suite does, whatever the driver; parts happen in this order. */
export interface Program {
  readonly output?: string;
  readonly errors?: string;
  /** Otherwise it ends at once. */
  readonly runsOn?: boolean;
  readonly ignoresSignals?: boolean;
  readonly exitCode?: number;
  /** It ends itself by this signal. */
  readonly exitSignal?: string;
}

export interface Subject {
  readonly writesNoLogs?: boolean;
  /** As a new agent would have it: each knows nothing of the others. */
  open(): Driver;
  /** The settings under which the driver runs that program. */
  program(what: Program): TaskSpec["config"];
}

/** Tasks of one test, with a directory of their own. */
export interface DriverBench {
  readonly driver: Driver;
  readonly root: string;
  open(): Driver;
  spec(what: Program | TaskSpec["config"], more?: Partial<TaskSpec>): TaskSpec;
  /** Starts a task that is destroyed with the bench at the latest. */
  start(what: Program | TaskSpec["config"], more?: Partial<TaskSpec>): Promise<TaskHandle>;
  /** Resolves when the log has this text; at once where the driver writes none. */
  output(text: string): Promise<void>;
  /** Destroyed with the bench. */
  adopt(handle: TaskHandle): TaskHandle;
  /** All log files of a stream, in order. */
  log(stream?: "stdout" | "stderr", name?: string): string;
  logFiles(stream?: "stdout" | "stderr", name?: string): string[];
  close(): Promise<void>;
}

export function openBench(subject: Subject): DriverBench {
  const root = mkdtempSync(join(tmpdir(), "fractus-drivers-"));
  chmodSync(root, 0o755);
  const opened: Driver[] = [];
  const open = () => {
    const driver = subject.open();
    opened.push(driver);
    return driver;
  };
  const driver = open();
  const handles: TaskHandle[] = [];
  const logs = join(root, "alloc", "logs");
  const logFiles = (stream = "stdout", name = "web") => {
    const start = `${name}.${stream}.`;
    const numbers = existsSync(logs) ? readdirSync(logs).filter((file) => file.startsWith(start)) : [];
    return numbers
      .sort((a, b) => Number(a.slice(start.length)) - Number(b.slice(start.length)))
      .map((file) => join(logs, file));
  };
  const spec: DriverBench["spec"] = (what, more = {}) => ({
    id: randomUUID(),
    name: "web",
    config: "command" in what ? what : subject.program(what),
    env: { PATH: "/usr/bin:/bin", BENCH: root },
    resources: { cpuMhz: 100, memoryBytes: 128 * 1024 * 1024 },
    logs: { maxFiles: 10, maxFileBytes: 10 * 1024 * 1024, disabled: false },
    directory: taskDirectory(root, more.name ?? "web"),
    ...more,
  });
  const log = (stream = "stdout", name = "web") =>
    logFiles(stream, name)
      .map((path) => readFileSync(path, "utf8"))
      .join("");
  return {
    driver,
    root,
    open,
    spec,
    async output(text) {
      for (let round = 0; !subject.writesNoLogs && !log().includes(text); round++) {
        assert.ok(round < 1000, `${text} was not written in ten seconds`);
        await sleep(10);
      }
    },
    async start(what, more) {
      const handle = await driver.start(spec(what, more));
      handles.push(handle);
      return handle;
    },
    adopt(handle) {
      handles.push(handle);
      return handle;
    },
    logFiles,
    log,
    async close() {
      for (const handle of handles) await driver.destroy(handle);
      for (const each of opened) await each.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The same program as a shell script with arguments, for drivers that run commands. */
export function asShell({
  output = "",
  errors = "",
  runsOn,
  ignoresSignals,
  exitCode = 0,
  exitSignal,
}: Program): TaskSpec["config"] {
  const script = [
    ignoresSignals ? "trap '' INT TERM" : "",
    'printf %s "$1"; printf %s "$2" >&2',
    runsOn ? (ignoresSignals ? "while :; do sleep 1; done" : "exec sleep 1000") : "",
    exitSignal ? `kill -s ${exitSignal.slice(3)} $$; sleep 5` : "",
    `exit ${exitCode}`,
  ];
  return { command: "/bin/sh", args: ["-c", script.filter(Boolean).join("\n"), "sh", output, errors] };
}
