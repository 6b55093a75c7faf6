import { Fault } from "../fault.ts";
import { Reader } from "./reader.ts";

/**
 * A value in a field table with the tag it came with, so that a table that passes through leaves with
 * the same types. The tags are RabbitMQ's, not the specification's:
 * https://www.rabbitmq.com/amqp-0-9-1-errata, section 3. Long strings are bytes: they need not be UTF-8.
 */
export type Field =
  | { readonly tag: "t"; readonly value: boolean }
  | { readonly tag: "b" | "B" | "s" | "u" | "I" | "i" | "f" | "d"; readonly value: number }
  | { readonly tag: "l" | "L" | "T"; readonly value: bigint }
  | { readonly tag: "D"; readonly value: { readonly scale: number; readonly digits: number } }
  | { readonly tag: "S" | "x"; readonly value: Buffer }
  | { readonly tag: "A"; readonly value: readonly Field[] }
  | { readonly tag: "F"; readonly value: FieldTable }
  | { readonly tag: "V"; readonly value: undefined };

export type FieldTable = ReadonlyMap<string, Field>;

export const emptyTable: FieldTable = new Map();

/** Tables nest at most this deep; what goes deeper is hostile. */
const maximumDepth = 32;

/** A long string. */
export function textField(text: string): Field {
  return { tag: "S", value: Buffer.from(text) };
}

/** A table of long strings, booleans, whole numbers (`l`) and nested tables. */
export function tableOf(values: {
  readonly [name: string]: string | boolean | number | FieldTable | readonly Field[];
}): FieldTable {
  return new Map(Object.entries(values).map(([name, value]) => [name, fieldOf(value)]));
}

function fieldOf(value: string | boolean | number | FieldTable | readonly Field[]): Field {
  if (typeof value === "string") return textField(value);
  if (typeof value === "boolean") return { tag: "t", value };
  if (typeof value === "number") return { tag: "l", value: BigInt(value) };
  return value instanceof Map
    ? { tag: "F", value: value as FieldTable }
    : { tag: "A", value: value as Field[] };
}

/** The text of a long string, otherwise undefined. */
export function textOf(field: Field | undefined): string | undefined {
  return field?.tag === "S" || field?.tag === "x" ? field.value.toString("utf8") : undefined;
}

/** A whole number of any width, otherwise undefined. */
export function integerOf(field: Field | undefined): number | undefined {
  if (field === undefined || !"bBsuIilLT".includes(field.tag)) return undefined;
  return Number(field.value);
}

/** A table with its length in front. Names and values are copies. */
export function readTable(reader: Reader, depth = 0): FieldTable {
  const bytes = reader.long();
  if (bytes === 0) return emptyTable;
  if (depth > maximumDepth) throw new Fault("syntax-error", "field tables are nested too deeply");
  const inner = reader.within(bytes);
  const table = new Map<string, Field>();
  while (inner.remaining > 0) {
    const name = inner.shortString();
    table.set(name, readField(inner, depth + 1));
  }
  return table;
}

function readArray(reader: Reader, depth: number): readonly Field[] {
  if (depth > maximumDepth) throw new Fault("syntax-error", "field arrays are nested too deeply");
  const inner = reader.within(reader.long());
  const fields: Field[] = [];
  while (inner.remaining > 0) fields.push(readField(inner, depth + 1));
  return fields;
}

