/**
 * The million container challenge (https://www.hashicorp.com/c1m) from end to end: real control, real SQLite
 * store, real time, and 5,000 simulated nodes that converge and report. Then a thousand short dispatches on one.
 *
 * `JOBS`, `COPIES` and `NODES` in the arguments make it smaller: `bench cloud 100 1000 500`.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeFacts } from "@fractus/agent/control-link.ts";
import { dispatchJob, registerJob } from "@fractus/control/commands/jobs.ts";
import { type Control, startControl } from "@fractus/control/control.ts";
import { tableNames } from "@fractus/control/state/state.ts";
import { testFacts } from "@fractus/control/testing/cloud.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { seededDice } from "@fractus/core/dice.ts";
import type { Job } from "@fractus/core/job.ts";
import { sampleGroup, sampleJob, sampleTask } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { openStore } from "@fractus/store/open-store.ts";
import { type Fate, SimulatedAgent } from "../src/simulated-agent.ts";

const mebibyte = 1024 ** 2;
/** How long the process had no time for anything else, such as a request. */
let longestWaitMs = 0;
const steady: Fate = { startsAfterMs: 0, fails: false, stopTakesMs: 0 };
const [jobs = 1000, copies = 1000, nodes = 5000] = process.argv.slice(3).map(Number);

await inCloud(millionContainers);
await inCloud(thousandDispatches);

interface Cloud {
  readonly control: Control;
  /** The size of the store's files. */
  readonly storeBytes: () => number;
  join(facts: NodeFacts, fate: Fate): void;
}

async function inCloud(measure: (cloud: Cloud) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "fractus-bench-"));
  const path = join(directory, "control.db");
  const store = await openStore(`sqlite:${path}`, tableNames);
  const life = { isOver: false };
  const clock = clockOf(life);
  const dice = seededDice(1);
  const log = (line: string, fields?: object) => console.error(line, fields);
  const control = await startControl({ store, clock, dice, newSecret: () => "secret", log });
  const join_ = (facts: NodeFacts, fate: Fate) => {
    const machine = { facts, runs: new Map(), copies: new Map() };
    new SimulatedAgent({ machine, link: control.link, clock, life, fateOf: () => fate }).start();
  };
  const storeBytes = () => statSync(path).size + statSync(`${path}-wal`).size;
  await measure({ control, storeBytes, join: join_ });
  life.isOver = true;
  await control.close();
  await store.close();
  rmSync(directory, { recursive: true });
}

/** The machine's clock; when the life is over, nobody is woken any more. */
function clockOf(life: { readonly isOver: boolean }): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          reject(signal!.reason as Error);
        };
        const wake = () => {
          signal?.removeEventListener("abort", stop);
          if (!life.isOver) resolve();
        };
        if (signal?.aborted) return reject(signal.reason as Error);
        const timer = setTimeout(wake, delayMs);
        signal?.addEventListener("abort", stop, { once: true });
        timer.unref();
      }),
  };
}

async function millionContainers({ control, storeBytes, join: joinNode }: Cloud): Promise<void> {
  const wanted = jobs * copies;
  for (let number = 0; number < nodes; number++) joinNode(bigNode(number), steady);
  await until(() => control.state.nodes.size === nodes);
  longestWaitMs = 0;
  const counts = countAllocations(control, wanted);
  const start = performance.now();
  const since = () => (performance.now() - start) / 1000;
  const { user: userBefore, system: systemBefore } = process.cpuUsage();
  await Promise.all(
    Array.from({ length: jobs }, (_, number) => registerJob(control, record(serviceJob(number)))),
  );
  print("registered, s", since());
  await until(() => counts.placed() >= wanted);
  report(
    `scheduled: ${wanted.toLocaleString("en")} allocations, s`,
    counts.placedAt(wanted) - start / 1000,
    60,
  );
  await until(() => counts.running() >= wanted);
  report("running, s", since(), 120);
  const { user, system } = process.cpuUsage();
  print("processor time until then, s", (user - userBefore + system - systemBefore) / 1e6);
  const tenth = wanted / 10;
  const first = counts.placedAt(tenth) - start / 1000;
  const last = counts.placedAt(wanted) - counts.placedAt(wanted - tenth);
  print("rate of the last tenth to the first", first / last);
  report("peak resident memory, GB", process.resourceUsage().maxRSS / 1e6, 2.5);
  print("store, GB", storeBytes() / 1e9);
  print("longest time in which nothing else could happen, s", longestWaitMs / 1000);
}

