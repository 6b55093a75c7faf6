import { coordinate, gridOf, inverseLog2, rootsOfUnity } from "./counts.ts";
import { kinds, type Picture } from "./picture.ts";
import type { Kernel } from "./wasm.ts";

/** Where the parts of one picture lie in the kernel's memory, in bytes. */
export interface Layout {
  /** The columns' coordinates, f64. */
  readonly xs: number;
  /** Newton's roots, f64 pairs. */
  readonly roots: number;
  /** 512 bytes for each thread. */
  readonly scratch: number;
  /** Counts, u32. */
  readonly counts: number;
  /** Continuous counts, f32; 0 where the colouring needs none. */
  readonly smooth: number;
  /** Scanlines of the document's 32 colours; 0 where the picture has others. */
  readonly scanlines: number;
  readonly bytes: number;
}

/** Bytes of scratch that `countRows` asks of each thread. */
export const scratchBytes = 512;

/**
 * Rows that are drawn in one go. All kernels' tiles, 2, 3 and 4 rows high, fit evenly, and a first
 * picture soon meets compiled code: V8 changes from its first code to its good code between calls.
 */
export const chunkRows = 12;

/**
 * From so many steps per point, the kernel for long orbits is chosen. Over 140 bands of 14 Julia sets it took
 * 1.2 times as long as the other below 12 steps per point, and 0.7 to 1.05 times as long above 16.
 */
const longMean = 14;

export function layoutOf(picture: Picture, { threads }: { threads: number }): Layout {
  const { columns, rows } = gridOf(picture);
  const points = columns * rows;
  let end = 1024;
  const take = (bytes: number) => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  };
  return {
    xs: take(8 * columns),
    roots: take(16 * picture.power),
    scratch: take(scratchBytes * threads),
    counts: take(4 * points),
    smooth: needsContinuous(picture) ? take(4 * points) : 0,
    scanlines: isClassic(picture) ? take((1 + columns) * rows) : 0,
    bytes: end,
  };
}

/** Whether the colours come from continuous counts. */
export function needsContinuous({ colouring }: Picture): boolean {
  return colouring !== "counts";
}

/** Whether the picture is the document's: its 32 colours by `count & 31`, one point per pixel. */
export function isClassic({ kind, palette, colouring, samples }: Picture): boolean {
  return kind !== "newton" && palette === "classic" && colouring === "counts" && samples === 1;
}

/** Writes what all rows share: the columns' coordinates and the roots. */
export function writeTables(picture: Picture, layout: Layout, memory: WebAssembly.Memory): void {
  const { columns } = gridOf(picture);
  const xs = new Float64Array(memory.buffer, layout.xs, columns);
  for (let column = 0; column < columns; column++)
    xs[column] = coordinate(column, picture.xa, picture.xb, columns);
  if (picture.kind === "newton")
    new Float64Array(memory.buffer, layout.roots, 2 * picture.power).set(rootsOfUnity(picture.power));
}

/**
 * Draws rows of points into the memory of `kernel`.
 *
 * @param from   first row, counted in points, not pixels
 * @param to     the row after the last
 * @param hint   the mean steps per point of rows nearby, or 0; it chooses the faster kernel
 * @returns the mean steps per point of these rows
 */
export function drawRows(
  kernel: Kernel,
  picture: Picture,
  layout: Layout,
  { from, to, thread, hint }: { from: number; to: number; thread: number; hint: number },
): number {
  const { columns, rows } = gridOf(picture);
  const kind = kinds.indexOf(picture.kind);
  const { power, ya, yb, cx, cy } = picture;
  const limit = picture.iterations - 1;
  const scratch = layout.scratch + thread * scratchBytes;
  const long = hint >= longMean ? 1 : 0;
  const { xs, roots, counts, smooth } = layout;
  // prettier-ignore
  const steps = kernel.countRows(
    kind, power, xs, counts, columns, rows, from, to, ya, yb, cx, cy, limit, long, scratch, roots, smooth,
  );
  if (smooth !== 0 && picture.kind !== "newton")
    // prettier-ignore
    kernel.settleRows(
      kind, power, xs, counts, smooth, columns, rows, from, to, ya, yb, cx, cy, limit, inverseLog2[power],
    );
  return steps / (columns * (to - from));
}
