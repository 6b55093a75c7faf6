/** `jsonencode` and `jsondecode`. Numbers keep all their digits. */
import { FunctionFault, type HclFunction } from "../function.ts";
import { formatNumber, parseNumber } from "../number.ts";
import {
  boolValue,
  nullValue,
  numberValue,
  objectValue,
  sortedEntries,
  stringValue,
  tupleValue,
  type Value,
  normalForm,
} from "../value.ts";
import { anything, aString, define, textOf } from "./arguments.ts";

export const jsonFunctions: readonly HclFunction[] = [
  define("jsonencode", [anything("val", { allowNull: true })], (value) => stringValue(encodeJson(value))),
  define("jsondecode", [aString("str")], (text) => decodeJson(textOf(text))),
];

/** Compact JSON with the keys in order; `<`, `>` and `&` are escaped, so that it can stand in HTML. */
export function encodeJson(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "unknown":
      throw new FunctionFault("the value is not known yet");
    case "string":
      return quoteJson(value.value);
    case "number":
      return formatNumber(value.value);
    case "bool":
      return String(value.value);
    case "list":
    case "set":
    case "tuple":
      return `[${value.items.map(encodeJson).join(",")}]`;
    default:
      return `{${sortedEntries(value)
        .map(([name, item]) => `${quoteJson(name)}:${encodeJson(item)}`)
        .join(",")}}`;
  }
}

export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The value that a JSON text stands for: arrays become tuples. A `FunctionFault` if it is none. */
export function decodeJson(text: string): Value {
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    toValue(value, context?.source);
  try {
    return (JSON.parse as (text: string, revive: unknown) => Value)(text, revive);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FunctionFault("this is not valid JSON", 0);
    if (error instanceof RangeError) throw new FunctionFault("this JSON is nested too deeply", 0);
    throw error;
  }
}

/** Called from the inside out, so that what an array or object holds are values already. */
function toValue(value: unknown, source: string | undefined): Value {
  if (value === null) return nullValue;
  if (typeof value === "string") return stringValue(value);
  if (typeof value === "boolean") return boolValue(value);
  if (typeof value === "number") {
    const number = parseNumber(source ?? String(value));
    if (!number) throw new FunctionFault("a number is out of range", 0);
    return numberValue(number);
  }
  if (Array.isArray(value)) return tupleValue(value as Value[]);
  return objectValue(
    Object.entries(value as Record<string, Value>).map(([name, item]) => [normalForm(name), item]),
  );
}
