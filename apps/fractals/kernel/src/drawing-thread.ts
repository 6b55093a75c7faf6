// One thread of a pool. It sleeps in its event loop until a picture comes, takes chunks of rows from a
// shared counter until none is left or the picture is cancelled, and says that it is through.
import { parentPort } from "node:worker_threads";
import { gridOf } from "./counts.ts";
import { chunkRows, drawRows, type Layout } from "./draw.ts";
import type { Picture } from "./picture.ts";
import { kernelOn, type Kernel } from "./wasm.ts";

/** What a pool sends to a thread for each picture. */
export interface Task {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly picture: Picture;
  readonly layout: Layout;
  /** Which of the pool's threads this is, from 0. */
  readonly thread: number;
  /** Shared by the threads that draw this picture; see `slots`. */
  readonly control: Int32Array<SharedArrayBuffer>;
}

/** What the numbers in `control` are. */
export const slots = { nextRow: 0, rowsDone: 1, cancelled: 2, length: 3 } as const;

let instance: { memory: WebAssembly.Memory; kernel: Kernel } | undefined;

parentPort?.on("message", (task: Task) => {
  if (instance?.memory !== task.memory)
    instance = { memory: task.memory, kernel: kernelOn(task.module, task.memory) };
  drawChunks(instance.kernel, task);
  parentPort?.postMessage("through", []);
});

function drawChunks(kernel: Kernel, { picture, layout, thread, control }: Task): void {
  const { rows } = gridOf(picture);
  let hint = 0;
  while (Atomics.load(control, slots.cancelled) === 0) {
    const from = Atomics.add(control, slots.nextRow, chunkRows);
    if (from >= rows) return;
    const to = Math.min(from + chunkRows, rows);
    hint = drawRows(kernel, picture, layout, { from, to, thread, hint });
    Atomics.add(control, slots.rowsDone, to - from);
  }
}
