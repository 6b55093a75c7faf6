import type { Picture } from "./picture.ts";

/**
 * |z| > 2 is asked as x*x + y*y > 4 + 2^-50, one rounding above 4. So a point on the circle is inside,
 * as it is for the document's `abs(z) > 2`, also where the sum of its squares rounds up.
 */
const radius = 4 + 2 ** -50;

/** Newton has converged where |z^n - 1|^2 is below this. */
const close = 2 ** -40;

/** The continuous count follows an orbit up to |z|^2 > 65536, for at most so many steps past 2. */
const far = 65536;
const patience = 32;

/** 1 / log2(power), as literals so that no engine's logarithm decides a pixel. */
export const inverseLog2 = [
  0,
  0,
  1,
  0.6309297535714575,
  0.5,
  0.43067655807339306,
  0.38685280723454163,
  0.3562071871080222,
  1 / 3,
];

/** Newton's counts carry their root, 1 to n in order of angle, above bit 24; 0 is "none reached". */
export const rootShift = 24;

/** The points of a picture: `width * samples` columns and `height * samples` rows. */
export function gridOf({ width, height, samples }: Picture): { columns: number; rows: number } {
  return { columns: width * samples, rows: height * samples };
}

/**
 * The coordinate of a column or a row, in the document's order of operations.
 *
 * @param index from 0 to `size - 1`
 */
export function coordinate(index: number, from: number, to: number, size: number): number {
  return (index * (to - from)) / (size - 1) + from;
}

/** The n roots of z^n = 1 as x, y, x, y … in order of their angle from 0. */
export function rootsOfUnity(n: number): Float64Array {
  const roots = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    roots[2 * k] = Math.cos((2 * Math.PI * k) / n);
    roots[2 * k + 1] = Math.sin((2 * Math.PI * k) / n);
  }
  return roots;
}

/**
 * What the counts of a picture are: the plain meaning that the WASM module must reproduce to the bit.
 *
 * Each point counts min(first n with |z_n| > 2, iterations - 1). z_0 is the point and c constant for
 * Julia sets; z_0 is 0 and c the point for the others. For Newton's method on z^power - 1 it counts
 * min(first n with |z_n^power - 1|^2 < 2^-40, iterations - 1) in the low 24 bits, and the root that was
 * reached (1 to power, 0 for none) in the high 8.
 *
 * @returns one number per point, row by row; see `gridOf` for how many
 */
export function countsPlain(picture: Picture): Uint32Array {
  const { columns, rows } = gridOf(picture);
  const counts = new Uint32Array(columns * rows);
  const point = picture.kind === "newton" ? newtonPoint(picture) : escapePoint(picture);
  for (let row = 0; row < rows; row++) {
    const y = coordinate(row, picture.ya, picture.yb, rows);
    for (let column = 0; column < columns; column++) {
      counts[row * columns + column] = point(coordinate(column, picture.xa, picture.xb, columns), y).count;
    }
  }
  return counts;
}

/**
 * The continuous counts: what smooth colours are looked up by. They run from 1 up; 0 is a
 * point that reached the limit.
 *
 * With m the first step at which r = |z_m|^2 > 65536 (at most 32 after the count), it is
 * 2 + m - log2(log2(r) / 2) / log2(power), at least 1. So a point of count n has a value above n + 1 and
 * up to n + 2, which passes through the borders between counts without a step.
 * For Newton it is 2 + m - log2(log2(|z^n - 1|^2) / -40): the distance squares with every step.
 *
 * @returns as `countsPlain`
 */
export function continuousPlain(picture: Picture): Float32Array {
  const { columns, rows } = gridOf(picture);
  const values = new Float32Array(columns * rows);
  const point = picture.kind === "newton" ? newtonPoint(picture) : escapePoint(picture);
  for (let row = 0; row < rows; row++) {
    const y = coordinate(row, picture.ya, picture.yb, rows);
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = point(
        coordinate(column, picture.xa, picture.xb, columns),
        y,
      ).continuous();
    }
  }
  return values;
}

interface Point {
  readonly count: number;
  readonly continuous: () => number;
}

