/** How functions take their arguments: checked once, in the table, instead of in each of them. */
import type { TemplateFunction } from "../evaluate.ts";
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { isList, isMap, printValue, textOf, typeName } from "../values.ts";

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

/** Lets a function have `least` to `most` arguments. */
export function takes(least: number, most: number, call: TemplateFunction): TemplateFunction {
  return (args, context) => {
    if (args.length < least || args.length > most) {
      const wanted =
        least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
      throw new FunctionError(`wrong number of arguments: ${args.length} instead of ${wanted}`);
    }
    return call(args, context);
  };
}

/** A function of texts alone, exactly as many as it declares. */
export function ofText(count: number, call: (...texts: string[]) => Value): TemplateFunction {
  return takes(count, count, (args) => call(...args.map(text)));
}

export function text(value: Value): string {
  const result = textOf(value);
  if (result === undefined) throw new FunctionError(`needs text, not ${typeName(value)}`);
  return result;
}

/** Text, or what a value prints: for functions that are generous. */
export function anyText(value: Value): string {
  return value === null ? "" : printValue(value);
}

export function list(value: Value): readonly Value[] {
  if (!isList(value)) throw new FunctionError(`needs a list, not ${typeName(value)}`);
  return value;
}

export function map(value: Value): ReadonlyMap<string, Value> {
  if (!isMap(value)) throw new FunctionError(`needs a map, not ${typeName(value)}`);
  return value;
}

/** A whole number; also one that was read from JSON as a fraction, or from text. */
export function integer(value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  const digits = textOf(value);
  if (digits !== undefined && /^[+-]?[0-9]{1,19}$/.test(digits)) return BigInt(digits.replace(/^\+/, ""));
  throw new FunctionError(`needs a whole number, not ${typeName(value)} ${printValue(value)}`);
}

/** An integer that is a count or position: at most a few million. */
export function count(value: Value): number {
  const number = integer(value);
  if (number < -10_000_000n || number > 10_000_000n)
    throw new FunctionError(`${number} is too large a count`);
  return Number(number);
}

/** How Go's int64 holds it. */
export function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
