import { emptyTable, integerOf, sameField, textOf } from "./codec/field-table.ts";
import type { FieldTable } from "./codec/field-table.ts";
import { decodeProperties, encodeProperties, headersOf, withHeaders } from "./codec/properties.ts";
import type { Properties } from "./codec/properties.ts";
import { afterDeath, isGoingRound, routingKeysOf } from "./dead-letter.ts";
import { Exchange, exchangeTypes } from "./exchange.ts";
import type { Binding, ExchangeIdentity, ExchangeType } from "./exchange.ts";
import { Fault } from "./fault.ts";
import type { Content, DeathReason, Traits } from "./message.ts";
import { Queue } from "./queue.ts";
import type { Journal, QueueIdentity, QueueOutlet } from "./queue.ts";
import { queueSettings } from "./queue-settings.ts";
import type { QueueSettings } from "./queue-settings.ts";
import { route } from "./routing.ts";

/** Where durable definitions are written down. */
export interface Definitions {
  addExchange(vhost: string, identity: ExchangeIdentity): void;
  removeExchange(vhost: string, name: string): void;
  addQueue(vhost: string, identity: QueueIdentity): void;
  removeQueue(id: number): void;
  addBinding(vhost: string, binding: Binding): void;
  removeBinding(vhost: string, binding: Binding): void;
}

/** What a virtual host needs from the broker around it. */
export interface Surroundings extends Omit<QueueOutlet, "deadLetter"> {
  readonly journal: Journal;
  readonly definitions: Definitions;
  nowMs(): number;
  nextQueueId(): number;
  /** The queue is gone and wants nothing more. */
  forget(queue: Queue): void;
}

/** What became of a published message. */
export interface Publication {
  readonly isRouted: boolean;
  /** False if a queue was full and set to refuse. */
  readonly isAccepted: boolean;
}

interface Dead {
  readonly queue: Queue;
  readonly content: Content;
  readonly reason: DeathReason;
}

/** Exchanges, queues and bindings under one name, and the way of a message through them. */
export class VirtualHost {
  readonly name: string;
  readonly exchanges = new Map<string, Exchange>();
  readonly queues = new Map<string, Queue>();
  /** Bindings by what they lead to: `queue NAME` or `exchange NAME`. */
  readonly #incoming = new Map<string, Set<Binding>>();
  /** Dead letters wait until the message that displaced them has reached all its queues. */
  #dead: Dead[] = [];
  #isPublishing = false;
  readonly #around: Surroundings;
  readonly #outlet: QueueOutlet;

  constructor(name: string, around: Surroundings) {
    this.name = name;
    this.#around = around;
    this.#outlet = {
      journal: around.journal,
      nextPosition: () => around.nextPosition(),
      wake: (queue) => around.wake(queue),
      held: (bytes, entries) => around.held(bytes, entries),
      isTight: () => around.isTight(),
      deadLetter: (queue, content, reason) => {
        this.#dead.push({ queue, content, reason });
        if (!this.#isPublishing) this.#publishDead();
      },
    };
    for (const [exchange, type] of predeclared) {
      this.exchanges.set(exchange, new Exchange({ ...plain, name: exchange, type, isDurable: true }));
    }
  }

  /** `queue 'q' in vhost '/'`, as errors name things. */
  label(kind: "queue" | "exchange", name: string): string {
    return `${kind} '${name}' in vhost '${this.name}'`;
  }

  exchange(name: string): Exchange {
    const exchange = this.exchanges.get(name);
    if (!exchange) throw new Fault("not-found", `no ${this.label("exchange", name)}`);
    return exchange;
  }

