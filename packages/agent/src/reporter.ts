import type { AllocationReport } from "./control-link.ts";
import type { AgentWorld } from "./run/agent-world.ts";
import { retrying } from "./run/retrying.ts";
import { wordsOf } from "./run/task-events.ts";

const batchLimit = 500;
/** The first report goes at once, those right after it together: a start alone has three. */
const gapMs = 20;

/**
 * Tells control what has become of allocations: one call at a time, of each allocation only the newest, again
 * until control has it on disk.
 */
export class Reporter {
  readonly #world: Pick<AgentWorld, "clock" | "dice" | "log" | "link">;
  readonly #nodeId: string;
  readonly #signal: AbortSignal;
  readonly #due = new Map<string, () => AllocationReport>();
  #isTelling = false;

  constructor(
    world: Pick<AgentWorld, "clock" | "dice" | "log" | "link">,
    nodeId: string,
    signal: AbortSignal,
  ) {
    this.#world = world;
    this.#nodeId = nodeId;
    this.#signal = signal;
  }

  /** @param report is asked when it is about to be told, so that it is the newest */
  put(allocationId: string, report: () => AllocationReport): void {
    this.#due.set(allocationId, report);
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tellAll().catch((error: unknown) => {
      this.#isTelling = false;
      if (!this.#signal.aborted) this.#world.log(`Reports could not be told: ${wordsOf(error)}`);
    });
  }

  /** It ends in the same moment in which it sees that nothing is due, so that nothing is put in between. */
  async #tellAll(): Promise<void> {
    await Promise.resolve();
    while (this.#due.size > 0) {
      await retrying(this.#world, this.#signal, () => this.#tellBatch(), { evenRefused: true });
      await this.#world.clock.sleep(gapMs, this.#signal);
    }
    this.#isTelling = false;
  }

  async #tellBatch(): Promise<void> {
    const batch = [...this.#due].slice(0, batchLimit);
    const reports = batch.map(([, report]) => report());
    for (const [id] of batch) this.#due.delete(id);
    try {
      await this.#world.link.report(this.#nodeId, reports);
    } catch (error) {
      for (const [id, report] of batch) if (!this.#due.has(id)) this.#due.set(id, report);
      throw error;
    }
  }
}
