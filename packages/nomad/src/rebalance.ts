/**
 * Which copies would clearly be better off elsewhere, as things are now: an extension of Nomad's API.
 * Each is lifted off the cluster, scored on every node as a new one would be, and moved if the best
 * other node wins by a margin; the next is judged with the moves before it made. Nothing is changed.
 */
import { type Allocation, isTerminal } from "@fractus/core/allocation.ts";
import { groupOf, type Job } from "@fractus/core/job.ts";
import type { Context } from "@fractus/control/context.ts";
import { jobId, settingsOf } from "@fractus/control/state/state.ts";
import type { Ask } from "@fractus/scheduler/ask.ts";
import { groupAsk } from "@fractus/scheduler/group-ask.ts";
import { scoreTable } from "@fractus/scheduler/score-table.ts";

export interface Move {
  readonly allocation: Allocation;
  readonly toNodeId: string;
  /** By how much the score, a mean between -1 and 1, is higher there. */
  readonly gain: number;
}

/** A gain below this is not worth a restart. */
const leastGain = 0.1;

/** Copies that are looked at; those of more important jobs first. */
const mostCopies = 5_000;

/** @param sees  leaves out what the caller may not know of */
export function movesThatHelp(context: Context, sees: (project: string) => boolean): Move[] {
  const { cluster } = context.mirror;
  const moves: Move[] = [];
  cluster.attempt(() => {
    for (const { allocation, ask } of candidates(context, sees)) {
      const move = bestMove(context, allocation, ask);
      if (move) moves.push(move);
    }
    return false;
  });
  return moves;
}

/** The move, if there is one worth making; it is then made on the cluster. */
function bestMove(context: Context, allocation: Allocation, ask: Ask): Move | undefined {
  const { cluster } = context.mirror;
  let move: Move | undefined;
  cluster.attempt(() => {
    const row = cluster.instances.rowOf(allocation.id);
    if (row === undefined) return false;
    cluster.remove(row);
    const rows = scoreTable(cluster, ask, {}, { algorithm: settingsOf(context.state).algorithm });
    const here = rows.find(({ nodeId }) => nodeId === allocation.nodeId);
    const [best] = rows;
    const gain = best && here ? best.score - here.score : 0;
    if (!best || best.nodeId === allocation.nodeId || gain < leastGain) return false;
    cluster.settle(cluster.nodes.numberOf(best.nodeId), ask, 0);
    move = { allocation, toNodeId: best.nodeId, gain };
    return true;
  });
  return move;
}

/** What may be moved: copies that run, of jobs that do not have one on every node. */
function candidates(
  context: Context,
  sees: (project: string) => boolean,
): { readonly allocation: Allocation; readonly ask: Ask }[] {
  const asks = new Map<string, Ask | undefined>();
  const found: { readonly allocation: Allocation; readonly ask: Ask; readonly priority: number }[] = [];
  for (const allocation of context.state.allocations.values()) {
    if (isTerminal(allocation) || allocation.status !== "running" || !sees(allocation.project)) continue;
    const ask = askOf(context, asks, allocation);
    if (ask) found.push({ allocation, ask, priority: ask.priority });
  }
  return found.sort((a, b) => b.priority - a.priority).slice(0, mostCopies);
}

function askOf(context: Context, asks: Map<string, Ask | undefined>, one: Allocation): Ask | undefined {
  const versionKey = `${jobId(one.project, one.jobId)}\n${one.jobVersion}`;
  const key = `${versionKey}\n${one.group}`;
  if (!asks.has(key)) asks.set(key, movableAsk(context.state.versions.get(versionKey)?.job, one.group));
  return asks.get(key);
}

function movableAsk(job: Job | undefined, name: string): Ask | undefined {
  if (!job || job.type === "system" || job.type === "sysbatch") return undefined;
  const group = groupOf(job, name);
  return group && groupAsk(job, group);
}
