/** Text and lists: https://github.com/hashicorp/consul-template/blob/main/docs/templating-language.md#helper-functions */
import type { CallContext } from "../evaluate.ts";
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { isList, isMap, textOf, typeName } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { anyText, count, list, map, ofText, takes, text } from "./arguments.ts";
import { matchExpression, replaceExpression } from "./expressions.ts";
import { isEqual } from "./standard.ts";

export const textFunctions: FunctionTable = {
  contains: takes(2, 2, ([item, all], { budget }) => isIn(all, item, budget)),
  in: takes(2, 2, ([all, item], { budget }) => isIn(all, item, budget)),
  containsAll: takes(2, 2, ([items, all], { budget }) =>
    list(items).every((item) => isIn(all, item, budget)),
  ),
  containsAny: takes(2, 2, ([items, all], { budget }) => list(items).some((item) => isIn(all, item, budget))),
  containsNone: takes(
    2,
    2,
    ([items, all], { budget }) => !list(items).some((item) => isIn(all, item, budget)),
  ),
  containsNotAll: takes(
    2,
    2,
    ([items, all], { budget }) => !list(items).every((item) => isIn(all, item, budget)),
  ),
  join: takes(2, 2, ([separator, items], { budget }) => join(text(separator), list(items), budget)),
  split: ofText(2, (separator, value) => (value.trim() === "" ? [] : value.trim().split(separator))),
  replaceAll: takes(3, 3, ([from, to, value], { budget }) =>
    replaceAll(text(value), { from: text(from), to: text(to), budget }),
  ),
  regexReplaceAll: takes(3, 3, ([expression, to, value], { budget }) =>
    replaceExpression(text(expression), text(to), { text: text(value), budget }),
  ),
  regexMatch: takes(
    2,
    2,
    ([expression, value], { budget }) =>
      matchExpression(text(expression), text(value), { budget, limit: 1 }).length > 0,
  ),
  trimSpace: ofText(1, (value) => value.trim()),
  trim: ofText(2, (characters, value) => trimEnd(trimStart(value, characters), characters)),
  trimPrefix: ofText(2, (prefix, value) => (value.startsWith(prefix) ? value.slice(prefix.length) : value)),
  trimSuffix: ofText(2, (suffix, value) =>
    suffix && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value,
  ),
  toLower: ofText(1, (value) => value.toLowerCase()),
  toUpper: ofText(1, (value) => value.toUpperCase()),
  toTitle: ofText(1, title),
  indent: takes(2, 2, ([spaces, value], { budget }) => indent(count(spaces), text(value), budget)),
  explode: takes(1, 1, ([value]) => explode(map(value))),
  mergeMap: takes(2, 2, ([more, base]) => new Map([...map(more), ...map(base)])),
};

type Budget = CallContext["budget"];

function isIn(all: Value, item: Value, budget: Budget): boolean {
  const whole = textOf(all);
  if (whole !== undefined) return whole.includes(text(item));
  if (!isList(all) && !isMap(all)) throw new FunctionError(`cannot look into ${typeName(all)}`);
  const items = isList(all) ? all : [...all.values()];
  budget.spend(items.length);
  return items.some((candidate) => isSame(candidate, item));
}

/** Unlike `eq`, values of different types are different. */
function isSame(a: Value, b: Value): boolean {
  const isComparable = typeof (textOf(a) ?? a) === typeof (textOf(b) ?? b) && !isList(a) && !isMap(a);
  return isComparable && isEqual(a, b);
}

export function join(separator: string, items: readonly Value[], budget: Budget): string {
  const texts = items.map(anyText);
  budget.checkLength(texts.reduce((sum, item) => sum + item.length + separator.length, 0));
  return texts.join(separator);
}

export function replaceAll(
  value: string,
  how: { readonly from: string; readonly to: string; readonly budget: Budget },
): string {
  const { from, to, budget } = how;
  const pieces = from === "" ? ["", ...Array.from(value), ""] : value.split(from);
  budget.checkLength(value.length + pieces.length * to.length);
  return pieces.join(to);
}

export function indent(spaces: number, value: string, budget: Budget): string {
  if (spaces < 0) throw new FunctionError("cannot indent by less than nothing");
  const lines = value.split("\n");
  budget.checkLength(value.length + lines.length * spaces);
  const blanks = " ".repeat(spaces);
  return lines.map((line) => (line ? blanks + line : line)).join("\n");
}

export function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{Nd}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

function trimStart(value: string, characters: string): string {
  let start = 0;
  while (start < value.length && characters.includes(value[start])) start++;
  return value.slice(start);
}

function trimEnd(value: string, characters: string): string {
  let end = value.length;
  while (end > 0 && characters.includes(value[end - 1])) end--;
  return value.slice(0, end);
}

/** Entries named `a/b` become a map in a map. */
function explode(flat: ReadonlyMap<string, Value>): Value {
  const root = new Map<string, Value>();
  for (const [path, value] of flat) {
    const parts = path.split("/");
    const last = parts.pop() ?? "";
    if (parts.length > 50) throw new FunctionError(`${path} is nested too deeply`);
    let level = root;
    for (const part of parts) {
      const next = level.get(part) ?? new Map<string, Value>();
      if (!(next instanceof Map)) throw new FunctionError(`${path} is both a value and a map`);
      level.set(part, next);
      level = next;
    }
    level.set(last, value);
  }
  return root;
}