async function thousandDispatches({ control, join: joinNode }: Cloud): Promise<void> {
  joinNode(testFacts("small", "small"), { ...steady, endsAfterMs: 20 });
  await until(() => control.state.nodes.size === 1);
  const parameterized = { payload: "optional", metaRequired: [], metaOptional: [] } as const;
  const job = sampleJob({ id: "short", type: "batch", parameterized, groups: [group(1)] });
  await registerJob(control, record(job));
  const start = performance.now();
  for (let number = 0; number < 1000; number++)
    await dispatchJob(control, { project: "default", id: "short", meta: {} });
  print("dispatched 1,000 jobs, s", (performance.now() - start) / 1000);
  await until(
    () => [...control.state.allocations.values()].filter((one) => one.status === "complete").length === 1000,
  );
  report("1,000 short dispatches on one node, s", (performance.now() - start) / 1000, 60);
}

/** What has been placed and runs, and when how much was. */
function countAllocations(control: Control, wanted: number) {
  let [placed, running] = [0, 0];
  const marks = new Map<number, number>();
  const tenth = wanted / 10;
  control.ledger.listen(({ changes }) => {
    const before = placed;
    for (const change of changes) {
      if (change.table !== "allocations" || !change.value) continue;
      if (!change.before) placed++;
      else if (
        change.value.status === "running" &&
        (change.before as { status: string }).status !== "running"
      )
        running++;
    }
    for (let mark = Math.ceil((before + 1) / tenth); mark * tenth <= placed; mark++)
      marks.set(Math.round(mark * tenth), performance.now() / 1000);
  });
  return {
    placed: () => placed,
    running: () => running,
    /** Seconds. */
    placedAt: (count: number) => marks.get(Math.round(count)) ?? Number.NaN,
  };
}

function bigNode(number: number): NodeFacts {
  const facts = testFacts(`node-${number}`, `node-${number}`);
  return {
    ...facts,
    class: `class-${number % 5}`,
    capacity: { cpuMhz: 32_000, cores: 32, memoryBytes: 64 * 1024 * mebibyte, diskBytes: 1e12 },
  };
}

function serviceJob(number: number): Job {
  const constraint = { attribute: "${node.class}", operator: "=", value: `class-${number % 5}` } as const;
  return sampleJob({ id: `job-${number}`, constraints: [constraint], groups: [group(copies)] });
}

function group(count: number) {
  const resources = { cpuMhz: 100, cores: 0, memoryBytes: 128 * mebibyte, networks: [], devices: [] };
  return sampleGroup({
    name: "front",
    count,
    networks: [{ ports: [{ label: "http" }] }],
    tasks: [sampleTask({ driver: "sim", resources })],
  });
}

function record(job: Job) {
  return { job, definition: { ID: job.id, TaskGroups: [{ Name: "front", Count: copies }] } };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    const askedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    longestWaitMs = Math.max(longestWaitMs, performance.now() - askedAt);
  }
}

function print(what: string, value: number): void {
  console.log(`${what.padEnd(56)} ${value.toFixed(2)}`);
}

function report(what: string, value: number, target: number): void {
  console.log(
    `${what.padEnd(56)} ${value.toFixed(2)}   target ${target}: ${value <= target ? "met" : "MISSED"}`,
  );
}
