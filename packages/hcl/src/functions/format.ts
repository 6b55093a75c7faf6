/**
 * `format` and `formatlist`: printf with the verbs v t b d o x X e E f g G s q, the flags `# + - 0`
 * and blank, a width, a precision, and `[n]` to name an argument.
 *
 * After https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib#Format.
 */
import { ConversionFault, convert } from "../convert.ts";
import { checkLength, FunctionFault, type HclFunction } from "../function.ts";
import {
  type BigFloat,
  formatFixed,
  isInteger,
  shortestDigits,
  significantDigits,
  truncate,
} from "../number.ts";
import { boolType, listValue, numberType, stringType, stringValue, type Type, type Value } from "../value.ts";
import { anything, aString, defineVariadic, textOf } from "./arguments.ts";
import { encodeJson, quoteJson } from "./json.ts";
import { graphemesOf } from "./text.ts";

const values = anything("args", { allowNull: true });

export const formatFunctions: readonly HclFunction[] = [
  defineVariadic("format", [aString("format")], values, (format, ...given) =>
    stringValue(formatText(textOf(format), given)),
  ),
  defineVariadic("formatlist", [aString("format")], values, (format, ...given) =>
    formatList(textOf(format), given),
  ),
];

/** One line for each element of the lists among the arguments, which are gone through together. */
function formatList(format: string, given: readonly Value[]): Value {
  const lengths = given.map((value) =>
    value.kind === "list" || value.kind === "set" || value.kind === "tuple" ? value.items.length : undefined,
  );
  const length = lengths.find((each) => each !== undefined) ?? 1;
  const odd = lengths.findIndex((each) => each !== undefined && each !== length);
  if (odd >= 0)
    throw new FunctionFault(
      `argument ${odd + 1} has length ${lengths[odd]}, but another has length ${length}`,
      odd + 1,
    );
  let total = 0;
  const lines = Array.from({ length }, (_, row) => {
    const line = given.map((value) =>
      value.kind === "list" || value.kind === "set" || value.kind === "tuple" ? value.items[row] : value,
    );
    const text = formatText(format, line);
    checkLength((total += text.length));
    return stringValue(text);
  });
  return listValue(stringType, lines);
}

