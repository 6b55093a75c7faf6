import { systemClock } from "@fractus/core/clock.ts";
import type { Clock } from "@fractus/core/clock.ts";

interface Sample {
  readonly count: number;
  readonly atMs: number;
}

/** A rate is the slope between two looks that are at least this far apart. */
const leastMs = 1000;

/** Rates of counters, from when they are looked at: nobody counts while nobody looks. */
export class Rates {
  readonly #clock: Clock;
  readonly #samples = new Map<string, { readonly before: Sample; readonly last: Sample }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Per second, since the look before; 0 at the first. */
  of(key: string, count: number): number {
    const now = { count, atMs: this.#clock.nowMs() };
    const seen = this.#samples.get(key);
    if (!seen) {
      this.#samples.set(key, { before: now, last: now });
      return 0;
    }
    const isDue = now.atMs - seen.last.atMs >= leastMs;
    const since = isDue ? seen.last : seen.before;
    if (isDue) this.#samples.set(key, { before: seen.last, last: now });
    const seconds = (now.atMs - since.atMs) / 1000;
    return seconds <= 0 ? 0 : Math.max(0, count - since.count) / seconds;
  }
}