function escapePoint(picture: Picture): (px: number, py: number) => Point {
  const step = stepOf(picture);
  const limit = picture.iterations - 1;
  const isJulia = picture.kind === "julia";
  return (px, py) => {
    let z: Complex = isJulia ? [px, py] : [0, 0];
    const c: Complex = isJulia ? [picture.cx, picture.cy] : [px, py];
    let count = 0;
    for (; count < limit && norm(z) <= radius; count++) z = step(z, c);
    const continuous = () => {
      if (count === limit) return 0;
      let steps = count;
      for (; steps < count + patience && norm(z) <= far; steps++) z = step(z, c);
      const doublings = log2(log2(Math.min(Math.max(norm(z), 2), 1e300)) / 2);
      return Math.max(steps - doublings * inverseLog2[picture.power], -1) + 2;
    };
    return { count, continuous };
  };
}

function newtonPoint(picture: Picture): (px: number, py: number) => Point {
  const { power } = picture;
  const limit = picture.iterations - 1;
  const roots = rootsOfUnity(power);
  return (px, py) => {
    let [x, y] = [px, py];
    for (let count = 0; ; count++) {
      const [qx, qy] = raise([x, y], power - 1);
      const [zx, zy] = times([qx, qy], [x, y]);
      const distance = norm([zx - 1, zy]);
      if (count === limit) return { count, continuous: () => 0 };
      if (distance < close) {
        const root = nearestRoot(roots, x, y) + 1;
        return { count: root * 2 ** rootShift + count, continuous: () => newtonValue(count, distance) };
      }
      const scale = power * norm([qx, qy]);
      const stepX = ((zx - 1) * qx + zy * qy) / scale;
      const stepY = (zy * qx - (zx - 1) * qy) / scale;
      x -= stepX;
      y -= stepY;
    }
  };
}

function newtonValue(count: number, distance: number): number {
  const squarings = log2(Math.max(distance, 1e-300)) / -40;
  return Math.max(count - log2(Math.min(Math.max(squarings, 0.5), 2)), -1) + 2;
}

function nearestRoot(roots: Float64Array, x: number, y: number): number {
  let best = 0;
  for (let k = 1; k < roots.length / 2; k++) {
    const along = (root: number) => x * roots[2 * root] + y * roots[2 * root + 1];
    if (along(k) > along(best)) best = k;
  }
  return best;
}

type Complex = readonly [number, number];

function stepOf({ kind, power }: Picture): (z: Complex, c: Complex) => Complex {
  switch (kind) {
    case "burning-ship":
      return ([x, y], [cx, cy]) => [x * x - y * y + cx, Math.abs(x * y) + Math.abs(x * y) + cy];
    case "tricorn":
      return ([x, y], [cx, cy]) => [x * x - y * y + cx, cy - (x * y + x * y)];
    default:
      return (z, [cx, cy]) => {
        const [x, y] = raise(z, power);
        return [x + cx, y + cy];
      };
  }
}

/** z^power by squares: 5 = 4 + 1, 6 = 3 + 3, 7 = 6 + 1, 8 = 4 + 4. The order decides the last bit. */
function raise(z: Complex, power: number): Complex {
  if (power === 1) return z;
  if (power % 2 === 0) return square(raise(z, power / 2));
  return times(raise(z, power - 1), z);
}

function norm([x, y]: Complex): number {
  return x * x + y * y;
}

function times([ax, ay]: Complex, [bx, by]: Complex): Complex {
  return [ax * bx - ay * by, ax * by + ay * bx];
}

function square([x, y]: Complex): Complex {
  return [x * x - y * y, x * y + x * y];
}

/**
 * The binary logarithm in plain arithmetic, so that every engine and the WASM module give the same
 * bits; Math.log2 may differ between engines in the last one. For normal numbers above 0.
 */
export function log2(value: number): number {
  asFloat[0] = value;
  let exponent = Number((asBits[0] >> 52n) - 1023n);
  asBits[0] = (asBits[0] & 0x000f_ffff_ffff_ffffn) | 0x3ff0_0000_0000_0000n;
  let mantissa = asFloat[0];
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  let sum = 1 / 15;
  for (let odd = 13; odd >= 1; odd -= 2) sum = sum * (s * s) + 1 / odd;
  return exponent + s * sum * 2.8853900817779268;
}

const asFloat = new Float64Array(1);
const asBits = new BigInt64Array(asFloat.buffer);
