/**
 * The broker without its sockets: virtual hosts, the store and the turn.
 *
 * Whatever happens only changes memory and asks for a *turn*. A turn comes after all sockets that had
 * something to say were heard, and does four things in this order: queues deliver and expire; the store
 * commits; publishers get their confirms; connections send what they have collected. So nothing is said
 * to a client before what it depends on is on disk, and all that arrives together costs one flush.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "@fractus/core/clock.ts";
import { Alarms } from "./alarms.ts";
import type { Limits } from "./alarms.ts";
import type { Queue } from "./queue.ts";
import type { Store } from "./store.ts";
import { VirtualHost } from "./virtual-host.ts";
import type { Surroundings } from "./virtual-host.ts";

/** A connection, as a turn sees it. */
export interface Sender {
  /** Hands what was collected to the socket. */
  flush(): void;
  /** Takes back what was collected and ends the connection: it would not be true. */
  abandon(reason: string): void;
  /** Publishers may go on. */
  unblock(): void;
}

/** A channel in confirm mode that took messages since the last turn. */
export interface Confirmer {
  /** Answers for all of them: they are safe, or not. */
  confirm(isSafe: boolean): void;
}

const diskRetryMs = 1000;
/** Dead-lettering in circles of queues must not hold up the loop. */
const pumpRounds = 16;

export class Engine {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly virtualHosts = new Map<string, VirtualHost>();
  readonly senders = new Set<Sender>();
  readonly #store: Store;
  readonly #log: (line: string) => void;
  #position: number;
  #queueId = 0;
  #partialBytes = 0;
  #woken = new Set<Queue>();
  /** Queues whose next message could not be read. */
  #stuck = new Set<Queue>();
  #flushing = new Set<Sender>();
  #confirming = new Set<Confirmer>();
  #dependents = new Set<Sender>();
  readonly #deadlines = new Map<Queue, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;
  #diskTimer: NodeJS.Timeout | undefined;
  #isScheduled = false;
  #isClosed = false;
  #alarm: string | undefined;

  constructor(options: {
    readonly store: Store;
    readonly clock: Clock;
    readonly limits: Limits;
    readonly dataDirectory: string;
    readonly virtualHosts: readonly string[];
    readonly log: (line: string) => void;
  }) {
    this.clock = options.clock;
    this.#store = options.store;
    this.#log = options.log;
    this.alarms = new Alarms(options.limits, options.dataDirectory);
    const kept = options.store.load();
    this.#position = kept.highestPosition;
    for (const name of options.virtualHosts) this.#addVirtualHost(name);
    this.#restore(kept);
  }

  /** The alarm that holds publishers back. */
  get alarm(): string | undefined {
    return this.#alarm;
  }

  /** Counts bytes of messages that have not arrived in full. False: there are too many. */
  partial(bytes: number): boolean {
    this.#partialBytes += bytes;
    return this.#partialBytes <= this.alarms.limits.partialBytes;
  }

  /** A name nobody has: the prefix and 22 random characters. */
  newTag(prefix: string): string {
    return prefix + randomBytes(16).toString("base64url");
  }

  wake(queue: Queue): void {
    this.#woken.add(queue);
    this.#schedule();
  }

  willFlush(sender: Sender): void {
    this.#flushing.add(sender);
    this.#schedule();
  }

  willConfirm(confirmer: Confirmer): void {
    this.#confirming.add(confirmer);
    this.#schedule();
  }

  /** What the sender is told in this turn is a lie unless the commit succeeds. */
  dependsOnDisk(sender: Sender): void {
    this.#dependents.add(sender);
    this.#schedule();
  }

