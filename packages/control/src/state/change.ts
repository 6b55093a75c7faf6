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
  readonly #changes: { readonly [Name in TableName]?: Map<string, ChangeOf<Name>> } = {};

  constructor(state: State, index: number) {
    this.state = state;
    this.index = index;
  }

  put<Name extends TableName>(table: Name, value: ValueOf<Name>): void {
    const id = (this.state[table].idOf as (value: unknown) => string)(value);
    this.#of(table).set(id, { table, id, value });
  }

  remove(table: TableName, id: string): void {
    this.#of(table).set(id, { table, id });
  }

  /** The row as it will be. */
  get<Name extends TableName>(table: Name, id: string): ValueOf<Name> | undefined {
    const change = this.#of(table).get(id);
    if (change) return change.value;
    return this.state[table].get(id) as ValueOf<Name> | undefined;
  }

  /** Table by table. */
  changes(): Change[] {
    return Object.values(this.#changes).flatMap((changes) => [...changes.values()] as Change[]);
  }

  changesOf<Name extends TableName>(table: Name): Iterable<ChangeOf<Name>> {
    return this.#of(table).values();
  }

  #of<Name extends TableName>(table: Name): Map<string, ChangeOf<Name>> {
    const changes = this.#changes as { [name: string]: Map<string, ChangeOf<Name>> | undefined };
    return (changes[table] ??= new Map<string, ChangeOf<Name>>());
  }
}
