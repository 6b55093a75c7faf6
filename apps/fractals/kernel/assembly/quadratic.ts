// Julia, Mandelbrot, Burning Ship and tricorn: z*z + c, with a twist in the imaginary part.
//
// Two kernels with the same result. `quadratic3` interleaves three vectors (a tile of 2 x 3 pixels),
// which fills 16 registers exactly and is best where most orbits end at once. `quadratic4` interleaves
// four (2 x 4 pixels) and is best where orbits are long. Both test every step of the first few, and
// then run blocks of 8 steps untested: an orbit outside does not come back where |c| <= 2, so a test
// at the end of a block tells whether one left, and only then the block is run again step by step.
// At block ends Brent's method looks for an orbit that repeats itself exactly: it never escapes.
//
// Every function is inlined with constant `form` and `moving`, so each combination is its own loop.
import { inside, rowAt, storeCounts, total } from "./escape";

export const SQUARE: i32 = 0;
export const SHIP: i32 = 1;
export const TRICORN: i32 = 2;

const BLOCK: i32 = 8;

// @ts-ignore: decorator
@inline
function imaginary(form: i32, xy: v128, cy: v128): v128 {
  if (form == TRICORN) return f64x2.sub(cy, f64x2.add(xy, xy));
  if (form == SHIP) xy = f64x2.abs(xy);
  return f64x2.add(f64x2.add(xy, xy), cy);
}

// @ts-ignore: decorator
@inline
function real(xx: v128, yy: v128, cx: v128): v128 {
  return f64x2.add(f64x2.sub(xx, yy), cx);
}

/**
 * Main cardioid and period-2 bulb of the Mandelbrot set, whose points never escape. The comparisons are
 * strict, so that a point so far out that its squares are infinite is in neither.
 * Source: https://en.wikipedia.org/wiki/Plotting_algorithms_for_the_Mandelbrot_set#Cardioid_/_bulb_checking
 */
// @ts-ignore: decorator
@inline
function inCardioidOrBulb(x: v128, y: v128): v128 {
  const yy = f64x2.mul(y, y);
  const left = f64x2.sub(x, f64x2.splat(0.25));
  const q = f64x2.add(f64x2.mul(left, left), yy);
  const cardioid = f64x2.lt(f64x2.mul(q, f64x2.add(q, left)), f64x2.mul(yy, f64x2.splat(0.25)));
  const right = f64x2.add(x, f64x2.splat(1));
  const bulb = f64x2.lt(f64x2.add(f64x2.mul(right, right), yy), f64x2.splat(0.0625));
  return v128.or(cardioid, bulb);
}

/**
 * The plain loop for |c| > 2, where an orbit may come back inside: a lane that left stays out.
 */
export function sticky(
  xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32,
  ya: f64, yb: f64, constantX: f64, constantY: f64, limit: i32,
): i64 {
  const cx = f64x2.splat(constantX);
  const cy = f64x2.splat(constantY);
  let work: i64 = 0;
  for (let y = from; y < to; y++) {
    const row = f64x2.splat(rowAt(y, ya, yb, height));
    for (let column = 0; column < width; column += 2) {
      const x = min(column, width - 2);
      let zx = v128.load(xs + (<usize>x << 3));
      let zy = row;
      let counts = i64x2.splat(0);
      let alive = i64x2.splat(-1);
      for (let n = 0; n < limit; n++) {
        const xx = f64x2.mul(zx, zx);
        const yy = f64x2.mul(zy, zy);
        alive = v128.and(alive, inside(xx, yy));
        if (!v128.any_true(alive)) break;
        counts = i64x2.sub(counts, alive);
        zy = imaginary(SQUARE, f64x2.mul(zx, zy), cy);
        zx = real(xx, yy, cx);
      }
      storeCounts(out + ((<usize>y * <usize>width + <usize>x) << 2), counts);
      work += total(counts);
    }
  }
  return work;
}

