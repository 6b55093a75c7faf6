/**
 * The one writer. A transaction looks at the state, says what is to change, and is over when that is
 * on disk: then it is applied, everybody who waits hears of it, and whoever asked for it is answered.
 * Transactions come one after the other, so what one has read is still true when it writes.
 *
 * If the store cannot write, nothing has happened: the state is as before and the caller is refused.
 */
import { Refusal } from "@fractus/core/refusal.ts";
import { consequences } from "./consequences.ts";
import { type Change, Draft } from "./change.ts";
import { type State, tableNames } from "./state.ts";
import type { Table } from "./table.ts";

/** Where transactions are kept. `write` may answer at once or later; what it has answered is on disk. */
export interface LedgerStore {
  write(changes: readonly StoredChange[], index: number): void | Promise<void>;
}

/** A row for the store: its value as JSON, or nothing when it goes. */
export interface StoredChange {
  readonly table: string;
  readonly id: string;
  readonly body?: string;
  readonly createdIndex: number;
}

/** What happened: the kind of transaction, and each row before and after. */
export interface Committed {
  readonly index: number;
  readonly kind: TransactionKind;
  readonly changes: readonly CommittedChange[];
}

export type CommittedChange = Change & { readonly before?: unknown };

/** Why something was written; doors make their events from it. */
export type TransactionKind =
  | "node-register"
  | "node-status"
  | "node-eligibility"
  | "node-drain"
  | "node-purge"
  | "node-meta"
  | "job-register"
  | "job-deregister"
  | "job-status"
  | "evaluation"
  | "plan"
  | "allocation-report"
  | "allocation-transition"
  | "deployment-status"
  | "deployment-promotion"
  | "deployment-health"
  | "services"
  | "variable"
  | "project"
  | "pool"
  | "acl"
  | "settings"
  | "collect"
  | "restore";

export class Ledger {
  readonly state: State;
  readonly #store: LedgerStore;
  readonly #listeners = new Set<(committed: Committed) => void>();
  readonly #recent: Committed[] = [];
  #recentChanges = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #waiters: (() => void)[] = [];

  constructor(state: State, store: LedgerStore) {
    this.state = state;
    this.#store = store;
  }

  /**
   * Runs `decide` at its turn. It reads the draft's state and puts its changes into the draft; if it throws, nothing
   * happens. One that changes nothing costs no index.
   *
   * @throws Refusal unavailable if the store cannot write; whatever `decide` throws
   */
  transact<T>(kind: TransactionKind, decide: (draft: Draft) => T): Promise<T> {
    const turn = this.#tail.then(() => this.#run(kind, decide));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /** Hears of every transaction, in the order of their indexes. Returns how to stop listening. */
  listen(listener: (committed: Committed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The last transactions, oldest first: at most a thousand, and fewer when they changed much. */
  recent(): readonly Committed[] {
    return this.#recent;
  }

  /** Resolves when there is a transaction after `afterIndex`, or when the signal is aborted. */
  async changed(afterIndex: number, signal?: AbortSignal): Promise<void> {
    if (this.state.index > afterIndex || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Resolves when all transactions that were asked for are over. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  async #run<T>(kind: TransactionKind, decide: (draft: Draft) => T): Promise<T> {
    const draft = new Draft(this.state, this.state.index + 1);
    const result = decide(draft);
    // What is restored has its consequences with it.
    if (kind !== "restore") consequences(draft);
    const changes = draft.changes();
    if (changes.length > 0) await this.#commit(kind, draft.index, changes);
    return result;
  }

  async #commit(kind: TransactionKind, index: number, changes: readonly Change[]): Promise<void> {
    const before = changes.map(({ table, id }) => this.state[table].entry(id));
    try {
      const written = this.#store.write(
        changes.map((change, at) => stored(change, before[at]?.createdIndex ?? index)),
        index,
      );
      if (written) await written;
    } catch (cause) {
      throw new Refusal("unavailable", "The change could not be written to disk, so nothing was changed.", {
        cause,
      });
    }
    this.#apply({ kind, index, changes: changes.map((change, at) => withBefore(change, before[at]?.value)) });
  }

  #apply(committed: Committed): void {
    for (const { table, id, value } of committed.changes) {
      const rows = this.state[table] as unknown as Table<unknown>;
      if (value === undefined) rows.remove(id, committed.index);
      else rows.put(id, value, committed.index);
    }
    this.state.index = committed.index;
    this.#remember(committed);
    for (const listener of this.#listeners) listener(committed);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #remember(committed: Committed): void {
    this.#recent.push(committed);
    this.#recentChanges += committed.changes.length;
    let gone = 0;
    while (this.#recent.length - gone > recentLimit || this.#recentChanges > recentChangesLimit)
      this.#recentChanges -= this.#recent[gone++].changes.length;
    if (gone > 0) this.#recent.splice(0, gone);
  }
}

function stored({ table, id, value }: Change, createdIndex: number): StoredChange {
  return value === undefined
    ? { table, id, createdIndex }
    : { table, id, createdIndex, body: JSON.stringify(value) };
}

function withBefore(change: Change, before: unknown): CommittedChange {
  return before === undefined ? change : { ...change, before };
}

const recentLimit = 1000;
/** A transaction that is remembered keeps the rows that it replaced. */
const recentChangesLimit = 20_000;

/** A row as the store gives it back. */
export interface StoredRow {
  readonly table: string;
  readonly id: string;
  readonly body: string;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
}

/** Fills an empty state with what was stored. */
export function restoreState(state: State, rows: Iterable<StoredRow>, index: number): void {
  const known = new Set<string>(tableNames);
  for (const { table, id, body, createdIndex, modifiedIndex } of rows) {
    if (!known.has(table)) continue;
    const rows = state[table as (typeof tableNames)[number]] as unknown as Table<unknown>;
    rows.restore(id, { value: JSON.parse(body) as unknown, createdIndex, modifiedIndex });
  }
  state.index = index;
}
