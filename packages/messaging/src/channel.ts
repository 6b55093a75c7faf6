/**
 * One channel: *plain*, *confirm* or *tx*, and between a publish method and the last of its body it
 * expects content. It ends by channel.close from either side or with its connection; then everything
 * unacknowledged goes back to its queue.
 */
import { ChannelConsumer } from "./consumer.ts";
import { encodeProperties, decodeProperties, headersOf, withHeaders } from "./codec/properties.ts";
import type { Properties } from "./codec/properties.ts";
import { integerOf } from "./codec/field-table.ts";
import type { ArgumentsOf, Method, MethodName, Said } from "./codec/methods.ts";
import { declare, queueNamed, require } from "./declarations.ts";
import type { Declarer } from "./declarations.ts";
import type { Confirm, Engine } from "./engine.ts";
import { Fault } from "./fault.ts";
import type { Identity } from "./access.ts";
import { IncomingContent } from "./incoming-content.ts";
import type { Content, Entry, Traits } from "./message.ts";
import type { Queue } from "./queue.ts";
import { Unacked } from "./unacked.ts";
import type { Delivery } from "./unacked.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** What a channel needs of its connection. */
export interface Link {
  readonly engine: Engine;
  readonly virtualHost: VirtualHost;
  readonly identity: Identity;
  /** Whether the client understands a basic.cancel from the server. */
  readonly knowsConsumerCancel: boolean;
  send<Name extends MethodName>(channel: number, name: Name, args: Said<Name>): void;
  sendContent(channel: number, content: { properties: Buffer; body: Buffer }): void;
  /** False while the socket does not keep up; the queue is woken when it does again. */
  takesMore(queue: Queue): boolean;
  dependsOnDisk(): void;
  /** The client publishes: if there is an alarm, no more is read from it. */
  hasPublished(): void;
}

/** What a transaction holds back until it is committed. */
type Deferred = () => void;

export class Channel implements Declarer {
  readonly number: number;
  readonly link: Link;
  readonly #unacked = new Unacked();
  readonly #consumers = new Map<string, ChannelConsumer>();
  readonly #incoming: IncomingContent;
  lastQueue: string | undefined;
  #mode: "plain" | "confirm" | "tx" = "plain";
  #isFlowing = true;
  #isClosed = false;
  /** For consumers to come; 0 is unlimited. */
  #consumerPrefetch = 0;
  /** For all consumers together; 0 is unlimited. */
  #channelPrefetch = 0;
  #consumersInFlight = 0;
  #lastTagGiven = 0;
  #published = 0;
  #refused: number[] = [];
  #deferred: Deferred[] = [];
  #deferredAcks: Delivery[] = [];

  constructor(number: number, link: Link) {
    this.number = number;
    this.link = link;
    this.#incoming = new IncomingContent(link.engine);
  }

  get virtualHost(): VirtualHost {
    return this.link.virtualHost;
  }

  get identity(): Identity {
    return this.link.identity;
  }

  get connection(): object {
    return this.link;
  }

