import type { PortAsk } from "@fractus/core/job.ts";

/** A fixed port that others may have as well: it is neither checked nor held. */
export function isShared(ask: PortAsk): boolean {
  return ask.static !== undefined && ask.ignoreCollision === true;
}

/**
 * The ports of one address that are taken: those of the range to choose from as bits, which is what
 * makes choosing quick, and the few others as a set.
 */
export class PortMap {
  readonly #low: number;
  readonly #high: number;
  readonly #bits: Uint32Array;
  readonly #others = new Set<number>();
  #freeToChoose: number;

  /** @param range the ports that may be chosen, both included */
  constructor(range: { readonly low: number; readonly high: number }) {
    this.#low = range.low;
    this.#high = range.high;
    this.#freeToChoose = range.high - range.low + 1;
    this.#bits = new Uint32Array(Math.ceil(this.#freeToChoose / 32));
  }

  get freeToChoose(): number {
    return this.#freeToChoose;
  }

  isTaken(port: number): boolean {
    return this.mayBeChosen(port) ? this.#isSet(port - this.#low) : this.#others.has(port);
  }

  mayBeChosen(port: number): boolean {
    return port >= this.#low && port <= this.#high;
  }

  take(port: number): void {
    if (this.isTaken(port)) return;
    if (this.mayBeChosen(port)) this.#flip(port - this.#low, -1);
    else this.#others.add(port);
  }

  release(port: number): void {
    if (!this.isTaken(port)) return;
    if (this.mayBeChosen(port)) this.#flip(port - this.#low, 1);
    else this.#others.delete(port);
  }

  /**
   * The first free port of the range at or after a start, going round once; -1 if all are taken.
   * The caller varies the start, so that a port that was just given up is not the next to be used.
   *
   * @param turn any whole number from 0 on; it is brought into the range
   */
  choose(turn: number): number {
    if (this.#freeToChoose <= 0) return -1;
    const size = this.#high - this.#low + 1;
    const start = turn % size;
    const found = this.#firstFree(start, size);
    return this.#low + (found >= 0 ? found : this.#firstFree(0, start));
  }

  /** Counted from the start of the range; -1 if all from `from` to before `end` are taken. */
  #firstFree(from: number, end: number): number {
    for (let at = from; at < end; at = (at | 31) + 1) {
      const free = ~this.#bits[at >>> 5] >>> (at & 31);
      if (free === 0) continue;
      const found = at + (31 - Math.clz32(free & -free));
      return found < end ? found : -1;
    }
    return -1;
  }

  #isSet(at: number): boolean {
    return ((this.#bits[at >>> 5] >>> (at & 31)) & 1) === 1;
  }

  #flip(at: number, free: 1 | -1): void {
    this.#bits[at >>> 5] ^= 1 << (at & 31);
    this.#freeToChoose += free;
  }
}

/** An address of a node and a port on it, in one number. */
export function packPort(address: number, port: number): number {
  return address * 65_536 + port;
}

export function addressOf(packed: number): number {
  return packed >>> 16;
}

export function portOf(packed: number): number {
  return packed & 0xffff;
}

/**
 * Numbers in runs of a few, given out and taken back: where the ports of all instances lie. A run
 * that was taken back is given out again to the next instance with as many ports.
 */
export class PortRuns {
  #numbers = new Uint32Array(1024);
  #length = 0;
  readonly #free = new Map<number, number[]>();

  /** Room for `width` numbers, and where it begins. */
  claim(width: number): number {
    const again = this.#free.get(width)?.pop();
    if (again !== undefined) return again;
    const start = this.#length;
    this.#length += width;
    if (this.#length > this.#numbers.length) this.#grow();
    return start;
  }

  giveBack(start: number, width: number): void {
    const free = this.#free.get(width);
    if (free) free.push(start);
    else this.#free.set(width, [start]);
  }

  get(at: number): number {
    return this.#numbers[at];
  }

  set(at: number, number: number): void {
    this.#numbers[at] = number;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}
