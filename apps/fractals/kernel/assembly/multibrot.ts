// z^power + c for powers 2 to 8: two vectors interleaved, a tile of 2 x 2 pixels.
import { powerImaginary, powerReal } from "./complex";
import { inside, rowAt, storeCounts, total } from "./escape";

/** Every so many steps an orbit is compared with its mark (Brent). */
const STRIDE: i32 = 16;

// @ts-ignore: decorator
@inline
export function multibrot(
  power: i32, xs: usize, out: usize, width: i32, height: i32, from: i32, to: i32, ya: f64, yb: f64, limit: i32,
): i64 {
  let work: i64 = 0;
  for (let y = from; y < to; y += 2) {
    const below = min(y + 1, to - 1);
    const cy0 = f64x2.splat(rowAt(y, ya, yb, height));
    const cy1 = f64x2.splat(rowAt(below, ya, yb, height));
    for (let column = 0; column < width; column += 2) {
      const x = min(column, width - 2);
      const cx = v128.load(xs + (<usize>x << 3));
      let x0 = f64x2.splat(0);
      let y0 = x0;
      let x1 = x0;
      let y1 = x0;
      let n0 = i64x2.splat(0);
      let n1 = n0;
      let held0 = n0;
      let held1 = n0;
      let oldX0 = x0;
      let oldY0 = y0;
      let oldX1 = x1;
      let oldY1 = y1;
      let mark = STRIDE;
      let age = 0;
      for (let n = 0; n < limit; n++) {
        const in0 = v128.andnot(inside(f64x2.mul(x0, x0), f64x2.mul(y0, y0)), held0);
        const in1 = v128.andnot(inside(f64x2.mul(x1, x1), f64x2.mul(y1, y1)), held1);
        if (!v128.any_true(v128.or(in0, in1))) break;
        n0 = i64x2.sub(n0, in0);
        n1 = i64x2.sub(n1, in1);
        const nextX0 = f64x2.add(powerReal(power, x0, y0), cx);
        const nextX1 = f64x2.add(powerReal(power, x1, y1), cx);
        y0 = f64x2.add(powerImaginary(power, x0, y0), cy0);
        y1 = f64x2.add(powerImaginary(power, x1, y1), cy1);
        x0 = nextX0;
        x1 = nextX1;
        if ((n & (STRIDE - 1)) == STRIDE - 1) {
          held0 = v128.or(held0, v128.and(in0, v128.and(f64x2.eq(x0, oldX0), f64x2.eq(y0, oldY0))));
          held1 = v128.or(held1, v128.and(in1, v128.and(f64x2.eq(x1, oldX1), f64x2.eq(y1, oldY1))));
          age += STRIDE;
          if (age == mark) {
            mark <<= 1;
            age = 0;
            oldX0 = x0;
            oldY0 = y0;
            oldX1 = x1;
            oldY1 = y1;
          }
        }
      }
      const all = i64x2.splat(limit);
      n0 = v128.bitselect(all, n0, held0);
      n1 = v128.bitselect(all, n1, held1);
      storeCounts(out + ((<usize>y * <usize>width + <usize>x) << 2), n0);
      storeCounts(out + ((<usize>below * <usize>width + <usize>x) << 2), n1);
      work += total(n0) + total(n1);
    }
  }
  return work;
}
