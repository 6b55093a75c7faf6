/**
 * Numbers as HCL has them: binary floating point with a mantissa of 512 bits, rounded to nearest
 * even, so that `0.1 + 0.2` is `0.3` and integers are exact far beyond 2^53. A number that came out
 * of a function which counts or computes in machine numbers carries 64 or 53 bits, and prints
 * accordingly; an operation has the precision of its more precise operand.
 *
 * After https://github.com/zclconf/go-cty/blob/main/docs/types.md and https://pkg.go.dev/math/big#Float.
 */
export interface BigFloat {
  /** The value is mantissa × 2^exponent. */
  readonly mantissa: bigint;
  readonly exponent: number;
  /** Bits of mantissa kept when an operation rounds. */
  readonly precision: number;
}

/** A result too large or too small to be worth having: beyond about 10^±10000. */
export class NumberFault extends Error {}

const literalPrecision = 512;
const integerPrecision = 64;
const doublePrecision = 53;
const exponentLimit = 40_000;
const decimalExponentLimit = 10_000;

export const zero: BigFloat = { mantissa: 0n, exponent: 0, precision: integerPrecision };

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads a decimal literal; undefined if it is none, or far out of range. */
export function parseNumber(text: string): BigFloat | undefined {
  const plain = parsePlainInteger(text);
  if (plain) return plain;
  if (!decimalPattern.test(text)) return undefined;
  const [digits, power = "0"] = text.toLowerCase().split("e");
  const point = digits.indexOf(".");
  const fraction = point < 0 ? 0 : digits.length - point - 1;
  const decimalExponent = Number(power) - fraction;
  if (text.length > decimalExponentLimit || Math.abs(decimalExponent) > decimalExponentLimit)
    return undefined;
  const negative = digits.startsWith("-");
  const magnitude = BigInt(digits.replace(/[.+-]/g, ""));
  return scaleByTen(negative ? -magnitude : magnitude, decimalExponent);
}

function parsePlainInteger(text: string): BigFloat | undefined {
  if (text.length > 15) return undefined;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 48 || unit > 57) return undefined;
  }
  return text === "" ? undefined : { mantissa: BigInt(text), exponent: 0, precision: literalPrecision };
}

function scaleByTen(mantissa: bigint, exponent: number): BigFloat {
  if (exponent >= 0) return rounded(mantissa * 5n ** BigInt(exponent), exponent, literalPrecision);
  const divisor = { mantissa: 5n ** BigInt(-exponent), exponent: -exponent, precision: literalPrecision };
  return divide({ mantissa, exponent: 0, precision: literalPrecision }, divisor);
}

/** A count or an index. */
export function fromInteger(value: number | bigint): BigFloat {
  const mantissa = BigInt(value);
  return { mantissa, exponent: 0, precision: Math.max(integerPrecision, bitLength(mantissa)) };
}

/** The exact value of a machine number; a `NumberFault` for one that is not finite. */
export function fromDouble(value: number): BigFloat {
  if (!Number.isFinite(value)) throw new NumberFault("the result is not a finite number");
  let exponent = 0;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent--;
  }
  return { mantissa: BigInt(scaled), exponent, precision: doublePrecision };
}

export function add(a: BigFloat, b: BigFloat): BigFloat {
  const precision = Math.max(a.precision, b.precision);
  const exponent = Math.min(a.exponent, b.exponent);
  return rounded(alignedTo(a, exponent) + alignedTo(b, exponent), exponent, precision);
}

export function negate(a: BigFloat): BigFloat {
  return { ...a, mantissa: -a.mantissa };
}

export function subtract(a: BigFloat, b: BigFloat): BigFloat {
  return add(a, negate(b));
}

export function multiply(a: BigFloat, b: BigFloat): BigFloat {
  return rounded(a.mantissa * b.mantissa, a.exponent + b.exponent, Math.max(a.precision, b.precision));
}

