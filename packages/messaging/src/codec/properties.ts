import { Fault } from "../fault.ts";
import { emptyTable, encodeTable, readTable } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";
import { Reader } from "./reader.ts";

/**
 * The properties of a message, in the order of the wire and from the highest flag bit down.
 * https://www.rabbitmq.com/amqp-0-9-1-reference#class.basic
 */
const layout = [
  ["contentType", "shortstr"],
  ["contentEncoding", "shortstr"],
  ["headers", "table"],
  ["deliveryMode", "octet"],
  ["priority", "octet"],
  ["correlationId", "shortstr"],
  ["replyTo", "shortstr"],
  ["expiration", "shortstr"],
  ["messageId", "shortstr"],
  ["timestamp", "longlong"],
  ["type", "shortstr"],
  ["userId", "shortstr"],
  ["appId", "shortstr"],
  ["clusterId", "shortstr"],
] as const;

export interface Properties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly headers?: FieldTable;
  /** 2 is persistent. */
  readonly deliveryMode?: number;
  readonly priority?: number;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** Milliseconds, as text. */
  readonly expiration?: string;
  readonly messageId?: string;
  /** Seconds since 1970. */
  readonly timestamp?: bigint;
  readonly type?: string;
  readonly userId?: string;
  readonly appId?: string;
  readonly clusterId?: string;
}

/** Reads property flags and list, the content header from its 13th byte on. */
export function decodeProperties(bytes: Buffer): Properties {
  const reader = new Reader(bytes);
  const flags = reader.short();
  if ((flags & 1) !== 0) throw new Fault("syntax-error", "content header has unknown property flags");
  const properties: Record<string, unknown> = {};
  for (let index = 0; index < layout.length; index++) {
    if ((flags & (0x8000 >> index)) === 0) continue;
    const [name, type] = layout[index];
    properties[name] = readProperty(reader, type);
  }
  return properties;
}

function readProperty(reader: Reader, type: (typeof layout)[number][1]): unknown {
  switch (type) {
    case "shortstr":
      return reader.shortString();
    case "octet":
      return reader.octet();
    case "longlong":
      return reader.bigint();
    default:
      return readTable(reader);
  }
}

/** Property flags and list, as they follow the body size in a content header. */
export function encodeProperties(properties: Properties): Buffer {
  const parts: Buffer[] = [Buffer.alloc(2)];
  let flags = 0;
  for (let index = 0; index < layout.length; index++) {
    const [name, type] = layout[index];
    const value = properties[name];
    if (value === undefined) continue;
    flags |= 0x8000 >> index;
    parts.push(encodeProperty(type, value));
  }
  parts[0].writeUInt16BE(flags);
  return Buffer.concat(parts);
}

function encodeProperty(
  type: (typeof layout)[number][1],
  value: string | number | bigint | FieldTable,
): Buffer {
  if (type === "octet") return Buffer.of(value as number);
  if (type === "table") return encodeTable(value as FieldTable);
  const out = Buffer.alloc(type === "longlong" ? 8 : 1 + Buffer.byteLength(value as string));
  if (type === "longlong") out.writeBigInt64BE(value as bigint);
  else out.writeUInt8(out.write(value as string, 1));
  return out;
}

/** The same properties with other headers. No headers at all leaves the property out. */
export function withHeaders(properties: Properties, headers: FieldTable): Properties {
  const { headers: _, ...rest } = properties;
  return headers.size === 0 ? rest : { ...rest, headers };
}

/** The headers, or an empty table. */
export function headersOf(properties: Properties): FieldTable {
  return properties.headers ?? emptyTable;
}
