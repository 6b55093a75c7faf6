/** What one side puts in and the other takes out, in order. Who does not keep up is cut off. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #most: number;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** @param most  how many items may wait; beyond that the queue ends, after what it holds */
  constructor(most = 10_000) {
    this.#most = most;
  }

  put(item: T): void {
    if (this.#isEnded) return;
    if (this.#items.length >= this.#most) return this.end();
    this.#items.push(item);
    this.#wake?.();
  }

  /** Nothing more comes; what is there may still be taken. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      yield* this.#items.splice(0);
      if (this.#items.length > 0) continue;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
}