function readField(reader: Reader, depth: number): Field {
  const tag = String.fromCharCode(reader.octet());
  switch (tag) {
    case "t":
      return { tag, value: reader.octet() !== 0 };
    case "b":
      return { tag, value: (reader.octet() << 24) >> 24 };
    case "B":
      return { tag, value: reader.octet() };
    case "s":
      return { tag, value: (reader.short() << 16) >> 16 };
    case "u":
      return { tag, value: reader.short() };
    case "I":
      return { tag, value: reader.long() | 0 };
    case "i":
      return { tag, value: reader.long() };
    case "l":
    case "L":
    case "T":
      return { tag, value: reader.bigint() };
    case "f":
      return { tag, value: reader.float() };
    case "d":
      return { tag, value: reader.double() };
    case "D":
      return { tag, value: { scale: reader.octet(), digits: reader.long() | 0 } };
    case "S":
    case "x":
      return { tag, value: Buffer.from(reader.longString()) };
    case "A":
      return { tag, value: readArray(reader, depth) };
    case "F":
      return { tag, value: readTable(reader, depth) };
    case "V":
      return { tag, value: undefined };
    default:
      throw new Fault("syntax-error", `unknown field type ${JSON.stringify(tag)} in a table`);
  }
}

/** The table with its length in front, as it stands on the wire. */
export function encodeTable(table: FieldTable): Buffer {
  const parts: Buffer[] = [];
  for (const [name, field] of table) {
    const key = Buffer.from(name);
    parts.push(Buffer.of(key.length), key, encodeField(field));
  }
  return withLength(Buffer.concat(parts));
}

function withLength(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(4 + bytes.length);
  out.writeUInt32BE(bytes.length);
  bytes.copy(out, 4);
  return out;
}

function encodeField(field: Field): Buffer {
  return Buffer.concat([Buffer.from(field.tag, "latin1"), encodeValue(field)]);
}

function encodeValue(field: Field): Buffer {
  switch (field.tag) {
    case "t":
      return Buffer.of(field.value ? 1 : 0);
    case "b":
    case "B":
      return Buffer.of(field.value & 0xff);
    case "s":
    case "u":
      return sized(2, (out) => out.writeUInt16BE(field.value & 0xffff));
    case "I":
    case "i":
      return sized(4, (out) => out.writeUInt32BE(field.value >>> 0));
    case "l":
    case "L":
    case "T":
      return sized(8, (out) => out.writeBigInt64BE(BigInt.asIntN(64, field.value)));
    case "f":
      return sized(4, (out) => out.writeFloatBE(field.value));
    case "d":
      return sized(8, (out) => out.writeDoubleBE(field.value));
    case "D":
      return sized(5, (out) => out.writeInt32BE(field.value.digits, out.writeUInt8(field.value.scale)));
    case "S":
    case "x":
      return withLength(field.value);
    case "A":
      return withLength(Buffer.concat(field.value.map(encodeField)));
    case "F":
      return encodeTable(field.value);
    default:
      return Buffer.alloc(0);
  }
}

function sized(bytes: number, write: (out: Buffer) => void): Buffer {
  const out = Buffer.allocUnsafe(bytes);
  write(out);
  return out;
}

/** Reads what `encodeTable` wrote. */
export function decodeTable(bytes: Buffer): FieldTable {
  return readTable(new Reader(bytes));
}

/**
 * Whether two values mean the same: whole numbers by value whatever their width, since clients choose
 * the width for themselves.
 */
export function sameField(one: Field | undefined, other: Field | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [a, b] = [integerOf(one), integerOf(other)];
  if (a !== undefined && b !== undefined) return a === b;
  return one.tag === other.tag && encodeValue(one).equals(encodeValue(other));
}

/** What a table says, for people and for JSON: long strings as UTF-8, 64-bit numbers as numbers. */
export function plainTable(table: FieldTable): Record<string, unknown> {
  return Object.fromEntries([...table].map(([name, field]) => [name, plainField(field)]));
}

function plainField(field: Field): unknown {
  if (field.tag === "S" || field.tag === "x") return field.value.toString("utf8");
  if (field.tag === "l" || field.tag === "L" || field.tag === "T") return Number(field.value);
  if (field.tag === "A") return field.value.map(plainField);
  if (field.tag === "F") return plainTable(field.value);
  if (field.tag === "D") return field.value.digits / 10 ** field.value.scale;
  return field.value ?? null;
}
