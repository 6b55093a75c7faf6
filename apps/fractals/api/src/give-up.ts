import type { Log } from "@fractals/program/log.ts";
import { decodeTask } from "@fractals/queue/task.ts";
import { deliveryLimit } from "@fractals/queue/topology.ts";
import type { Consumer, Queue } from "@fractals/queue/queue.ts";
import { endFractal } from "@fractals/store/fractals.ts";
import type { Store } from "@fractals/store/store.ts";

/** Notes as failed the tasks that the queue has given up because no worker lived to finish them. */
export function giveUpTasks(queue: Queue, store: Store, log: Log): Consumer {
  return queue.consumeDead(async (body) => {
    const uuid = uuidOf(body);
    if (uuid === undefined)
      return log.warning(`dropped a message that is no task: ${body.subarray(0, 200).toString()}`);
    await store.change(async (transaction) => {
      const row = await endFractal(transaction, uuid, {
        status: "failed",
        generated_by: null,
        finished_at_ms: Date.now(),
        error: `Given up after ${deliveryLimit + 1} attempts: each worker that took it ended before it was drawn.`,
      });
      return { result: undefined, changes: row ? [{ uuid, deleted: false }] : [] };
    });
    log.warning(`gave up fractal ${uuid}`);
  });
}

function uuidOf(body: Buffer): string | undefined {
  try {
    return decodeTask(body).uuid;
  } catch {
    return undefined;
  }
}
