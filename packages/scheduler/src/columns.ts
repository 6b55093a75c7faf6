type Column = Int32Array | Uint32Array | Float64Array | Uint8Array;

/** The column itself if it has room for `length` entries, else a larger copy; new entries are 0. */
export function grown<T extends Column>(column: T, length: number): T {
  if (column.length >= length) return column;
  const larger = new (column.constructor as new (length: number) => T)(Math.max(length, column.length * 2));
  larger.set(column);
  return larger;
}
