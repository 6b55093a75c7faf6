import { headersOf, withHeaders } from "./codec/properties.ts";
import { integerOf, textField, textOf } from "./codec/field-table.ts";
import type { Properties } from "./codec/properties.ts";
import type { Field, FieldTable } from "./codec/field-table.ts";
import type { DeathReason } from "./message.ts";

export interface Death {
  readonly queue: string;
  readonly reason: DeathReason;
  readonly exchange: string;
  readonly routingKey: string;
  readonly nowMs: number;
}

/**
 * The properties a message is dead-lettered with: an `x-death` entry per queue and reason, the latest
 * first, counting repetitions; `x-first-death-…` set once; its own expiration moved into the entry so that
 * it does not expire again. https://www.rabbitmq.com/docs/dlx#effects
 */
export function afterDeath(properties: Properties, death: Death): Properties {
  const headers = new Map(headersOf(properties));
  const deaths = deathsOf(headers);
  const earlier = deaths.find((table) => isSame(table, death));
  const others = deaths.filter((table) => table !== earlier);
  const entry = earlier ? counted(earlier) : newDeath(properties, death);
  headers.set("x-death", { tag: "A", value: [entry, ...others].map(tableField) });
  if (!headers.has("x-first-death-reason")) {
    headers.set("x-first-death-exchange", textField(death.exchange));
    headers.set("x-first-death-queue", textField(death.queue));
    headers.set("x-first-death-reason", textField(death.reason));
  }
  const { expiration: _, ...rest } = withHeaders(properties, headers);
  return rest;
}

/**
 * Whether a message that died in the queue for this reason has come round in a circle without anybody
 * rejecting it: such a message is dropped. https://www.rabbitmq.com/docs/dlx#routing
 */
export function isGoingRound(properties: Properties, target: string, reason: DeathReason): boolean {
  if (reason === "rejected") return false;
  const deaths = deathsOf(headersOf(properties));
  const last = deaths.findIndex((table) => textOf(table.get("queue")) === target);
  if (last < 0) return false;
  return deaths.slice(0, last + 1).every((table) => textOf(table.get("reason")) !== "rejected");
}

function deathsOf(headers: FieldTable): readonly FieldTable[] {
  const field = headers.get("x-death");
  if (field?.tag !== "A") return [];
  return field.value.filter((item) => item.tag === "F").map((item) => item.value);
}

function isSame(table: FieldTable, death: Death): boolean {
  return textOf(table.get("queue")) === death.queue && textOf(table.get("reason")) === death.reason;
}

function counted(table: FieldTable): FieldTable {
  const count = integerOf(table.get("count")) ?? 0;
  return new Map(table).set("count", { tag: "l", value: BigInt(count + 1) });
}

function newDeath(properties: Properties, death: Death): FieldTable {
  const table = new Map<string, Field>([
    ["count", { tag: "l", value: 1n }],
    ["reason", textField(death.reason)],
    ["queue", textField(death.queue)],
    ["time", { tag: "T", value: BigInt(Math.floor(death.nowMs / 1000)) }],
    ["exchange", textField(death.exchange)],
    ["routing-keys", { tag: "A", value: [death.routingKey, ...copies(properties)].map(textField) }],
  ]);
  if (properties.expiration !== undefined) {
    table.set("original-expiration", textField(properties.expiration));
  }
  return table;
}

function copies(properties: Properties): string[] {
  return routingKeysOf(properties, "CC");
}

/** The routing keys in a `CC` or `BCC` header. https://www.rabbitmq.com/docs/sender-selected */
export function routingKeysOf(properties: Properties, header: "CC" | "BCC"): string[] {
  const field = properties.headers?.get(header);
  if (field?.tag !== "A") return [];
  return field.value.map(textOf).filter((key) => key !== undefined);
}

function tableField(value: FieldTable): Field {
  return { tag: "F", value };
}
