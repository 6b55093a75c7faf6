/** A value as it is kept, with the transactions that made it and changed it last. */
export interface Entry<T> {
  readonly value: T;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
}

type Keys<T, Name extends string> = Readonly<Record<Name, (value: T) => string | undefined>>;

/**
 * The values of one kind by their id, and by whatever else they are looked for. To put or remove one
 * costs the same however many there are.
 */
export class Table<T, Name extends string = never> {
  readonly idOf: (value: T) => string;
  readonly #keys: readonly (readonly [Name, (value: T) => string | undefined])[];
  readonly #entries = new Map<string, Entry<T>>();
  readonly #groups: Readonly<Record<Name, Map<string, Set<string>>>>;
  /** The last transaction that changed anything here. */
  modifiedIndex = 0;

  constructor(idOf: (value: T) => string, keys: Keys<T, Name> = {} as Keys<T, Name>) {
    this.idOf = idOf;
    this.#keys = Object.entries(keys) as [Name, (value: T) => string | undefined][];
    const groups = this.#keys.map(([name]) => [name, new Map<string, Set<string>>()]);
    this.#groups = Object.fromEntries(groups) as Record<Name, Map<string, Set<string>>>;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): T | undefined {
    return this.#entries.get(id)?.value;
  }

  entry(id: string): Entry<T> | undefined {
    return this.#entries.get(id);
  }

  /** In the order in which they came. */
  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  entries(): IterableIterator<Entry<T>> {
    return this.#entries.values();
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Those with this key, in the order in which they came to have it. */
  by(name: Name, key: string): T[] {
    return [...this.idsBy(name, key)].map((id) => this.#entries.get(id)!.value);
  }

  idsBy(name: Name, key: string): ReadonlySet<string> {
    return this.#groups[name].get(key) ?? none;
  }

  put(id: string, value: T, index: number): void {
    const before = this.#entries.get(id);
    this.modifiedIndex = Math.max(this.modifiedIndex, index);
    this.#entries.set(id, { value, createdIndex: before?.createdIndex ?? index, modifiedIndex: index });
    for (const [name, keyOf] of this.#keys)
      this.#regroup(name, id, before && keyOf(before.value), keyOf(value));
  }

  /** As it was stored. */
  restore(id: string, entry: Entry<T>): void {
    this.modifiedIndex = Math.max(this.modifiedIndex, entry.modifiedIndex);
    this.#entries.set(id, entry);
    for (const [name, keyOf] of this.#keys) this.#regroup(name, id, undefined, keyOf(entry.value));
  }

  remove(id: string, index: number): void {
    const before = this.#entries.get(id);
    if (!before) return;
    this.modifiedIndex = Math.max(this.modifiedIndex, index);
    this.#entries.delete(id);
    for (const [name, keyOf] of this.#keys) this.#regroup(name, id, keyOf(before.value), undefined);
  }

  #regroup(name: Name, id: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    const groups = this.#groups[name];
    if (from !== undefined) {
      const group = groups.get(from);
      group?.delete(id);
      if (group?.size === 0) groups.delete(from);
    }
    if (to === undefined) return;
    const group = groups.get(to);
    if (group) group.add(id);
    else groups.set(to, new Set([id]));
  }
}

const none: ReadonlySet<string> = new Set();
