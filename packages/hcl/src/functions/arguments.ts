/** Small readers for the arguments of functions, which have been converted to their types before. */
import { FunctionFault, type HclFunction, type Parameter, parameter } from "../function.ts";
import { isInteger, toDouble, type BigFloat } from "../number.ts";
import { anyType, boolType, numberType, stringType, type Type, type Value } from "../value.ts";

export function define(
  name: string,
  parameters: readonly Parameter[],
  call: HclFunction["call"],
): HclFunction {
  return { name, parameters, call };
}

/** A function that takes any number of arguments of one kind, after the first ones. */
export function defineVariadic(
  name: string,
  parameters: readonly Parameter[],
  rest: Parameter,
  call: HclFunction["call"],
): HclFunction {
  return { name, parameters, rest, call };
}

export const aString = (name: string): Parameter => parameter(name, stringType);
export const aNumber = (name: string): Parameter => parameter(name, numberType);
export const aBool = (name: string): Parameter => parameter(name, boolType);
export const anything = (name: string, options: Partial<Parameter> = {}): Parameter =>
  parameter(name, anyType, options);
export const aListOf = (name: string, element: Type): Parameter => parameter(name, { kind: "list", element });

export function textOf(value: Value): string {
  if (value.kind !== "string") throw new FunctionFault("a string is required");
  return value.value;
}

export function numberOf(value: Value): BigFloat {
  if (value.kind !== "number") throw new FunctionFault("a number is required");
  return value.value;
}

/** A whole number that a machine can count to. */
export function integerOf(value: Value, argument?: number): number {
  const number = numberOf(value);
  const double = toDouble(number);
  if (isInteger(number) && Number.isSafeInteger(double)) return double;
  throw new FunctionFault("value must be a whole number", argument);
}

export type Sequence = Value & { kind: "list" | "set" | "tuple" };

export function sequenceOf(value: Value, argument = 0): Sequence {
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") return value;
  throw new FunctionFault("a list, set or tuple is required", argument);
}

export type Mapping = Value & { kind: "map" | "object" };

export function mappingOf(value: Value, argument = 0): Mapping {
  if (value.kind === "map" || value.kind === "object") return value;
  throw new FunctionFault("a map or object is required", argument);
}

export function textsOf(value: Value): string[] {
  return sequenceOf(value).items.map((item) => {
    if (item.kind === "string") return item.value;
    throw new FunctionFault("null among the strings", 0);
  });
}
