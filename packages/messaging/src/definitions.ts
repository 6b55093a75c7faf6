/**
 * What a broker consists of, in the JSON that RabbitMQ exports and imports, so that moving from one to the
 * other is one file. https://www.rabbitmq.com/docs/definitions
 */
import { createHash, randomBytes } from "node:crypto";
import type { User, Users } from "./access.ts";
import { plainTable } from "./codec/field-table.ts";
import type { Field, FieldTable } from "./codec/field-table.ts";
import type { Engine } from "./engine.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Arguments = { readonly [name: string]: Json };

export interface ExchangeDefinition {
  readonly name: string;
  readonly vhost: string;
  readonly type: string;
  readonly durable: boolean;
  readonly auto_delete: boolean;
  readonly internal: boolean;
  readonly arguments: Arguments;
}

export interface QueueDefinition {
  readonly name: string;
  readonly vhost: string;
  readonly durable: boolean;
  readonly auto_delete: boolean;
  readonly arguments: Arguments;
}

export interface BindingDefinition {
  readonly source: string;
  readonly vhost: string;
  readonly destination: string;
  readonly destination_type: string;
  readonly routing_key: string;
  readonly arguments: Arguments;
}

export interface DefinitionFile {
  readonly rabbit_version: string;
  readonly product_name: string;
  readonly users: readonly object[];
  readonly vhosts: readonly { readonly name: string }[];
  readonly permissions: readonly object[];
  readonly topic_permissions: readonly object[];
  readonly parameters: readonly object[];
  readonly global_parameters: readonly object[];
  readonly policies: readonly object[];
  readonly queues: readonly QueueDefinition[];
  readonly exchanges: readonly ExchangeDefinition[];
  readonly bindings: readonly BindingDefinition[];
}

/** Everything durable; users with salted hashes of their passwords, as RabbitMQ keeps them. */
export function exportDefinitions(engine: Engine, users: Users): DefinitionFile {
  const isKept = (name: string) => name !== "" && !name.startsWith("amq.");
  const queues = queueDefinitions(engine).filter((queue) => queue.durable);
  const exchanges = exchangeDefinitions(engine).filter((one) => one.durable && isKept(one.name));
  const isThere = (list: readonly { vhost: string; name: string }[], vhost: string, name: string) =>
    name.startsWith("amq.") || list.some((one) => one.vhost === vhost && one.name === name);
  return {
    rabbit_version: "3.10.8",
    product_name: "Fractus",
    users: Object.entries(users).map(([name, user]) => userDefinition(name, user)),
    vhosts: [...engine.virtualHosts.keys()].map((name) => ({ name })),
    permissions: permissionDefinitions(engine, users),
    topic_permissions: [],
    parameters: [],
    global_parameters: [],
    policies: [],
    queues,
    exchanges,
    bindings: bindingDefinitions(engine).filter(
      ({ vhost, source, destination, destination_type: type }) =>
        isThere(exchanges, vhost, source) &&
        isThere(type === "queue" ? queues : exchanges, vhost, destination),
    ),
  };
}

/** All queues but exclusive ones. */
export function queueDefinitions(engine: Engine): QueueDefinition[] {
  return [...engine.virtualHosts.values()].flatMap((host) =>
    [...host.queues.values()]
      .filter((queue) => queue.identity.owner === undefined)
      .map(({ identity }) => ({
        name: identity.name,
        vhost: host.name,
        durable: identity.isDurable,
        auto_delete: identity.isAutoDelete,
        arguments: argumentsOf(identity.arguments),
      })),
  );
}

export function exchangeDefinitions(engine: Engine): ExchangeDefinition[] {
  return [...engine.virtualHosts.values()].flatMap((host) =>
    [...host.exchanges.values()].map(({ identity }) => ({
      name: identity.name,
      vhost: host.name,
      type: identity.type,
      durable: identity.isDurable,
      auto_delete: identity.isAutoDelete,
      internal: identity.isInternal,
      arguments: argumentsOf(identity.arguments),
    })),
  );
}

export function bindingDefinitions(engine: Engine): BindingDefinition[] {
  return [...engine.virtualHosts.values()].flatMap((host) =>
    [...host.exchanges.values()].flatMap((exchange) =>
      exchange.bindings.map((binding) => ({
        source: binding.source,
        vhost: host.name,
        destination: binding.destination,
        destination_type: binding.destinationKind,
        routing_key: binding.routingKey,
        arguments: argumentsOf(binding.arguments),
      })),
    ),
  );
}