  get unackedCount(): number {
    return this.#unacked.size;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Whether a consumer of this channel may get one more, as far as the channel is concerned. */
  get hasCredit(): boolean {
    return (
      this.#isFlowing && (this.#channelPrefetch === 0 || this.#consumersInFlight < this.#channelPrefetch)
    );
  }

  nowMs(): number {
    return this.link.engine.clock.nowMs();
  }

  send<Name extends MethodName>(name: Name, args: Said<Name>): void {
    this.link.send(this.number, name, args);
  }

  dependsOnDisk(): void {
    this.link.dependsOnDisk();
  }

  /** A method other than those that open and close the channel. */
  onMethod(method: Method): void {
    if (this.#incoming.isExpected) {
      throw new Fault("unexpected-frame", `expected content header for class 60, got ${method.name} instead`);
    }
    if (declare(this, method)) return;
    switch (method.name) {
      case "basic.publish":
        return this.#startPublish(method.args);
      case "basic.ack":
        return this.#ack(method.args.deliveryTag, method.args.multiple);
      case "basic.nack":
        return this.#nack(method.args.deliveryTag, method.args.multiple, method.args.requeue);
      case "basic.reject":
        return this.#nack(method.args.deliveryTag, false, method.args.requeue);
      case "basic.get":
        return this.#get(method.args);
      case "basic.consume":
        return this.#consume(method.args);
      case "basic.cancel":
        return this.#cancel(method.args);
      case "basic.qos":
        return this.#qos(method.args);
      case "basic.recover":
      case "basic.recover-async":
        return this.#recover(method);
      case "channel.flow":
        return this.#flow(method.args.active);
      case "channel.flow-ok":
        return;
      case "confirm.select":
        this.#enter("confirm", "tx");
        return method.args.noWait ? undefined : this.send("confirm.select-ok", {});
      case "tx.select":
        this.#enter("tx", "confirm");
        return this.send("tx.select-ok", {});
      case "tx.commit":
        return this.#commit();
      case "tx.rollback":
        return this.#rollback();
      case "access.request":
        return this.send("access.request-ok", {});
      default:
        throw new Fault("command-invalid", `${method.name} is not for the server`);
    }
  }

  onHeader(payload: Buffer): void {
    if (this.#incoming.header(payload)) this.#publish();
  }

  onBody(payload: Buffer): void {
    if (this.#incoming.body(payload)) this.#publish();
  }

  /** The channel ends: consumers go, unacknowledged entries return, latest first so that each finds its place. */
  close(): void {
    this.#isClosed = true;
    this.#incoming.reset();
    this.#deferred = [];
    this.#unacked.restore(this.#deferredAcks);
    this.#deferredAcks = [];
    const nowMs = this.nowMs();
    const abandoned: Queue[] = [];
    for (const consumer of this.#consumers.values()) {
      if (consumer.queue.removeConsumer(consumer, nowMs)) abandoned.push(consumer.queue);
    }
    this.#consumers.clear();
    for (const { queue, entry } of this.#unacked.takeAll().reverse()) queue.requeue(entry);
    for (const queue of abandoned) this.virtualHost.deleteQueue(queue);
  }

  /** See engine.ts. */
  pendingConfirm(): Confirm {
    const upTo = this.#published;
    const refused = this.#refused;
    this.#refused = [];
    return (isSafe) => {
      if (!this.#isClosed) this.#confirm(upTo, refused, isSafe);
    };
  }

  #confirm(upTo: number, refused: readonly number[], isSafe: boolean): void {
    if (!isSafe) {
      this.#lastTagGiven = upTo;
      return this.send("basic.nack", { deliveryTag: upTo, multiple: true, requeue: false });
    }
    for (const deliveryTag of refused) {
      this.send("basic.nack", { deliveryTag, multiple: false, requeue: false });
    }
    if (upTo - this.#lastTagGiven > refused.length) {
      this.send("basic.ack", { deliveryTag: upTo, multiple: upTo - this.#lastTagGiven > 1 });
    }
    this.#lastTagGiven = upTo;
    return undefined;
  }

  /** Called by a consumer: sends the delivery and remembers it. */
  deliver(consumer: ChannelConsumer, entry: Entry, content: Content): void {
    const tag = this.#unacked.nextTag();
    this.send("basic.deliver", {
      consumerTag: consumer.tag,
      deliveryTag: tag,
      redelivered: entry.attempts > 1,
      exchange: content.exchange,
      routingKey: content.routingKey,
    });
    this.link.sendContent(this.number, counted(content, entry, consumer.queue));
    if (consumer.noAck) return;
    this.#consumersInFlight++;
    this.#unacked.add({ tag, queue: consumer.queue, entry, consumer });
  }

  /** The queue of a consumer is gone. https://www.rabbitmq.com/docs/consumer-cancel */
  consumerCancelled(consumer: ChannelConsumer): void {
    this.#consumers.delete(consumer.tag);
    if (this.link.knowsConsumerCancel) {
      this.send("basic.cancel", { consumerTag: consumer.tag, noWait: true });
    }
  }

  #startPublish(args: ArgumentsOf<"basic.publish">): void {
    if (args.immediate) throw new Fault("not-implemented", "immediate=true");
    this.#incoming.start(args);
  }

  #publish(): void {
    const { content, properties, isMandatory } = this.#incoming.take();
    this.link.hasPublished();
    require(this, "write", "exchange", content.exchange);
    if (content.exchange !== "" && this.virtualHost.exchange(content.exchange).identity.isInternal) {
      const label = this.virtualHost.label("exchange", content.exchange);
      throw new Fault("access-refused", `cannot publish to internal ${label}`);
    }
    if (properties.userId !== undefined && properties.userId !== this.identity.name) {
      throw new Fault(
        "precondition-failed",
        `user_id property set to '${properties.userId}' but authenticated user was '${this.identity.name}'`,
      );
    }
    const traits = traitsOf(properties);
    if (this.#mode === "tx") this.#deferred.push(() => this.#route(content, properties, traits, isMandatory));
    else this.#route(content, properties, traits, isMandatory);
  }

  #route(content: Content, properties: Properties, traits: Traits, isMandatory: boolean): void {
    const { isRouted, isAccepted } = this.virtualHost.publish(content, properties, traits);
    if (!isRouted && isMandatory) this.#return(content);
    if (this.#mode !== "confirm") return;
    this.#published++;
    if (!isAccepted) this.#refused.push(this.#published);
    this.link.engine.willConfirm(this);
  }

  #return(content: Content): void {
    const { exchange, routingKey } = content;
    this.send("basic.return", { replyCode: 312, replyText: "NO_ROUTE", exchange, routingKey });
    this.link.sendContent(this.number, content);
  }

  #ack(tag: number, multiple: boolean): void {
    const deliveries = this.#unacked.take(tag, multiple);
    if (this.#mode !== "tx") return this.#settle(deliveries, (queue, entry) => queue.ack(entry));
    this.#defer(deliveries, () => this.#settle(deliveries, (queue, entry) => queue.ack(entry)));
  }

  #nack(tag: number, multiple: boolean, requeue: boolean): void {
    const deliveries = this.#unacked.take(tag, multiple);
    const settle = () =>
      requeue
        ? this.#settle(deliveries.reverse(), (queue, entry) => queue.requeue(entry))
        : this.#settle(deliveries, (queue, entry) => queue.reject(entry));
    if (this.#mode === "tx") this.#defer(deliveries, settle);
    else settle();
  }

  #defer(deliveries: readonly Delivery[], settle: Deferred): void {
    this.#deferredAcks.push(...deliveries);
    this.#deferred.push(settle);
  }

  #settle(deliveries: readonly Delivery[], how: (queue: Queue, entry: Entry) => void): void {
    for (const { queue, entry, consumer } of deliveries) {
      if (consumer) {
        this.#consumersInFlight--;
        consumer.settled();
      }
      how(queue, entry);
    }
    if (this.#channelPrefetch > 0) this.#wakeQueues();
  }

  #wakeQueues(): void {
    for (const { queue } of this.#consumers.values()) this.link.engine.wake(queue);
  }

  #get(args: ArgumentsOf<"basic.get">): void {
    const name = queueNamed(this, args.queue);
    require(this, "read", "queue", name);
    const queue = this.virtualHost.queue(name, this.connection);
    const taken = queue.get(args.noAck, this.nowMs());
    if (!taken) return this.send("basic.get-empty", {});
    const { entry, content } = taken;
    const tag = this.#unacked.nextTag();
    this.send("basic.get-ok", {
      deliveryTag: tag,
      redelivered: entry.attempts > 1,
      exchange: content.exchange,
      routingKey: content.routingKey,
      messageCount: queue.readyCount,
    });
    this.link.sendContent(this.number, counted(content, entry, queue));
    if (!args.noAck) this.#unacked.add({ tag, queue, entry, consumer: undefined });
    this.link.engine.wake(queue);
    return undefined;
  }

  #consume(args: ArgumentsOf<"basic.consume">): void {
    const name = queueNamed(this, args.queue);
    require(this, "read", "queue", name);
    const queue = this.virtualHost.queue(name, this.connection);
    if (this.#consumers.has(args.consumerTag)) {
      throw new Fault("not-allowed", `attempt to reuse consumer tag '${args.consumerTag}'`);
    }
    if (queue.hasExclusiveConsumer || (args.exclusive && queue.consumerCount > 0)) {
      throw new Fault("access-refused", `${this.virtualHost.label("queue", name)} in exclusive use`);
    }
    const consumer = new ChannelConsumer(this, queue, {
      tag: args.consumerTag === "" ? this.link.engine.newTag("amq.ctag-") : args.consumerTag,
      noAck: args.noAck,
      isExclusive: args.exclusive,
      priority: integerOf(args.arguments.get("x-priority")) ?? 0,
      prefetch: this.#consumerPrefetch,
    });
    this.#consumers.set(consumer.tag, consumer);
    if (!args.noWait) this.send("basic.consume-ok", { consumerTag: consumer.tag });
    queue.addConsumer(consumer);
  }

  #cancel({ consumerTag, noWait }: ArgumentsOf<"basic.cancel">): void {
    const consumer = this.#consumers.get(consumerTag);
    this.#consumers.delete(consumerTag);
    if (consumer?.queue.removeConsumer(consumer, this.nowMs())) this.virtualHost.deleteQueue(consumer.queue);
    if (!noWait) this.send("basic.cancel-ok", { consumerTag });
  }

