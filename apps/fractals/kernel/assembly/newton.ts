// Newton's method for z^n - 1: how many steps until |z^n - 1|^2 < 2^-40, and at which root.
import { powerImaginary, powerReal, timesImaginary, timesReal } from "./complex";
import { rowAt } from "./escape";
import { newtonValue } from "./continuous";

const CLOSE: f64 = 1.0 / 1099511627776.0;

/**
 * @param roots  the n roots as pairs of f64, in order of their angle from 0
 * @param smooth where continuous counts (f32) go, or 0
 */
// @ts-ignore: decorator
@inline
export function newton(
  power: i32, xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32, ya: f64, yb: f64, limit: i32,
  roots: usize, smooth: usize,
): i64 {
  const one = f64x2.splat(1);
  const close = f64x2.splat(CLOSE);
  const degree = f64x2.splat(<f64>power);
  let work: i64 = 0;
  for (let row = from; row < to; row++) {
    const start = f64x2.splat(rowAt(row, ya, yb, height));
    for (let column = 0; column < width; column += 2) {
      const left = min(column, width - 2);
      let x = v128.load(xs + (<usize>left << 3));
      let y = start;
      let counts = i64x2.splat(0);
      let searching = i64x2.splat(-1);
      let distance = one;
      for (let n = 0; ; n++) {
        const qr = powerReal(power - 1, x, y);
        const qi = powerImaginary(power - 1, x, y);
        const fr = f64x2.sub(timesReal(qr, qi, x, y), one);
        const fi = timesImaginary(qr, qi, x, y);
        const ff = f64x2.add(f64x2.mul(fr, fr), f64x2.mul(fi, fi));
        distance = v128.bitselect(ff, distance, searching);
        searching = v128.andnot(searching, f64x2.lt(ff, close));
        if (n == limit || !v128.any_true(searching)) break;
        counts = i64x2.sub(counts, searching);
        const scale = f64x2.mul(degree, f64x2.add(f64x2.mul(qr, qr), f64x2.mul(qi, qi)));
        const stepX = f64x2.div(f64x2.add(f64x2.mul(fr, qr), f64x2.mul(fi, qi)), scale);
        const stepY = f64x2.div(f64x2.sub(f64x2.mul(fi, qr), f64x2.mul(fr, qi)), scale);
        x = v128.bitselect(f64x2.sub(x, stepX), x, searching);
        y = v128.bitselect(f64x2.sub(y, stepY), y, searching);
      }
      const at = (<usize>row * <usize>width + <usize>left) << 2;
      if (smooth) {
        const found = i64x2.ne(counts, i64x2.splat(limit));
        const mask = i32x4.shuffle(found, found, 0, 2, 0, 2);
        v128.store64_lane(smooth + at, v128.and(newtonValue(counts, distance), mask), 0);
      }
      for (let lane = 0; lane < 2; lane++) {
        const first = lane == 0;
        const count = <i32>(first ? i64x2.extract_lane(counts, 0) : i64x2.extract_lane(counts, 1));
        const zx = first ? f64x2.extract_lane(x, 0) : f64x2.extract_lane(x, 1);
        const zy = first ? f64x2.extract_lane(y, 0) : f64x2.extract_lane(y, 1);
        const root = count < limit ? nearestRoot(power, zx, zy, roots) + 1 : 0;
        work += count;
        store<u32>(out + at + (<usize>lane << 2), (root << 24) | count);
      }
    }
  }
  return work;
}

/** A converged point is far nearer to its root than to any other, so rounding decides nothing. */
function nearestRoot(power: i32, x: f64, y: f64, roots: usize): i32 {
  let best = 0;
  let most = -Infinity;
  for (let k = 0; k < power; k++) {
    const along = x * load<f64>(roots + (<usize>k << 4)) + y * load<f64>(roots + (<usize>k << 4), 8);
    if (along > most) {
      most = along;
      best = k;
    }
  }
  return best;
}
