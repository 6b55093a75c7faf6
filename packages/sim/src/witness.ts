/**
 * Keeps account of what control has said: every transaction that it told of, and every answer that it gave to a
 * person. What was said must be in the store, now and after every restart.
 */
import type { Control } from "@fractus/control/control.ts";
import type { Committed, StoredRow } from "@fractus/control/state/ledger.ts";
import type { Watcher, World } from "./world.ts";

interface Kept {
  readonly body: string;
  readonly modifiedIndex: number;
}

export class Witness implements Watcher {
  readonly #world: World;
  /** The rows as they must be in the store, by table and id. */
  readonly #rows = new Map<string, Kept>();
  readonly #changed = new Set<string>();
  /** By the index of the transaction: what it wrote. */
  readonly #written = new Map<number, ReadonlySet<string>>();
  #index = 0;
  acknowledgements = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** What is in the store is what was told of, and of the last transaction all or nothing. */
  starting(): void {
    for (const key of this.#rows.keys()) this.#changed.add(key);
    for (const key of this.#world.store.rows().keys()) this.#changed.add(key);
    this.check();
  }

  /** From here on, what was found in the store counts. */
  started({ state }: Control): void {
    const { store } = this.#world;
    if (state.index !== store.index)
      this.#violate(`control starts at index ${state.index}, the store is at ${store.index}`);
    this.#rows.clear();
    this.#changed.clear();
    for (const [key, { body, modifiedIndex }] of store.rows()) this.#rows.set(key, { body, modifiedIndex });
    this.#index = state.index;
  }

  committed({ index, changes }: Committed): void {
    if (index !== this.#index + 1)
      this.#world.violate("every index grows", `transaction ${index} follows ${this.#index}`);
    this.#index = index;
    for (const { table, id, value } of changes) {
      const key = `${table}\n${id}`;
      if (value === undefined) this.#rows.delete(key);
      else this.#rows.set(key, { body: JSON.stringify(value), modifiedIndex: index });
      this.#changed.add(key);
    }
    this.#written.set(index, new Set(changes.map(({ table, id }) => `${table}\n${id}`)));
  }

  /** A person was answered. What the answer says was written must have been told of. */
  acknowledged(name: string, result: unknown): void {
    this.acknowledgements++;
    const { index, evaluationId, job, variable } = (result ?? {}) as Partial<{
      index: number;
      evaluationId: string;
      job: { project: string; id: string; version: number };
      variable: { project: string; path: string };
    }>;
    if (index === undefined) return;
    this.#world.trace(`answered: ${name} at ${index}`);
    if (index > this.#index)
      this.#violate(`"${name}" was answered with index ${index}, but there is nothing after ${this.#index}`);
    const written = this.#written.get(index);
    const expect = (key: string) => {
      if (written && !written.has(key))
        this.#violate(`"${name}" was answered, but ${inWords(key)} is not written`);
    };
    if (evaluationId) expect(`evaluations\n${evaluationId}`);
    if (variable) expect(`variables\n${variable.project}\n${variable.path}`);
    if (
      job &&
      !this.#rows.has(`versions\n${job.project}\n${job.id}\n${job.version}`) &&
      !this.#isPurged(job, index)
    )
      this.#violate(`"${name}" was answered, but version ${job.version} of ${job.id} is not there`);
  }

  #isPurged(job: { readonly project: string; readonly id: string }, index: number): boolean {
    for (let later = index; later <= this.#index; later++)
      if (this.#written.get(later)?.has(`jobs\n${job.project}\n${job.id}`) && later > index) return true;
    return false;
  }

  /** What has changed since the last look is in the store as it was told. */
  check(): void {
    for (const key of this.#changed) this.#compare(key);
    this.#changed.clear();
    const isAhead = this.#world.store.index === this.#index + 1;
    if (!isAhead && this.#world.store.index !== this.#index)
      this.#violate(`the store is at ${this.#world.store.index}, control has told of ${this.#index}`);
    if (!isAhead && this.#world.store.rows().size !== this.#rows.size)
      this.#violate(`the store has ${this.#world.store.rows().size} rows instead of ${this.#rows.size}`);
  }

  #compare(key: string): void {
    const { store } = this.#world;
    const found: StoredRow | undefined = store.rows().get(key);
    const kept = this.#rows.get(key);
    const isAhead = store.index === this.#index + 1;
    if (isAhead && (!found || found.modifiedIndex === store.index)) return;
    if (found?.body !== kept?.body || found?.modifiedIndex !== kept?.modifiedIndex) {
      const at = (one: Kept | undefined) => (one ? `of index ${one.modifiedIndex}` : "absent");
      this.#violate(`${inWords(key)} was said to be ${at(kept)}, the store has it ${at(found)}`);
    }
  }

  #violate(words: string): void {
    this.#world.violate("no acknowledged request is lost", words);
  }
}

function inWords(key: string): string {
  return key.replaceAll("\n", " ");
}
