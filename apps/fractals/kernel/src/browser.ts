// Drawing without threads and without a server: for previews in a page or in a web worker.
import { colour, toRgba, type Values } from "./colour.ts";
import { gridOf } from "./counts.ts";
import { chunkRows, drawRows, layoutOf, writeTables } from "./draw.ts";
import type { Picture } from "./picture.ts";
import { compileKernel, kernelOn, memoryOf, pageBytes, type Kernel } from "./wasm.ts";

export interface Drawn {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, 255, row by row: what `ImageData` takes. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface DrawOptions {
  /** Looked at between bands. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** So long a band may keep the page from doing anything else. */
const bandMs = 12;

/**
 * Draws a picture in this thread, in bands between which the page can breathe.
 *
 * The pixels are those of the file that the server makes of the same picture. It needs no shared memory,
 * so it works on pages that are not isolated from other origins, over plain HTTP too.
 *
 * @param picture as `checkPicture` returns it
 * @throws the signal's reason when it is aborted
 */
export async function drawPicture(picture: Picture, options: DrawOptions = {}): Promise<Drawn> {
  const { signal, onProgress } = options;
  const { columns, rows } = gridOf(picture);
  const layout = layoutOf(picture, { threads: 1 });
  const { kernel, memory } = await kernelFor(layout.bytes);
  writeTables(picture, layout, memory);
  let hint = 0;
  for (let from = 0, pausedAt = performance.now(); from < rows; from += chunkRows) {
    signal?.throwIfAborted();
    hint = drawRows(kernel, picture, layout, {
      from,
      to: Math.min(from + chunkRows, rows),
      thread: 0,
      hint,
    });
    if (performance.now() - pausedAt < bandMs) continue;
    onProgress?.(Math.min((from + chunkRows) / rows, 1));
    await new Promise((resolve) => setTimeout(resolve, 0));
    pausedAt = performance.now();
  }
  signal?.throwIfAborted();
  const values: Values = {
    counts: new Uint32Array(memory.buffer, layout.counts, columns * rows),
    continuous:
      layout.smooth === 0 ? undefined : new Float32Array(memory.buffer, layout.smooth, columns * rows),
  };
  const rgba = toRgba(colour(picture, values));
  onProgress?.(1);
  return { width: picture.width, height: picture.height, rgba };
}

let compiled: WebAssembly.Module | undefined;

/** Each drawing has a memory of its own, so several may be under way in one thread. */
async function kernelFor(bytes: number): Promise<{ kernel: Kernel; memory: WebAssembly.Memory }> {
  compiled ??= await compileKernel({ shared: false });
  const memory = memoryOf(bytes + pageBytes, { shared: false });
  return { kernel: kernelOn(compiled, memory), memory };
}
