import type { Content, Entry } from "./message.ts";
import type { Consumer, Queue } from "./queue.ts";

/** What a consumer needs of its channel. */
interface Host {
  readonly hasCredit: boolean;
  readonly link: { takesMore(queue: Queue): boolean };
  deliver(consumer: ChannelConsumer, entry: Entry, content: Content): void;
  consumerCancelled(consumer: ChannelConsumer): void;
}

interface Terms {
  readonly tag: string;
  readonly noAck: boolean;
  readonly isExclusive: boolean;
  readonly priority: number;
  /** The most unacknowledged deliveries at a time; 0 is unlimited. */
  readonly prefetch: number;
}

/** A basic.consume: one consumer of one queue on one channel. */
export class ChannelConsumer implements Consumer {
  readonly queue: Queue;
  readonly terms: Terms;
  readonly #channel: Host;
  #inFlight = 0;

  constructor(channel: Host, queue: Queue, terms: Terms) {
    this.#channel = channel;
    this.queue = queue;
    this.terms = terms;
  }

  get tag(): string {
    return this.terms.tag;
  }

  get noAck(): boolean {
    return this.terms.noAck;
  }

  get isExclusive(): boolean {
    return this.terms.isExclusive;
  }

  get priority(): number {
    return this.terms.priority;
  }

  isReady(): boolean {
    const { prefetch, noAck } = this.terms;
    const hasRoom = noAck || ((prefetch === 0 || this.#inFlight < prefetch) && this.#channel.hasCredit);
    return hasRoom && this.#channel.link.takesMore(this.queue);
  }

  deliver(entry: Entry, content: Content): void {
    if (!this.noAck) this.#inFlight++;
    this.#channel.deliver(this, entry, content);
  }

  /** A delivery was acknowledged or given back. */
  settled(): void {
    this.#inFlight--;
  }

  cancelled(): void {
    this.#channel.consumerCancelled(this);
  }
}
