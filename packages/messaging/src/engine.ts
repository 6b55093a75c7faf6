/**
 * The broker without its sockets: virtual hosts, the store and the turn.
 *
 * Whatever happens only changes memory and asks for a *turn*. A turn comes after all sockets that had
 * something to say were heard, and does three things in this order: queues deliver and expire; the store
 * commits, after which all of it survives the end of the process; connections send what they have
 * collected. Promises wait for one thing more, the flush that makes them survive a power cut: confirms,
 * and everything a connection says after it declared something durable or committed a transaction. One
 * flush is under way at a time, and what arrives meanwhile shares the next.
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
  /** What is to be called, in order, to answer for those it has taken so far: they are safe, or not. */
  pendingConfirm(): Confirm;
}

export type Confirm = (isSafe: boolean) => void;

/** What waits for a flush. */
interface Promised {
  readonly confirms: Confirm[];
  /** Connections that are silent until then. */
  readonly senders: Set<Sender>;
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
  /** Waiting for a flush to begin, and for the one under way. */
  #waiting: Promised = { confirms: [], senders: new Set() };
  #underWay: Promised | undefined;
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
    for (const name of options.virtualHosts) this.addVirtualHost(name);
    this.#restore(kept);
    this.alarms.checkDisk(0, this.clock.nowMs());
    this.#watchAlarm();
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

  /** Something that has to be written was changed from outside. */
  wantsTurn(): void {
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

  /** Makes an empty virtual host; harmless if it is there. */
  addVirtualHost(name: string): void {
    if (this.virtualHosts.has(name)) return;
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
      this.addVirtualHost(vhost);
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
    const confirms = [...this.#confirming].map((confirmer) => confirmer.pendingConfirm());
    const dependents = this.#dependents;
    this.#confirming = new Set();
    this.#dependents = new Set();
    const outcome = this.#commit();
    if (outcome === "failed") keep({ confirms, senders: dependents }, false);
    else if (outcome === "promised" || this.#underWay) {
      this.#waiting.confirms.push(...confirms);
      for (const sender of dependents) this.#waiting.senders.add(sender);
      this.#beginFlush();
    } else keep({ confirms, senders: dependents }, true);
    this.#send();
    this.#setTimer();
    this.#watchAlarm();
  }

  #beginFlush(): void {
    if (this.#underWay) return;
    this.#underWay = this.#waiting;
    this.#waiting = { confirms: [], senders: new Set() };
    this.#store.flush().then(
      () => this.#flushed(true),
      (error: unknown) => {
        this.#diskFailed(error);
        this.#flushed(false);
      },
    );
  }

  #flushed(isSafe: boolean): void {
    const promised = this.#underWay!;
    this.#underWay = undefined;
    if (this.#isClosed) return;
    if (this.#waiting.confirms.length > 0 || this.#waiting.senders.size > 0) this.#beginFlush();
    keep(promised, isSafe);
    // Not here but in a turn: what was answered since the last one waits for its commit.
    this.#schedule();
  }

  /** Lets all connections speak that owe nothing to a flush. */
  #send(): void {
    const flushing = this.#flushing;
    this.#flushing = new Set();
    for (const sender of flushing) {
      if (this.#underWay?.senders.has(sender) || this.#waiting.senders.has(sender))
        this.#flushing.add(sender);
      else sender.flush();
    }
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

  #commit(): "clean" | "promised" | "failed" {
    if (!this.#store.isDirty) return "clean";
    try {
      const isPromised = this.#store.commit();
      this.alarms.diskWorks(true);
      this.alarms.checkDisk(this.#store.counts.bytes, this.clock.nowMs());
      return isPromised ? "promised" : "clean";
    } catch (error) {
      this.#diskFailed(error);
      return "failed";
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

function keep({ confirms, senders }: Promised, isSafe: boolean): void {
  for (const confirm of confirms) confirm(isSafe);
  if (isSafe) return;
  for (const sender of senders) sender.abandon("the disk does not take what was asked for");
}