interface Verb {
  readonly raw: string;
  readonly mode: string;
  readonly sharp: boolean;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly zero: boolean;
  readonly blank: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const verbPattern = /%(?:%|([ #+\-0]*)([1-9]\d*)?(?:\.(\d+))?(?:\[(\d+)\])?([A-Za-z]?))/g;
const widthLimit = 100_000;
/** Digits are computed one by one, so they cost more than blanks. */
const precisionLimit = 4000;

export function formatText(format: string, given: readonly Value[]): string {
  let next = 0;
  let highest = 0;
  let length = 0;
  const text = format.replace(
    verbPattern,
    (raw, flags?: string, width?: string, precision?: string, index?: string, mode?: string) => {
      if (raw === "%%") return "%";
      if (!mode || !"vtbdoxXeEfgGsq".includes(mode))
        throw new FunctionFault(`unsupported format verb in "${raw}"`, 0);
      const position = index === undefined ? next : Number(index) - 1;
      next = position + 1;
      highest = Math.max(highest, next);
      if (position < 0 || position >= given.length)
        throw new FunctionFault(
          `not enough arguments for "${raw}": need ${position + 1} but have ${given.length}`,
          0,
        );
      const has = (flag: string) => flags?.includes(flag) ?? false;
      const verb = {
        raw,
        mode,
        sharp: has("#"),
        plus: has("+"),
        minus: has("-"),
        zero: has("0"),
        blank: has(" "),
        width: sizeOf(width),
        precision: sizeOf(precision, precisionLimit),
      };
      const part = formatValue(verb, given[position], position + 1);
      checkLength((length += part.length));
      return part;
    },
  );
  if (highest < given.length && !/%[^%]*\[/.test(format))
    throw new FunctionFault(`too many arguments; only ${highest} used by format string`, highest + 1);
  return text;
}

function sizeOf(digits: string | undefined, limit = widthLimit): number | undefined {
  if (digits === undefined) return undefined;
  if (Number(digits) > limit) throw new FunctionFault("a width or precision is too large", 0);
  return Number(digits);
}

function formatValue(verb: Verb, value: Value, argument: number): string {
  if (verb.mode === "v") return padded(verb, asIs(verb, value));
  if (value.kind === "null") throw unsupported(verb, "null value cannot be formatted", argument);
  if (verb.mode === "t") {
    const bool = converted(verb, value, boolType, argument);
    return bool.kind === "bool" ? String(bool.value) : "";
  }
  if (verb.mode === "s" || verb.mode === "q")
    return formatString(verb, textOf(converted(verb, value, stringType, argument)));
  const number = converted(verb, value, numberType, argument);
  return number.kind === "number" ? formatNumeric(verb, number.value, argument) : "";
}

function asIs(verb: Verb, value: Value): string {
  if (!verb.sharp && value.kind === "string") return value.value;
  if (!verb.sharp && value.kind === "number") return general(value.value, undefined, "e");
  return encodeJson(value);
}

function converted(verb: Verb, value: Value, type: Type, argument: number): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    throw unsupported(verb, error.message, argument);
  }
}

function unsupported(verb: Verb, reason: string, argument: number): FunctionFault {
  return new FunctionFault(`unsupported value for "${verb.raw}": ${reason}`, argument);
}

function formatString(verb: Verb, text: string): string {
  const cut = verb.precision ? graphemesOf(text).slice(0, verb.precision).join("") : text;
  return padded(verb, verb.mode === "q" ? quoteJson(cut) : cut);
}

function padded(verb: Verb, text: string): string {
  const missing = (verb.width ?? 0) - graphemesOf(text).length;
  if (missing <= 0) return text;
  const padding = (verb.zero ? "0" : " ").repeat(missing);
  return verb.minus ? text + padding : padding + text;
}

function formatNumeric(verb: Verb, number: BigFloat, argument: number): string {
  const isNegative = number.mantissa < 0n;
  const magnitude = isNegative ? { ...number, mantissa: -number.mantissa } : number;
  const sign = isNegative ? "-" : verb.plus ? "+" : verb.blank ? " " : "";
  const isWhole = "bdoxX".includes(verb.mode);
  if (isWhole && !isInteger(number)) throw unsupported(verb, "an integer is required", argument);
  const digits = isWhole ? whole(verb, truncate(magnitude)) : fractional(verb, magnitude);
  const missing = (verb.width ?? 0) - sign.length - digits.length;
  if (missing <= 0) return sign + digits;
  if (verb.minus) return sign + digits + " ".repeat(missing);
  const zeroes = verb.zero && !(isWhole && verb.precision !== undefined);
  return zeroes ? sign + "0".repeat(missing) + digits : " ".repeat(missing) + sign + digits;
}

const bases: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  b: [2, "0b"],
  o: [8, "0"],
  d: [10, ""],
  x: [16, "0x"],
  X: [16, "0X"],
};

function whole(verb: Verb, value: bigint): string {
  const [base, prefix] = bases[verb.mode];
  const digits = value.toString(base).padStart(verb.precision ?? 0, "0");
  return (verb.sharp ? prefix : "") + (verb.mode === "X" ? digits.toUpperCase() : digits);
}

function fractional(verb: Verb, value: BigFloat): string {
  if (verb.mode === "f") return formatFixed(value, verb.precision ?? 6);
  const letter = verb.mode === "E" || verb.mode === "G" ? "E" : "e";
  if (verb.mode === "e" || verb.mode === "E") {
    const { digits, point } = significantDigits(value, (verb.precision ?? 6) + 1);
    return scientific(digits.padEnd((verb.precision ?? 6) + 1, "0"), point, letter);
  }
  return general(value, verb.precision, letter);
}

/** The shortest form, or so many significant digits; with an exponent if that is below -4 or large. */
function general(value: BigFloat, precision: number | undefined, letter: string): string {
  const negative = value.mantissa < 0n;
  const magnitude = negative ? { ...value, mantissa: -value.mantissa } : value;
  const { digits, point } =
    precision === undefined ? shortestDigits(magnitude) : significantDigits(magnitude, precision || 1);
  const exponent = digits === "" ? 0 : point - 1;
  const limit =
    precision === undefined
      ? 6
      : Math.max(precision || 1, digits.length >= point ? Math.min(digits.length, precision || 1) : 0);
  const bound =
    precision !== undefined && limit > digits.length && digits.length >= point ? digits.length : limit;
  const sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= bound) return sign + scientific(digits || "0", point, letter);
  if (digits === "") return `${sign}0`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, "0");
  return sign + (padded.length > point ? `${padded.slice(0, point)}.${padded.slice(point)}` : padded);
}

function scientific(digits: string, point: number, letter: string): string {
  const exponent = /[1-9]/.test(digits) ? point - 1 : 0;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${fraction}${letter}${exponent < 0 ? "-" : "+"}${power}`;
}
