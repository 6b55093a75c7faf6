/** Arithmetic. As in consul-template the value that comes through a pipe stands first: `5 | subtract 2` is 3. */
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { textOf, typeName } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { count, ofText, takes, wrap } from "./arguments.ts";

type Operation = {
  readonly whole: (a: bigint, b: bigint) => bigint;
  readonly fraction: (a: number, b: number) => number;
};

const operations = {
  add: { whole: (a, b) => a + b, fraction: (a, b) => a + b },
  subtract: { whole: (a, b) => a - b, fraction: (a, b) => a - b },
  multiply: { whole: (a, b) => a * b, fraction: (a, b) => a * b },
  divide: { whole: (a, b) => a / nonZero(b), fraction: (a, b) => a / b },
  modulo: { whole: (a, b) => a % nonZero(b), fraction: () => wholeOnly() },
  minimum: { whole: (a, b) => (a < b ? a : b), fraction: Math.min },
  maximum: { whole: (a, b) => (a > b ? a : b), fraction: Math.max },
} satisfies Record<string, Operation>;

export const numberFunctions: FunctionTable = {
  ...Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      takes(2, 2, ([second, first]) => calculate(operation, first, second)),
    ]),
  ),
  loop: takes(1, 2, ([first, second], { budget }) => {
    const [from, to] = second === undefined ? [0, count(first)] : [count(first), count(second)];
    budget.spend(Math.max(to - from, 0));
    return Array.from({ length: Math.max(to - from, 0) }, (_, index) => BigInt(from + index));
  }),
  parseInt: ofText(1, parseInteger),
  parseUint: ofText(1, (digits) => {
    if (!/^[0-9]*$/.test(digits))
      throw new FunctionError(`${JSON.stringify(digits)} is no whole number from 0`);
    return parseInteger(digits);
  }),
  parseFloat: ofText(1, (digits) => {
    if (digits === "") return 0;
    if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(digits))
      throw new FunctionError(`${JSON.stringify(digits)} is no number`);
    return Number(digits);
  }),
  parseBool: ofText(1, (value) => {
    if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
    if (["", "0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
    throw new FunctionError(`${JSON.stringify(value)} is neither true nor false`);
  }),
};

export function calculate(operation: Operation, first: Value, second: Value): Value {
  const [a, b] = [number(first), number(second)];
  if (typeof a === "bigint" && typeof b === "bigint") return wrap(operation.whole(a, b));
  return operation.fraction(Number(a), Number(b));
}

function number(value: Value): bigint | number {
  if (typeof value === "bigint" || typeof value === "number") return value;
  const digits = textOf(value);
  throw new FunctionError(
    digits === undefined
      ? `needs a number, not ${typeName(value)}`
      : `needs a number, not the text ${JSON.stringify(digits.slice(0, 40))}: see parseInt`,
  );
}

/** Of empty text, 0. */
function parseInteger(digits: string): bigint {
  if (digits === "") return 0n;
  if (!/^[+-]?[0-9]{1,19}$/.test(digits))
    throw new FunctionError(`${JSON.stringify(digits.slice(0, 40))} is no whole number`);
  const value = BigInt(digits.replace(/^\+/, ""));
  if (wrap(value) !== value) throw new FunctionError(`${digits} does not fit into 64 bits`);
  return value;
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new FunctionError("cannot divide by 0");
  return value;
}

function wholeOnly(): never {
  throw new FunctionError("needs whole numbers");
}
