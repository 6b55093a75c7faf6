/**
 * What one thing may be like after all that was asked of it. An acknowledged request has had its effect; one without
 * an answer may have had it or not, so that from then on both are possible until somebody looks.
 */
export class Account<T> {
  #possible: readonly (T | undefined)[] = [undefined];

  /** The one state it can have; nothing while it is absent or in doubt. */
  get certain(): T | undefined {
    return this.#possible.length === 1 ? this.#possible[0] : undefined;
  }

  isPossible(what: (state: T | undefined) => boolean): boolean {
    return this.#possible.some(what);
  }

  acknowledged(effect: (before: T | undefined) => T | undefined): void {
    this.#possible = this.#possible.map(effect);
  }

  unanswered(effect: (before: T | undefined) => T | undefined): void {
    this.#possible = [...this.#possible, ...this.#possible.map(effect)];
  }

  /** Compares with what is there, which is certain from now on; says in words what it should have been. */
  found(state: T | undefined, isSame: (possible: T, found: T) => boolean): string | undefined {
    const matches = this.isPossible((one) =>
      one === undefined || state === undefined ? one === state : isSame(one, state),
    );
    const words = `${inWords(state)} instead of ${this.#possible.map(inWords).join(" or ")}`;
    this.#possible = [state];
    return matches ? undefined : words;
  }
}

function inWords(state: unknown): string {
  return state === undefined ? "absent" : JSON.stringify(state);
}
