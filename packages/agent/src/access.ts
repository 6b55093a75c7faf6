import { Readable } from "node:stream";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskStats } from "@fractus/drivers/driver.ts";
import type { AgentAccess, AllocationStats, FileChunk, TaskUse } from "./agent-access.ts";
import { followFile, followLogs } from "./files/follow.ts";
import { listInside, openFileInside, statInside } from "./files/open-inside.ts";
import { hostLook } from "./node/host-stats.ts";
import type { AgentWorld } from "./run/agent-world.ts";
import type { AllocationRun } from "./run/allocation-run.ts";
import type { TaskRun } from "./run/task-run.ts";

export interface AccessSurroundings {
  readonly world: AgentWorld;
  /** On whose disk the files are. */
  readonly directory: string;
  /** Refuses an allocation that is not here. */
  find(allocationId: string): AllocationRun;
  collect(allocationId?: string): Promise<void>;
  changeMeta: AgentAccess["changeMeta"];
}

/** What others may ask, answered from the runs of this node. */
export function agentAccess(around: AccessSurroundings): AgentAccess {
  const { world, find } = around;
  const look = hostLook(around.directory);
  const use = cpuUse();
  const root = (id: string) => world.storage.directoryOf(find(id).id);
  return {
    hostStats: async () => look(world.clock.nowMs()),
    allocationStats: async (id) => allocationStats(find(id), use, world.clock.nowMs()),
    restart: async (id, which) => restart(find(id), which),
    signal: async (id, { task, signal }) => {
      await Promise.all(runningOrNamed(find(id), task).map((each) => each.signal(signal)));
    },
    exec: async (id, { task, command, ...options }) => find(id).task(task).exec(command, options),
    checks: async (id) => find(id).checks,
    isolation: async (id) => isolation(find(id)),
    list: async (id, path) => listInside(root(id), path),
    stat: async (id, path) => statInside(root(id), path),
    read: async (id, path, range) => readFile(root(id), path, range),
    follow: (id, path, from) => lazily(() => followFile(root(id), path, from, world.clock)),
    logs: (id, which) =>
      lazily(() => {
        const task = find(id).task(which.task);
        const hasEnded = () => task.state.status === "dead" && task.record.leftover === undefined;
        return followLogs(root(id), which, { clock: world.clock, hasEnded });
      }),
    collectGarbage: (id) => around.collect(id),
    changeMeta: (changes) => around.changeMeta(changes),
  };
}

/** A refusal reaches whoever reads, as it does with all other questions: as a rejection. */
async function* lazily(open: () => AsyncGenerator<FileChunk>): AsyncGenerator<FileChunk> {
  yield* open();
}

async function restart(
  run: AllocationRun,
  { task, evenEnded }: { readonly task?: string; readonly evenEnded?: boolean },
): Promise<void> {
  if (run.isEnding || run.isOver) throw new Refusal("conflict", "The allocation is over, or about to be.");
  const all =
    evenEnded && task === undefined ? [...run.taskRuns.values()].filter(hasBegun) : runningOrNamed(run, task);
  await Promise.all(all.map((each) => each.restart("User requested task to restart", { evenEnded })));
}

function hasBegun(task: TaskRun): boolean {
  return task.record.phase !== "waiting";
}

/** Refuses where nothing runs. */
function runningOrNamed(run: AllocationRun, name: string | undefined): TaskRun[] {
  if (name !== undefined) return [run.task(name)];
  const running = [...run.taskRuns.values()].filter((task) => task.handle !== undefined);
  if (running.length === 0) throw new Refusal("conflict", "No task of the allocation runs.");
  return running;
}

async function allocationStats(run: AllocationRun, use: CpuUse, nowMs: number): Promise<AllocationStats> {
  const tasks = await Promise.all(
    [...run.taskRuns.values()].map(async (task) => {
      const stats = await statsOf(task);
      return stats ? [[task.name, use(`${run.id}/${task.name}/${task.record.run}`, stats)] as const] : [];
    }),
  );
  return { measuredAtMs: nowMs, tasks: Object.fromEntries(tasks.flat()) };
}

/** A task may end while it is being asked. */
async function statsOf(task: TaskRun): Promise<TaskStats | undefined> {
  if (!task.handle) return undefined;
  try {
    return await task.driver.stats(task.handle);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

type CpuUse = (id: string, stats: TaskStats) => TaskUse;

const rememberedLooks = 1000;

/** Compares with the last look at the same run; the first look has nothing to compare with, and says 0. */
function cpuUse(): CpuUse {
  const looks = new Map<string, TaskStats>();
  return (id, stats) => {
    const before = looks.get(id);
    looks.delete(id);
    looks.set(id, stats);
    for (const oldest of looks.keys()) {
      if (looks.size <= rememberedLooks) break;
      looks.delete(oldest);
    }
    const passedMs = stats.measuredAtMs - (before?.measuredAtMs ?? stats.measuredAtMs);
    const usedMs = stats.cpuMs - (before?.cpuMs ?? 0);
    return { ...stats, cpuPercent: passedMs > 0 ? Math.max((100 * usedMs) / passedMs, 0) : 0 };
  };
}

async function isolation(run: AllocationRun): ReturnType<AgentAccess["isolation"]> {
  const claims = await Promise.all(
    [...run.taskRuns.values()].map(async (task) =>
      task.handle ? [[task.name, await task.driver.isolation(task.handle)] as const] : [],
    ),
  );
  return Object.fromEntries(claims.flat());
}

async function readFile(
  root: string,
  path: string,
  { offset = 0, limit }: { readonly offset?: number; readonly limit?: number },
): Promise<Readable> {
  if (limit === 0) return Readable.from([]);
  const { handle } = await openFileInside(root, path);
  return handle.createReadStream({ start: offset, ...(limit !== undefined && { end: offset + limit - 1 }) });
}
