/** A list as the API writes it: an empty one may be null. */
export type List<T> = readonly T[] | null;

/** A JSON object whose values are of one kind; an empty one may be null. */
export type Dictionary<T> = Readonly<Record<string, T>> | null;

/** What every stored object carries: the counts of changes at which it was made and last modified. */
export interface Indexes {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** Whole nanoseconds, as the API writes durations. */
export type Nanoseconds = number;

/** Nanoseconds since 1970. Beyond 2^53, so the last few hundred of them are not exact. */
export type UnixNanoseconds = number;
