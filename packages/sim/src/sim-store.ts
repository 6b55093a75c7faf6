import type { Clock } from "@fractus/core/clock.ts";
import type { ControlStore } from "@fractus/control/control.ts";
import type { StoredChange, StoredRow } from "@fractus/control/state/ledger.ts";
import type { Life } from "./sim-clock.ts";

/** When the process dies: at its n-th write from now, before the rows are kept or after. */
export interface CrashPlan {
  readonly writes: number;
  readonly when: "before" | "after";
}

/**
 * The disk of the control plane: rows that outlive any number of processes. One transaction is kept in full or
 * not at all.
 */
export class SimStore {
  readonly #rows = new Map<string, StoredRow>();
  #index = 0;
  #crash: CrashPlan | undefined;
  /** Every write is refused. */
  isFull = false;
  /** How long a write takes. */
  delayMs: () => number = () => 0;
  /** For experiments: says of a row that it is to be forgotten though its write is acknowledged. */
  forgets: (change: StoredChange, index: number) => boolean = () => false;
  writes = 0;

  get index(): number {
    return this.#index;
  }

  crashAt(plan: CrashPlan): void {
    this.#crash = plan;
  }

  /** From now on every write is kept, at once. */
  calm(): void {
    this.#crash = undefined;
    this.isFull = false;
    this.delayMs = () => 0;
  }

  row(table: string, id: string): StoredRow | undefined {
    return this.#rows.get(`${table}\n${id}`);
  }

  /** By table and id. */
  rows(): ReadonlyMap<string, StoredRow> {
    return this.#rows;
  }

  /**
   * The store as one process has it open. A process that is dead writes nothing more, and gets no answer.
   *
   * @param die called when the process is to die at this write
   */
  openFor(life: Life, clock: Clock, die: () => void): ControlStore {
    return {
      load: async () => ({ index: this.#index, rows: this.#inOrder() }),
      write: (changes, index) => this.#write(changes, index, { life, clock, die }),
    };
  }

  /** As a SQL store gives them back: table by table, by the time of their making. */
  #inOrder(): StoredRow[] {
    return [...this.#rows.values()].toSorted(
      (a, b) => compare(a.table, b.table) || a.createdIndex - b.createdIndex || compare(a.id, b.id),
    );
  }

  #write(
    changes: readonly StoredChange[],
    index: number,
    { life, clock, die }: { readonly life: Life; readonly clock: Clock; die(): void },
  ): void | Promise<void> {
    this.writes++;
    if (life.isOver) return never();
    if (this.isFull) throw new Error("database or disk is full");
    const crash = this.#countDown();
    if (crash !== "before") this.#keep(changes, index);
    if (crash) {
      die();
      return never();
    }
    const delayMs = this.delayMs();
    return delayMs > 0 ? clock.sleep(delayMs) : undefined;
  }

  #countDown(): CrashPlan["when"] | undefined {
    if (!this.#crash) return undefined;
    const { writes, when } = this.#crash;
    this.#crash = writes > 1 ? { writes: writes - 1, when } : undefined;
    return writes > 1 ? undefined : when;
  }

  #keep(changes: readonly StoredChange[], index: number): void {
    for (const change of changes) {
      if (this.forgets(change, index)) continue;
      const { table, id, body, createdIndex } = change;
      if (body === undefined) this.#rows.delete(`${table}\n${id}`);
      else this.#rows.set(`${table}\n${id}`, { table, id, body, createdIndex, modifiedIndex: index });
    }
    this.#index = index;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
