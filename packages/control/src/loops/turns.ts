/**
 * Wakes those who have to hear of something, a few at a time, and rests in proportion to how long they then kept the
 * process busy. When there are few, all are woken at once; when there are many, each hears at once of all that has
 * happened while it waited for its turn.
 */
import type { Clock } from "@fractus/core/clock.ts";

const atOnce = 100;

export class Turns {
  readonly #clock: Clock;
  readonly #restShare: () => number;
  readonly #waiting = new Map<string, () => void>();
  #isBusy = false;

  /** @param restShare how many times as long as it has taken it is to rest now */
  constructor(clock: Clock, restShare: () => number) {
    this.#clock = clock;
    this.#restShare = restShare;
  }

  /** Whether somebody has to wait for a turn. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Calls `go` when it is its turn. Whoever waits already keeps the place in the row. */
  take(key: string, go: () => void): void {
    this.#waiting.set(key, go);
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const startedMs = this.#clock.nowMs();
      this.#wakeSome();
      if (this.#waiting.size === 0) break;
      await this.#clock.sleep(0);
      const tookMs = this.#clock.nowMs() - startedMs;
      await this.#clock.sleep(tookMs * this.#restShare());
    }
    this.#isBusy = false;
  }

  #wakeSome(): void {
    let left = atOnce;
    for (const [key, go] of this.#waiting) {
      if (left-- === 0) return;
      this.#waiting.delete(key);
      go();
    }
  }
}
