import type { Entry } from "./message.ts";

/**
 * Entries in order of position. New ones go to the end, returned ones to their place, the first leaves.
 * All of it in constant time, except that returning out of order costs the length of what was returned.
 */
export class ReadyList {
  #fresh: (Entry | undefined)[] = [];
  #head = 0;
  /** Returned entries, the next one last. All lie before those of `#fresh` that are left, or among them. */
  #returned: Entry[] = [];

  get length(): number {
    return this.#fresh.length - this.#head + this.#returned.length;
  }

  /** Appends an entry whose position is above all others. */
  push(entry: Entry): void {
    this.#fresh.push(entry);
  }

  /** Puts an entry back to its place. */
  restore(entry: Entry): void {
    let low = 0;
    let high = this.#returned.length;
    if (high > 0 && this.#returned[high - 1].position > entry.position) low = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#returned[middle].position > entry.position) low = middle + 1;
      else high = middle;
    }
    this.#returned.splice(low, 0, entry);
  }

  peek(): Entry | undefined {
    const fresh = this.#fresh[this.#head];
    const returned = this.#returned.at(-1);
    if (!returned || !fresh) return returned ?? fresh;
    return returned.position < fresh.position ? returned : fresh;
  }

  shift(): Entry | undefined {
    const entry = this.peek();
    if (entry === undefined) return undefined;
    if (entry === this.#returned.at(-1)) this.#returned.pop();
    else {
      this.#fresh[this.#head++] = undefined;
      this.#compact();
    }
    return entry;
  }

  /** Empties the list and returns what was in it, in order. */
  drain(): Entry[] {
    const entries: Entry[] = [];
    for (let entry = this.shift(); entry; entry = this.shift()) entries.push(entry);
    return entries;
  }

  #compact(): void {
    if (this.#head === this.#fresh.length) {
      this.#fresh = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#fresh.length) {
      this.#fresh = this.#fresh.slice(this.#head);
      this.#head = 0;
    }
  }
}
