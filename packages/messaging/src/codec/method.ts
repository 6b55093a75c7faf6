import { Fault } from "../fault.ts";
import { emptyTable, encodeTable, readTable } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";
import { methods } from "./methods.ts";
import type { ArgumentType, Method, MethodName, Said } from "./methods.ts";
import { Reader } from "./reader.ts";

interface Layout {
  readonly name: MethodName;
  readonly classId: number;
  readonly methodId: number;
  readonly fields: readonly (readonly [string, ArgumentType])[];
}

const layouts = new Map<MethodName, Layout>();
const layoutsById = new Map<number, Layout>();

for (const [name, [classId, methodId, fields]] of Object.entries(methods)) {
  const layout: Layout = { name: name as MethodName, classId, methodId, fields: Object.entries(fields) };
  layouts.set(layout.name, layout);
  layoutsById.set((classId << 16) | methodId, layout);
}

/** Class and method id, for the close methods that name the culprit. */
export function idsOf(name: MethodName): { readonly classId: number; readonly methodId: number } {
  const [classId, methodId] = methods[name];
  return { classId, methodId };
}

/**
 * Reads the payload of a method frame. Unknown methods are a `command-invalid` fault, malformed
 * arguments a `syntax-error`; bytes after the last argument are ignored, as RabbitMQ does.
 */
export function decodeMethod(payload: Buffer): Method {
  const reader = new Reader(payload);
  const classId = reader.short();
  const methodId = reader.short();
  const layout = layoutsById.get((classId << 16) | methodId);
  if (!layout) throw new Fault("command-invalid", `unknown method ${classId}.${methodId}`);
  return { name: layout.name, args: readArguments(reader, layout) } as unknown as Method;
}

function readArguments(reader: Reader, layout: Layout): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  let bits = 0;
  let bit = 8;
  for (const [name, type] of layout.fields) {
    if (type === "bit") {
      if (bit === 8) {
        bits = reader.octet();
        bit = 0;
      }
      args[name] = (bits & (1 << bit++)) !== 0;
    } else {
      bit = 8;
      args[name] = readArgument(reader, type);
    }
  }
  return args;
}

function readArgument(reader: Reader, type: Exclude<ArgumentType, "bit">): unknown {
  switch (type) {
    case "octet":
      return reader.octet();
    case "short":
      return reader.short();
    case "long":
      return reader.long();
    case "longlong":
      return reader.longlong();
    case "shortstr":
      return reader.shortString();
    case "longstr":
      return Buffer.from(reader.longString());
    default:
      return readTable(reader);
  }
}

/** The payload of a method frame. Short strings longer than 255 bytes are a programming error. */
export function encodeMethod<Name extends MethodName>(name: Name, said: Said<Name>): Buffer {
  const layout = layouts.get(name)!;
  const args = said as Readonly<Record<string, unknown>>;
  const tables = new Map<string, Buffer>();
  const out = Buffer.allocUnsafe(sizeOf(layout, args, tables));
  let at = out.writeUInt16BE(layout.methodId, out.writeUInt16BE(layout.classId));
  let bit = 8;
  for (const [name, type] of layout.fields) {
    if (type === "bit") {
      if (bit === 8) {
        out[at++] = 0;
        bit = 0;
      }
      if (args[name]) out[at - 1] |= 1 << bit;
      bit++;
    } else {
      bit = 8;
      at = writeArgument(out, at, type, args[name], tables.get(name));
    }
  }
  return out.subarray(0, at);
}

/** An upper bound: bits are counted as octets. Tables are encoded on the way. */
function sizeOf(
  layout: Layout,
  args: Readonly<Record<string, unknown>>,
  tables: Map<string, Buffer>,
): number {
  let size = 4;
  for (const [name, type] of layout.fields) {
    if (type === "shortstr") size += 1 + Buffer.byteLength((args[name] as string | undefined) ?? "");
    else if (type === "longstr") size += 4 + ((args[name] as Buffer | undefined)?.length ?? 0);
    else if (type === "table") {
      const table = encodeTable((args[name] as FieldTable | undefined) ?? emptyTable);
      tables.set(name, table);
      size += table.length;
    } else size += 8;
  }
  return size;
}

function writeArgument(
  out: Buffer,
  at: number,
  type: Exclude<ArgumentType, "bit">,
  value: unknown,
  table: Buffer | undefined,
): number {
  switch (type) {
    case "octet":
      return out.writeUInt8((value as number | undefined) ?? 0, at);
    case "short":
      return out.writeUInt16BE((value as number | undefined) ?? 0, at);
    case "long":
      return out.writeUInt32BE((value as number | undefined) ?? 0, at);
    case "longlong":
      return out.writeBigUInt64BE(BigInt((value as number | undefined) ?? 0), at);
    case "shortstr": {
      const length = out.write((value as string | undefined) ?? "", at + 1);
      out.writeUInt8(length, at);
      return at + 1 + length;
    }
    case "longstr": {
      const bytes = (value as Buffer | undefined) ?? Buffer.alloc(0);
      return out.writeUInt32BE(bytes.length, at) + bytes.copy(out, at + 4);
    }
    default:
      return at + table!.copy(out, at);
  }
}