  /** The queue, unless it belongs to another connection. */
  queue(name: string, connection: object): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw new Fault("not-found", `no ${this.label("queue", name)}`);
    const { owner } = queue.identity;
    if (owner !== undefined && owner !== connection) {
      throw new Fault(
        "resource-locked",
        `cannot obtain exclusive access to locked ${this.label("queue", name)}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
      );
    }
    return queue;
  }

  /** Makes the exchange, or confirms that it is there and alike. */
  declareExchange(wanted: Omit<ExchangeIdentity, "type"> & { readonly type: string }): Exchange {
    const type = exchangeTypes.find((known) => known === wanted.type);
    if (!type) throw new Fault("command-invalid", `unknown exchange type '${wanted.type}'`);
    const present = this.exchanges.get(wanted.name);
    if (present) {
      this.#requireAlike("exchange", wanted.name, [
        ["type", type, present.identity.type],
        ["durable", wanted.isDurable, present.identity.isDurable],
        ["auto_delete", wanted.isAutoDelete, present.identity.isAutoDelete],
        ["internal", wanted.isInternal, present.identity.isInternal],
      ]);
      this.#requireAlikeArguments("exchange", wanted.name, wanted.arguments, present.identity.arguments, [
        "alternate-exchange",
      ]);
      return present;
    }
    requireUnreserved("exchange", wanted.name);
    return this.addExchange({ ...wanted, type });
  }

  addExchange(identity: ExchangeIdentity): Exchange {
    const exchange = this.restoreExchange(identity);
    if (identity.isDurable) this.#around.definitions.addExchange(this.name, identity);
    return exchange;
  }

  /** An exchange that is already written down. */
  restoreExchange(identity: ExchangeIdentity): Exchange {
    const exchange = new Exchange(identity);
    this.exchanges.set(identity.name, exchange);
    return exchange;
  }

  deleteExchange(exchange: Exchange): void {
    const { name, isDurable } = exchange.identity;
    for (const binding of exchange.bindings) this.#detach(exchange, binding);
    this.#unbindAllTo("exchange", name);
    this.exchanges.delete(name);
    if (isDurable) this.#around.definitions.removeExchange(this.name, name);
  }

  /** Makes the queue, or confirms that it is there and alike. An empty name is replaced by a new one. */
  declareQueue(wanted: Omit<QueueIdentity, "id">): Queue {
    const settings = queueSettings(wanted.arguments, this.label("queue", wanted.name));
    const present = this.queues.get(wanted.name);
    if (present) {
      this.queue(wanted.name, wanted.owner ?? present.identity.owner ?? this);
      this.#requireAlike("queue", wanted.name, [
        ["durable", wanted.isDurable, present.identity.isDurable],
        ["exclusive", wanted.owner !== undefined, present.identity.owner !== undefined],
        ["auto_delete", wanted.isAutoDelete, present.identity.isAutoDelete],
      ]);
      this.#requireAlikeArguments(
        "queue",
        wanted.name,
        wanted.arguments,
        present.identity.arguments,
        knownArguments,
      );
      present.touch(this.#around.nowMs());
      return present;
    }
    requireUnreserved("queue", wanted.name);
    this.#requireQuorumRules(wanted, settings);
    return this.addQueue({ ...wanted, id: this.#around.nextQueueId() });
  }

  addQueue(identity: QueueIdentity): Queue {
    const queue = this.restoreQueue(identity);
    if (isStored(identity)) this.#around.definitions.addQueue(this.name, identity);
    return queue;
  }

  /** A queue that is already written down. */
  restoreQueue(identity: QueueIdentity): Queue {
    const settings = queueSettings(identity.arguments, this.label("queue", identity.name));
    const queue = new Queue(identity, settings, this.#outlet, this.#around.nowMs());
    this.queues.set(identity.name, queue);
    if (settings.expiresMs !== undefined) this.#around.wake(queue);
    return queue;
  }

  /** Deletes the queue and its bindings; returns how many messages were ready. Harmless if it is gone. */
  deleteQueue(queue: Queue): number {
    if (this.queues.get(queue.name) !== queue) return 0;
    this.#unbindAllTo("queue", queue.name);
    this.queues.delete(queue.name);
    const count = queue.close();
    if (isStored(queue.identity)) this.#around.definitions.removeQueue(queue.identity.id);
    this.#around.forget(queue);
    return count;
  }

  /** Binds; harmless if it is bound already. Both ends have to exist. */
  bind(binding: Binding): void {
    if (!this.restoreBinding(binding)) return;
    if (this.#isDurable(binding)) this.#around.definitions.addBinding(this.name, binding);
  }

  /** A binding that is already written down. False if it is there, or an end is missing. */
  restoreBinding(binding: Binding): boolean {
    if (!this.exchanges.get(binding.source)?.bind(binding)) return false;
    const key = `${binding.destinationKind} ${binding.destination}`;
    const incoming = this.#incoming.get(key);
    if (incoming) incoming.add(binding);
    else this.#incoming.set(key, new Set([binding]));
    return true;
  }

  /** Unbinds; harmless if it is not bound. An auto-delete exchange goes with its last binding. */
  unbind(like: Binding): void {
    const exchange = this.exchanges.get(like.source);
    if (!exchange) return;
    this.#detach(exchange, like);
    if (exchange.identity.isAutoDelete && exchange.bindingCount === 0) this.deleteExchange(exchange);
  }

  /** All bindings that lead to a queue or an exchange. */
  bindingsTo(kind: "queue" | "exchange", name: string): readonly Binding[] {
    return [...(this.#incoming.get(`${kind} ${name}`) ?? [])];
  }

  /** Routes a message and appends it to every queue it reaches. */
  publish(content: Content, properties: Properties, traits: Traits): Publication {
    this.#isPublishing = true;
    try {
      return this.#append(content, properties, traits);
    } finally {
      this.#isPublishing = false;
      if (this.#dead.length > 0) this.#publishDead();
    }
  }

  #append(content: Content, properties: Properties, traits: Traits): Publication {
    const nowMs = this.#around.nowMs();
    if (content.exchange === "" && properties.headers === undefined) {
      const queue = this.queues.get(content.routingKey);
      return { isRouted: queue !== undefined, isAccepted: queue?.publish(content, traits, nowMs) ?? true };
    }
    const hidden = routingKeysOf(properties, "BCC");
    const routingKeys = [content.routingKey, ...routingKeysOf(properties, "CC"), ...hidden];
    const names = route(this.exchanges, {
      exchange: content.exchange,
      routingKeys,
      headers: headersOf(properties),
    });
    const sent = hidden.length > 0 ? { ...content, properties: withoutBcc(properties) } : content;
    let isRouted = false;
    let isAccepted = true;
    for (const name of names) {
      const queue = this.queues.get(name);
      if (!queue) continue;
      isRouted = true;
      if (!queue.publish(sent, traits, nowMs)) isAccepted = false;
    }
    return { isRouted, isAccepted };
  }

  /** In the order of their deaths; those that die of it come last. */
  #publishDead(): void {
    this.#isPublishing = true;
    for (let dead = this.#dead.shift(); dead; dead = this.#dead.shift()) this.#deadLetter(dead);
    this.#isPublishing = false;
  }

  #deadLetter({ queue, content, reason }: Dead): void {
    const { deadLetterExchange: exchange, deadLetterRoutingKey } = queue.settings;
    if (exchange === undefined || (exchange !== "" && !this.exchanges.has(exchange))) return;
    const before = decodeProperties(content.properties);
    const nowMs = this.#around.nowMs();
    const died = afterDeath(before, {
      queue: queue.name,
      reason,
      exchange: content.exchange,
      routingKey: content.routingKey,
      nowMs,
    });
    const headers = headersOf(died);
    const ownKeys = deadLetterRoutingKey === undefined ? routingKeysOf(before, "CC") : [];
    const routingKey = deadLetterRoutingKey ?? content.routingKey;
    const properties = deadLetterRoutingKey === undefined ? died : withoutCopies(died);
    const dead = { exchange, routingKey, properties: encodeProperties(properties), body: content.body };
    const traits = { isPersistent: died.deliveryMode === 2, priority: died.priority ?? 0 };
    for (const name of route(this.exchanges, { exchange, routingKeys: [routingKey, ...ownKeys], headers })) {
      if (isGoingRound(died, name, reason)) continue;
      this.queues.get(name)?.publish(dead, traits, nowMs);
    }
  }

  #detach(exchange: Exchange, like: Binding): void {
    const binding = exchange.unbind(like);
    if (!binding) return;
    this.#incoming.get(`${binding.destinationKind} ${binding.destination}`)?.delete(binding);
    if (this.#isDurable(binding)) this.#around.definitions.removeBinding(this.name, binding);
  }

  #unbindAllTo(kind: "queue" | "exchange", name: string): void {
    for (const binding of this.bindingsTo(kind, name)) this.unbind(binding);
    this.#incoming.delete(`${kind} ${name}`);
  }

  #isDurable(binding: Binding): boolean {
    const source = this.exchanges.get(binding.source);
    if (!source?.identity.isDurable) return false;
    if (binding.destinationKind === "exchange") {
      return this.exchanges.get(binding.destination)?.identity.isDurable === true;
    }
    const queue = this.queues.get(binding.destination);
    return queue !== undefined && isStored(queue.identity);
  }

  #requireAlike(
    kind: "queue" | "exchange",
    name: string,
    traits: readonly (readonly [string, string | boolean, string | boolean])[],
  ): void {
    for (const [trait, wanted, present] of traits) {
      if (wanted !== present) this.#refuseUnlike(kind, name, [trait, `'${wanted}'`, `'${present}'`]);
    }
  }

  #requireAlikeArguments(
    kind: "queue" | "exchange",
    name: string,
    wanted: FieldTable,
    present: FieldTable,
    names: readonly string[],
  ): void {
    for (const argument of names) {
      const [one, other] = [wanted.get(argument), present.get(argument)];
      if (sameField(one, other)) continue;
      const shown = (field: typeof one) =>
        field === undefined ? "none" : `the value '${textOf(field) ?? integerOf(field) ?? "?"}'`;
      this.#refuseUnlike(kind, name, [argument, shown(one), shown(other)]);
    }
  }

  #refuseUnlike(
    kind: "queue" | "exchange",
    name: string,
    [trait, received, current]: readonly [string, string, string],
  ): never {
    throw new Fault(
      "precondition-failed",
      `inequivalent arg '${trait}' for ${this.label(kind, name)}: received ${received} but current is ${current}`,
    );
  }

  /** https://www.rabbitmq.com/docs/quorum-queues#feature-comparison */
  #requireQuorumRules(wanted: Omit<QueueIdentity, "id">, settings: QueueSettings): void {
    if (settings.type !== "quorum") return;
    const wrong = !wanted.isDurable
      ? ["durable", "false"]
      : wanted.owner !== undefined
        ? ["exclusive", "true"]
        : wanted.isAutoDelete
          ? ["auto-delete", "true"]
          : undefined;
    if (!wrong) return;
    throw new Fault(
      "precondition-failed",
      `invalid property '${wrong[0]}' for ${this.label("queue", wanted.name)}: a quorum queue cannot have ${wrong[0]} ${wrong[1]}`,
    );
  }
}

const plain = { isAutoDelete: false, isInternal: false, arguments: emptyTable };

/** Every virtual host has these. https://www.rabbitmq.com/tutorials/amqp-concepts#exchanges */
const predeclared: readonly (readonly [string, ExchangeType])[] = [
  ["amq.direct", "direct"],
  ["amq.fanout", "fanout"],
  ["amq.headers", "headers"],
  ["amq.match", "headers"],
  ["amq.topic", "topic"],
];

/** The arguments that have to be the same when a queue is declared again. */
const knownArguments = [
  "x-expires",
  "x-message-ttl",
  "x-dead-letter-exchange",
  "x-dead-letter-routing-key",
  "x-max-length",
  "x-max-length-bytes",
  "x-overflow",
  "x-max-priority",
  "x-delivery-limit",
  "x-single-active-consumer",
  "x-queue-type",
];

function requireUnreserved(kind: "queue" | "exchange", name: string): void {
  if (!name.startsWith("amq.") || name.startsWith("amq.gen-")) return;
  throw new Fault("access-refused", `${kind} name '${name}' contains reserved prefix 'amq.*'`);
}

/** Exclusive queues end with their connection, so they are not written down even if they are durable. */
function isStored(identity: QueueIdentity): boolean {
  return identity.isDurable && identity.owner === undefined;
}

function withoutBcc(properties: Properties): Buffer {
  const headers = new Map(headersOf(properties));
  headers.delete("BCC");
  return encodeProperties(withHeaders(properties, headers));
}

function withoutCopies(properties: Properties): Properties {
  const headers = new Map(headersOf(properties));
  headers.delete("CC");
  return withHeaders(properties, headers);
}
