// The module that draws: counts, continuous counts and scanlines, over memory that the caller lays out.
// No allocator and no state: what a call needs comes as arguments, so threads share one memory.
import { SHIP, SQUARE, TRICORN, quadratic3, quadratic4, sticky } from "./quadratic";
import { multibrot } from "./multibrot";
import { newton } from "./newton";
import { settle } from "./continuous";

export { classicScanlines } from "./scanlines";

const JULIA: i32 = 0;
const MANDELBROT: i32 = 1;
const BURNING_SHIP: i32 = 2;
const TRICORN_KIND: i32 = 3;
const MULTIBROT: i32 = 4;

/**
 * Steps tested one by one before blocks begin, by kernel. Of 48, 96, 256 and 512, the short kernel was
 * fastest at 256 on Julia sets of 8 to 9 steps per point: few of its tiles ever come to a block.
 */
const CHECKED_SHORT: i32 = 256;
const CHECKED_LONG: i32 = 16;

/** |c| up to here is far enough below 2 that an orbit outside cannot come back, rounding included. */
const NEAR: f64 = 3.99;

/**
 * Counts rows `from` to `to - 1` (exclusive end) of a picture.
 *
 * @param kind    index into `kinds` of src/picture.ts
 * @param xs      the columns' coordinates, f64, written by the caller
 * @param out     counts of the whole picture, u32, row by row
 * @param limit   iterations - 1
 * @param long    1 for the kernel that is best for long orbits; the counts are the same
 * @param scratch 512 bytes of this thread's own, aligned to 16
 * @param roots   Newton only: the roots, f64 pairs
 * @param smooth  Newton only: where continuous counts go, or 0
 * @returns the sum of the counts, a measure of how long the orbits are
 */
export function countRows(
  kind: i32, power: i32, xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32,
  ya: f64, yb: f64, cx: f64, cy: f64, limit: i32, long: i32, scratch: usize, roots: usize, smooth: usize,
): f64 {
  if (kind == JULIA) {
    if (!(cx * cx + cy * cy <= NEAR)) return <f64>sticky(xs, out, width, height, from, to, ya, yb, cx, cy, limit);
    if (long) return <f64>quadratic4(SQUARE, false, false, xs, out, width, height, from, to, ya, yb, cx, cy, limit, CHECKED_LONG, scratch);
    return <f64>quadratic3(SQUARE, false, xs, out, width, height, from, to, ya, yb, cx, cy, limit, CHECKED_SHORT, scratch);
  }
  if (kind == MANDELBROT) return <f64>quadratic4(SQUARE, true, true, xs, out, width, height, from, to, ya, yb, 0, 0, limit, CHECKED_LONG, scratch);
  if (kind == BURNING_SHIP) return <f64>quadratic4(SHIP, true, false, xs, out, width, height, from, to, ya, yb, 0, 0, limit, CHECKED_LONG, scratch);
  if (kind == TRICORN_KIND) return <f64>quadratic4(TRICORN, true, false, xs, out, width, height, from, to, ya, yb, 0, 0, limit, CHECKED_LONG, scratch);
  if (kind == MULTIBROT) {
    switch (power) {
      case 2: return <f64>multibrot(2, xs, out, width, height, from, to, ya, yb, limit);
      case 3: return <f64>multibrot(3, xs, out, width, height, from, to, ya, yb, limit);
      case 4: return <f64>multibrot(4, xs, out, width, height, from, to, ya, yb, limit);
      case 5: return <f64>multibrot(5, xs, out, width, height, from, to, ya, yb, limit);
      case 6: return <f64>multibrot(6, xs, out, width, height, from, to, ya, yb, limit);
      case 7: return <f64>multibrot(7, xs, out, width, height, from, to, ya, yb, limit);
      default: return <f64>multibrot(8, xs, out, width, height, from, to, ya, yb, limit);
    }
  }
  switch (power) {
    case 2: return <f64>newton(2, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    case 3: return <f64>newton(3, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    case 4: return <f64>newton(4, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    case 5: return <f64>newton(5, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    case 6: return <f64>newton(6, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    case 7: return <f64>newton(7, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
    default: return <f64>newton(8, xs, out, width, height, from, to, ya, yb, limit, roots, smooth);
  }
}

/** Writes the continuous counts (f32) of rows whose counts are known. Newton writes its own while counting. */
export function settleRows(
  kind: i32, power: i32, xs: usize, counts: usize, out: usize, width: i32, height: i32, from: i32, to: i32,
  ya: f64, yb: f64, cx: f64, cy: f64, limit: i32, inverseLog2: f64,
): void {
  if (kind == JULIA) return settle(SQUARE, 2, false, xs, counts, out, width, height, from, to, ya, yb, cx, cy, limit, 1);
  if (kind == MANDELBROT) return settle(SQUARE, 2, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, 1);
  if (kind == BURNING_SHIP) return settle(SHIP, 2, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, 1);
  if (kind == TRICORN_KIND) return settle(TRICORN, 2, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, 1);
  switch (power) {
    case 2: return settle(SQUARE, 2, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    case 3: return settle(SQUARE, 3, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    case 4: return settle(SQUARE, 4, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    case 5: return settle(SQUARE, 5, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    case 6: return settle(SQUARE, 6, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    case 7: return settle(SQUARE, 7, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
    default: return settle(SQUARE, 8, true, xs, counts, out, width, height, from, to, ya, yb, 0, 0, limit, inverseLog2);
  }
}
