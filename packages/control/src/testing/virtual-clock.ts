import type { Clock } from "@fractus/core/clock.ts";

/** A clock whose hours pass at once: those who sleep are woken one after the other, in the order of their times. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #turn = 0;
  readonly #sleepers = new Map<number, { readonly atMs: number; wake(): void }>();

  constructor(startMs = 1_767_225_600_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const turn = this.#turn++;
      const leave = () => this.#sleepers.delete(turn);
      const stop = () => {
        leave();
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", stop, { once: true });
      const wake = () => {
        leave();
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      this.#sleepers.set(turn, { atMs: this.#nowMs + delayMs, wake });
    });
  }

  /** When the next sleeper wakes, if there is one. */
  nextMs(): number | undefined {
    const times = [...this.#sleepers.values()].map((sleeper) => sleeper.atMs);
    return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined;
  }

  /** Lets this time pass. Between two wakings everything that can go on goes on. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let nextMs = this.nextMs(); nextMs !== undefined && nextMs <= untilMs; nextMs = this.nextMs()) {
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      const due = [...this.#sleepers.entries()].filter(([, one]) => one.atMs <= this.#nowMs);
      for (const [, one] of due.toSorted(([a], [b]) => a - b)) one.wake();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}

/** Everything that waits for nothing but other promises has gone as far as it can. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}
