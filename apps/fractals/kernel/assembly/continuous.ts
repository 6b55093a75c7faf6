// The continuous escape count: src/counts.ts says what it means, this computes the same bits.
import { powerImaginary, powerReal } from "./complex";
import { rowAt } from "./escape";
import { SHIP, TRICORN } from "./quadratic";

const FAR: f64 = 65536;
const PATIENCE: i64 = 32;

/**
 * Follows the orbits whose count is known on to |z|^2 > 65536 and writes their continuous counts
 * (f32); 0 for a point that reached the limit.
 *
 * @param inverseLog2 1 / log2(power)
 */
// @ts-ignore: decorator
@inline
export function settle(
  form: i32, power: i32, moving: bool, xs: usize, counts: usize, out: usize, width: i32, height: i32,
  from: i32, to: i32, ya: f64, yb: f64, constantX: f64, constantY: f64, limit: i32, inverseLog2: f64,
): void {
  const far = f64x2.splat(FAR);
  const never = i64x2.splat(<i64>limit + PATIENCE);
  for (let row = from; row < to; row += 2) {
    const below = min(row + 1, to - 1);
    const py0 = f64x2.splat(rowAt(row, ya, yb, height));
    const py1 = f64x2.splat(rowAt(below, ya, yb, height));
    const cy0 = moving ? py0 : f64x2.splat(constantY);
    const cy1 = moving ? py1 : cy0;
    for (let column = 0; column < width; column += 2) {
      const left = min(column, width - 2);
      const px = v128.load(xs + (<usize>left << 3));
      const cx = moving ? px : f64x2.splat(constantX);
      const at0 = (<usize>row * <usize>width + <usize>left) << 2;
      const at1 = (<usize>below * <usize>width + <usize>left) << 2;
      const last0 = lastStep(counts + at0);
      const last1 = lastStep(counts + at1);
      const escapes0 = i64x2.ne(last0, never);
      const escapes1 = i64x2.ne(last1, never);
      let alive0 = escapes0;
      let alive1 = escapes1;
      let x0 = moving ? f64x2.splat(0) : px;
      let x1 = x0;
      let y0 = moving ? x0 : py0;
      let y1 = moving ? x0 : py1;
      let radius0 = f64x2.splat(0);
      let radius1 = radius0;
      let steps0 = i64x2.splat(0);
      let steps1 = steps0;
      while (true) {
        const r0 = f64x2.add(f64x2.mul(x0, x0), f64x2.mul(y0, y0));
        const r1 = f64x2.add(f64x2.mul(x1, x1), f64x2.mul(y1, y1));
        radius0 = v128.bitselect(r0, radius0, alive0);
        radius1 = v128.bitselect(r1, radius1, alive1);
        alive0 = v128.and(alive0, v128.and(f64x2.le(r0, far), i64x2.ne(last0, steps0)));
        alive1 = v128.and(alive1, v128.and(f64x2.le(r1, far), i64x2.ne(last1, steps1)));
        if (!v128.any_true(v128.or(alive0, alive1))) break;
        steps0 = i64x2.sub(steps0, alive0);
        steps1 = i64x2.sub(steps1, alive1);
        const imaginary0 = twist(form, powerImaginary(power, x0, y0), cy0);
        const imaginary1 = twist(form, powerImaginary(power, x1, y1), cy1);
        x0 = f64x2.add(powerReal(power, x0, y0), cx);
        x1 = f64x2.add(powerReal(power, x1, y1), cx);
        y0 = imaginary0;
        y1 = imaginary1;
      }
      v128.store64_lane(out + at0, v128.and(escapeValue(steps0, radius0, inverseLog2), narrow(escapes0)), 0);
      v128.store64_lane(out + at1, v128.and(escapeValue(steps1, radius1, inverseLog2), narrow(escapes1)), 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function twist(form: i32, imaginary: v128, cy: v128): v128 {
  if (form == TRICORN) return f64x2.sub(cy, imaginary);
  if (form == SHIP) imaginary = f64x2.abs(imaginary);
  return f64x2.add(imaginary, cy);
}

/** The step at which two orbits are given up, from their counts. */
// @ts-ignore: decorator
@inline
function lastStep(counts: usize): v128 {
  return i64x2.add(i64x2.extend_low_i32x4_u(v128.load64_zero(counts)), i64x2.splat(PATIENCE));
}

/** A mask of two f64 as a mask of two f32. */
// @ts-ignore: decorator
@inline
function narrow(mask: v128): v128 {
  return i32x4.shuffle(mask, mask, 0, 2, 0, 2);
}

/** Two f32 in the low half. */
function escapeValue(steps: v128, radius: v128, inverseLog2: f64): v128 {
  const clamped = f64x2.min(f64x2.max(radius, f64x2.splat(2)), f64x2.splat(1e300));
  const doublings = log2(f64x2.mul(log2(clamped), f64x2.splat(0.5)));
  const value = f64x2.sub(fromInteger(steps), f64x2.mul(doublings, f64x2.splat(inverseLog2)));
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.max(value, f64x2.splat(-1)), f64x2.splat(2)));
}

/** Two f32 in the low half: Newton's continuous counts. */
// @ts-ignore: decorator
@inline
export function newtonValue(steps: v128, distance: v128): v128 {
  const squarings = f64x2.div(log2(f64x2.max(distance, f64x2.splat(1e-300))), f64x2.splat(-40));
  const doublings = log2(f64x2.min(f64x2.max(squarings, f64x2.splat(0.5)), f64x2.splat(2)));
  const value = f64x2.sub(fromInteger(steps), doublings);
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.max(value, f64x2.splat(-1)), f64x2.splat(2)));
}

/** i64 from -2^51 to 2^51 to f64, through the mantissa of 1.5 * 2^52. */
// @ts-ignore: decorator
@inline
function fromInteger(value: v128): v128 {
  const magic = f64x2.splat(6755399441055744);
  return f64x2.sub(i64x2.add(value, magic), magic);
}

/** The binary logarithm in plain arithmetic, so that every engine gives the same bits. For normal numbers above 0. */
// @ts-ignore: decorator
@inline
function log2(value: v128): v128 {
  const unscaled = v128.or(v128.and(value, i64x2.splat(0x000f_ffff_ffff_ffff)), i64x2.splat(0x3ff0_0000_0000_0000));
  const exponent = fromInteger(i64x2.sub(i64x2.shr_u(value, 52), i64x2.splat(1023)));
  const isLarge = f64x2.gt(unscaled, f64x2.splat(1.4142135623730951));
  const mantissa = v128.bitselect(f64x2.mul(unscaled, f64x2.splat(0.5)), unscaled, isLarge);
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(mantissa, one), f64x2.add(mantissa, one));
  const ss = f64x2.mul(s, s);
  let sum = f64x2.splat(1.0 / 15.0);
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 13.0));
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 11.0));
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 9.0));
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 7.0));
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 5.0));
  sum = f64x2.add(f64x2.mul(sum, ss), f64x2.splat(1.0 / 3.0));
  sum = f64x2.add(f64x2.mul(sum, ss), one);
  const whole = f64x2.add(exponent, v128.and(isLarge, one));
  return f64x2.add(whole, f64x2.mul(f64x2.mul(s, sum), f64x2.splat(2.8853900817779268)));
}
