import type { ControlStore } from "../control.ts";
import type { StoredChange, StoredRow } from "../state/ledger.ts";

/** Keeps rows in memory, over any number of controls; a write can be made to fail. */
export class MemoryStore implements ControlStore {
  readonly #rows = new Map<string, StoredRow>();
  #index = 0;
  /** Called before each write; what it throws, the write throws. */
  beforeWrite: (index: number) => void = () => {};

  async load() {
    return { index: this.#index, rows: [...this.#rows.values()] };
  }

  write(changes: readonly StoredChange[], index: number): void {
    this.beforeWrite(index);
    for (const { table, id, body, createdIndex } of changes) {
      const key = `${table}\n${id}`;
      if (body === undefined) this.#rows.delete(key);
      else this.#rows.set(key, { table, id, body, createdIndex, modifiedIndex: index });
    }
    this.#index = index;
  }
}
