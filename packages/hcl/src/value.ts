/**
 * The values of HCL expressions: null, unknown, string, number, bool, and the collections list, set
 * and map (elements of one type) and tuple and object (each element its own type).
 *
 * After https://github.com/zclconf/go-cty/blob/main/docs/types.md. Strings are in Unicode normal
 * form C. Maps and objects are iterated by key in code point order, sets in the order of
 * `orderSet`; `entries` itself keeps the order of insertion and means nothing by it.
 */
import { type BigFloat, compare, formatNumber, fromInteger } from "./number.ts";

export type Type =
  | { readonly kind: "any" | "string" | "number" | "bool" }
  | { readonly kind: "list"; readonly element: Type }
  | { readonly kind: "set"; readonly element: Type }
  | { readonly kind: "map"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | ObjectType;

export interface ObjectType {
  readonly kind: "object";
  readonly attributes: ReadonlyMap<string, Type>;
  /** Attributes that a value to be converted may lack; they become null. */
  readonly optional: ReadonlySet<string>;
}

export type Value =
  | NullValue
  | UnknownValue
  | StringValue
  | NumberValue
  | BoolValue
  | ListValue
  | SetValue
  | MapValue
  | TupleValue
  | ObjectValue;

export interface NullValue {
  readonly kind: "null";
  readonly type: Type;
}

/** A value that is not known yet; only its type is. */
export interface UnknownValue {
  readonly kind: "unknown";
  readonly type: Type;
}

export interface StringValue {
  readonly kind: "string";
  readonly value: string;
}

/** An exact binary number of 512 bits; see `number.ts`. */
export interface NumberValue {
  readonly kind: "number";
  readonly value: BigFloat;
}

export interface BoolValue {
  readonly kind: "bool";
  readonly value: boolean;
}

export interface ListValue {
  readonly kind: "list";
  readonly element: Type;
  readonly items: readonly Value[];
}

export interface SetValue {
  readonly kind: "set";
  readonly element: Type;
  readonly items: readonly Value[];
}

export interface MapValue {
  readonly kind: "map";
  readonly element: Type;
  readonly entries: ReadonlyMap<string, Value>;
}

export interface TupleValue {
  readonly kind: "tuple";
  readonly items: readonly Value[];
}

export interface ObjectValue {
  readonly kind: "object";
  readonly entries: ReadonlyMap<string, Value>;
}

export const anyType: Type = { kind: "any" };
export const stringType: Type = { kind: "string" };
export const numberType: Type = { kind: "number" };
export const boolType: Type = { kind: "bool" };

export const nullValue: Value = { kind: "null", type: anyType };
/** What stands in for a result that could not be computed: it fits everywhere. */
export const unknownValue: Value = { kind: "unknown", type: anyType };
export const trueValue: Value = { kind: "bool", value: true };
export const falseValue: Value = { kind: "bool", value: false };
export const emptyTuple: Value = { kind: "tuple", items: [] };

export function boolValue(value: boolean): Value {
  return value ? trueValue : falseValue;
}

/** A string in normal form C. */
export function stringValue(text: string): StringValue {
  return { kind: "string", value: isLatin1(text) ? text : normalForm(text) };
}

/** More marks on one letter than any language has: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format. */
const stackedMarks = /\p{M}{31}/u;

/**
 * The text in normal form C. A text with a stack of more than 30 marks stays as it is: to put them
 * in order takes time that grows with the square of their number.
 */
export function normalForm(text: string): string {
  return stackedMarks.test(text) ? text : text.normalize("NFC");
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0xff) return false;
  }
  return true;
}

export function numberValue(value: BigFloat): NumberValue {
  return { kind: "number", value };
}

export function tupleValue(items: readonly Value[]): TupleValue {
  return { kind: "tuple", items };
}

export function objectValue(
  entries: ReadonlyMap<string, Value> | Iterable<readonly [string, Value]>,
): ObjectValue {
  return { kind: "object", entries: entries instanceof Map ? entries : new Map(entries) };
}