/** The divisor must not be zero. */
export function divide(a: BigFloat, b: BigFloat): BigFloat {
  const precision = Math.max(a.precision, b.precision);
  const shift = Math.max(0, precision + 2 + bitLength(b.mantissa) - bitLength(a.mantissa));
  const numerator = a.mantissa << BigInt(shift);
  const quotient = numerator / b.mantissa;
  const inexact = quotient * b.mantissa !== numerator;
  // One more bit, set when something was cut off, keeps the rounding below from seeing a false tie.
  const sign = numerator < 0n === b.mantissa < 0n ? 1n : -1n;
  const sticky = (quotient << 1n) + (inexact ? sign : 0n);
  return rounded(sticky, a.exponent - b.exponent - shift - 1, precision);
}

/** What remains after the truncated quotient, with the sign of `a`; `a` itself if `b` is zero. */
export function remainder(a: BigFloat, b: BigFloat): BigFloat {
  if (b.mantissa === 0n) return a;
  const whole = truncate(divide(a, b));
  const precision = Math.max(integerPrecision, bitLength(whole));
  return subtract(a, multiply({ mantissa: whole, exponent: 0, precision }, b));
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: BigFloat, b: BigFloat): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = alignedTo(a, exponent);
  const right = alignedTo(b, exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sign(a: BigFloat): number {
  return a.mantissa < 0n ? -1 : a.mantissa > 0n ? 1 : 0;
}

/** The integer part. */
export function truncate(a: BigFloat): bigint {
  if (a.exponent >= 0) return a.mantissa << BigInt(a.exponent);
  const divisor = 1n << BigInt(-a.exponent);
  return a.mantissa / divisor;
}

export function isInteger(a: BigFloat): boolean {
  return a.exponent >= 0 || a.mantissa % (1n << BigInt(-a.exponent)) === 0n;
}

/** The greatest integer that is not above, in the precision of `a`. */
export function floor(a: BigFloat): BigFloat {
  const whole = truncate(a);
  const below = isInteger(a) || a.mantissa > 0n ? whole : whole - 1n;
  return rounded(below, 0, a.precision);
}

export function ceiling(a: BigFloat): BigFloat {
  return negate(floor(negate(a)));
}

/** The nearest machine number. */
export function toDouble(a: BigFloat): number {
  if (a.exponent >= 0) return Number(truncate(a));
  const { mantissa, exponent } = rounded(a.mantissa, a.exponent, doublePrecision);
  return exponent < -1000
    ? (Number(mantissa) / 2 ** 1000) * 2 ** (exponent + 1000)
    : Number(mantissa) * 2 ** exponent;
}

/**
 * The shortest decimal that reads back as the same number at its precision, without an exponent:
 * what a number looks like as a string and in JSON.
 */
export function formatNumber(a: BigFloat): string {
  if (a.exponent === 0) return a.mantissa.toString();
  if (isInteger(a)) return formatInteger(a);
  const { digits, point } = shortestDigits(a);
  const text = point <= 0 ? `0.${"0".repeat(-point)}${digits}` : withPoint(digits.padEnd(point, "0"), point);
  return a.mantissa < 0n ? `-${text}` : text;
}

/** An integer that has all its bits prints them; one that was rounded prints its leading digits. */
function formatInteger(a: BigFloat): string {
  const whole = truncate(a);
  if (bitLength(whole) <= a.precision) return whole.toString();
  const { digits, point } = shortestDigits(a);
  return `${whole < 0n ? "-" : ""}${digits.padEnd(point, "0")}`;
}

/** The decimal digits of a number with exactly `count` of them after the point, half to even. */
export function formatFixed(a: BigFloat, count: number): string {
  const negative = a.mantissa < 0n;
  const magnitude = (negative ? -a.mantissa : a.mantissa) * 10n ** BigInt(count);
  const units = a.exponent >= 0 ? magnitude << BigInt(a.exponent) : halfToEven(magnitude, -a.exponent);
  const digits = units.toString().padStart(count + 1, "0");
  return `${negative ? "-" : ""}${withPoint(digits, digits.length - count)}`;
}

function withPoint(digits: string, point: number): string {
  return point >= digits.length ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Digits d and a position p such that the value is 0.d × 10^p. Zero has no digits. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The digits of the magnitude, rounded half to even to so many of them; without trailing zeros. */
export function significantDigits(a: BigFloat, count: number): Decimal {
  const magnitude = a.mantissa < 0n ? -a.mantissa : a.mantissa;
  const exact = decimal(magnitude, a.exponent);
  return exact.digits.length <= count ? exact : cut(exact, count, "nearest");
}

/**
 * The fewest digits of the magnitude that read back as the same number at its precision. Steele and
 * White's question, digit by digit: does a neighbour's interval allow to stop here?
 */
export function shortestDigits(a: BigFloat): Decimal {
  if (a.mantissa === 0n) return { digits: "", point: 0 };
  const magnitude = a.mantissa < 0n ? -a.mantissa : a.mantissa;
  const shift = a.precision + 1 - bitLength(magnitude);
  const mantissa = shift >= 0 ? magnitude << BigInt(shift) : magnitude >> BigInt(-shift);
  const exponent = a.exponent - shift;
  const value = decimal(mantissa, exponent);
  const lower = decimal(mantissa - 1n, exponent).digits;
  const upper = decimal(mantissa + 1n, exponent).digits;
  const inclusive = (mantissa & 2n) === 0n;
  for (let index = 0; index < value.digits.length; index++) {
    const digit = value.digits[index];
    const low = lower[index] ?? "0";
    const high = upper[index] ?? "0";
    const mayFall = low !== digit || (inclusive && index + 1 === lower.length);
    const mayRise =
      digit !== high && (inclusive || Number(digit) + 1 < Number(high) || index + 1 < upper.length);
    if (mayFall && mayRise) return cut(value, index + 1, "nearest");
    if (mayFall) return cut(value, index + 1, "down");
    if (mayRise) return cut(value, index + 1, "up");
  }
  return value;
}

function decimal(mantissa: bigint, exponent: number): Decimal {
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = scaled.toString();
  return { digits: text.replace(/0+$/, ""), point: text.length + Math.min(0, exponent) };
}

function cut({ digits, point }: Decimal, count: number, direction: "nearest" | "down" | "up"): Decimal {
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const tie = rest[0] === "5" && rest.length === 1;
  const rises = tie ? Number(kept.at(-1)) % 2 === 1 : rest[0] >= "5";
  if (rest === "" || direction === "down" || (direction === "nearest" && !rises)) {
    return { digits: kept.replace(/0+$/, ""), point };
  }
  const raised = (BigInt(kept) + 1n).toString();
  return { digits: raised.replace(/0+$/, ""), point: point + raised.length - count };
}

function rounded(mantissa: bigint, exponent: number, precision: number): BigFloat {
  const excess = bitLength(mantissa) - precision;
  if (excess <= 0) return withinRange(mantissa, exponent, precision);
  return withinRange(halfToEven(mantissa, excess), exponent + excess, precision);
}

function withinRange(mantissa: bigint, exponent: number, precision: number): BigFloat {
  if (mantissa === 0n) return { mantissa, exponent: 0, precision };
  if (Math.abs(exponent) > exponentLimit) throw new NumberFault("the number is out of range");
  return { mantissa, exponent, precision };
}

/** mantissa / 2^bits to the nearest integer, ties to the even one. */
function halfToEven(mantissa: bigint, bits: number): bigint {
  const negative = mantissa < 0n;
  const magnitude = negative ? -mantissa : mantissa;
  const half = 1n << BigInt(bits - 1);
  const rest = magnitude & ((half << 1n) - 1n);
  const whole = magnitude >> BigInt(bits);
  const up = rest > half || (rest === half && (whole & 1n) === 1n);
  const result = up ? whole + 1n : whole;
  return negative ? -result : result;
}

function alignedTo(a: BigFloat, exponent: number): bigint {
  return a.exponent === exponent ? a.mantissa : a.mantissa << BigInt(a.exponent - exponent);
}

function bitLength(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude <= 0xffffffffn) return 32 - Math.clz32(Number(magnitude));
  const hex = magnitude.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0], 16)));
}