/**
 * @param moving  c is the pixel and z starts at 0; otherwise c is constant and z starts at the pixel
 * @param checked steps that are tested one by one before blocks begin
 * @param scratch 192 bytes of this thread's own
 * @returns the sum of all counts
 */
// @ts-ignore: decorator
@inline
export function quadratic3(
  form: i32, moving: bool, xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32,
  ya: f64, yb: f64, constantX: f64, constantY: f64, limit: i32, checked: i32, scratch: usize,
): i64 {
  const head = min(limit, checked);
  let work: i64 = 0;
  for (let y = from; y < to; y += 3) {
    const y1 = min(y + 1, to - 1);
    const y2 = min(y + 2, to - 1);
    const row0 = f64x2.splat(rowAt(y, ya, yb, height));
    const row1 = f64x2.splat(rowAt(y1, ya, yb, height));
    const row2 = f64x2.splat(rowAt(y2, ya, yb, height));
    const out0 = out + ((<usize>y * <usize>width) << 2);
    const out1 = out + ((<usize>y1 * <usize>width) << 2);
    const out2 = out + ((<usize>y2 * <usize>width) << 2);
    for (let column = 0; column < width; column += 2) {
      const x = min(column, width - 2);
      const px = v128.load(xs + (<usize>x << 3));
      const cx = moving ? px : f64x2.splat(constantX);
      const cy0 = moving ? row0 : f64x2.splat(constantY);
      const cy1 = moving ? row1 : cy0;
      const cy2 = moving ? row2 : cy0;
      let x0 = moving ? f64x2.splat(0) : px;
      let x1 = x0;
      let x2 = x0;
      let y0v = moving ? f64x2.splat(0) : row0;
      let y1v = moving ? f64x2.splat(0) : row1;
      let y2v = moving ? f64x2.splat(0) : row2;
      let n0 = i64x2.splat(0);
      let n1 = n0;
      let n2 = n0;
      let n = 0;
      for (; n < head; n++) {
        const xx0 = f64x2.mul(x0, x0);
        const xx1 = f64x2.mul(x1, x1);
        const xx2 = f64x2.mul(x2, x2);
        const yy0 = f64x2.mul(y0v, y0v);
        const yy1 = f64x2.mul(y1v, y1v);
        const yy2 = f64x2.mul(y2v, y2v);
        const in0 = inside(xx0, yy0);
        const in1 = inside(xx1, yy1);
        const in2 = inside(xx2, yy2);
        if (!v128.any_true(v128.or(v128.or(in0, in1), in2))) break;
        n0 = i64x2.sub(n0, in0);
        n1 = i64x2.sub(n1, in1);
        n2 = i64x2.sub(n2, in2);
        y0v = imaginary(form, f64x2.mul(x0, y0v), cy0);
        y1v = imaginary(form, f64x2.mul(x1, y1v), cy1);
        y2v = imaginary(form, f64x2.mul(x2, y2v), cy2);
        x0 = real(xx0, yy0, cx);
        x1 = real(xx1, yy1, cx);
        x2 = real(xx2, yy2, cx);
      }
      if (n == head && n < limit) {
        v128.store(scratch, n0);
        v128.store(scratch, n1, 16);
        v128.store(scratch, n2, 32);
        finish(form, x0, y0v, cx, cy0, n, limit, scratch);
        finish(form, x1, y1v, cx, cy1, n, limit, scratch + 16);
        finish(form, x2, y2v, cx, cy2, n, limit, scratch + 32);
        n0 = v128.load(scratch);
        n1 = v128.load(scratch, 16);
        n2 = v128.load(scratch, 32);
      }
      const at = <usize>x << 2;
      storeCounts(out0 + at, n0);
      storeCounts(out1 + at, n1);
      storeCounts(out2 + at, n2);
      work += total(n0) + total(n1) + total(n2);
    }
  }
  return work;
}

