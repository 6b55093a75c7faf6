/** Notices nodes that have fallen silent, and leads instances away from nodes that are drained. */
import { isTerminal } from "@fractus/core/allocation.ts";
import { groupOf } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { drain } from "@fractus/scheduler/reconcile/drain.ts";
import { migrateAllocations } from "../commands/allocations.ts";
import { finishDrains, setNodeStatus } from "../commands/nodes.ts";
import type { Context } from "../context.ts";
import type { Committed } from "../state/ledger.ts";
import { jobId } from "../state/state.ts";

export class HeartbeatLoop {
  readonly #context: Context;
  readonly #deadlineMs = new Map<string, number>();
  readonly #startedMs: number;

  constructor(context: Context) {
    this.#context = context;
    this.#startedMs = context.clock.nowMs();
  }

  /** The node was heard of; it is to be heard of again within this time. */
  heard(nodeId: string, ttlMs: number): void {
    const { clock, terms } = this.#context;
    this.#deadlineMs.set(nodeId, clock.nowMs() + ttlMs + terms.heartbeatGraceMs);
  }

  async step(): Promise<number | undefined> {
    const { state, clock, terms } = this.#context;
    const nowMs = clock.nowMs();
    let nextMs: number | undefined;
    for (const node of state.nodes.values()) {
      const deadlineMs = this.#deadlineMs.get(node.id) ?? this.#startedMs + terms.startGraceMs;
      if (deadlineMs > nowMs) nextMs = Math.min(nextMs ?? Infinity, deadlineMs);
      else if (node.status !== "down") await this.#expire(node);
    }
    return nextMs;
  }

  async #expire(node: Node): Promise<void> {
    const status = this.#mayComeBack(node) ? "disconnected" : "down";
    await setNodeStatus(this.#context, {
      nodeId: node.id,
      status,
      reason: "heartbeat missed",
      message: "Node heartbeat missed",
    });
  }

  /** Whether something on it may be `unknown` for a while rather than lost. */
  #mayComeBack(node: Node): boolean {
    const { state, clock } = this.#context;
    return state.allocations.by("node", node.id).some((one) => {
      if (isTerminal(one)) return false;
      const job = state.versions.get(`${jobId(one.project, one.jobId)}\n${one.jobVersion}`)?.job;
      const lostAfterMs = job && groupOf(job, one.group)?.disconnect?.lostAfterMs;
      return lostAfterMs !== undefined && (one.unknownSinceMs ?? clock.nowMs()) + lostAfterMs > clock.nowMs();
    });
  }
}

export class DrainLoop {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  concerns({ changes }: Committed): boolean {
    const isAbout = changes.some((change) => change.table === "nodes" || change.table === "allocations");
    return isAbout && this.#drained().length > 0;
  }

  #drained(): Node[] {
    return [...this.#context.state.nodes.values()].filter((node) => node.drain !== undefined);
  }

  async step(): Promise<number | undefined> {
    const { state, clock } = this.#context;
    const drains = this.#drained().map((node) => ({ ...node.drain!, nodeId: node.id }));
    if (drains.length === 0) return undefined;
    const keys = new Set(
      drains.flatMap(({ nodeId }) =>
        state.allocations.by("node", nodeId).map((one) => jobId(one.project, one.jobId)),
      ),
    );
    const jobs = [...keys].flatMap((key) => state.jobs.get(key)?.job ?? []);
    const allocations = [...keys].flatMap((key) => state.allocations.by("job", key));
    const step = drain({ drains, jobs, allocations, nowMs: clock.nowMs() });
    if (step.migrate.length > 0)
      await migrateAllocations(
        this.#context,
        step.migrate.map((one) => one.id),
      );
    if (step.doneNodeIds.length > 0) await finishDrains(this.#context, step.doneNodeIds);
    return step.wakeAtMs;
  }
}
