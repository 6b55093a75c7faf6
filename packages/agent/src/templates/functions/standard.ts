/** The functions that Go's text/template brings along: https://pkg.go.dev/text/template#hdr-Functions */
import { FunctionError } from "../evaluate.ts";
import { print, printf } from "../printf.ts";
import type { Value } from "../values.ts";
import { isList, isMap, isTrue, Items, textOf, typeName } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { count, takes, text } from "./arguments.ts";

export const standardFunctions: FunctionTable = {
  // `and` and `or` are the evaluator's: they do not look at all of their arguments.
  and: takes(1, Infinity, (args) => args.find((value) => !isTrue(value)) ?? args.at(-1) ?? null),
  or: takes(1, Infinity, (args) => args.find(isTrue) ?? args.at(-1) ?? null),
  not: takes(1, 1, ([value]) => !isTrue(value)),
  eq: takes(2, Infinity, ([first, ...others]) => others.some((other) => isEqual(first, other))),
  ne: takes(2, 2, ([a, b]) => !isEqual(a, b)),
  lt: takes(2, 2, ([a, b]) => compare(a, b) < 0),
  le: takes(2, 2, ([a, b]) => compare(a, b) <= 0),
  gt: takes(2, 2, ([a, b]) => compare(a, b) > 0),
  ge: takes(2, 2, ([a, b]) => compare(a, b) >= 0),
  len: takes(1, 1, ([value]) => BigInt(lengthOf(value))),
  index: takes(1, Infinity, ([value, ...keys]) => keys.reduce(at, value)),
  slice: takes(1, 4, ([value, ...ends]) => slice(value, ends.map(count))),
  print: (args, { budget }) => print(args, budget),
  println: (args, { budget }) => {
    const result = args.map((value) => print([value], budget)).join(" ");
    budget.checkLength(result.length);
    return `${result}\n`;
  },
  printf: takes(1, Infinity, ([format, ...args], { budget }) => printf(text(format), args, budget)),
  html: (args, { budget }) =>
    print(args, budget).replace(/['"&<>\0]/g, (character) => htmlEscapes[character] ?? character),
  js: (args, { budget }) =>
    print(args, budget).replace(/[\\'"<>&=\p{Cc}\u2028\u2029]/gu, (character) => jsEscape(character)),
  urlquery: (args, { budget }) => queryEscape(print(args, budget)),
};

const htmlEscapes: Readonly<Record<string, string>> = {
  "'": "&#39;",
  '"': "&#34;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\ufffd",
};

function jsEscape(character: string): string {
  if ("\\'\"".includes(character)) return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Everything but letters, digits and `-_.~`; a blank is a plus. */
export function queryEscape(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** Values of different types cannot be compared, as in Go; nil only equals nil. */
export function isEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  const [left, right] = [textOf(a) ?? a, textOf(b) ?? b];
  if (typeof left === "object" || typeof right === "object" || typeof left === "function")
    throw new FunctionError(`${typeName(typeof left === "object" ? a : b)} cannot be compared`);
  if (typeof left !== typeof right) throw incomparable(a, b);
  return left === right;
}

function compare(a: Value, b: Value): number {
  const [left, right] = [textOf(a) ?? a, textOf(b) ?? b];
  if (typeof left === "string" && typeof right === "string")
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  const isNumeric = typeof left === "bigint" || typeof left === "number";
  if (!isNumeric || typeof left !== typeof right) throw incomparable(a, b);
  const other = right as bigint | number;
  return left < other ? -1 : left > other ? 1 : 0;
}

function incomparable(a: Value, b: Value): FunctionError {
  return new FunctionError(`${typeName(a)} and ${typeName(b)} cannot be compared`);
}

/** Of text, its bytes. */
function lengthOf(value: Value): number {
  const string = textOf(value);
  if (string !== undefined) return Buffer.byteLength(string);
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw new FunctionError(`${typeName(value)} has no length`);
}

function at(value: Value, key: Value): Value {
  if (isMap(value)) return value.get(text(key)) ?? (value instanceof Items ? "" : null);
  const items = isList(value) ? value : bytesOf(value);
  if (typeof key !== "bigint")
    throw new FunctionError(`${typeName(key)} is no index: it must be a whole number`);
  if (key < 0n || key >= items.length) throw new FunctionError(`index out of range: ${key}`);
  const item = items[Number(key)];
  return typeof item === "number" && !isList(value) ? BigInt(item) : item;
}

function bytesOf(value: Value): Buffer {
  const string = textOf(value);
  if (string === undefined) throw new FunctionError(`${typeName(value)} cannot be indexed`);
  return Buffer.from(string);
}

function slice(value: Value, [from = 0, to, capacity]: readonly number[]): Value {
  const items = isList(value) ? value : bytesOf(value);
  if (capacity !== undefined && !isList(value)) throw new FunctionError("text has no third end to slice to");
  const end = to ?? items.length;
  if (from < 0 || from > end || end > items.length || (capacity ?? end) < end)
    throw new FunctionError(`slice out of range: ${from} to ${end} of ${items.length}`);
  return isList(value)
    ? value.slice(from, end)
    : Buffer.from(items as Buffer)
        .subarray(from, end)
        .toString("utf8");
}
