/** Turns the value of an expression into what a field of the API's JSON holds. */
import { formatNumber, isInteger, parseNumber, toDouble } from "../number.ts";
import type { Value } from "../value.ts";
import { parseDuration } from "./duration.ts";
import type { Json } from "./json.ts";
import type { AttributeType } from "./schema/block.ts";

/** The JSON, or what was expected instead; null in the file is the same as not being there. */
export type Conversion = { readonly json: Json | undefined } | { readonly expected: string };

/**
 * Converts as HCL does: a number or a bool will do for a text, and a text that reads as a number
 * or a bool for one of these. A duration is a text with units, or a whole number of nanoseconds.
 */
export function fromValue(type: AttributeType, value: Value): Conversion {
  if (value.kind === "null") return { json: undefined };
  const json = converters[type](value);
  return json === undefined ? { expected: expectations[type] } : { json };
}

const expectations: Readonly<Record<AttributeType, string>> = {
  string: "a string",
  integer: "a whole number",
  number: "a number",
  bool: "true or false",
  duration: 'a duration such as "30s" or "1h30m", or a whole number of nanoseconds',
  strings: "a list of strings",
  integers: "a list of whole numbers",
  map: "a map of strings",
  anything: "a value",
};

const converters: Readonly<Record<AttributeType, (value: Value) => Json | undefined>> = {
  string: textOf,
  integer: wholeNumber,
  number: (value) => toDoubleOrNot(value),
  bool: truth,
  duration: (value) => (value.kind === "string" ? parseDuration(value.value) : wholeNumber(value)),
  strings: (value) => listOf(value, textOf),
  integers: (value) => listOf(value, wholeNumber),
  map: mapOfTexts,
  anything: plain,
};

/** A string, or a number or bool as text. */
export function textOf(value: Value): string | undefined {
  if (value.kind === "string") return value.value;
  if (value.kind === "number") return formatNumber(value.value);
  return value.kind === "bool" ? String(value.value) : undefined;
}

/** A map of texts; undefined if it is no map or one of its values is no text. */
export function mapOfTexts(value: Value): Record<string, string> | undefined {
  if (value.kind !== "map" && value.kind !== "object") return undefined;
  const entries: [string, string][] = [];
  for (const [name, element] of value.entries) {
    const text = textOf(element);
    if (text === undefined) return undefined;
    entries.push([name, text]);
  }
  return Object.fromEntries(entries);
}

export function listOf<T>(value: Value, convert: (value: Value) => T | undefined): T[] | undefined {
  if (value.kind !== "list" && value.kind !== "set" && value.kind !== "tuple") return undefined;
  const items: T[] = [];
  for (const element of value.items) {
    const item = convert(element);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function wholeNumber(value: Value): number | undefined {
  const number = asNumber(value);
  if (number === undefined || !isInteger(number)) return undefined;
  const double = toDouble(number);
  return Math.abs(double) < 2 ** 63 ? double : undefined;
}

function toDoubleOrNot(value: Value): number | undefined {
  const number = asNumber(value);
  return number && toDouble(number);
}

function asNumber(value: Value) {
  if (value.kind === "number") return value.value;
  return value.kind === "string" ? parseNumber(value.value) : undefined;
}

function truth(value: Value): boolean | undefined {
  if (value.kind === "bool") return value.value;
  if (value.kind !== "string") return undefined;
  if (value.value === "true" || value.value === "1") return true;
  return value.value === "false" || value.value === "0" ? false : undefined;
}

/** The value as JSON has it. A number beyond the range of JSON's is given as text. */
export function plain(value: Value): Json | undefined {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
    case "bool":
      return value.value;
    case "number": {
      const double = toDouble(value.value);
      return Number.isFinite(double) ? double : formatNumber(value.value);
    }
    case "list":
    case "set":
    case "tuple":
      return listOf(value, plain);
    case "map":
    case "object":
      return plainMap(value.entries);
    default:
      return undefined;
  }
}

function plainMap(values: ReadonlyMap<string, Value>): Json | undefined {
  const entries: [string, Json][] = [];
  for (const [name, element] of values) {
    const json = plain(element);
    if (json === undefined) return undefined;
    entries.push([name, json]);
  }
  return Object.fromEntries(entries);
}

/** What a value is, for messages: "a number", "a list". */
export function describe(value: Value): string {
  if (value.kind === "string") return JSON.stringify(value.value.slice(0, 60));
  if (value.kind === "number") return `the number ${formatNumber(value.value).slice(0, 60)}`;
  if (value.kind === "bool") return String(value.value);
  if (value.kind === "tuple" || value.kind === "list" || value.kind === "set") return "a list";
  if (value.kind === "map" || value.kind === "object") return "a map";
  return value.kind === "null" ? "null" : "a value that is not known";
}
