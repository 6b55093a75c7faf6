/** The last minutes of the queue, as the page has seen them since it was opened. */
import type { WorkersView } from "@fractals/client/fractal.ts";

export interface Sample {
  readonly atMs: number;
  /** Tasks waiting. */
  readonly depth: number;
  /** Fractals done in all, from which speed follows. */
  readonly done: number;
}

export const keptMs = 5 * 60_000;

/** Adds what a view says; a queue that does not answer leaves a gap. */
export function withSample(samples: readonly Sample[], view: WorkersView, atMs: number): readonly Sample[] {
  const kept = samples.filter((sample) => sample.atMs > atMs - keptMs);
  if (view.queue.depth === null) return kept;
  return [...kept, { atMs, depth: view.queue.depth, done: view.totals.done }];
}

/** Shorter spans than this say nothing about speed. */
const shortestMs = 4000;

/**
 * Fractals drawn per minute at each sample, over the ten seconds before it; undefined at the
 * beginning, where too little was seen. Deleting does not count backwards.
 */
export function rates(samples: readonly Sample[], overMs = 10_000): (number | undefined)[] {
  return samples.map((sample) => {
    const from = samples.find((earlier) => earlier.atMs >= sample.atMs - overMs) ?? sample;
    const elapsedMs = sample.atMs - from.atMs;
    if (elapsedMs < shortestMs) return undefined;
    return (Math.max(0, sample.done - from.done) / elapsedMs) * 60_000;
  });
}

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not below the largest value. */
export function niceCeiling(values: readonly number[]): number {
  const largest = Math.max(1, ...values);
  const power = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= largest)!;
}
