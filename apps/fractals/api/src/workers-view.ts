import type { WorkersView } from "@fractals/client/fractal.ts";
import type { Queue } from "@fractals/queue/queue.ts";
import { endedSince, totals } from "@fractals/store/fractals.ts";
import type { Store } from "@fractals/store/store.ts";
import { workersSince } from "@fractals/store/workers.ts";
import { isoTime } from "./fractal-json.ts";

/** A worker that has not been heard for so long is not shown any more. */
export const silenceMs = 40_000;

/** Who draws what now, how long the queue is and how fast it goes. */
export async function workersView(
  store: Store,
  queue: Pick<Queue, "depth">,
  nowMs: number,
): Promise<WorkersView> {
  const [depth, workers, ended, counts] = await Promise.all([
    queue.depth(),
    workersSince(store.db, nowMs - silenceMs),
    endedSince(store.db, nowMs - 60_000),
    totals(store.db),
  ]);
  return {
    queue: { depth: depth?.waiting ?? null, consumers: depth?.consumers ?? null },
    workers: workers.map(({ seen_at_ms, ...worker }) => ({ ...worker, seen_at: isoTime(seen_at_ms)! })),
    rates: { done_last_minute: ended.done, failed_last_minute: ended.failed },
    totals: counts,
  };
}
