/**
 * When to read again: soon after a change, but never so often that reading is all that happens; and once
 * in a while anyway, for what no event tells.
 */
import type { Change } from "./live.ts";
import type { Topic } from "@fractus/client/types/event.ts";

const leastPauseMs = 150;
/** So many times as long as the last reading took, nothing is read. */
const restFactor = 4;

export function pauseAfter(readingMs: number): number {
  return Math.max(leastPauseMs, readingMs * restFactor);
}

export function concerns(change: Change, topics: readonly Topic[]): boolean {
  return change === "everything" || topics.some((topic) => change.has(topic));
}

/** Runs the reading again and again, one at a time, until it is stopped. */
export class Refetcher {
  readonly #read: () => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isReading = false;
  #isStale = false;
  #isStopped = false;
  #freeAtMs = 0;

  /** @param everyMs also without a change */
  constructor(read: () => Promise<void>, everyMs: number) {
    this.#read = read;
    this.#everyMs = everyMs;
    void this.#run();
  }

  /** Something has changed. */
  touch(): void {
    this.#isStale = true;
    if (!this.#isReading) this.#schedule(Math.max(0, this.#freeAtMs - performance.now()));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#run(), delayMs);
  }

  async #run(): Promise<void> {
    this.#isReading = true;
    this.#isStale = false;
    const beganAtMs = performance.now();
    await this.#read();
    const pauseMs = pauseAfter(performance.now() - beganAtMs);
    this.#freeAtMs = performance.now() + pauseMs;
    this.#isReading = false;
    this.#schedule(this.#isStale ? pauseMs : Math.max(pauseMs, this.#everyMs));
  }
}
