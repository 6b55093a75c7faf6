// Complex products on vectors, two functions each: WASM returns one value, and the engine shares
// what both compute. The order of operations is that of Python's complex type.

// @ts-ignore: decorator
@inline
export function timesReal(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.sub(f64x2.mul(ar, br), f64x2.mul(ai, bi));
}

// @ts-ignore: decorator
@inline
export function timesImaginary(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.add(f64x2.mul(ar, bi), f64x2.mul(ai, br));
}

// @ts-ignore: decorator
@inline
export function squareReal(r: v128, i: v128): v128 {
  return f64x2.sub(f64x2.mul(r, r), f64x2.mul(i, i));
}

// @ts-ignore: decorator
@inline
export function squareImaginary(r: v128, i: v128): v128 {
  const product = f64x2.mul(r, i);
  return f64x2.add(product, product);
}

/** Real part of z^power, by squares: 5 = 4 + 1, 6 = 3 + 3, 7 = 6 + 1, 8 = 4 + 4. */
// @ts-ignore: decorator
@inline
export function powerReal(power: i32, x: v128, y: v128): v128 {
  if (power == 1) return x;
  const r2 = squareReal(x, y);
  const i2 = squareImaginary(x, y);
  if (power == 2) return r2;
  if (power == 4) return squareReal(r2, i2);
  if (power == 5) return timesReal(squareReal(r2, i2), squareImaginary(r2, i2), x, y);
  if (power == 8) return squareReal(squareReal(r2, i2), squareImaginary(r2, i2));
  const r3 = timesReal(r2, i2, x, y);
  const i3 = timesImaginary(r2, i2, x, y);
  if (power == 3) return r3;
  if (power == 6) return squareReal(r3, i3);
  return timesReal(squareReal(r3, i3), squareImaginary(r3, i3), x, y);
}

/** Imaginary part of z^power. */
// @ts-ignore: decorator
@inline
export function powerImaginary(power: i32, x: v128, y: v128): v128 {
  if (power == 1) return y;
  const r2 = squareReal(x, y);
  const i2 = squareImaginary(x, y);
  if (power == 2) return i2;
  if (power == 4) return squareImaginary(r2, i2);
  if (power == 5) return timesImaginary(squareReal(r2, i2), squareImaginary(r2, i2), x, y);
  if (power == 8) return squareImaginary(squareReal(r2, i2), squareImaginary(r2, i2));
  const r3 = timesReal(r2, i2, x, y);
  const i3 = timesImaginary(r2, i2, x, y);
  if (power == 3) return i3;
  if (power == 6) return squareImaginary(r3, i3);
  return timesImaginary(squareReal(r3, i3), squareImaginary(r3, i3), x, y);
}
