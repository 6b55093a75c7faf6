/** A control plane for tests: virtual time, rows in memory, and nodes whose tasks do as the test says. */
import type { Assignment, NodeFacts } from "@fractus/agent/control-link.ts";
import { isOver, isUnwanted, type InstanceStatus, type TaskState } from "@fractus/core/allocation.ts";
import { seededDice } from "@fractus/core/dice.ts";
import type { Job } from "@fractus/core/job.ts";
import { sampleGroup, sampleJob, sampleTask } from "@fractus/scheduler/reconcile/testing/samples.ts";
import { type Control, type ControlOptions, startControl } from "../control.ts";
import { registerJob, type Registered } from "../commands/jobs.ts";
import { MemoryStore } from "./memory-store.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

const gibibyte = 1024 ** 3;

export interface TestCloud {
  readonly control: Control;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  /** Lets a node join, whose tasks run as soon as they are there. */
  node(name: string, facts?: Partial<NodeFacts>): Promise<TestNode>;
  register(job: Partial<Job>): Promise<Registered>;
  /** The allocations of a job as text: `web.front[0] node-a run running`, in the order of their names. */
  show(job: string): string[];
  /** Ends control as a crash would, and starts it on the same rows. */
  restart(): Promise<TestCloud>;
}

export interface TestNode {
  readonly id: string;
  /** The node falls silent, and what it runs goes on. */
  isSilent: boolean;
  /** Says how an allocation fares. */
  report(allocationId: string, status: InstanceStatus, change?: Partial<TaskState>): Promise<void>;
  close(): Promise<void>;
}

export async function startTestCloud(
  options: Partial<ControlOptions> & { store?: MemoryStore; clock?: VirtualClock } = {},
): Promise<TestCloud> {
  const clock = options.clock ?? new VirtualClock();
  const store = options.store ?? new MemoryStore();
  const faults: string[] = [];
  const control = await startControl({
    dice: seededDice(7),
    newSecret: () => "secret",
    log: (line, fields) => faults.push(`${line} ${JSON.stringify(fields)}`),
    ...options,
    store,
    clock,
  });
  return {
    control,
    clock,
    store,
    node: (name, facts) => joinNode(control, clock, name, facts),
    async register(job) {
      const registered = await registerJob(control, {
        job: testJob(job),
        definition: { ID: job.id ?? "web" },
      });
      await settle();
      if (faults.length > 0) throw new Error(faults.join("\n"));
      return registered;
    },
    show: (job) => showJob(control, job),
    async restart() {
      await control.close();
      return startTestCloud({ ...options, store, clock });
    },
  };
}

/** A service `web` with a group `front` of one task, unless the test says otherwise. */
export function testJob(change: Partial<Job>): Job {
  const id = change.id ?? "web";
  const groups = change.groups ?? [sampleGroup({ name: "front", tasks: [sampleTask({ driver: "sim" })] })];
  return sampleJob({ id, name: id, ...change, groups });
}

function showJob({ state }: Control, job: string): string[] {
  const all = [...state.allocations.values()].filter((one) => one.jobId === job);
  const nodeName = (id: string) => state.nodes.get(id)?.name ?? "gone";
  return all.map((one) => `${one.name} ${nodeName(one.nodeId)} ${one.desired} ${one.status}`).toSorted();
}

async function joinNode(
  control: Control,
  clock: VirtualClock,
  name: string,
  facts: Partial<NodeFacts> = {},
): Promise<TestNode> {
  const id = `node-${name}`;
  const end = new AbortController();
  const running = new Map<string, InstanceStatus>();
  const terms = await control.link.register({ ...testFacts(id, name), ...facts });
  const node: TestNode = {
    id,
    isSilent: false,
    async report(allocationId, status, change = {}) {
      running.set(allocationId, status);
      await say(control, id, allocationId, status, clock.nowMs(), change);
      await settle();
    },
    async close() {
      end.abort();
      await settle();
    },
  };
  void follow(control, clock, { node, running, signal: end.signal });
  void beat(control, clock, { node, running, ttlMs: terms.ttlMs, signal: end.signal });
  await settle();
  return node;
}

type Following = {
  readonly node: TestNode;
  readonly running: Map<string, InstanceStatus>;
  readonly signal: AbortSignal;
};

async function follow(
  control: Control,
  clock: VirtualClock,
  { node, running, signal }: Following,
): Promise<void> {
  for (let index = -1; !signal.aborted;) {
    const answer = await control.link.assignments(node.id, index, signal);
    index = answer.index;
    if (node.isSilent) continue;
    for (const one of answer.list) await converge(control, clock, { node, running, signal }, one);
  }
}

async function converge(
  control: Control,
  clock: VirtualClock,
  { node, running }: Following,
  { allocation }: Assignment,
): Promise<void> {
  const { id } = allocation;
  const known = running.get(id);
  if (isUnwanted(allocation)) {
    if (known !== "running") return;
    running.set(id, "complete");
    await say(control, node.id, id, "complete", clock.nowMs(), { wasKilled: true });
  } else if (known === undefined && !isOver(allocation)) {
    running.set(id, "running");
    await say(control, node.id, id, "running", clock.nowMs());
  } else if (known !== undefined && known !== allocation.status) {
    await say(control, node.id, id, known, clock.nowMs());
  }
}

async function beat(
  control: Control,
  clock: VirtualClock,
  { ttlMs, ...following }: Following & { readonly ttlMs: number },
): Promise<void> {
  const { node, signal } = following;
  for (let wasSilent = false; !signal.aborted; wasSilent = node.isSilent) {
    await clock.sleep(ttlMs / 2, signal).catch(() => {});
    if (node.isSilent || signal.aborted) continue;
    await control.link.heartbeat(node.id).catch(() => {});
    if (!wasSilent) continue;
    const { list } = await control.link.assignments(node.id, -1, signal);
    for (const one of list) await converge(control, clock, following, one);
  }
}

async function say(
  control: Control,
  nodeId: string,
  allocationId: string,
  status: InstanceStatus,
  atMs: number,
  change: Partial<TaskState> = {},
): Promise<void> {
  const isDead = status === "complete" || status === "failed";
  const task: TaskState = {
    status: isDead ? "dead" : "running",
    failed: status === "failed",
    restarts: 0,
    startedAtMs: atMs,
    ...(isDead && { finishedAtMs: atMs }),
    ...change,
  };
  await control.link.report(nodeId, [{ allocationId, status, tasks: { main: task } }]);
}

/** Four cores of 1 GHz and 8 GiB. */
export function testFacts(id: string, name: string): NodeFacts {
  return {
    id,
    name,
    zone: "dc1",
    pool: "default",
    class: "",
    attributes: { "kernel.name": "linux", "unique.hostname": name },
    meta: {},
    capacity: { cpuMhz: 4000, cores: 4, memoryBytes: 8 * gibibyte, diskBytes: 100 * gibibyte },
    reserved: { cpuMhz: 0, cores: 0, memoryBytes: 0, diskBytes: 0, ports: [] },
    mhzPerCore: 1000,
    drivers: { sim: { isDetected: true, isHealthy: true } },
    devices: [],
    hostVolumes: {},
    hostNetworks: { default: { address: "127.0.0.1" } },
    networkModes: ["host"],
    dynamicPorts: { low: 20_000, high: 32_000 },
  };
}
