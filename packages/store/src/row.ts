/** A row that is to be written: JSON, or nothing when it goes. */
export interface RowChange {
  readonly table: string;
  readonly id: string;
  readonly body?: string;
  readonly createdIndex: number;
}

/** A row as it is given back. */
export interface Row {
  readonly table: string;
  readonly id: string;
  readonly body: string;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
}

/**
 * Keeps rows over a restart. What `write` has answered is on disk, all of it or nothing.
 */
export interface RowStore {
  load(): Promise<{ readonly index: number; readonly rows: readonly Row[] }>;
  write(changes: readonly RowChange[], index: number): Promise<void>;
  close(): Promise<void>;
}