/**
 * Runs two orbits of `quadratic3` on to their end: blocks of 8 steps, Brent at their ends.
 *
 * @param counts where their two counts (i64) are kept
 */
function finish(
  form: i32, zx: v128, zy: v128, cx: v128, cy: v128, n: i32, limit: i32, counts: usize,
): void {
  let count = v128.load(counts);
  let alive = inside(f64x2.mul(zx, zx), f64x2.mul(zy, zy));
  let oldX = zx;
  let oldY = zy;
  let power = 1;
  let age = 0;
  while (v128.any_true(alive) && n + BLOCK <= limit) {
    const startX = zx;
    const startY = zy;
    for (let k = 0; k < BLOCK; k++) {
      const xy = f64x2.mul(zx, zy);
      zx = real(f64x2.mul(zx, zx), f64x2.mul(zy, zy), cx);
      zy = imaginary(form, xy, cy);
    }
    const left = v128.andnot(alive, inside(f64x2.mul(zx, zx), f64x2.mul(zy, zy)));
    if (v128.any_true(left)) {
      // Count the lanes that stayed at once, and those that left step by step.
      count = i64x2.add(count, v128.and(v128.andnot(alive, left), i64x2.splat(BLOCK)));
      count = i64x2.add(count, v128.and(left, stepsInside(form, startX, startY, cx, cy)));
      alive = v128.andnot(alive, left);
    } else {
      count = i64x2.add(count, v128.and(alive, i64x2.splat(BLOCK)));
    }
    n += BLOCK;
    const repeats = v128.and(alive, v128.and(f64x2.eq(zx, oldX), f64x2.eq(zy, oldY)));
    if (v128.any_true(repeats)) {
      count = v128.bitselect(i64x2.splat(limit), count, repeats);
      alive = v128.andnot(alive, repeats);
    }
    if (++age == power) {
      oldX = zx;
      oldY = zy;
      power <<= 1;
      age = 0;
    }
  }
  for (; n < limit && v128.any_true(alive); n++) {
    const xx = f64x2.mul(zx, zx);
    const yy = f64x2.mul(zy, zy);
    alive = v128.and(alive, inside(xx, yy));
    count = i64x2.sub(count, alive);
    zy = imaginary(form, f64x2.mul(zx, zy), cy);
    zx = real(xx, yy, cx);
  }
  v128.store(counts, count);
}

/** How many of the next 8 tests each lane passes, given that it does not pass the one after them. */
function stepsInside(form: i32, zx: v128, zy: v128, cx: v128, cy: v128): v128 {
  let count = i64x2.splat(0);
  for (let k = 0; k < BLOCK; k++) {
    const xx = f64x2.mul(zx, zx);
    const yy = f64x2.mul(zy, zy);
    const isInside = inside(xx, yy);
    if (!v128.any_true(isInside)) break;
    count = i64x2.sub(count, isInside);
    zy = imaginary(form, f64x2.mul(zx, zy), cy);
    zx = real(xx, yy, cx);
  }
  return count;
}

/**
 * The kernel for long orbits.
 *
 * @param cardioid skip points of the Mandelbrot set's two largest parts
 * @param scratch 384 bytes of this thread's own: the block's start, Brent's mark and the constants
 */
