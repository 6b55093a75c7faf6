/** Functions on numbers. Roots and logarithms are computed in machine numbers, as in the original. */
import { FunctionFault, type HclFunction, parameter } from "../function.ts";
import {
  add,
  type BigFloat,
  ceiling,
  compare,
  floor,
  fromDouble,
  fromInteger,
  negate,
  sign,
  toDouble,
  zero,
} from "../number.ts";
import { listValue, numberType, numberValue, type Value } from "../value.ts";
import { aNumber, anything, define, defineVariadic, integerOf, numberOf } from "./arguments.ts";

function onNumber(name: string, change: (value: BigFloat) => BigFloat): HclFunction {
  return define(name, [aNumber("num")], (value) => numberValue(change(numberOf(value))));
}

function extreme(name: string, wanted: number): HclFunction {
  return defineVariadic(name, [], parameter("numbers", numberType), (...values) => {
    if (values.length === 0) throw new FunctionFault("at least one number is required");
    const numbers = values.map(numberOf);
    return numberValue(numbers.reduce((best, next) => (compare(next, best) === wanted ? next : best)));
  });
}

export const numericFunctions: readonly HclFunction[] = [
  onNumber("abs", (value) => (sign(value) < 0 ? negate(value) : value)),
  onNumber("ceil", ceiling),
  onNumber("floor", floor),
  define("signum", [aNumber("num")], (value) => numberValue(fromInteger(Math.sign(integerOf(value))))),
  define("log", [aNumber("num"), aNumber("base")], (value, base) =>
    numberValue(fromDouble(Math.log(toDouble(numberOf(value))) / Math.log(toDouble(numberOf(base))))),
  ),
  define("pow", [aNumber("num"), aNumber("power")], (value, power) =>
    numberValue(fromDouble(toDouble(numberOf(value)) ** toDouble(numberOf(power)))),
  ),
  extreme("max", 1),
  extreme("min", -1),
  define("parseint", [anything("number"), aNumber("base")], (value, base) =>
    numberValue(fromInteger(parseInteger(digitsOf(value), integerOf(base, 1)))),
  ),
  defineVariadic("range", [], parameter("params", numberType), (...values) =>
    listValue(numberType, range(values.map(numberOf)).map(numberValue)),
  ),
];

function digitsOf(value: Value): string {
  if (value.kind === "string") return value.value;
  throw new FunctionFault("first argument must be a string", 0);
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** More than any number needs, and few enough to be read one by one. */
const digitLimit = 1000;

/** Up to base 36 capitals are the same digits as small letters; beyond, they follow after. */
function parseInteger(text: string, base: number): bigint {
  if (base < 2 || base > 62)
    throw new FunctionFault("base must be a whole number between 2 and 62 inclusive", 1);
  if (text.length > digitLimit) throw new FunctionFault(`a number may have ${digitLimit} digits`, 0);
  const [, minus, digits] = /^([+-]?)(.+)$/su.exec(text) ?? [];
  let result = 0n;
  for (const digit of digits ?? "?") {
    const value = alphabet.indexOf(base <= 36 ? digit.toLowerCase() : digit);
    if (value < 0 || value >= base)
      throw new FunctionFault(`cannot parse "${text}" as a base ${base} integer`, 0);
    result = result * BigInt(base) + BigInt(value);
  }
  return minus === "-" ? -result : result;
}

const rangeLimit = 1024;

/** `range(end)`, `range(start, end)` or `range(start, end, step)`: from start, and before end. */
function range(values: readonly BigFloat[]): BigFloat[] {
  if (values.length < 1 || values.length > 3)
    throw new FunctionFault("one, two or three arguments are required");
  const [start, end] = values.length === 1 ? [zero, values[0]] : values;
  const step = values[2] ?? fromInteger(compare(end, start) < 0 ? -1 : 1);
  const direction = sign(step);
  if (direction === 0) throw new FunctionFault("step must not be zero", 2);
  if (compare(end, start) === -direction)
    throw new FunctionFault("end must lie in the direction of the step", 1);
  if ((toDouble(end) - toDouble(start)) / toDouble(step) > rangeLimit + 1) throw tooMany();
  const numbers: BigFloat[] = [];
  for (let number = start; compare(end, number) === direction; number = add(number, step)) {
    if (numbers.push(number) > rangeLimit) throw tooMany();
  }
  return numbers;
}

function tooMany(): FunctionFault {
  return new FunctionFault(`more than ${rangeLimit} values were generated`);
}
