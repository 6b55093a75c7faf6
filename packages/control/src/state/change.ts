import type { State, TableName, ValueOf } from "./state.ts";

/** One row that comes, changes or goes. */
export type Change = { [Name in TableName]: ChangeOf<Name> }[TableName];

export interface ChangeOf<Name extends TableName> {
  readonly table: Name;
  readonly id: string;
  /** Absent: it goes. */
  readonly value?: ValueOf<Name>;
}

/**
 * What a transaction is going to change: read through it, the changes made so far are there already.
 * Of several changes of one row the last counts.
 */
export class Draft {
  readonly state: State;
  /** The index that the transaction will have. */
  readonly index: number;
  readonly #changes = new Map<string, Change>();

  constructor(state: State, index: number) {
    this.state = state;
    this.index = index;
  }

  put<Name extends TableName>(table: Name, value: ValueOf<Name>): void {
    const id = (this.state[table].idOf as (value: unknown) => string)(value);
    this.#changes.set(`${table}\n${id}`, { table, id, value } as unknown as Change);
  }

  remove(table: TableName, id: string): void {
    this.#changes.set(`${table}\n${id}`, { table, id });
  }

  /** The row as it will be. */
  get<Name extends TableName>(table: Name, id: string): ValueOf<Name> | undefined {
    const change = this.#changes.get(`${table}\n${id}`);
    if (change) return change.value as ValueOf<Name> | undefined;
    return this.state[table].get(id) as ValueOf<Name> | undefined;
  }

  changes(): Change[] {
    return [...this.#changes.values()];
  }
}
