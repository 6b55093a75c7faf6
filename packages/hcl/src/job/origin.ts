import type { Range } from "../diagnostic.ts";

/** Where an object of the job's JSON was written in the file. */
export interface Origin {
  /** The type and labels of the block, for a message about the whole of it. */
  readonly range: Range;
  /** By JSON name, the attributes' and blocks' names in the file. */
  readonly fields: ReadonlyMap<string, Range>;
}

/** Kept beside the JSON, which stays exactly what the API sends. */
export type Origins = WeakMap<object, Origin>;

const nowhere: Range = { start: 0, end: 0 };

/** The range of a field if it was written, else of its block; the start of the file if unknown. */
export function rangeOf(origins: Origins | undefined, object: object, field?: string): Range {
  const origin = origins?.get(object);
  return (field === undefined ? undefined : origin?.fields.get(field)) ?? origin?.range ?? nowhere;
}
