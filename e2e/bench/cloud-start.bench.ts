/**
 * `npm run bench -- cloud-start`: from the start of the process to all doors answering, with nothing in the store and
 * with a thousand jobs; what the idle cloud costs; from `job run` to a running task; a thousand short dispatches.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, startCloud, type RunningCloud } from "../start-cloud.ts";

const rounds = 9;
const folder = mkdtempSync(join(tmpdir(), "bench-cloud-"));

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function line(what: string, measured: string, target: string, isMet: boolean): void {
  console.log(`${what.padEnd(52)}${measured.padStart(14)}   target ${target}: ${isMet ? "met" : "MISSED"}`);
}

/** A bare Node.js process that listens: what any server on this machine needs at least. */
function bareStart(): Promise<number> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const child = spawn(process.execPath, [
      "-e",
      "require('http').createServer().listen(0, '127.0.0.1', () => console.log('x'))",
    ]);
    child.stdout.once("data", () => {
      resolve(performance.now() - startedMs);
      child.kill("SIGKILL");
    });
  });
}

async function timeStart(dataDirectory: string): Promise<number> {
  const startedMs = performance.now();
  const cloud = await startCloud({ dataDirectory });
  const answered = await Promise.all([fetch(`${cloud.url}/v1/jobs`), fetch(`${cloud.url}/v1/nodes`)]);
  const tookMs = performance.now() - startedMs;
  if (!answered.every((one) => one.ok)) throw new Error("a door does not answer");
  await cloud.stop();
  return tookMs;
}

function jobJson(
  id: string,
  change: object = {},
  config: object = { command: "/bin/sleep", args: ["1000"] },
) {
  return {
    Job: {
      ID: id,
      Type: "service",
      Datacenters: ["*"],
      TaskGroups: [
        {
          Name: "g",
          Tasks: [{ Name: "t", Driver: "raw_exec", Config: config, Resources: { CPU: 1, MemoryMB: 10 } }],
        },
      ],
      ...change,
    },
  };
}

async function post(cloud: RunningCloud, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${cloud.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

async function statuses(cloud: RunningCloud, job: string): Promise<string[]> {
  const all = await cloud.get<{ ClientStatus: string }[]>(`/v1/job/${encodeURIComponent(job)}/allocations`);
  return all.map((one) => one.ClientStatus);
}

function read(pid: number): { cpuSeconds: number; megabytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    megabytes: Number(resident![1]) / 1024,
  };
}

try {
  await timeStart(join(folder, "warm"));
  const empty: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await bareStart());
    empty.push(await timeStart(join(folder, `empty-${round}`)));
  }
  const ratio = median(empty) / median(bare);
  line(
    `start, nothing stored (bare Node server x ${ratio.toFixed(1)})`,
    `${median(empty).toFixed(0)} ms`,
    "500 ms",
    median(empty) <= 500,
  );

  const full = join(folder, "full");
  const cloud = await startCloud({ dataDirectory: full });
  for (let job = 0; job < 1000; job++)
    await post(
      cloud,
      "/v1/jobs",
      jobJson(`job-${job}`, { Constraints: [{ LTarget: "${meta.none}", RTarget: "1", Operand: "=" }] }),
    );
  await cloud.stop();
  const loaded: number[] = [];
  for (let round = 0; round < rounds; round++) loaded.push(await timeStart(full));
  line("start, 1,000 jobs stored", `${median(loaded).toFixed(0)} ms`, "1000 ms", median(loaded) <= 1000);

  const small = await startCloud({ dataDirectory: join(folder, "small") });
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const before = read(small.pid);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const after = read(small.pid);
  const percent = ((after.cpuSeconds - before.cpuSeconds) / 20) * 100;
  line(
    "idle, memory of the control process",
    `${after.megabytes.toFixed(0)} MB`,
    "120 MB",
    after.megabytes < 120,
  );
  line("idle, CPU of the control process", `${percent.toFixed(2)} %`, "0.5 %", percent < 0.5);

  const runs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    await post(small, "/v1/jobs", jobJson(`run-${round}`));
    while (!(await statuses(small, `run-${round}`)).includes("running"))
      await new Promise((resolve) => setTimeout(resolve, 5));
    runs.push(performance.now() - startedMs);
  }
  line("job run to task running", `${median(runs).toFixed(0)} ms`, "300 ms", median(runs) <= 300);

  const template = jobJson("short", { Type: "batch", ParameterizedJob: {} }, { command: "/bin/true" });
  await post(small, "/v1/jobs", template);
  const startedMs = performance.now();
  for (let number = 0; number < 1000; number++) await post(small, "/v1/job/short/dispatch", {});
  const dispatchedMs = performance.now() - startedMs;
  await eventually(
    "all dispatches are complete",
    async () => {
      const { JobSummary: summary } = await small
        .get<{ JobSummary?: unknown; Children?: unknown }>("/v1/job/short/summary")
        .then((one) => ({ JobSummary: one }));
      const { Children } = summary as { Children: { Dead: number } };
      return Children.Dead === 1000;
    },
    120_000,
  );
  const doneMs = performance.now() - startedMs;
  line(
    `1,000 short dispatches (asked for in ${(dispatchedMs / 1000).toFixed(1)} s)`,
    `${(doneMs / 1000).toFixed(1)} s`,
    "60 s",
    doneMs < 60_000,
  );
  await small.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
