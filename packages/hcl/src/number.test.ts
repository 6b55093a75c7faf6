import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  ceiling,
  compare,
  divide,
  floor,
  formatNumber,
  fromDouble,
  fromInteger,
  isInteger,
  multiply,
  parseNumber,
  remainder,
  subtract,
  toDouble,
  truncate,
  type BigFloat,
} from "./number.ts";

function read(text: string): BigFloat {
  const number = parseNumber(text);
  assert.ok(number, text);
  return number;
}

function check(text: string, expected: string): void {
  const [left, operator, right] = text.split(" ");
  const operations = { "+": add, "-": subtract, "*": multiply, "/": divide, "%": remainder };
  const operation = operations[operator as keyof typeof operations];
  assert.equal(formatNumber(operation ? operation(read(left), read(right)) : read(left)), expected, text);
}

test("number: decimals are read and written without loss", () => {
  for (const text of [
    "0",
    "1",
    "-7",
    "0.1",
    "-0.25",
    "3.14159265358979323846264338327950288419716939937510582097494459",
    "123456789012345678901234567890.5",
  ]) {
    check(text, text);
  }
  check("1e3", "1000");
  check("1.50", "1.5");
  check("12e-4", "0.0012");
  check("1.e2", "100");
  check("00012", "12");
});

test("number: what is no decimal is refused, and so is what is out of range", () => {
  for (const text of [
    "",
    ".",
    "1..2",
    "1.2.3",
    "1e",
    "0x10",
    "1_000",
    "abc",
    "1e999999",
    "Infinity",
    "NaN",
  ]) {
    assert.equal(parseNumber(text), undefined, text);
  }
});

test("number: arithmetic is exact where binary machine numbers are not", () => {
  check("0.1 + 0.2", "0.3");
  check("1 - 0.5", "0.5");
  check("0.1 * 3", "0.3");
  check("9007199254740993 + 2", "9007199254740995");
  check("100 / 8", "12.5");
  check("10 % 3", "1");
  check("-10 % 3", "-1");
  check("5 % 0", "5");
});

test("number: machine numbers print as machine numbers", () => {
  for (const value of [0.1, 1 / 3, 1e21, 123456.789, 5e-324, 2 ** 0.5]) {
    assert.equal(Number(formatNumber(fromDouble(value))), value);
    assert.equal(toDouble(fromDouble(value)), value);
  }
  assert.equal(formatNumber(fromDouble(1e21)), "1000000000000000000000");
});

test("number: order, integer parts and rounding", () => {
  assert.equal(compare(read("0.3"), add(read("0.1"), read("0.2"))), 0);
  assert.equal(compare(read("-1"), read("0.5")), -1);
  assert.deepEqual([floor(read("-1.5")), ceiling(read("-1.5")), floor(read("1.5"))].map(formatNumber), [
    "-2",
    "-1",
    "1",
  ]);
  assert.equal(truncate(read("-1.9")), -1n);
  assert.equal(isInteger(divide(read("6"), read("4"))), false);
  assert.equal(isInteger(fromInteger(4)), true);
});
