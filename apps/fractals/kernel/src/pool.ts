import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { colour, type Pixels } from "./colour.ts";
import { gridOf } from "./counts.ts";
import { slots, type Task } from "./drawing-thread.ts";
import { isClassic, layoutOf, writeTables, type Layout } from "./draw.ts";
import { checkPicture } from "./limits.ts";
import { classicColours } from "./palettes.ts";
import type { Picture } from "./picture.ts";
import { encodePng, encodeScanlines } from "./png.ts";
import { compileKernel, kernelOn, memoryOf, pageBytes, type Kernel } from "./wasm.ts";

export interface Rendered {
  /** One per point, as `countsPlain` says; only where they were asked for. */
  readonly counts?: Uint32Array;
  /** The file; it carries the picture's parameters. */
  readonly png: Uint8Array<ArrayBuffer>;
  /** Wall-clock times of the three steps. */
  readonly timings: { readonly computeMs: number; readonly colourMs: number; readonly encodeMs: number };
}

export interface RenderOptions {
  readonly signal?: AbortSignal;
  /** Hand out the counts too. Copying them takes a tenth of the time that a small picture takes. */
  readonly counts?: boolean;
  /** Called a few times a second with the share of rows computed, from 0 to 1, and once with 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Threads that draw. Idle, they take no processor time and do not keep the process alive. */
export interface Pool {
  /**
   * Draws a picture with all threads. Pictures asked for at the same time wait for each other.
   *
   * @throws PictureError for a picture that cannot be drawn
   * @throws the signal's reason when it is aborted; the pool can draw on afterwards
   */
  render(picture: Picture, options?: RenderOptions): Promise<Rendered>;
  /** Ends the threads. What is under way fails; a second call does nothing. */
  close(): Promise<void>;
}

/** A cancelled thread that is not through with its rows by then is ended, and started anew when needed. */
const graceMs = 500;
const progressMs = 100;

/** A memory larger than this is not kept for pictures that need less than a quarter of it. */
const keptBytes = 64 * 1024 * 1024;

/**
 * Makes a pool. Threads are started with the first picture.
 *
 * @param threads how many draw at the same time, at least 1
 */
export function createPool({ threads }: { threads: number }): Pool {
  const crew = new Crew(threads);
  let last: Promise<unknown> = Promise.resolve();
  return {
    render(asked, options = {}) {
      const turn = last.then(() => renderWith(crew, checkPicture({ ...asked }), options));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => crew.close(),
  };
}

async function renderWith(crew: Crew, picture: Picture, options: RenderOptions): Promise<Rendered> {
  options.signal?.throwIfAborted();
  const startedAt = performance.now();
  const computed = await crew.compute(picture, options);
  const computedAt = performance.now();
  const finished = paint(picture, computed);
  const colouredAt = performance.now();
  const png = await finished();
  return {
    ...(options.counts ? { counts: copyOfCounts(picture, computed) } : {}),
    png,
    timings: {
      computeMs: computedAt - startedAt,
      colourMs: colouredAt - computedAt,
      encodeMs: performance.now() - colouredAt,
    },
  };
}

function copyOfCounts(picture: Picture, { memory, layout }: Computed): Uint32Array {
  const { columns, rows } = gridOf(picture);
  return new Uint32Array(memory.buffer, layout.counts, columns * rows).slice();
}

interface Computed {
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
}

/** Colours what was computed, and answers with the function that makes the file. */
function paint(
  picture: Picture,
  { layout, memory, kernel }: Computed,
): () => Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = picture;
  const { columns, rows } = gridOf(picture);
  if (isClassic(picture)) {
    kernel.classicScanlines(layout.counts, layout.scanlines, width, height);
    const lines = new Uint8Array(memory.buffer, layout.scanlines, (1 + width) * height);
    return () => encodeScanlines({ width, height, colours: classicColours, lines }, picture);
  }
  const points = columns * rows;
  const pixels: Pixels = colour(picture, {
    counts: new Uint32Array(memory.buffer, layout.counts, points),
    continuous: layout.smooth === 0 ? undefined : new Float32Array(memory.buffer, layout.smooth, points),
  });
  return () => encodePng(pixels, picture);
}

/** The threads of a pool and the memory that they share. */
class Crew {
  readonly #size: number;
  #threads: Worker[] = [];
  #module: WebAssembly.Module | undefined;
  #memory: WebAssembly.Memory | undefined;
  #kernel: Kernel | undefined;
  #isClosed = false;
  readonly #closing = new AbortController();

  constructor(size: number) {
    this.#size = size;
  }

  async compute(picture: Picture, options: RenderOptions): Promise<Computed> {
    if (this.#isClosed) throw new Error("The pool is closed.");
    const layout = layoutOf(picture, { threads: this.#size });
    this.#module ??= await compileKernel({ shared: true });
    const { memory, kernel } = this.#room(this.#module, layout.bytes);
    writeTables(picture, layout, memory);
    const control = new Int32Array(new SharedArrayBuffer(4 * slots.length));
    const task = { module: this.#module, memory, picture, layout, control };
    await this.#draw(task, options);
    return { layout, memory, kernel };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort(new Error("The pool is closed."));
    await this.#dismiss();
  }

  async #draw(task: Omit<Task, "thread">, { signal, onProgress }: RenderOptions): Promise<void> {
    const { rows } = gridOf(task.picture);
    const ended = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    ended.throwIfAborted();
    const progress =
      onProgress &&
      setInterval(() => onProgress(Atomics.load(task.control, slots.rowsDone) / rows), progressMs);
    const through = Promise.all(
      this.#hire().map((thread, index) => work(thread, { ...task, thread: index })),
    );
    const cancel = () => {
      Atomics.store(task.control, slots.cancelled, 1);
      const impatience = setTimeout(() => void this.#dismiss(), graceMs);
      void through.catch(() => undefined).finally(() => clearTimeout(impatience));
    };
    ended.addEventListener("abort", cancel, { once: true });
    try {
      await through;
      ended.throwIfAborted();
    } catch (error) {
      if (!ended.aborted) await this.#dismiss();
      throw ended.aborted ? ended.reason : error;
    } finally {
      ended.removeEventListener("abort", cancel);
      clearInterval(progress);
    }
    onProgress?.(1);
  }

  #hire(): Worker[] {
    while (this.#threads.length < this.#size) {
      const thread = new Worker(new URL("./drawing-thread.ts", import.meta.url));
      thread.unref();
      this.#threads.push(thread);
    }
    return this.#threads;
  }

  async #dismiss(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #room(module: WebAssembly.Module, bytes: number): { memory: WebAssembly.Memory; kernel: Kernel } {
    const have = this.#memory?.buffer.byteLength ?? 0;
    const isWasteful = have > keptBytes && bytes < have / 4;
    if (this.#memory === undefined || this.#kernel === undefined || isWasteful) {
      this.#memory = memoryOf(bytes, { shared: true });
      this.#kernel = kernelOn(module, this.#memory);
    } else if (bytes > have) this.#memory.grow(Math.ceil((bytes - have) / pageBytes));
    return { memory: this.#memory, kernel: this.#kernel };
  }
}

/** Lets one thread take part in a picture. Fails if the thread ends before it is through. */
async function work(thread: Worker, task: Task): Promise<void> {
  const over = new AbortController();
  thread.ref();
  thread.postMessage(task, []);
  try {
    await Promise.race([
      once(thread, "message", { signal: over.signal }),
      once(thread, "exit", { signal: over.signal }).then(() => {
        throw new Error("A drawing thread ended in the middle of a picture.");
      }),
    ]);
  } finally {
    over.abort();
    thread.unref();
  }
}
