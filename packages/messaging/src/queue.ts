/**
 * One queue, without sockets, disk or clock of its own.
 *
 * An entry is *ready* (in a ready list, waiting), *unacked* (delivered, awaiting acknowledgement) or
 * gone. Ready becomes unacked by delivery, or gone by delivery without acknowledgement, expiry, overflow
 * or purge. Unacked becomes gone by ack, by reject, or by the delivery limit, and ready by requeue.
 * Whatever leaves other than by ack, purge or deletion is offered to the dead-letter exchange.
 */
import type { FieldTable } from "./codec/field-table.ts";
import type { Content, DeathReason, Entry, Traits } from "./message.ts";
import type { QueueSettings } from "./queue-settings.ts";
import { ReadyList } from "./ready-list.ts";

/** Where a queue writes down what has to survive. Called only for entries with `isStored`. */
export interface Journal {
  insert(queue: number, entry: Entry): void;
  remove(entry: Entry): void;
  /** The entry is about to be delivered for the `attempts`th time. */
  delivered(queue: number, entry: Entry): void;
  /** Brings the content back that was let go. */
  read(entry: Entry): Content;
}

export interface QueueOutlet {
  readonly journal: Journal;
  /** A position above all that were given before. */
  nextPosition(): number;
  /** The entry has left the queue; the outlet publishes it to the dead-letter exchange, if there is one. */
  deadLetter(queue: Queue, content: Content, reason: DeathReason): void;
  /** Something changed that may let the queue deliver or expire: it wants `pump` before long. */
  wake(queue: Queue): void;
  /** Bytes of content, and entries, that came into memory or (negative) went out of it. */
  held(bytes: number, entries: number): void;
  /** Whether content that is on disk should leave memory. */
  isTight(): boolean;
}

/** Somebody who takes deliveries: a basic.consume on some channel. */
export interface Consumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly isExclusive: boolean;
  /** Higher ones are served first. https://www.rabbitmq.com/docs/consumer-priority */
  readonly priority: number;
  /** Whether it may take one more now: prefetch, flow and a socket that keeps up. */
  isReady(): boolean;
  deliver(entry: Entry, content: Content): void;
  /** The queue is gone. */
  cancelled(): void;
}

export interface QueueIdentity {
  readonly id: number;
  readonly name: string;
  readonly isDurable: boolean;
  readonly isAutoDelete: boolean;
  /** The connection that owns an exclusive queue. */
  readonly owner: object | undefined;
  readonly arguments: FieldTable;
}

export class Queue {
  readonly identity: QueueIdentity;
  readonly settings: QueueSettings;
  readonly #outlet: QueueOutlet;
  /** By priority; a queue without priorities has one. */
  readonly #ready: readonly ReadyList[];
  readonly #unacked = new Set<Entry>();
  #readyBytes = 0;
  /** In order of priority; within a priority the next to be served is first. */
  #consumers: Consumer[] = [];
  #lastUsedMs: number;
  #isExclusivelyConsumed = false;
  /** Entries came back and may be too many; several come at once, and the oldest of all has to go. */
  #hasReturned = false;
  readonly counts = { published: 0, delivered: 0, acked: 0, redelivered: 0 };

  constructor(identity: QueueIdentity, settings: QueueSettings, outlet: QueueOutlet, nowMs: number) {
    this.identity = identity;
    this.settings = settings;
    this.#outlet = outlet;
    this.#ready = Array.from({ length: (settings.maxPriority ?? 0) + 1 }, () => new ReadyList());
    this.#lastUsedMs = nowMs;
  }

  get name(): string {
    return this.identity.name;
  }

