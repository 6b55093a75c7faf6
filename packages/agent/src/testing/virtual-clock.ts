import type { Clock } from "@fractus/core/clock.ts";

/** A clock whose time passes only when it is told to. */
export interface VirtualClock extends Clock {
  /** Lets so much time pass, and everything happen that waits for a moment in it, in order. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  wake(): void;
}

export function virtualClock(startMs = 1_000_000): VirtualClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  return {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { atMs: nowMs + Math.max(delayMs, 0), wake: () => settle(resolve) };
        const settle = (how: () => void) => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          how();
        };
        const stop = () => settle(() => reject(signal?.reason));
        signal?.addEventListener("abort", stop, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await everythingElse();
      for (;;) {
        const next = [...sleepers].reduce<Sleeper | undefined>(
          (first, each) => (first && first.atMs <= each.atMs ? first : each),
          undefined,
        );
        if (!next || next.atMs > untilMs) break;
        nowMs = next.atMs;
        next.wake();
        await everythingElse();
      }
      nowMs = untilMs;
      await everythingElse();
    },
  };
}

/** Whatever can go on without time passing: a few turns of the loop, as promises wait for each other. */
async function everythingElse(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