/** A list whose elements all have the type. */
export function listValue(element: Type, items: readonly Value[]): ListValue {
  return { kind: "list", element, items };
}

export function mapValue(element: Type, entries: ReadonlyMap<string, Value>): MapValue {
  return { kind: "map", element, entries };
}

/** A set of the elements, each once, in the order in which sets are iterated. */
export function setValue(element: Type, items: readonly Value[]): SetValue {
  const sorted = items.map((item) => ({ item, key: setKey(item) })).sort((a, b) => compareElements(a, b));
  const unique = sorted.filter(({ key }, index) => index === 0 || key !== sorted[index - 1].key);
  return { kind: "set", element, items: unique.map(({ item }) => item) };
}

interface Keyed {
  readonly item: Value;
  readonly key: string;
}

/** Strings by code point, numbers by size, false before true; anything else by its canonical text. */
function compareElements(a: Keyed, b: Keyed): number {
  if (a.item.kind === "number" && b.item.kind === "number") return compare(a.item.value, b.item.value);
  if (a.item.kind === "string" && b.item.kind === "string") return compareText(a.item.value, b.item.value);
  return compareText(a.key, b.key);
}

/** A text that two values share exactly if they are equal. */
function setKey(value: Value): string {
  switch (value.kind) {
    case "null":
      return "~";
    case "unknown":
      return "?";
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return formatNumber(value.value);
    case "bool":
      return value.value ? "T" : "F";
    case "list":
      return `[${value.items.map((item) => `${setKey(item)};`).join("")}]`;
    case "set":
    case "tuple":
      return `<${value.items.map((item) => `${setKey(item)};`).join("")}>`;
    case "map":
      return `{${sortedEntries(value)
        .map(([key, item]) => `${JSON.stringify(key)}:${setKey(item)};`)
        .join("")}}`;
    default:
      return `<${sortedEntries(value)
        .map(([, item]) => `${setKey(item)};`)
        .join("")}>`;
  }
}

/** The order of Unicode code points, which is also that of UTF-8. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // Surrogates stand for code points above all others.
    const raise = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return raise(left) - raise(right);
  }
  return a.length - b.length;
}

/** The entries of a map or object in the order in which it is iterated. */
export function sortedEntries(value: MapValue | ObjectValue): [string, Value][] {
  return [...value.entries].sort(([a], [b]) => compareText(a, b));
}

/** The elements of a collection with their keys, in order; undefined if it has none by nature. */
export function elementsOf(value: Value): (readonly [key: Value, element: Value])[] | undefined {
  switch (value.kind) {
    case "list":
    case "tuple":
      return value.items.map((item, index) => [numberValue(fromInteger(index)), item] as const);
    case "set":
      return value.items.map((item) => [item, item] as const);
    case "map":
    case "object":
      return sortedEntries(value).map(([key, item]) => [stringValue(key), item] as const);
    default:
      return undefined;
  }
}

/** Whether nothing in a value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  switch (value.kind) {
    case "unknown":
      return false;
    case "list":
    case "set":
    case "tuple":
      return value.items.every(isWhollyKnown);
    case "map":
    case "object":
      return [...value.entries.values()].every(isWhollyKnown);
    default:
      return true;
  }
}

/** Equality of values of one type; nulls are equal to each other. */
export function valuesEqual(a: Value, b: Value): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "null":
    case "unknown":
      return true;
    case "string":
    case "bool":
      return a.value === (b as StringValue | BoolValue).value;
    case "number":
      return compare(a.value, (b as NumberValue).value) === 0;
    case "list":
    case "set":
    case "tuple":
      return itemsEqual(a.items, (b as TupleValue).items);
    default:
      return entriesEqual(a.entries, (b as ObjectValue).entries);
  }
}

function itemsEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => valuesEqual(item, b[index]));
}

function entriesEqual(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([key, item]) => {
      const other = b.get(key);
      return other !== undefined && valuesEqual(item, other);
    })
  );
}
