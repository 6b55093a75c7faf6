// What all escape kernels share. f64x2 vectors hold two neighbouring pixels of one row.

/**
 * |z| > 2 is asked as x*x + y*y > 4 + 2^-50. With the next double after 4 the answer is that of
 * the document's abs(z) > 2 also where x*x + y*y rounds up from a point that lies on the circle.
 */
export const RADIUS: f64 = 4.000000000000000888;

/** The lanes whose orbit is still inside. A NaN is outside. */
// @ts-ignore: decorator
@inline
export function inside(xx: v128, yy: v128): v128 {
  return f64x2.le(f64x2.add(xx, yy), f64x2.splat(RADIUS));
}

/** The document's coordinate formula, in its order of operations. */
// @ts-ignore: decorator
@inline
export function rowAt(y: i32, ya: f64, yb: f64, height: i32): f64 {
  return <f64>y * (yb - ya) / <f64>(height - 1) + ya;
}

/** Writes the counts of two pixels, kept as two i64, as two u32. */
// @ts-ignore: decorator
@inline
export function storeCounts(at: usize, counts: v128): void {
  v128.store64_lane(at, i32x4.shuffle(counts, counts, 0, 2, 0, 2), 0);
}

/** The sum of both lanes. */
// @ts-ignore: decorator
@inline
export function total(counts: v128): i64 {
  return i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1);
}