  /** https://www.rabbitmq.com/docs/consumer-prefetch */
  #qos(args: ArgumentsOf<"basic.qos">): void {
    if (args.prefetchSize !== 0) {
      throw new Fault("not-implemented", `prefetch_size!=0 (${args.prefetchSize})`);
    }
    if (args.global) {
      this.#channelPrefetch = args.prefetchCount;
      this.#wakeQueues();
    } else this.#consumerPrefetch = args.prefetchCount;
    this.send("basic.qos-ok", {});
  }

  #recover(method: Extract<Method, { name: "basic.recover" | "basic.recover-async" }>): void {
    if (!method.args.requeue) throw new Fault("not-implemented", "requeue=false");
    this.#settle(this.#unacked.takeAll().reverse(), (queue, entry) => queue.requeue(entry));
    if (method.name === "basic.recover") this.send("basic.recover-ok", {});
  }

  #flow(active: boolean): void {
    if (!active) throw new Fault("not-implemented", "active=false");
    this.#isFlowing = active;
    this.send("channel.flow-ok", { active });
  }

  #enter(mode: "confirm" | "tx", other: "confirm" | "tx"): void {
    if (this.#mode === other) {
      const from = other === "tx" ? "tx" : "confirm";
      throw new Fault("precondition-failed", `cannot switch from ${from} to ${mode} mode`);
    }
    this.#mode = mode;
  }

  /** All of it reaches the disk in one turn, so it is atomic even across queues. */
  #commit(): void {
    this.#requireTransaction();
    const deferred = this.#deferred;
    this.#deferred = [];
    this.#deferredAcks = [];
    for (const step of deferred) step();
    this.dependsOnDisk();
    this.send("tx.commit-ok", {});
  }

  #rollback(): void {
    this.#requireTransaction();
    this.#deferred = [];
    this.#unacked.restore(this.#deferredAcks);
    this.#deferredAcks = [];
    this.send("tx.rollback-ok", {});
  }

  #requireTransaction(): void {
    if (this.#mode !== "tx") throw new Fault("precondition-failed", "channel is not transactional");
  }
}

/** https://www.rabbitmq.com/docs/ttl#per-message-ttl-in-publishers */
function traitsOf(properties: Properties): Traits {
  const { expiration } = properties;
  if (expiration !== undefined && !/^\d{1,10}$/.test(expiration)) {
    throw new Fault("precondition-failed", `invalid expiration '${expiration}'`);
  }
  return {
    isPersistent: properties.deliveryMode === 2,
    priority: properties.priority ?? 0,
    ttlMs: expiration === undefined ? undefined : Number(expiration),
  };
}

/**
 * Queues that limit deliveries say how often a message came back.
 * https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
 */
function counted(content: Content, entry: Entry, queue: Queue): { properties: Buffer; body: Buffer } {
  const { type, deliveryLimit } = queue.settings;
  if (type !== "quorum" && deliveryLimit === undefined) return content;
  const properties = decodeProperties(content.properties);
  const headers = new Map(headersOf(properties));
  headers.set("x-delivery-count", { tag: "l", value: BigInt(entry.attempts - 1) });
  return { properties: encodeProperties(withHeaders(properties, headers)), body: content.body };
}
