import type { ImageStore } from "@fractals/images/image-store.ts";
import type { Log } from "@fractals/program/log.ts";
import { loop, type Loop } from "@fractals/program/loop.ts";
import type { Queue } from "@fractals/queue/queue.ts";
import { requeueUnfinished } from "@fractals/store/fractals.ts";
import { outboxLength } from "@fractals/store/outbox.ts";
import type { Store } from "@fractals/store/store.ts";
import { emptyTrash, trashedImages } from "@fractals/store/trash.ts";
import { forgetWorkers, workersSince } from "@fractals/store/workers.ts";
import { silenceMs } from "./workers-view.ts";

const beatMs = 30_000;
const trashAtOnce = 200;
const forgetWorkersAfterMs = 3_600_000;

interface Dependencies {
  readonly store: Store;
  readonly images: ImageStore;
  readonly queue: Pick<Queue, "depth">;
  readonly wakeRelay: () => void;
  readonly log: Log;
}

/** Puts right what a crash, or a queue that lost its data, left behind. */
export function sweepLoop({ store, images, queue, wakeRelay, log }: Dependencies): Loop {
  return loop("sweep", beatMs, log, async () => {
    await takeOutTrash(store, images);
    const nowMs = Date.now();
    await forgetWorkers(store.db, { silentSinceMs: nowMs - forgetWorkersAfterMs });
    if (!(await allIsQuiet(store, queue, nowMs))) return;
    const requeued = await requeueUnfinished(store.db, nowMs - beatMs);
    if (requeued === 0) return;
    log.warning(
      `the queue is empty and nobody draws, but ${requeued} fractal(s) are unfinished: queueing them again`,
    );
    wakeRelay();
  });
}

async function takeOutTrash(store: Store, images: ImageStore): Promise<void> {
  for (;;) {
    const keys = await trashedImages(store.db, trashAtOnce);
    for (const key of keys) await images.delete(key);
    await emptyTrash(store.db, keys);
    if (keys.length < trashAtOnce) return;
  }
}

/** Nothing waits in outbox or queue, and no worker says that it draws: whatever is unfinished now is lost to the queue. */
async function allIsQuiet(store: Store, queue: Pick<Queue, "depth">, nowMs: number): Promise<boolean> {
  const depth = await queue.depth();
  if (depth === undefined || depth.waiting > 0 || (await outboxLength(store.db)) > 0) return false;
  const workers = await workersSince(store.db, nowMs - silenceMs);
  return workers.every(({ drawing }) => drawing === null);
}
