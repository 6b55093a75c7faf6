/**
 * What a task costs beside itself: the memory of its supervisor, and the time from the request to the
 * first byte of its output in the log file. Beside it, in the same run, the time of a bare `spawn`.
 *
 *     node packages/drivers/bench/supervisor.bench.ts [TASKS]
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver, TaskHandle, TaskSpec } from "../src/driver.ts";
import { execDriver } from "../src/exec.ts";
import { childrenOf, readIfThere } from "../src/process-table.ts";
import { rawExecDriver } from "../src/raw-exec.ts";
import { readEvents } from "../src/task-state.ts";
import { taskDirectory } from "../src/task-directory.ts";

const tasks = Number(process.argv[2] ?? 50);
const rounds = 30;

console.log(`bare spawn of sh to its first byte: ${await median(bareSpawn)} ms`);
for (const driver of [rawExecDriver(), execDriver()]) {
  const { isHealthy, missing } = await driver.fingerprint();
  if (isHealthy) await measure(driver);
  else console.log(`${driver.name}: not here (${missing.map(({ what }) => what).join(", ")})`);
  await driver.close();
}

async function measure(driver: Driver): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "fractus-bench-"));
  chmodSync(root, 0o755);
  const latency = await median((round) => firstByte(driver, specOf(root, `latency-${round}`, "echo up")));
  console.log(`${driver.name}: request to first byte in the log file: ${latency} ms`);
  const startedMs = performance.now();
  const handles = await Promise.all(
    Array.from({ length: tasks }, (_, i) => driver.start(specOf(root, `task-${i}`, "exec sleep 1000"))),
  );
  console.log(`${driver.name}: ${tasks} at once in ${Math.round(performance.now() - startedMs)} ms`);
  report(driver.name, handles);
  const endedMs = performance.now();
  await Promise.all(handles.map((handle) => driver.destroy(handle)));
  console.log(`${driver.name}: destroyed in ${Math.round(performance.now() - endedMs)} ms`);
  rmSync(root, { recursive: true });
}

function specOf(root: string, id: string, script: string): TaskSpec {
  return {
    id,
    name: id,
    config: { command: "/bin/sh", args: ["-c", script] },
    env: {},
    resources: { cpuMhz: 100, memoryBytes: 64 * 1024 * 1024 },
    logs: { maxFiles: 2, maxFileBytes: 1_000_000, disabled: false },
    directory: taskDirectory(root, id),
  };
}

/** From the request until the file has something in it. */
async function firstByte(driver: Driver, spec: TaskSpec): Promise<number> {
  mkdirSync(spec.directory.logs, { recursive: true });
  const startedMs = performance.now();
  const written = new Promise<number>((resolve) => {
    const watcher = watch(spec.directory.logs, (_, name) => {
      if (!readIfThere(join(spec.directory.logs, name ?? ""))) return;
      watcher.close();
      resolve(performance.now() - startedMs);
    });
  });
  const handle = await driver.start(spec);
  const latencyMs = await written;
  await driver.destroy(handle);
  return latencyMs;
}

function bareSpawn(): Promise<number> {
  const startedMs = performance.now();
  const child = spawn("/bin/sh", ["-c", "echo up"], { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve) => child.stdout.once("data", () => resolve(performance.now() - startedMs)));
}

async function median(measureOnce: (round: number) => Promise<number>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measureOnce(round));
  return times.sort((a, b) => a - b)[rounds / 2].toFixed(1);
}

/** The supervisor, its readers and, with namespaces, `unshare` and the first process in them; not the task. */
function report(name: string, handles: readonly TaskHandle[]): void {
  const processes = handles.map((handle) => {
    const { supervisor } = readEvents(handle.stateDirectory);
    return supervisor ? treeWithout(supervisor.pid, handle.process?.pid) : [];
  });
  const each = (field: string) =>
    processes.flat().reduce((sum, pid) => sum + rollup(pid, field), 0) / handles.length;
  const count = processes.flat().length / handles.length;
  const words = ["Pss", "Rss"].map((field) => `${field.toUpperCase()} ${(each(field) / 1024).toFixed(2)} MB`);
  console.log(`${name}: beside each task ${count} processes, ${words.join(", ")}`);
}

function treeWithout(pid: number, task: number | undefined): number[] {
  return pid === task ? [] : [pid, ...childrenOf(pid).flatMap((child) => treeWithout(child, task))];
}

/** In KiB: https://docs.kernel.org/filesystems/proc.html */
function rollup(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}
