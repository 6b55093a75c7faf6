import type { Log } from "@fractals/program/log.ts";
import { loop, type Loop } from "@fractals/program/loop.ts";
import type { Queue } from "@fractals/queue/queue.ts";
import { relayTasks } from "@fractals/store/outbox.ts";
import type { FractalRow } from "@fractals/store/schema.ts";
import type { Store } from "@fractals/store/store.ts";

/** It is woken by every request and every reconnection; the beat is for what neither of them saw. */
const beatMs = 10_000;
const tasksAtOnce = 500;

/**
 * Carries tasks from the outbox to the queue. A fractal and its task are written in one transaction and
 * the task leaves the outbox only when the queue has confirmed it, so none is in the database and lost
 * to the queue. A task may reach the queue twice; whoever draws it sees that it is done.
 */
export function relayLoop(store: Store, queue: Pick<Queue, "publish" | "isOpen">, log: Log): Loop {
  return loop("relay", beatMs, log, async () => {
    while (queue.isOpen()) {
      const published = await relayTasks(store, tasksAtOnce, (rows) => queue.publish(rows.map(taskOf)));
      if (published > 0) log.debug(`relayed ${published} task(s)`);
      if (published < tasksAtOnce) return;
    }
  });
}

function taskOf(row: FractalRow) {
  const {
    uuid,
    kind,
    width,
    height,
    iterations,
    xa,
    xb,
    ya,
    yb,
    cx,
    cy,
    power,
    palette,
    colouring,
    samples,
  } = row;
  return {
    uuid,
    picture: { kind, width, height, iterations, xa, xb, ya, yb, cx, cy, power, palette, colouring, samples },
  };
}