  /** The last turn. Throws if it cannot be written. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#diskTimer);
    try {
      this.#store.commit();
    } finally {
      this.#store.close();
    }
  }

  #addVirtualHost(name: string): void {
    const around: Surroundings = {
      journal: this.#store,
      definitions: this.#store,
      nowMs: () => this.clock.nowMs(),
      nextPosition: () => ++this.#position,
      nextQueueId: () => ++this.#queueId,
      wake: (queue) => this.wake(queue),
      held: (bytes, entries) => this.alarms.held(bytes, entries),
      isTight: () => this.alarms.isTight,
      forget: (queue) => {
        this.#woken.delete(queue);
        this.#stuck.delete(queue);
        this.#deadlines.delete(queue);
      },
    };
    this.virtualHosts.set(name, new VirtualHost(name, around));
  }

  #restore(kept: ReturnType<Store["load"]>): void {
    const queues = new Map<number, Queue>();
    for (const { vhost } of [...kept.exchanges, ...kept.queues]) {
      if (!this.virtualHosts.has(vhost)) this.#addVirtualHost(vhost);
    }
    for (const { vhost, identity } of kept.exchanges) {
      this.virtualHosts.get(vhost)!.restoreExchange(identity);
    }
    for (const { vhost, identity } of kept.queues) {
      queues.set(identity.id, this.virtualHosts.get(vhost)!.restoreQueue(identity));
      this.#queueId = Math.max(this.#queueId, identity.id);
    }
    for (const { vhost, binding } of kept.bindings) this.virtualHosts.get(vhost)?.restoreBinding(binding);
    const late = [];
    for (const { queue: id, entry } of kept.entries) {
      const queue = queues.get(id)!;
      if (!queue.reload(entry)) late.push({ queue, entry });
      else if (entry.expiresAtMs !== undefined) this.wake(queue);
    }
    for (const { queue, entry } of late) queue.discard(entry);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    this.#pumpWoken();
    const isSafe = this.#commit();
    const confirming = this.#confirming;
    this.#confirming = new Set();
    for (const confirmer of confirming) confirmer.confirm(isSafe);
    const flushing = this.#flushing;
    this.#flushing = new Set();
    for (const sender of flushing) sender.flush();
    this.#setTimer();
    this.#watchAlarm();
  }

  #pumpWoken(): void {
    const nowMs = this.clock.nowMs();
    for (let round = 0; round < pumpRounds && this.#woken.size > 0; round++) {
      const woken = this.#woken;
      this.#woken = new Set();
      for (const queue of woken) this.#pump(queue, nowMs);
    }
    if (this.#woken.size > 0) this.#schedule();
  }

  #pump(queue: Queue, nowMs: number): void {
    try {
      queue.pump(nowMs);
    } catch (error) {
      this.#diskFailed(error);
      this.#stuck.add(queue);
      return;
    }
    const deadlineMs = queue.deadlineMs();
    if (deadlineMs === undefined) this.#deadlines.delete(queue);
    else this.#deadlines.set(queue, deadlineMs);
  }

  #commit(): boolean {
    const dependents = this.#dependents;
    this.#dependents = new Set();
    if (!this.#store.isDirty) return true;
    try {
      this.#store.commit();
      this.alarms.diskWorks(true);
      this.alarms.checkDisk(this.#store.counts.bytes, this.clock.nowMs());
      return true;
    } catch (error) {
      this.#diskFailed(error);
      for (const sender of dependents) sender.abandon("the disk does not take what was asked for");
      return false;
    }
  }

  /** Whatever was to be written still waits in the store; publishers are held back until it went. */
  #diskFailed(error: unknown): void {
    this.alarms.diskWorks(false);
    this.#log(`disk fails: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Tells of an alarm that came or went, and looks at the disk again while it is the reason. */
  #watchAlarm(): void {
    const { reason } = this.alarms;
    if (reason !== this.#alarm) {
      this.#log(reason === undefined ? "publishers go on" : `publishers are held back: ${reason}`);
      this.#alarm = reason;
      if (reason === undefined) for (const sender of this.senders) sender.unblock();
    }
    if (!this.alarms.isWaitingForDisk || this.#diskTimer) return;
    this.#diskTimer = setTimeout(() => this.#lookAtDisk(), diskRetryMs);
  }

  #lookAtDisk(): void {
    this.#diskTimer = undefined;
    for (const queue of this.#stuck) this.#woken.add(queue);
    this.#stuck.clear();
    try {
      this.alarms.checkDisk(this.#store.counts.bytes, this.clock.nowMs());
      if (!this.#store.isDirty) this.alarms.diskWorks(true);
    } catch (error) {
      this.#diskFailed(error);
    }
    this.#schedule();
  }

  /** One timer for the earliest deadline of all queues. */
  #setTimer(): void {
    if (this.#deadlines.size === 0 && this.#timer === undefined) return;
    let atMs = Infinity;
    for (const deadlineMs of this.#deadlines.values()) atMs = Math.min(atMs, deadlineMs);
    if (atMs === this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    const delayMs = Math.min(Math.max(atMs - this.clock.nowMs(), 0), 0x7fff_ffff);
    this.#timer = setTimeout(() => this.#deadlinePassed(), delayMs);
  }

  #deadlinePassed(): void {
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
    const nowMs = this.clock.nowMs();
    for (const [queue, atMs] of this.#deadlines) {
      if (atMs > nowMs) continue;
      const diesAtMs = queue.diesAtMs();
      if (diesAtMs !== undefined && diesAtMs <= nowMs) this.#deleteExpired(queue);
      else this.wake(queue);
    }
    this.#schedule();
  }

  #deleteExpired(queue: Queue): void {
    for (const virtualHost of this.virtualHosts.values()) {
      if (virtualHost.queues.get(queue.name) === queue) virtualHost.deleteQueue(queue);
    }
  }
}