/**
 * Adds what is in the file and not yet here; what is here stays. Users are the host's business and are
 * passed over, virtual hosts come into being. Throws a fault if something is here and different, or a
 * TypeError naming what is malformed; what came before it stays.
 */
export function importDefinitions(engine: Engine, file: unknown): void {
  const lists = objectIn(file, "the file");
  for (const item of listIn(lists, "vhosts")) engine.addVirtualHost(textIn(item, "name"));
  for (const item of listIn(lists, "exchanges")) {
    hostIn(engine, item).declareExchange({
      name: textIn(item, "name"),
      type: textIn(item, "type"),
      isDurable: item.durable !== false,
      isAutoDelete: item.auto_delete === true,
      isInternal: item.internal === true,
      arguments: tableIn(item),
    });
  }
  for (const item of listIn(lists, "queues")) {
    hostIn(engine, item).declareQueue({
      name: textIn(item, "name"),
      isDurable: item.durable !== false,
      isAutoDelete: item.auto_delete === true,
      owner: undefined,
      arguments: tableIn(item),
    });
  }
  for (const item of listIn(lists, "bindings")) {
    hostIn(engine, item).bind({
      source: textIn(item, "source"),
      destinationKind: item.destination_type === "exchange" ? "exchange" : "queue",
      destination: textIn(item, "destination"),
      routingKey: textIn(item, "routing_key"),
      arguments: tableIn(item),
    });
  }
  engine.wantsTurn();
}

/** https://www.rabbitmq.com/docs/passwords#computing-password-hash */
function userDefinition(name: string, user: User): object {
  const salt = randomBytes(4);
  const digest = createHash("sha256").update(salt).update(user.password).digest();
  return {
    name,
    password_hash: Buffer.concat([salt, digest]).toString("base64"),
    hashing_algorithm: "rabbit_password_hashing_sha256",
    tags: user.permissions ? [] : ["administrator"],
    limits: {},
  };
}

function permissionDefinitions(engine: Engine, users: Users): object[] {
  return Object.entries(users).flatMap(([user, { permissions }]) =>
    [...engine.virtualHosts.keys()]
      .filter((vhost) => !permissions || Object.hasOwn(permissions, vhost))
      .map((vhost) => ({
        user,
        vhost,
        configure: permissions?.[vhost].configure.source ?? ".*",
        write: permissions?.[vhost].write.source ?? ".*",
        read: permissions?.[vhost].read.source ?? ".*",
      })),
  );
}

function argumentsOf(table: FieldTable): Arguments {
  return plainTable(table) as Arguments;
}

function objectIn(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new TypeError(`${what} is not an object`);
}

function listIn(lists: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const list = lists[name] ?? [];
  if (!Array.isArray(list)) throw new TypeError(`${name} is not a list`);
  return list.map((item) => objectIn(item, `an entry of ${name}`));
}

function textIn(item: Record<string, unknown>, name: string): string {
  const value = item[name];
  if (typeof value === "string") return value;
  throw new TypeError(`${name} of ${JSON.stringify(item)} is not text`);
}

function hostIn(engine: Engine, item: Record<string, unknown>) {
  const name = textIn(item, "vhost");
  const host = engine.virtualHosts.get(name);
  if (!host) throw new TypeError(`vhost '${name}' is not in the list of vhosts`);
  return host;
}

function tableIn(item: Record<string, unknown>): FieldTable {
  return tableFrom(objectIn(item.arguments ?? {}, "arguments"));
}

/** JSON as a field table: whole numbers become 64-bit ones. */
export function tableFrom(values: Record<string, unknown>): FieldTable {
  return new Map(Object.entries(values).map(([name, value]) => [name, fieldFrom(value)]));
}

function fieldFrom(value: unknown): Field {
  if (typeof value === "string") return { tag: "S", value: Buffer.from(value) };
  if (typeof value === "boolean") return { tag: "t", value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { tag: "l", value: BigInt(value) } : { tag: "d", value };
  }
  if (Array.isArray(value)) return { tag: "A", value: value.map(fieldFrom) };
  if (value === null || value === undefined) return { tag: "V", value: undefined };
  return { tag: "F", value: tableFrom(value as Record<string, unknown>) };
}
