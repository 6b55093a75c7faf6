/** What holds at any time, whatever has gone wrong, and what must have been kept through a fault. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@fractus/client/client.ts";
import { ApiError } from "@fractus/client/error.ts";
import type { Allocation } from "@fractus/client/types/allocation.ts";
import { type TaskProcess, taskProcesses } from "./processes.ts";
import { dispatched } from "./people.ts";
import type { Ledger } from "./ledger.ts";
import { isLive, tasksOf, type Scene } from "./scene.ts";
import { inWords } from "./settled.ts";

/** An allocation has one process of its task, on one node. Two looks, as one of them takes time. */
export async function runningTwice(folder: string): Promise<string[]> {
  const first = twins(taskProcesses(folder));
  if (first.length === 0) return [];
  await sleep(100);
  const again = twins(taskProcesses(folder));
  return first.filter((one) => again.includes(one)).map((words) => `an allocation runs once: ${words}`);
}

function twins(processes: readonly TaskProcess[]): string[] {
  const tasks = Map.groupBy(
    processes.filter((one) => one.isTask),
    (one) => one.allocation,
  );
  return [...tasks]
    .filter(([, all]) => all.length > 1)
    .map(([id, all]) => `${id}: ${all.map(({ pid, directory }) => `${pid} in ${directory}`).join(", ")}`);
}

/** What is wanted and not over fits on its node, and no port is given twice. */
export async function oversubscribed(client: Client): Promise<string[]> {
  const wrong: string[] = [];
  for (const { ID, Name } of await client.nodes.list()) {
    const { NodeResources, ReservedResources } = await client.nodes.get(ID);
    const here = (await client.nodes.allocations(ID)).filter((one) =>
      isLive(one as unknown as Parameters<typeof isLive>[0]),
    );
    const room = (of: (node: typeof NodeResources) => number) => of(NodeResources) - of(ReservedResources);
    const most = (what: string, used: number, most: number) => {
      if (used > most) wrong.push(`no node is oversubscribed: ${Name}: ${what} ${used} of ${most}`);
    };
    const total = (of: (one: Allocation) => number) => here.reduce((sum, one) => sum + of(one), 0);
    most(
      "MB",
      total(memoryMb),
      room((node) => node?.Memory.MemoryMB ?? 0),
    );
    most(
      "MHz",
      total(cpuMhz),
      room((node) => node?.Cpu.CpuShares ?? 0),
    );
    most(
      "MB of disk",
      total((one) => one.AllocatedResources?.Shared.DiskMB ?? 0),
      room((node) => node?.Disk.DiskMB ?? 0),
    );
    const ports = here.flatMap((one) => one.AllocatedResources?.Shared.Ports ?? []);
    const given = ports.map(({ HostIP, Value }) => `${HostIP}:${Value}`);
    const twice = given.find((one, at) => given.indexOf(one) !== at);
    if (twice) wrong.push(`no node is oversubscribed: ${Name}: port ${twice} is given to two`);
  }
  return wrong;
}

function memoryMb({ AllocatedResources }: Allocation): number {
  return tasksIn(AllocatedResources).reduce((sum, task) => sum + task.Memory.MemoryMB, 0);
}

function cpuMhz({ AllocatedResources }: Allocation): number {
  return tasksIn(AllocatedResources).reduce((sum, task) => sum + task.Cpu.CpuShares, 0);
}

function tasksIn(resources: Allocation["AllocatedResources"]) {
  return Object.values(resources?.Tasks ?? {});
}

const reconnectLimitMs = 15_000;

/** Each process of a running task has written 1, 2, 3 and so on: none is lost, none is there twice. */
export async function brokenLogs(client: Client, scene: Scene): Promise<string[]> {
  const wrong: string[] = [];
  const tasks = tasksOf(scene);
  for (const one of scene.allocations.filter(isLive)) {
    const words = brokenLine(await logOf(client, one.ID), tasks.get(one.ID)?.pid);
    if (words) wrong.push(`no line of a log is lost: ${inWords(one)}: ${words}`);
  }
  return wrong;
}

/** An agent that has lost the cloud takes a moment to find it again; until then nobody can ask it. */
async function logOf(client: Client, id: string): Promise<string> {
  const parameters = { task: "count", type: "stdout", plain: true, origin: "start" };
  for (const until = Date.now() + reconnectLimitMs; ; await sleep(100)) {
    try {
      return await client.http.text(`/client/fs/logs/${id}`, {}, parameters);
    } catch (error) {
      if (!(error instanceof ApiError) || Date.now() > until) throw error;
    }
  }
}

function brokenLine(text: string, alive: number | undefined): string | undefined {
  const counted = new Map<number, number>();
  for (const line of text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)) {
    const [pid, count] = line.split(" ").map(Number);
    const before = counted.get(pid) ?? 0;
    if (count !== before + 1) return `"${line}" follows ${before}`;
    counted.set(pid, count);
  }
  return alive !== undefined && !counted.has(alive) ? `process ${alive} is not in it` : undefined;
}

export interface Bystanders {
  readonly before: Scene;
  readonly after: Scene;
  /** Jobs that somebody asked something of, and nodes that were drained. */
  readonly touched: ReadonlySet<string>;
  readonly killedTask: number | undefined;
}

/** Copies of jobs of which nobody has asked anything live through it in the same process. */
export function disturbed({ before, after, touched, killedTask }: Bystanders): string[] {
  const now = tasksOf(after);
  const tasks = tasksOf(before);
  return before.allocations
    .filter((one) => isLive(one) && !touched.has(`job ${one.JobID}`) && !touched.has(`node ${one.NodeName}`))
    .filter((one) => tasks.get(one.ID)?.pid !== killedTask)
    .filter((one) => tasks.get(one.ID)?.pid !== now.get(one.ID)?.pid)
    .map((one) => {
      const pids = [tasks.get(one.ID)?.pid, now.get(one.ID)?.pid];
      return `tasks live through it: ${inWords(one)} was process ${pids[0]} and is ${pids[1] ?? "gone"}`;
    });
}

/** One job for each dispatch, however often it was asked for. */
export function wrongDispatches({ dispatches }: Ledger, { jobs }: Scene): string[] {
  const made = [...dispatches.values()];
  const children = new Set(jobs.filter((one) => one.ParentID === dispatched).map((one) => one.ID));
  const lost = made.filter((id) => id === undefined || !children.has(id));
  const extra = [...children].filter((id) => !made.includes(id));
  return [
    ...lost.map((id) => `what was acknowledged is not there: dispatched job ${id}`),
    ...extra.map((id) => `a token dispatches once: job ${id} is one too many`),
  ];
}
