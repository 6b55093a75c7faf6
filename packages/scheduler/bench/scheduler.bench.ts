/**
 * How fast the scheduler places, against its targets, and beside it the naive scheduler of the tests.
 *
 * The first shape is that of the million container challenge (https://www.hashicorp.com/c1m): 1,000
 * jobs of 1,000 copies on 5,000 nodes of 5 classes, each job on one class, a port for each copy. The
 * others place 300 copies on 5,000 nodes in 50 racks, as HashiCorp's own scheduler benchmark does.
 */
import type { Node } from "@fractus/core/node.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import type { Ask } from "../src/ask.ts";
import { Cluster } from "../src/cluster.ts";
import { place } from "../src/place.ts";
import { askWith, nodeWith, resourcesOf } from "../src/testing/build.ts";
import { naiveBest, type NaiveInstance } from "../src/testing/naive.ts";

const nodeCount = 5000;
const jobs = 1000;
const copiesPerJob = 1000;

measureMillion();
measureLatency("300 copies, plain", 5, {});
const racks = { attribute: "${attr.rack}", weight: 50, targets: [] };
measureLatency("300 copies, spread over 50 racks", 20, { spreads: [racks] });
compareWithNaive();

/** Three times a million; the medians of the rate and of how it holds up. */
function measureMillion(): void {
  const runs = [1, 2, 3].map(placeMillion);
  const rate = median(runs.map((run) => run.perSecond));
  const steadiness = median(runs.map((run) => run.lastToFirst));
  report("placements a second, 1,000,000 with ports", rate, { target: 500_000, isAtLeast: true });
  report("rate of the last 100,000 to the first", steadiness, { target: 0.9, isAtLeast: true, digits: 2 });
  print("resident memory after it", `${Math.round(process.memoryUsage().rss / MEBIBYTE)} MiB`);
}

function placeMillion(): { readonly perSecond: number; readonly lastToFirst: number } {
  const cluster = new Cluster();
  for (const node of nodes(nodeCount)) cluster.setNode(node);
  const durations: number[] = [];
  for (let job = 0; job < jobs; job++) {
    const start = performance.now();
    const { placed } = place(cluster, millionAsk(job), copiesPerJob);
    durations.push(performance.now() - start);
    if (placed.length < copiesPerJob) throw new Error(`job ${job}: only ${placed.length} copies fit`);
  }
  const sum = (part: readonly number[]) => part.reduce((total, one) => total + one, 0);
  return {
    perSecond: (jobs * copiesPerJob * 1000) / sum(durations),
    lastToFirst: sum(durations.slice(0, 100)) / sum(durations.slice(-100)),
  };
}

/** Three series; the medians of their medians and of their 99th percentiles. */
function measureLatency(name: string, targetMs: number, wishes: Partial<Ask>): void {
  const series = [1, 2, 3].map(() => latencies(wishes));
  print(`${name}: median`, `${median(series.map(median)).toFixed(1)} ms`);
  const p99 = median(series.map((durations) => durations[Math.ceil(durations.length * 0.99) - 1]));
  report(`${name}: p99 in ms`, p99, { target: targetMs, isAtLeast: false, digits: 1 });
}

/** 300 copies again and again, until the cluster has 180,000; the first 100 runs warm up. Sorted. */
function latencies(wishes: Partial<Ask>): number[] {
  const cluster = new Cluster();
  for (const node of nodes(nodeCount)) cluster.setNode(node);
  const durations: number[] = [];
  for (let run = 0; run < 600; run++) {
    const ask = askWith({ name: `job-${run}`, count: 300, ports: [{ label: "http" }], ...wishes });
    const start = performance.now();
    place(cluster, ask, 300);
    if (run >= 100) durations.push(performance.now() - start);
  }
  return durations.sort((x, y) => x - y);
}

/** 10 jobs of 20 copies on 100 nodes, three times each. */
function compareWithNaive(): void {
  const ours = median([1, 2, 3].map(() => timed(() => placeSmall(100))));
  const naive = median([1, 2, 3].map(() => timed(() => placeSmallNaively(100))));
  print("200 copies on 100 nodes", `${ours.toFixed(1)} ms, naive ${naive.toFixed(1)} ms`);
  print("times as fast as the naive scheduler", (naive / ours).toFixed(0));
}

function placeSmall(count: number): void {
  const cluster = new Cluster();
  for (const node of nodes(count)) cluster.setNode(node);
  for (let job = 0; job < 10; job++) place(cluster, smallAsk(job), 20);
}

function placeSmallNaively(count: number): void {
  const all = nodes(count);
  const instances: NaiveInstance[] = [];
  for (let job = 0; job < 10; job++) {
    const ask = smallAsk(job);
    for (let copy = 0; copy < 20; copy++) {
      const best = naiveBest({ nodes: all, instances, algorithm: "binpack" }, ask, []);
      const node = all.find(({ id }) => id === best?.node);
      if (node) instances.push({ id: "", node, footprint: ask, ports: [], devices: [] });
    }
  }
}

/** 29 to 54 GHz and 42 to 78 GiB. */
function nodes(count: number): Node[] {
  return Array.from({ length: count }, (_, index) =>
    nodeWith({
      id: `node-${index}`,
      class: `class-${index % 5}`,
      attributes: { rack: `rack-${index % 50}` },
      capacity: {
        cpuMhz: 29_000 + ((index * 7919) % 25_000),
        cores: 0,
        memoryBytes: (42 + ((index * 31) % 36)) * 1024 * MEBIBYTE,
        diskBytes: 1000 * 1024 * MEBIBYTE,
      },
    }),
  );
}

function millionAsk(job: number): Ask {
  return {
    ...smallAsk(job),
    count: copiesPerJob,
    ports: [{ label: "http" }],
    constraints: [{ attribute: "${node.class}", operator: "=", value: `class-${job % 5}` }],
  };
}

function smallAsk(job: number): Ask {
  return askWith({
    name: `job-${job}`,
    count: 20,
    resources: resourcesOf({ cpu: 150, memory: 200, disk: 10 }),
  });
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function report(
  name: string,
  value: number,
  aim: { readonly target: number; readonly isAtLeast: boolean; readonly digits?: number },
): void {
  const text = (amount: number) => amount.toLocaleString("en", { maximumFractionDigits: aim.digits ?? 0 });
  const isMet = aim.isAtLeast ? value >= aim.target : value <= aim.target;
  const relation = aim.isAtLeast ? "at least" : "at most";
  print(name, `${text(value)} (${relation} ${text(aim.target)}: ${isMet ? "pass" : "miss"})`);
}

function print(name: string, value: string): void {
  console.log(`${name.padEnd(46)} ${value}`);
}
