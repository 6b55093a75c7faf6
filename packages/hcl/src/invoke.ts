import { ConversionFault, convert } from "./convert.ts";
import type { Range } from "./diagnostic.ts";
import { ExhaustionFault } from "./effort.ts";
import { checkLength, FunctionFault, type HclFunction, type Parameter, type Spend } from "./function.ts";
import { NumberFault } from "./number.ts";
import { isWhollyKnown, unknownValue, type Value } from "./value.ts";

/** An argument and where it stands. */
export interface Given {
  readonly value: Value;
  readonly range: Range;
}

/** Leaves a diagnostic; returns the unknown value. */
export type Report = (summary: string, detail: string, range: Range) => Value;

/** Where a call stands, who is told what is wrong with it, and who pays for it. */
export interface Calling {
  readonly call: Range;
  readonly report: Report;
  readonly spend: Spend;
}

/**
 * The result of a function for arguments that have been evaluated. They are counted, converted to
 * the types of the parameters and checked for null first; what is wrong is reported, and then the
 * result is unknown.
 */
export function invoke(
  called: HclFunction,
  given: readonly Given[],
  { call, report, spend }: Calling,
): Value {
  const miscount = miscountOf(called, given.length);
  if (miscount) return report(miscount.summary, miscount.detail, call);
  const values: Value[] = [];
  for (const [index, { value, range }] of given.entries()) {
    const converted = convertArgument(parameterAt(called, index), value);
    if (typeof converted === "string") report("Invalid argument", converted, range);
    else values.push(converted);
  }
  if (values.length < given.length) return unknownValue;
  const isUsable = values.every(
    (value, index) => parameterAt(called, index).allowUnknown || isWhollyKnown(value),
  );
  return isUsable ? perform(called, values, given, { call, report, spend }) : unknownValue;
}

function parameterAt(called: HclFunction, index: number): Parameter {
  return called.parameters[index] ?? called.rest!;
}

function miscountOf(called: HclFunction, count: number): { summary: string; detail: string } | undefined {
  const wanted = called.parameters.length;
  if (count >= wanted && (called.rest || count === wanted)) return undefined;
  const noun = wanted === 1 ? "argument" : "arguments";
  const missing = count < wanted ? ` "${called.parameters[count].name}" is missing.` : "";
  const detail = `${called.name} takes ${called.rest ? "at least " : ""}${wanted} ${noun}, not ${count}.${missing}`;
  return { summary: count < wanted ? "Missing argument" : "Too many arguments", detail };
}

/** The argument in the type of its parameter, or why it cannot be. */
function convertArgument(parameter: Parameter, value: Value): Value | string {
  try {
    const converted = convert(value, parameter.type);
    if (converted.kind !== "null" || parameter.allowNull) return converted;
    return `The argument "${parameter.name}" must not be null.`;
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    return `The argument "${parameter.name}" does not fit: ${error.message}.`;
  }
}

/** Of a call that fails nobody knows how much it did before. */
const failureCost = 500;

function perform(
  called: HclFunction,
  values: readonly Value[],
  given: readonly Given[],
  { call, report, spend }: Calling,
): Value {
  try {
    const result = called.metered ? called.metered(spend, ...values) : called.call(...values);
    if (result.kind === "string") checkLength(result.value.length);
    return result;
  } catch (error) {
    if (error instanceof ExhaustionFault) throw error;
    spend(failureCost);
    const argument = error instanceof FunctionFault ? error.argument : undefined;
    const range = argument === undefined ? call : (given[argument]?.range ?? call);
    return report("Function failed", `${called.name}: ${reasonOf(error)}.`, range);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FunctionFault || error instanceof NumberFault || error instanceof ConversionFault)
    return error.message;
  if (error instanceof RangeError) return "the result is too large";
  throw error;
}