  get readyCount(): number {
    let count = 0;
    for (const list of this.#ready) count += list.length;
    return count;
  }

  get readyBytes(): number {
    return this.#readyBytes;
  }

  get unackedCount(): number {
    return this.#unacked.size;
  }

  get consumerCount(): number {
    return this.#consumers.length;
  }

  get hasExclusiveConsumer(): boolean {
    return this.#isExclusivelyConsumed;
  }

  /** Appends a message. False: the queue is full and set to refuse. */
  publish(content: Content, traits: Traits, nowMs: number): boolean {
    if (this.settings.overflow !== "drop-head" && this.#wouldOverflow(content.body.length)) {
      this.pump(nowMs);
      if (this.#wouldOverflow(content.body.length)) {
        if (this.settings.overflow === "reject-publish-dlx") this.#outlet.deadLetter(this, content, "maxlen");
        return false;
      }
    }
    const entry = this.#entryFor(content, traits, nowMs);
    this.#ready[entry.priority].push(entry);
    this.#readyBytes += entry.bytes;
    this.counts.published++;
    this.#outlet.held(entry.bytes, 1);
    if (entry.isStored) this.#outlet.journal.insert(this.identity.id, entry);
    this.#spare(entry);
    if (entry.expiresAtMs === nowMs || this.#overflows()) {
      this.pump(nowMs, true);
      this.#dropOverflow();
      this.expire(nowMs);
    }
    this.#outlet.wake(this);
    return true;
  }

  /**
   * Takes back an entry the journal kept over a restart, in order of position. False: it was delivered
   * too often and not taken; `discard` it when all queues are complete.
   */
  reload(entry: Entry): boolean {
    if (this.#isBeyondLimit(entry)) return false;
    this.#ready[entry.priority].push(entry);
    this.#readyBytes += entry.bytes;
    this.#outlet.held(0, 1);
    return true;
  }

  /** Sends an entry that `reload` refused to the dead-letter exchange. */
  discard(entry: Entry): void {
    this.#outlet.held(0, 1);
    this.#bury(entry, "delivery_limit");
  }

  /**
   * Delivers what can be delivered: highest priority first, oldest first, consumers in turn.
   *
   * @param keepExpired deliver even what has no time left; a time to live of 0 asks for that
   */
  pump(nowMs: number, keepExpired = false): void {
    this.#trim();
    if (!keepExpired) this.expire(nowMs);
    for (;;) {
      const list = this.#firstReady();
      if (!list) return;
      const consumer = this.#nextConsumer();
      if (!consumer) return;
      const entry = list.peek()!;
      const content = this.#contentOf(entry);
      list.shift();
      this.#readyBytes -= entry.bytes;
      this.#hand(entry, consumer.noAck);
      consumer.deliver(entry, content);
      if (consumer.noAck) this.#forget(entry);
      else this.#spare(entry);
    }
  }

  /** basic.get: the first ready entry. It is unacked afterwards, or gone with `noAck`. */
  get(noAck: boolean, nowMs: number): { readonly entry: Entry; readonly content: Content } | undefined {
    this.#lastUsedMs = nowMs;
    this.#trim();
    this.expire(nowMs);
    const list = this.#firstReady();
    if (!list) return undefined;
    const entry = list.peek()!;
    const content = this.#contentOf(entry);
    list.shift();
    this.#readyBytes -= entry.bytes;
    this.#hand(entry, noAck);
    if (noAck) this.#forget(entry);
    else this.#spare(entry);
    return { entry, content };
  }

  ack(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    this.counts.acked++;
    this.#forget(entry);
    this.#outlet.wake(this);
  }

  /** Gone for good, or to the dead-letter exchange. */
  reject(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    this.#bury(entry, "rejected");
    this.#outlet.wake(this);
  }

  /** Back to its place, unless it was delivered too often. */
  requeue(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    if (this.#isBeyondLimit(entry)) this.#bury(entry, "delivery_limit");
    else {
      this.#ready[entry.priority].restore(entry);
      this.#readyBytes += entry.bytes;
      this.#hasReturned = true;
    }
    this.#outlet.wake(this);
  }

  /** Removes all that is ready; returns how many. */
  purge(): number {
    let count = 0;
    for (const list of this.#ready) {
      for (const entry of list.drain()) {
        this.#readyBytes -= entry.bytes;
        this.#forget(entry);
        count++;
      }
    }
    return count;
  }

  /** Removes everything and tells the consumers; returns how many were ready. */
  close(): number {
    const count = this.purge();
    for (const entry of this.#unacked) this.#forget(entry);
    this.#unacked.clear();
    const consumers = this.#consumers;
    this.#consumers = [];
    for (const consumer of consumers) consumer.cancelled();
    return count;
  }

  addConsumer(consumer: Consumer): void {
    const after = this.#consumers.findIndex((other) => other.priority < consumer.priority);
    this.#consumers.splice(after < 0 ? this.#consumers.length : after, 0, consumer);
    this.#isExclusivelyConsumed = consumer.isExclusive;
    this.#outlet.wake(this);
  }

  /** True if it was the last one of an auto-delete queue, which is then due to be deleted. */
  removeConsumer(consumer: Consumer, nowMs: number): boolean {
    const at = this.#consumers.indexOf(consumer);
    if (at < 0) return false;
    this.#consumers.splice(at, 1);
    if (consumer.isExclusive) this.#isExclusivelyConsumed = false;
    this.#lastUsedMs = nowMs;
    this.#outlet.wake(this);
    return this.identity.isAutoDelete && this.#consumers.length === 0;
  }

  /** A declaration counts as use. */
  touch(nowMs: number): void {
    this.#lastUsedMs = nowMs;
    if (this.settings.expiresMs !== undefined) this.#outlet.wake(this);
  }

  /** Removes what has outlived its time from the head of each list. */
  expire(nowMs: number): void {
    for (const list of this.#ready) {
      for (let entry = list.peek(); isExpired(entry, nowMs); entry = list.peek()) {
        list.shift();
        this.#readyBytes -= entry.bytes;
        this.#bury(entry, "expired");
      }
    }
  }

  /** When something is due next: an entry's expiry or the queue's own. */
  deadlineMs(): number | undefined {
    let deadline = this.diesAtMs();
    for (const list of this.#ready) {
      const at = list.peek()?.expiresAtMs;
      if (at !== undefined && (deadline === undefined || at < deadline)) deadline = at;
    }
    return deadline;
  }

  /** When the queue itself expires, if it stays unused until then. */
  diesAtMs(): number | undefined {
    const { expiresMs } = this.settings;
    return expiresMs === undefined || this.#consumers.length > 0 ? undefined : this.#lastUsedMs + expiresMs;
  }

  #entryFor(content: Content, traits: Traits, nowMs: number): Entry {
    const ttlMs = Math.min(traits.ttlMs ?? Infinity, this.settings.messageTtlMs ?? Infinity);
    return {
      position: this.#outlet.nextPosition(),
      content,
      bytes: content.body.length,
      priority: Math.min(traits.priority, this.settings.maxPriority ?? 0),
      isStored: traits.isPersistent && this.identity.isDurable && this.identity.owner === undefined,
      expiresAtMs: ttlMs === Infinity ? undefined : nowMs + ttlMs,
      attempts: 0,
    };
  }

  #firstReady(): ReadyList | undefined {
    for (let priority = this.#ready.length - 1; priority >= 0; priority--) {
      if (this.#ready[priority].length > 0) return this.#ready[priority];
    }
    return undefined;
  }

  /** The next consumer with room, which then goes behind those of its priority. */
  #nextConsumer(): Consumer | undefined {
    const consumers = this.#consumers;
    const limit = this.settings.hasSingleActiveConsumer ? Math.min(1, consumers.length) : consumers.length;
    for (let at = 0; at < limit; at++) {
      const consumer = consumers[at];
      if (!consumer.isReady()) continue;
      if (limit > 1) this.#moveBehindItsPeers(consumer, at);
      return consumer;
    }
    return undefined;
  }

  #moveBehindItsPeers(consumer: Consumer, at: number): void {
    const consumers = this.#consumers;
    let end = at + 1;
    while (end < consumers.length && consumers[end].priority === consumer.priority) end++;
    consumers.copyWithin(at, at + 1, end);
    consumers[end - 1] = consumer;
  }

  #contentOf(entry: Entry): Content {
    if (entry.content) return entry.content;
    entry.content = this.#outlet.journal.read(entry);
    this.#outlet.held(entry.bytes, 0);
    return entry.content;
  }

