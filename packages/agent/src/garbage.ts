import { Refusal } from "@fractus/core/refusal.ts";
import type { AgentWorld } from "./run/agent-world.ts";
import type { AllocationRun } from "./run/allocation-run.ts";
import { wordsOf } from "./run/task-events.ts";

/** Above this share of the disk, files of allocations that are over are removed. */
const diskLimit = 0.8;

export interface GarbageSurroundings {
  readonly world: AgentWorld;
  readonly runs: ReadonlyMap<string, AllocationRun>;
  /** How many that are over keep their files. */
  readonly kept: number;
}

/**
 * Removes the files of allocations that are over, the oldest first: of as many as are more than are kept, and
 * while the disk is full. The record stays until control knows the allocation no more: one that was forgotten would
 * be begun again.
 */
export class GarbageCollector {
  readonly #around: GarbageSurroundings;
  #collecting: Promise<void> | undefined;

  constructor(around: GarbageSurroundings) {
    this.#around = around;
  }

  /** Looks once whether there is something to do. */
  beat(): Promise<void> {
    this.#collecting ??= this.#collectExcess()
      .catch((error: unknown) => this.#around.world.log(`Files could not be removed: ${wordsOf(error)}`))
      .finally(() => {
        this.#collecting = undefined;
      });
    return this.#collecting;
  }

  /** One that is over, or all. */
  async collect(id?: string): Promise<void> {
    await this.#collecting;
    const run = id === undefined ? undefined : this.#around.runs.get(id);
    if (id !== undefined && !run) throw new Refusal("not-found", `The allocation ${id} is not on this node.`);
    if (run && !run.isOver) throw new Refusal("conflict", `The allocation ${run.id} is not over.`);
    for (const each of run ? [run] : this.#over()) await each.collect();
  }

  async #collectExcess(): Promise<void> {
    const withFiles = this.#over();
    const excess = withFiles.slice(0, Math.max(withFiles.length - this.#around.kept, 0));
    for (const run of excess) await run.collect();
    for (const run of withFiles.slice(excess.length)) {
      if (this.#around.world.storage.diskUse() <= diskLimit) return;
      await run.collect();
    }
  }

  /** Those with files, oldest first. */
  #over(): AllocationRun[] {
    return [...this.#around.runs.values()]
      .filter((run) => run.isOver && !run.isCollected)
      .toSorted((a, b) => (a.overAtMs ?? 0) - (b.overAtMs ?? 0));
  }
}
