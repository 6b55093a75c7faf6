/** The tables as SQL has them: one for each kind of row, all of one shape, and one line that says how far they are. */
export interface Schema {
  readonly progress: { readonly id: number; readonly last_index: number };
  readonly [table: `rows_${string}`]: RowsTable;
}

/** What is looked for, is looked for in memory: the tables only have to give everything back. */
export interface RowsTable {
  readonly id: string;
  readonly created_index: number;
  readonly modified_index: number;
  /** JSON. */
  readonly body: string;
}

/** `nodeNotes` is kept in `rows_node_notes`. */
export function sqlName(table: string): `rows_${string}` {
  return `rows_${table.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
