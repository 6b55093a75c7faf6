import type { Clock } from "@fractus/core/clock.ts";

/** Something that may die: whoever waits on its behalf is never woken again. */
export interface Life {
  readonly isOver: boolean;
}

interface Sleeper {
  readonly atMs: number;
  readonly turn: number;
  readonly life: Life;
  wake: (() => void) | undefined;
}

const always: Life = { isOver: false };

/**
 * Time that passes only when somebody lets it, shared by all processes of a simulated cloud. Those who sleep are
 * woken in the order of their times; of one time, in the order in which they fell asleep.
 */
export class SimClock implements Clock {
  #nowMs = 1_767_225_600_000;
  #turn = 0;
  /** A binary heap, the earliest on top. Who has been woken in another way stays in it, and is passed over. */
  readonly #heap: Sleeper[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(delayMs, signal, always);
  }

  /** The clock as one process sees it. */
  of(life: Life): Clock {
    return {
      nowMs: () => this.#nowMs,
      sleep: (delayMs, signal) => this.#sleep(delayMs, signal, life),
    };
  }

  /** Lets this time pass; between two wakings everything that can go on goes on. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      let woken = 0;
      while (this.#heap.length > 0 && this.#heap[0].atMs <= this.#nowMs) woken += this.#wake(this.#pop());
      if (woken > 0) await settle();
    }
    this.#nowMs = untilMs;
  }

  #wake({ wake, life }: Sleeper): number {
    if (!wake || life.isOver) return 0;
    wake();
    return 1;
  }

  #sleep(delayMs: number, signal: AbortSignal | undefined, life: Life): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const atMs = this.#nowMs + Math.max(0, delayMs);
      const sleeper: Sleeper = { atMs, turn: this.#turn++, life, wake: undefined };
      const stop = () => {
        sleeper.wake = undefined;
        if (!life.isOver) reject(signal!.reason as Error);
      };
      sleeper.wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#push(sleeper);
    });
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap;
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isEarlier(heap[at], heap[parent])) break;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  #pop(): Sleeper {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [at * 2 + 1, at * 2 + 2];
      let least = at;
      if (left < heap.length && isEarlier(heap[left], heap[least])) least = left;
      if (right < heap.length && isEarlier(heap[right], heap[least])) least = right;
      if (least === at) return top;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

function isEarlier(a: Sleeper, b: Sleeper): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);
}

/** Everything that waits for nothing but other promises has gone as far as it can. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
