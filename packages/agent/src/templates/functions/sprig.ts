/** The part of Sprig that job files use, under the names consul-template gives it: https://masterminds.github.io/sprig/ */
import { createHash } from "node:crypto";
import type { CallContext } from "../evaluate.ts";
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { isList, isMap, isTrue } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { anyText, count, integer, list, map, ofText, takes, text, wrap } from "./arguments.ts";
import { decodeBase64, parseJson, toJson } from "./encodings.ts";
import { matchExpression, replaceExpression } from "./expressions.ts";
import { indent, join, replaceAll, title } from "./text.ts";

const functions: FunctionTable = {
  default: takes(1, 2, ([otherwise, value = null]) => (isTrue(value) ? value : otherwise)),
  empty: takes(1, 1, ([value]) => !isTrue(value)),
  coalesce: (args) => args.find(isTrue) ?? null,
  ternary: takes(3, 3, ([yes, no, condition]) => (condition === true ? yes : no)),
  fail: ofText(1, (message) => {
    throw new FunctionError(message);
  }),

  quote: (args) =>
    args
      .filter(isThere)
      .map((value) => JSON.stringify(anyText(value)))
      .join(" "),
  squote: (args) =>
    args
      .filter(isThere)
      .map((value) => `'${anyText(value)}'`)
      .join(" "),
  toString: takes(1, 1, ([value]) => anyText(value)),
  upper: ofText(1, (value) => value.toUpperCase()),
  lower: ofText(1, (value) => value.toLowerCase()),
  title: ofText(1, title),
  trim: ofText(1, (value) => value.trim()),
  trimPrefix: ofText(2, (prefix, value) => (value.startsWith(prefix) ? value.slice(prefix.length) : value)),
  trimSuffix: ofText(2, (suffix, value) =>
    suffix && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value,
  ),
  contains: ofText(2, (part, value) => value.includes(part)),
  hasPrefix: ofText(2, (part, value) => value.startsWith(part)),
  hasSuffix: ofText(2, (part, value) => value.endsWith(part)),
  replace: takes(3, 3, ([from, to, value], { budget }) =>
    replaceAll(text(value), { from: text(from), to: text(to), budget }),
  ),
  repeat: takes(2, 2, ([times, value], { budget }) => {
    budget.checkLength(text(value).length * Math.max(count(times), 0));
    return text(value).repeat(Math.max(count(times), 0));
  }),
  trunc: takes(2, 2, ([length, value]) =>
    count(length) < 0 ? text(value).slice(count(length)) : text(value).slice(0, count(length)),
  ),
  indent: takes(2, 2, ([spaces, value], { budget }) => indentAll(count(spaces), text(value), budget)),
  nindent: takes(2, 2, ([spaces, value], { budget }) => `\n${indentAll(count(spaces), text(value), budget)}`),
  regexMatch: takes(
    2,
    2,
    ([expression, value], { budget }) =>
      matchExpression(text(expression), text(value), { budget, limit: 1 }).length > 0,
  ),
  regexReplaceAll: takes(3, 3, ([expression, value, to], { budget }) =>
    replaceExpression(text(expression), text(to), { text: text(value), budget }),
  ),

  join: takes(2, 2, ([separator, items], { budget }) =>
    join(text(separator), isList(items) ? items : [items], budget),
  ),
  splitList: ofText(2, (separator, value) => value.split(separator)),
  list: (args) => args,
  first: takes(1, 1, ([items]) => list(items)[0] ?? null),
  last: takes(1, 1, ([items]) => list(items).at(-1) ?? null),
  rest: takes(1, 1, ([items]) => list(items).slice(1)),
  append: takes(2, 2, ([items, item], { budget }) => spent([...list(items), item], budget)),
  has: takes(2, 2, ([item, items]) => list(items).includes(item)),
  uniq: takes(1, 1, ([items]) => [...new Set(list(items))]),
  sortAlpha: takes(1, 1, ([items]) => list(items).map(anyText).toSorted()),
  until: takes(1, 1, ([length], { budget }) => {
    budget.spend(Math.max(count(length), 0));
    return Array.from({ length: Math.max(count(length), 0) }, (_, index) => BigInt(index));
  }),

  dict: (args) => dictionary(args),
  get: takes(2, 2, ([entries, key]) => map(entries).get(text(key)) ?? ""),
  hasKey: takes(2, 2, ([entries, key]) => map(entries).has(text(key))),
  keys: takes(1, 1, ([entries]) => [...map(entries).keys()].toSorted()),
  values: takes(1, 1, ([entries]) => [...map(entries).values()]),

  int: takes(1, 1, ([value]) => toInteger(value)),
  int64: takes(1, 1, ([value]) => toInteger(value)),
  add: (args) => wrap(args.map(integer).reduce((a, b) => a + b, 0n)),
  sub: takes(2, 2, ([a, b]) => wrap(integer(a) - integer(b))),
  mul: takes(1, 100, (args) => wrap(args.map(integer).reduce((a, b) => wrap(a * b), 1n))),
  div: takes(2, 2, ([a, b]) => wrap(integer(a) / divisor(b))),
  mod: takes(2, 2, ([a, b]) => integer(a) % divisor(b)),
  max: takes(1, Infinity, (args) => args.map(integer).reduce((a, b) => (a > b ? a : b))),
  min: takes(1, Infinity, (args) => args.map(integer).reduce((a, b) => (a < b ? a : b))),

  b64enc: ofText(1, (value) => Buffer.from(value).toString("base64")),
  b64dec: ofText(1, decodeBase64),
  sha256sum: ofText(1, (value) => createHash("sha256").update(value).digest("hex")),
  sha1sum: ofText(1, (value) => createHash("sha1").update(value).digest("hex")),
  toJson: takes(1, 1, ([value]) => toJson(value)),
  toPrettyJson: takes(1, 1, ([value]) => toJson(value, "  ")),
  fromJson: ofText(1, parseJson),
};

export const sprigFunctions: FunctionTable = Object.fromEntries(
  Object.entries(functions).map(([name, call]) => [`sprig_${name}`, call]),
);

type Budget = CallContext["budget"];

function isThere(value: Value): boolean {
  return value !== null;
}

/** Unlike consul-template's, it indents empty lines as well. */
function indentAll(spaces: number, value: string, budget: Budget): string {
  const blanks = indent(spaces, "x", budget).slice(0, -1);
  return replaceAll(blanks + value, { from: "\n", to: `\n${blanks}`, budget });
}

function spent(items: readonly Value[], budget: Budget): readonly Value[] {
  budget.spend(items.length);
  return items;
}

function dictionary(args: readonly Value[]): Value {
  const entries = new Map<string, Value>();
  for (let index = 0; index < args.length; index += 2)
    entries.set(anyText(args[index]), args[index + 1] ?? "");
  return entries;
}

/** What is no number is 0. */
function toInteger(value: Value): Value {
  if (typeof value === "number") return Number.isFinite(value) ? wrap(BigInt(Math.trunc(value))) : 0n;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (value === null || isList(value) || isMap(value)) return 0n;
  const digits = /^[+-]?[0-9]{1,18}$/.exec(anyText(value))?.[0];
  return digits === undefined ? 0n : BigInt(digits.replace(/^\+/, ""));
}

function divisor(value: Value): bigint {
  const number = integer(value);
  if (number === 0n) throw new FunctionError("cannot divide by 0");
  return number;
}
