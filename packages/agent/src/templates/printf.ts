/** Formats as Go's fmt.Sprintf does: https://pkg.go.dev/fmt */
import type { Budget } from "./budget.ts";
import { quoteGo } from "./go-literals.ts";
import type { Value } from "./values.ts";
import {
  exponentDigits,
  isList,
  isMap,
  printFloat,
  printValue,
  sortedEntries,
  textOf,
  typeName,
} from "./values.ts";

interface Format {
  readonly flags: string;
  readonly width?: number;
  readonly precision?: number;
  readonly verb: string;
}

/** Wider or more precise than this is not formatted: Go's own limit. */
const maxWidth = 1_000_000;

/** Mistakes show in the text, as they do in Go: `%!d(string=x)`, `%!d(MISSING)`, `%!(EXTRA int=1)`. */
export function printf(format: string, args: readonly Value[], budget: Budget): string {
  const pieces: string[] = [];
  let length = 0;
  let next = 0;
  let last = 0;
  const add = (piece: string) => {
    length += piece.length;
    budget.checkLength(length);
    pieces.push(piece);
  };
  const takeNumber = () => {
    const value = args[next++];
    return typeof value === "bigint" && value >= -BigInt(maxWidth) && value <= maxWidth
      ? Number(value)
      : undefined;
  };
  const pattern = /%([-+# 0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?(.)?/gsu;
  for (const match of format.matchAll(pattern)) {
    const [whole, flags, width, precision, verb] = match;
    add(format.slice(last, match.index));
    last = match.index + whole.length;
    if (verb === undefined) {
      add("%!(NOVERB)");
      continue;
    }
    const wide = width === "*" ? takeNumber() : width && Number(width);
    const isNegative = typeof wide === "number" && wide < 0;
    const precise =
      precision === "*" ? takeNumber() : precision === undefined ? undefined : Number(precision);
    const shape: Format = {
      flags: isNegative ? `${flags}-` : flags,
      width: typeof wide === "number" ? Math.min(Math.abs(wide), maxWidth) : undefined,
      precision: precise === undefined ? undefined : Math.min(precise, maxWidth),
      verb,
    };
    if (verb === "%") add("%");
    else if (next >= args.length) add(`%!${verb}(MISSING)`);
    else add(formatValue(args[next++], shape, budget));
  }
  add(format.slice(last));
  if (next < args.length)
    add(
      `%!(EXTRA ${args
        .slice(next)
        .map((value) => `${typeName(value)}=${printValue(value)}`)
        .join(", ")})`,
    );
  return pieces.join("");
}

/** As `Sprint`: blanks between two values neither of which is text. */
export function print(args: readonly Value[], budget: Budget): string {
  let result = "";
  for (const [index, value] of args.entries()) {
    const isBlank = index > 0 && textOf(value) === undefined && textOf(args[index - 1]) === undefined;
    result += (isBlank ? " " : "") + printValue(value);
    budget.checkLength(result.length);
  }
  return result;
}

function formatValue(value: Value, format: Format, budget: Budget): string {
  const text = textOf(value);
  if (format.verb === "T") return pad(typeName(value), format);
  if (value === null) return format.verb === "v" ? pad("<nil>", format) : `%!${format.verb}(<nil>)`;
  if (isList(value)) {
    if (format.verb === "v" && format.flags.includes("#")) return goSyntax(value);
    return `[${joinFormatted([...value], format, budget)}]`;
  }
  if (isMap(value)) {
    if (format.verb === "v" && format.flags.includes("#")) return goSyntax(value);
    const entries = sortedEntries(value).map(
      ([key, item]) => `${formatValue(key, format, budget)}:${formatValue(item, format, budget)}`,
    );
    return `map[${entries.join(" ")}]`;
  }
  const shown =
    text !== undefined
      ? formatText(text, format)
      : typeof value === "bigint"
        ? formatInteger(value, format)
        : typeof value === "number"
          ? formatFloat(value, format)
          : typeof value === "boolean"
            ? "tv".includes(format.verb)
              ? pad(String(value), format)
              : undefined
            : format.verb === "v" || format.verb === "s"
              ? pad(printValue(value), format)
              : undefined;
  return shown ?? `%!${format.verb}(${typeName(value)}=${printValue(value)})`;
}

function joinFormatted(values: readonly Value[], format: Format, budget: Budget): string {
  let result = "";
  for (const [index, value] of values.entries()) {
    result += (index > 0 ? " " : "") + formatValue(value, format, budget);
    budget.checkLength(result.length);
  }
  return result;
}

function formatText(value: string, format: Format): string | undefined {
  const cut = format.precision === undefined ? value : Array.from(value).slice(0, format.precision).join("");
  const { verb, flags } = format;
  switch (verb) {
    case "v":
      return pad(flags.includes("#") ? quoteGo(cut) : cut, format);
    case "s":
      return pad(cut, format);
    case "q":
      return pad(flags.includes("#") && !/[`\p{C}]/u.test(cut) ? `\`${cut}\`` : quoteGo(cut), format);
    case "x":
    case "X":
      return pad(hexOfText(value, format), format);
  }
  return undefined;
}

function hexOfText(value: string, { verb, flags, precision }: Format): string {
  const bytes = Buffer.from(value);
  const hex = bytes.subarray(0, precision ?? bytes.length).toString("hex");
  const prefix = flags.includes("#") ? "0x" : "";
  const separated = flags.includes(" ")
    ? (hex.match(/../g) ?? []).map((byte) => prefix + byte).join(" ")
    : prefix + hex;
  return verb === "X" ? separated.toUpperCase() : separated;
}

const bases: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  d: [10, ""],
  v: [10, ""],
  b: [2, "0b"],
  o: [8, "0"],
  O: [8, "0o"],
  x: [16, "0x"],
  X: [16, "0X"],
};

function formatInteger(value: bigint, format: Format): string | undefined {
  const { verb, flags, precision } = format;
  const isCharacter = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  if (verb === "c" || verb === "q") {
    const character = isCharacter ? String.fromCodePoint(Number(value)) : "\ufffd";
    return pad(verb === "c" ? character : `'${quoteGo(character).slice(1, -1).replace("'", "\\'")}'`, format);
  }
  if (verb === "U") return pad(`U+${value.toString(16).toUpperCase().padStart(4, "0")}`, format);
  if (!Object.hasOwn(bases, verb)) return undefined;
  const [base, prefix] = bases[verb];
  let digits = (value < 0n ? -value : value).toString(base);
  if (verb === "X") digits = digits.toUpperCase();
  const shownPrefix = (flags.includes("#") && verb !== "v") || verb === "O" ? prefix : "";
  const sign = signOf(value < 0n, flags);
  if (precision !== undefined)
    return pad(sign + shownPrefix + digits.padStart(precision, "0"), {
      ...format,
      flags: flags.replaceAll("0", ""),
    });
  return padNumber(sign + shownPrefix, digits, format);
}

function formatFloat(value: number, format: Format): string | undefined {
  const { verb, precision, flags } = format;
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  const size = Math.abs(value);
  if (!Number.isFinite(value))
    return pad(sign + printFloat(size).replace("+", ""), { ...format, flags: flags.replaceAll("0", "") });
  const digits = floatDigits(size, verb, precision);
  return digits === undefined ? undefined : padNumber(sign, digits, format);
}

/** JavaScript gives at most 100 digits; what a double has after its 53 bits is zeros of no account. */
function floatDigits(size: number, verb: string, precision: number | undefined): string | undefined {
  const places = Math.min(precision ?? 6, 100);
  switch (verb) {
    case "f":
    case "F":
      return size < 1e21
        ? size.toFixed(places)
        : `${BigInt(size)}${places > 0 ? `.${"0".repeat(places)}` : ""}`;
    case "e":
    case "E": {
      const [mantissa, exponent] = size.toExponential(places).split("e");
      return `${mantissa}${verb}${exponentDigits(Number(exponent))}`;
    }
    case "v":
    case "g":
    case "G": {
      const shown = precision === undefined ? printFloat(size) : shortened(size, places || 1);
      return verb === "G" ? shown.toUpperCase() : shown;
    }
  }
  return undefined;
}

/** `%.3g`: so many significant digits, without zeros at the end. */
function shortened(size: number, digits: number): string {
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const strip = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power < -4 || power >= digits) return `${strip(mantissa)}e${exponentDigits(power)}`;
  return strip(size.toFixed(Math.max(digits - 1 - power, 0)));
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return "-";
  return flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

/** Zeros go between the sign and the digits. */
function padNumber(sign: string, digits: string, format: Format): string {
  if (!format.flags.includes("0") || format.flags.includes("-")) return pad(sign + digits, format);
  return sign + digits.padStart((format.width ?? 0) - sign.length, "0");
}

/** Counts characters, not UTF-16 units. */
function pad(value: string, { width, flags }: Format): string {
  const missing = (width ?? 0) - (width ? Array.from(value).length : 0);
  if (missing <= 0) return value;
  if (flags.includes("-")) return value + " ".repeat(missing);
  return (flags.includes("0") ? "0" : " ").repeat(missing) + value;
}

/** `%#v`. */
function goSyntax(value: Value): string {
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (isMap(value))
    return `map[string]interface {}{${sortedEntries(value)
      .map(([key, item]) => `${quoteGo(key)}:${goSyntax(item)}`)
      .join(", ")}}`;
  return typeof value === "string" ? quoteGo(value) : printValue(value);
}