  /** Lets go of content that the journal can bring back, when memory is tight. */
  #spare(entry: Entry): void {
    if (!entry.isStored || !entry.content || !this.#outlet.isTight()) return;
    entry.content = undefined;
    this.#outlet.held(-entry.bytes, 0);
  }

  #hand(entry: Entry, noAck: boolean): void {
    entry.attempts++;
    this.counts.delivered++;
    if (entry.attempts > 1) this.counts.redelivered++;
    if (noAck) return;
    this.#unacked.add(entry);
    if (entry.isStored) this.#outlet.journal.delivered(this.identity.id, entry);
  }

  #forget(entry: Entry): void {
    this.#outlet.held(entry.content ? -entry.bytes : 0, -1);
    if (entry.isStored) this.#outlet.journal.remove(entry);
  }

  #bury(entry: Entry, reason: DeathReason): void {
    if (this.settings.deadLetterExchange !== undefined) {
      this.#outlet.deadLetter(this, this.#contentOf(entry), reason);
    }
    this.#forget(entry);
  }

  #isBeyondLimit(entry: Entry): boolean {
    return this.settings.deliveryLimit !== undefined && entry.attempts > this.settings.deliveryLimit;
  }

  #wouldOverflow(bytes: number): boolean {
    const { maxLength = Infinity, maxLengthBytes = Infinity } = this.settings;
    return this.readyCount + 1 > maxLength || this.#readyBytes + bytes > maxLengthBytes;
  }

  #overflows(): boolean {
    const { maxLength = Infinity, maxLengthBytes = Infinity } = this.settings;
    return this.#readyBytes > maxLengthBytes || (maxLength !== Infinity && this.readyCount > maxLength);
  }

  #trim(): void {
    if (this.#hasReturned) this.#dropOverflow();
    this.#hasReturned = false;
  }

  /** Drops from the head of the lowest priority until the queue is within its bounds. */
  #dropOverflow(): void {
    if (this.settings.overflow !== "drop-head") return;
    while (this.#overflows()) {
      const entry = this.#ready.find((list) => list.length > 0)!.shift()!;
      this.#readyBytes -= entry.bytes;
      this.#bury(entry, "maxlen");
    }
  }
}

function isExpired(entry: Entry | undefined, nowMs: number): entry is Entry {
  return entry?.expiresAtMs !== undefined && entry.expiresAtMs <= nowMs;
}