// @ts-ignore: decorator
@inline
export function quadratic4(
  form: i32, moving: bool, cardioid: bool, xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32,
  ya: f64, yb: f64, constantX: f64, constantY: f64, limit: i32, checked: i32, scratch: usize,
): i64 {
  const head = min(limit, checked);
  let work: i64 = 0;
  for (let y = from; y < to; y += 4) {
    const y1 = min(y + 1, to - 1);
    const y2 = min(y + 2, to - 1);
    const y3 = min(y + 3, to - 1);
    const row0 = f64x2.splat(rowAt(y, ya, yb, height));
    const row1 = f64x2.splat(rowAt(y1, ya, yb, height));
    const row2 = f64x2.splat(rowAt(y2, ya, yb, height));
    const row3 = f64x2.splat(rowAt(y3, ya, yb, height));
    for (let column = 0; column < width; column += 2) {
      const x = min(column, width - 2);
      const px = v128.load(xs + (<usize>x << 3));
      const cx = moving ? px : f64x2.splat(constantX);
      const cy0 = moving ? row0 : f64x2.splat(constantY);
      const cy1 = moving ? row1 : cy0;
      const cy2 = moving ? row2 : cy0;
      const cy3 = moving ? row3 : cy0;
      let x0 = moving ? f64x2.splat(0) : px;
      let x1 = x0;
      let x2 = x0;
      let x3 = x0;
      let y0v = moving ? f64x2.splat(0) : row0;
      let y1v = moving ? f64x2.splat(0) : row1;
      let y2v = moving ? f64x2.splat(0) : row2;
      let y3v = moving ? f64x2.splat(0) : row3;
      let n0 = i64x2.splat(0);
      let n1 = n0;
      let n2 = n0;
      let n3 = n0;
      // Lanes known never to escape.
      let held0 = cardioid ? inCardioidOrBulb(cx, cy0) : n0;
      let held1 = cardioid ? inCardioidOrBulb(cx, cy1) : n0;
      let held2 = cardioid ? inCardioidOrBulb(cx, cy2) : n0;
      let held3 = cardioid ? inCardioidOrBulb(cx, cy3) : n0;
      let n = 0;
      for (; n < head; n++) {
        const xx0 = f64x2.mul(x0, x0);
        const xx1 = f64x2.mul(x1, x1);
        const xx2 = f64x2.mul(x2, x2);
        const xx3 = f64x2.mul(x3, x3);
        const yy0 = f64x2.mul(y0v, y0v);
        const yy1 = f64x2.mul(y1v, y1v);
        const yy2 = f64x2.mul(y2v, y2v);
        const yy3 = f64x2.mul(y3v, y3v);
        const in0 = cardioid ? v128.andnot(inside(xx0, yy0), held0) : inside(xx0, yy0);
        const in1 = cardioid ? v128.andnot(inside(xx1, yy1), held1) : inside(xx1, yy1);
        const in2 = cardioid ? v128.andnot(inside(xx2, yy2), held2) : inside(xx2, yy2);
        const in3 = cardioid ? v128.andnot(inside(xx3, yy3), held3) : inside(xx3, yy3);
        if (!v128.any_true(v128.or(v128.or(in0, in1), v128.or(in2, in3)))) break;
        n0 = i64x2.sub(n0, in0);
        n1 = i64x2.sub(n1, in1);
        n2 = i64x2.sub(n2, in2);
        n3 = i64x2.sub(n3, in3);
        y0v = imaginary(form, f64x2.mul(x0, y0v), cy0);
        y1v = imaginary(form, f64x2.mul(x1, y1v), cy1);
        y2v = imaginary(form, f64x2.mul(x2, y2v), cy2);
        y3v = imaginary(form, f64x2.mul(x3, y3v), cy3);
        x0 = real(xx0, yy0, cx);
        x1 = real(xx1, yy1, cx);
        x2 = real(xx2, yy2, cx);
        x3 = real(xx3, yy3, cx);
      }
      if (n == head && n < limit) {
        let alive0 = v128.andnot(inside(f64x2.mul(x0, x0), f64x2.mul(y0v, y0v)), held0);
        let alive1 = v128.andnot(inside(f64x2.mul(x1, x1), f64x2.mul(y1v, y1v)), held1);
        let alive2 = v128.andnot(inside(f64x2.mul(x2, x2), f64x2.mul(y2v, y2v)), held2);
        let alive3 = v128.andnot(inside(f64x2.mul(x3, x3), f64x2.mul(y3v, y3v)), held3);
        let power = 1;
        let age = 0;
        v128.store(scratch, x0, 128);
        v128.store(scratch, y0v, 144);
        v128.store(scratch, x1, 160);
        v128.store(scratch, y1v, 176);
        v128.store(scratch, x2, 192);
        v128.store(scratch, y2v, 208);
        v128.store(scratch, x3, 224);
        v128.store(scratch, y3v, 240);
        while (n + BLOCK <= limit) {
          if (!v128.any_true(v128.or(v128.or(alive0, alive1), v128.or(alive2, alive3)))) break;
          v128.store(scratch, x0);
          v128.store(scratch, y0v, 16);
          v128.store(scratch, x1, 32);
          v128.store(scratch, y1v, 48);
          v128.store(scratch, x2, 64);
          v128.store(scratch, y2v, 80);
          v128.store(scratch, x3, 96);
          v128.store(scratch, y3v, 112);
          for (let k = 0; k < BLOCK; k++) {
            const xx0 = f64x2.mul(x0, x0);
            const xx1 = f64x2.mul(x1, x1);
            const xx2 = f64x2.mul(x2, x2);
            const xx3 = f64x2.mul(x3, x3);
            const yy0 = f64x2.mul(y0v, y0v);
            const yy1 = f64x2.mul(y1v, y1v);
            const yy2 = f64x2.mul(y2v, y2v);
            const yy3 = f64x2.mul(y3v, y3v);
            y0v = imaginary(form, f64x2.mul(x0, y0v), cy0);
            y1v = imaginary(form, f64x2.mul(x1, y1v), cy1);
            y2v = imaginary(form, f64x2.mul(x2, y2v), cy2);
            y3v = imaginary(form, f64x2.mul(x3, y3v), cy3);
            x0 = real(xx0, yy0, cx);
            x1 = real(xx1, yy1, cx);
            x2 = real(xx2, yy2, cx);
            x3 = real(xx3, yy3, cx);
          }
          n += BLOCK;
          const left0 = v128.andnot(alive0, inside(f64x2.mul(x0, x0), f64x2.mul(y0v, y0v)));
          const left1 = v128.andnot(alive1, inside(f64x2.mul(x1, x1), f64x2.mul(y1v, y1v)));
          const left2 = v128.andnot(alive2, inside(f64x2.mul(x2, x2), f64x2.mul(y2v, y2v)));
          const left3 = v128.andnot(alive3, inside(f64x2.mul(x3, x3), f64x2.mul(y3v, y3v)));
          if (v128.any_true(v128.or(v128.or(left0, left1), v128.or(left2, left3)))) {
            if (v128.any_true(left0)) n0 = i64x2.add(n0, v128.and(left0, stepsInside(form, v128.load(scratch), v128.load(scratch, 16), cx, cy0)));
            if (v128.any_true(left1)) n1 = i64x2.add(n1, v128.and(left1, stepsInside(form, v128.load(scratch, 32), v128.load(scratch, 48), cx, cy1)));
            if (v128.any_true(left2)) n2 = i64x2.add(n2, v128.and(left2, stepsInside(form, v128.load(scratch, 64), v128.load(scratch, 80), cx, cy2)));
            if (v128.any_true(left3)) n3 = i64x2.add(n3, v128.and(left3, stepsInside(form, v128.load(scratch, 96), v128.load(scratch, 112), cx, cy3)));
            alive0 = v128.andnot(alive0, left0);
            alive1 = v128.andnot(alive1, left1);
            alive2 = v128.andnot(alive2, left2);
            alive3 = v128.andnot(alive3, left3);
          }
          const eight = i64x2.splat(BLOCK);
          n0 = i64x2.add(n0, v128.and(alive0, eight));
          n1 = i64x2.add(n1, v128.and(alive1, eight));
          n2 = i64x2.add(n2, v128.and(alive2, eight));
          n3 = i64x2.add(n3, v128.and(alive3, eight));
          const same0 = v128.and(alive0, v128.and(f64x2.eq(x0, v128.load(scratch, 128)), f64x2.eq(y0v, v128.load(scratch, 144))));
          const same1 = v128.and(alive1, v128.and(f64x2.eq(x1, v128.load(scratch, 160)), f64x2.eq(y1v, v128.load(scratch, 176))));
          const same2 = v128.and(alive2, v128.and(f64x2.eq(x2, v128.load(scratch, 192)), f64x2.eq(y2v, v128.load(scratch, 208))));
          const same3 = v128.and(alive3, v128.and(f64x2.eq(x3, v128.load(scratch, 224)), f64x2.eq(y3v, v128.load(scratch, 240))));
          held0 = v128.or(held0, same0);
          held1 = v128.or(held1, same1);
          held2 = v128.or(held2, same2);
          held3 = v128.or(held3, same3);
          alive0 = v128.andnot(alive0, same0);
          alive1 = v128.andnot(alive1, same1);
          alive2 = v128.andnot(alive2, same2);
          alive3 = v128.andnot(alive3, same3);
          if (++age == power) {
            power <<= 1;
            age = 0;
            v128.store(scratch, x0, 128);
            v128.store(scratch, y0v, 144);
            v128.store(scratch, x1, 160);
            v128.store(scratch, y1v, 176);
            v128.store(scratch, x2, 192);
            v128.store(scratch, y2v, 208);
            v128.store(scratch, x3, 224);
            v128.store(scratch, y3v, 240);
          }
        }
        for (; n < limit; n++) {
          alive0 = v128.and(alive0, inside(f64x2.mul(x0, x0), f64x2.mul(y0v, y0v)));
          alive1 = v128.and(alive1, inside(f64x2.mul(x1, x1), f64x2.mul(y1v, y1v)));
          alive2 = v128.and(alive2, inside(f64x2.mul(x2, x2), f64x2.mul(y2v, y2v)));
          alive3 = v128.and(alive3, inside(f64x2.mul(x3, x3), f64x2.mul(y3v, y3v)));
          if (!v128.any_true(v128.or(v128.or(alive0, alive1), v128.or(alive2, alive3)))) break;
          n0 = i64x2.sub(n0, alive0);
          n1 = i64x2.sub(n1, alive1);
          n2 = i64x2.sub(n2, alive2);
          n3 = i64x2.sub(n3, alive3);
          let next = imaginary(form, f64x2.mul(x0, y0v), cy0);
          x0 = real(f64x2.mul(x0, x0), f64x2.mul(y0v, y0v), cx);
          y0v = next;
          next = imaginary(form, f64x2.mul(x1, y1v), cy1);
          x1 = real(f64x2.mul(x1, x1), f64x2.mul(y1v, y1v), cx);
          y1v = next;
          next = imaginary(form, f64x2.mul(x2, y2v), cy2);
          x2 = real(f64x2.mul(x2, x2), f64x2.mul(y2v, y2v), cx);
          y2v = next;
          next = imaginary(form, f64x2.mul(x3, y3v), cy3);
          x3 = real(f64x2.mul(x3, x3), f64x2.mul(y3v, y3v), cx);
          y3v = next;
        }
      }
      const all = i64x2.splat(limit);
      n0 = v128.bitselect(all, n0, held0);
      n1 = v128.bitselect(all, n1, held1);
      n2 = v128.bitselect(all, n2, held2);
      n3 = v128.bitselect(all, n3, held3);
      const at = out + (<usize>x << 2);
      storeCounts(at + ((<usize>y * <usize>width) << 2), n0);
      storeCounts(at + ((<usize>y1 * <usize>width) << 2), n1);
      storeCounts(at + ((<usize>y2 * <usize>width) << 2), n2);
      storeCounts(at + ((<usize>y3 * <usize>width) << 2), n3);
      work += total(n0) + total(n1) + total(n2) + total(n3);
    }
  }
  return work;
}
