/**
 * Wakes those who have to hear of something, a few at a time, and rests for as long as they then kept the process
 * busy. When there are few, all are woken at once; when there are many, each hears at once of all that has
 * happened while it waited for its turn, so that telling never takes more than half of the time.
 */
import type { Clock } from "@fractus/core/clock.ts";

const atOnce = 100;

export class Turns {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
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
      await this.#clock.sleep(this.#clock.nowMs() - startedMs);
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
