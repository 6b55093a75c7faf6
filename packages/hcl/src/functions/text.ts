/** Functions on strings. Lengths and positions count grapheme clusters: what people call characters. */
import { checkLength, FunctionFault, type HclFunction } from "../function.ts";
import { fromInteger } from "../number.ts";
import { compareText, listValue, numberValue, stringType, stringValue } from "../value.ts";
import {
  aListOf,
  aNumber,
  aString,
  define,
  defineVariadic,
  integerOf,
  textOf,
  textsOf,
} from "./arguments.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function graphemesOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function onText(name: string, change: (text: string) => string): HclFunction {
  return define(name, [aString("str")], (value) => stringValue(change(textOf(value))));
}

function onTwoTexts(
  name: string,
  second: string,
  change: (text: string, other: string) => string,
): HclFunction {
  return define(name, [aString("str"), aString(second)], (value, other) =>
    stringValue(change(textOf(value), textOf(other))),
  );
}

export const textFunctions: readonly HclFunction[] = [
  onText("upper", (text) => mapCodePoints(text, (point) => point.toUpperCase())),
  onText("lower", (text) => mapCodePoints(text, (point) => point.toLowerCase())),
  onText("title", titleCase),
  onText("reverse", (text) => graphemesOf(text).toReversed().join("")),
  onText("strrev", (text) => graphemesOf(text).toReversed().join("")),
  onText("chomp", (text) => text.replace(/[\r\n]+$/, "")),
  onText("trimspace", (text) =>
    text.replace(/^[\s\u0085]+/u, "").replace(/(?<![\s\u0085])[\s\u0085]+$/u, ""),
  ),
  onTwoTexts("trim", "cutset", (text, cutset) => trimSet(text, new Set(cutset))),
  onTwoTexts("trimprefix", "prefix", (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  onTwoTexts("trimsuffix", "suffix", (text, suffix) =>
    suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  define("strlen", [aString("str")], (value) => numberValue(fromInteger(graphemesOf(textOf(value)).length))),
  define("substr", [aString("str"), aNumber("offset"), aNumber("length")], (value, offset, length) =>
    stringValue(substring(textOf(value), integerOf(offset, 1), integerOf(length, 2))),
  ),
  define("indent", [aNumber("spaces"), aString("str")], (spaces, value) =>
    stringValue(indented(textOf(value), integerOf(spaces, 0))),
  ),
  define("replace", [aString("str"), aString("substr"), aString("replace")], (value, old, other) =>
    stringValue(replaceAll(textOf(value), textOf(old), textOf(other))),
  ),
  defineVariadic("join", [aString("separator")], aListOf("lists", stringType), (separator, ...lists) => {
    if (lists.length === 0) throw new FunctionFault("at least one list is required");
    return stringValue(joined(lists.flatMap(textsOf), textOf(separator)));
  }),
  define("split", [aString("separator"), aString("str")], (separator, value) => {
    const parts =
      textOf(separator) === "" ? Array.from(textOf(value)) : textOf(value).split(textOf(separator));
    return listValue(stringType, parts.map(stringValue));
  }),
  define("sort", [aListOf("list", stringType)], (list) =>
    listValue(stringType, textsOf(list).sort(compareText).map(stringValue)),
  ),
];

/** Case by single code points: one that would become several stays as it is. */
function mapCodePoints(text: string, change: (point: string) => string): string {
  let result = "";
  for (const point of text) {
    const changed = change(point);
    result += Array.from(changed).length === 1 ? changed : point;
  }
  return result;
}

/** A capital for every letter that does not follow a letter, digit or underscore. */
function titleCase(text: string): string {
  let inWord = false;
  let result = "";
  for (const point of text) {
    result += inWord ? point : mapCodePoints(point, (one) => one.toUpperCase());
    inWord = point > "\u007f" ? !/\s/u.test(point) : /\w/.test(point);
  }
  return result;
}

function trimSet(text: string, cutset: ReadonlySet<string>): string {
  const points = Array.from(text);
  const from = points.findIndex((point) => !cutset.has(point));
  const to = points.findLastIndex((point) => !cutset.has(point));
  return from < 0 ? "" : points.slice(from, to + 1).join("");
}

/** A negative offset counts from the end, a negative length goes to the end. */
function substring(text: string, offset: number, length: number): string {
  const characters = graphemesOf(text);
  const from = offset < 0 ? Math.max(0, characters.length + offset) : offset;
  return characters.slice(from, length < 0 ? undefined : from + length).join("");
}

function indented(text: string, spaces: number): string {
  if (spaces < 0 || spaces > 1_000_000) throw new FunctionFault("the number of spaces is out of range", 0);
  return replaceAll(text, "\n", `\n${" ".repeat(spaces)}`);
}

/** An empty text to be replaced is found around every code point. */
function replaceAll(text: string, old: string, other: string): string {
  return old === "" ? joined(["", ...Array.from(text), ""], other) : joined(text.split(old), other);
}

function joined(parts: readonly string[], separator: string): string {
  const between = Math.max(0, parts.length - 1) * separator.length;
  checkLength(parts.reduce((sum, part) => sum + part.length, between));
  return parts.join(separator);
}
