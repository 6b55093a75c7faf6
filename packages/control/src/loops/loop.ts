/**
 * A loop compares what is wanted with what is there and takes a step. It runs when it is woken and on
 * a beat, never twice at a time, and may be run twice without harm. One that takes long rests in
 * proportion, so that it never has the process for itself.
 */
import type { Clock } from "@fractus/core/clock.ts";

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How often it runs when nobody wakes it. */
  readonly everyMs: number;
  /** The least time from the end of one step to the begin of the next. */
  readonly restMs?: number;
  /** One step; says when the next one is due, if that is before the beat. */
  readonly step: () => Promise<number | undefined | void>;
  readonly onError: (name: string, error: unknown) => void;
}

/** Without a reason of our own, each abort would make an exception with a stack. */
const woken = new Error("woken");

export class Loop {
  readonly #options: LoopOptions;
  readonly #end = new AbortController();
  #isWoken = true;
  #alarm: AbortController | undefined;
  readonly #done: Promise<void>;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Lets it run as soon as it may. */
  wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    this.#alarm?.abort(woken);
  }

  /** Resolves when the step under way is over; there is no further one. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#alarm?.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock, everyMs, restMs = 0, step, name, onError } = this.#options;
    await Promise.resolve();
    while (!this.#end.signal.aborted) {
      this.#isWoken = false;
      const startedMs = clock.nowMs();
      let nextMs = startedMs + everyMs;
      try {
        nextMs = Math.min(nextMs, (await step()) ?? Infinity);
      } catch (error) {
        onError(name, error);
      }
      const tookMs = clock.nowMs() - startedMs;
      const rest = Math.max(restMs, tookMs * 2);
      if (rest > 0) await this.#sleep(rest, this.#end.signal);
      if (!this.#isWoken) await this.#sleepUntil(nextMs);
    }
  }

  async #sleepUntil(atMs: number): Promise<void> {
    this.#alarm = new AbortController();
    if (this.#isWoken || this.#end.signal.aborted) return;
    await this.#sleep(Math.max(0, atMs - this.#options.clock.nowMs()), this.#alarm.signal);
    this.#alarm = undefined;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(ms, signal).catch(() => {});
  }
}
