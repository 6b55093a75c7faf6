import { Fault } from "./fault.ts";
import type { Entry } from "./message.ts";
import type { Queue } from "./queue.ts";

/** An entry that was delivered on a channel and waits for its acknowledgement. */
export interface Delivery {
  readonly tag: number;
  readonly queue: Queue;
  readonly entry: Entry;
  /** Undefined after basic.get. */
  readonly consumer: { settled(): void } | undefined;
}

/** The unacknowledged deliveries of a channel, by delivery tag and thereby in order of delivery. */
export class Unacked {
  readonly #deliveries = new Map<number, Delivery>();
  #lastTag = 0;

  get size(): number {
    return this.#deliveries.size;
  }

  nextTag(): number {
    return ++this.#lastTag;
  }

  add(delivery: Delivery): void {
    this.#deliveries.set(delivery.tag, delivery);
  }

  /**
   * Takes out what an acknowledgement means: one tag, with `multiple` all up to it, and all that there
   * are for tag 0. An unknown tag is a `precondition-failed` fault; "up to" nothing is allowed for 0 only.
   */
  take(tag: number, multiple: boolean): Delivery[] {
    if (!multiple) {
      const delivery = this.#deliveries.get(tag);
      if (!delivery) throw unknownTag(tag);
      this.#deliveries.delete(tag);
      return [delivery];
    }
    if (tag === 0) return this.takeAll();
    if (tag > this.#lastTag) throw unknownTag(tag);
    const taken: Delivery[] = [];
    for (const delivery of this.#deliveries.values()) {
      if (delivery.tag > tag) break;
      taken.push(delivery);
    }
    if (taken.length === 0) throw unknownTag(tag);
    for (const delivery of taken) this.#deliveries.delete(delivery.tag);
    return taken;
  }

  takeAll(): Delivery[] {
    const all = [...this.#deliveries.values()];
    this.#deliveries.clear();
    return all;
  }

  /** Brings back what `take` took out, when a transaction is rolled back. */
  restore(deliveries: readonly Delivery[]): void {
    const all = [...this.#deliveries.values(), ...deliveries].sort((a, b) => a.tag - b.tag);
    this.#deliveries.clear();
    for (const delivery of all) this.#deliveries.set(delivery.tag, delivery);
  }
}

function unknownTag(tag: number): Fault {
  return new Fault("precondition-failed", `unknown delivery tag ${tag}`);
}
