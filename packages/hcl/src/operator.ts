/** The unary and binary operators on values. Faults are `EvaluationFault`s. */
import { ConversionFault, convert } from "./convert.ts";
import { EvaluationFault } from "./fault.ts";
import {
  add,
  compare,
  divide,
  multiply,
  negate,
  NumberFault,
  remainder,
  subtract,
  type BigFloat,
} from "./number.ts";
import type { BinaryOperator } from "./syntax.ts";
import { typeOf, typesEqual } from "./type.ts";
import {
  boolType,
  boolValue,
  falseValue,
  isWhollyKnown,
  numberType,
  numberValue,
  type Type,
  type Value,
  valuesEqual,
} from "./value.ts";

const unknownBool: Value = { kind: "unknown", type: boolType };
const unknownNumber: Value = { kind: "unknown", type: numberType };

/** Both operands are always evaluated: && and || do not spare the right one. */
export function applyBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === "==" || operator === "!=") return compareEqual(operator, left, right);
  if (operator === "&&" || operator === "||") return applyLogical(operator, left, right);
  const a = operand(left, numberType, "left");
  const b = operand(right, numberType, "right");
  if (a.kind === "number" && b.kind === "number") return applyNumeric(operator, a.value, b.value);
  return operator in comparisons ? unknownBool : unknownNumber;
}

export function applyUnary(operator: "!" | "-", value: Value): Value {
  const given = operand(value, operator === "!" ? boolType : numberType, "only");
  if (given.kind === "bool") return boolValue(!given.value);
  if (given.kind === "number") return numberValue(negate(given.value));
  return given;
}

function operand(value: Value, type: Type, side: string): Value {
  try {
    const converted = convert(value, type);
    if (converted.kind !== "null") return converted;
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    throw new EvaluationFault("Invalid operand", `The ${side} operand does not fit: ${error.message}.`);
  }
  throw new EvaluationFault("Invalid operand", `The ${side} operand must not be null.`);
}

function applyLogical(operator: "&&" | "||", left: Value, right: Value): Value {
  const a = operand(left, boolType, "left");
  const b = operand(right, boolType, "right");
  const decides = operator === "||";
  if ((a.kind === "bool" && a.value === decides) || (b.kind === "bool" && b.value === decides))
    return boolValue(decides);
  return a.kind === "bool" && b.kind === "bool" ? boolValue(!decides) : unknownBool;
}

const comparisons = {
  "<": (order: number) => order < 0,
  ">": (order: number) => order > 0,
  "<=": (order: number) => order <= 0,
  ">=": (order: number) => order >= 0,
};

function applyNumeric(
  operator: Exclude<BinaryOperator, "==" | "!=" | "&&" | "||">,
  a: BigFloat,
  b: BigFloat,
): Value {
  if (operator === "<" || operator === ">" || operator === "<=" || operator === ">=") {
    return boolValue(comparisons[operator](compare(a, b)));
  }
  if (operator === "/" && b.mantissa === 0n) {
    throw new EvaluationFault("Division by zero", "A number cannot be divided by zero.");
  }
  try {
    return numberValue(arithmetic[operator](a, b));
  } catch (error) {
    if (!(error instanceof NumberFault)) throw error;
    throw new EvaluationFault("Number out of range", `The result cannot be used: ${error.message}.`);
  }
}

const arithmetic = { "+": add, "-": subtract, "*": multiply, "/": divide, "%": remainder };

function compareEqual(operator: "==" | "!=", left: Value, right: Value): Value {
  const equal = areEqual(left, right);
  return equal.kind === "bool" && operator === "!=" ? boolValue(!equal.value) : equal;
}

/** Values of different types differ. What is unknown inside may turn out either way, if the types allow. */
export function areEqual(left: Value, right: Value): Value {
  if (left.kind === "unknown" || right.kind === "unknown") return unknownBool;
  if (left.kind === "null" || right.kind === "null") return boolValue(left.kind === right.kind);
  const leftType = typeOf(left);
  const rightType = typeOf(right);
  if (isWhollyKnown(left) && isWhollyKnown(right))
    return boolValue(typesEqual(leftType, rightType) && valuesEqual(left, right));
  return couldConform(leftType, rightType) ? unknownBool : falseValue;
}

function couldConform(a: Type, b: Type): boolean {
  if (a.kind === "any" || b.kind === "any") return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === "tuple" && b.kind === "tuple") {
    return (
      a.elements.length === b.elements.length &&
      a.elements.every((element, index) => couldConform(element, b.elements[index]))
    );
  }
  if (a.kind === "object" && b.kind === "object") {
    return (
      a.attributes.size === b.attributes.size &&
      [...a.attributes].every(
        ([name, type]) => b.attributes.has(name) && couldConform(type, b.attributes.get(name)!),
      )
    );
  }
  return !("element" in a) || !("element" in b) || couldConform(a.element, b.element);
}
