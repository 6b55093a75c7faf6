import { allocationIndex, allocationName, type Allocation } from "@fractus/core/allocation.ts";

/** The `count` lowest indexes of a group that nobody in `taken` has, as names. */
export function freeNames(
  place: { readonly jobId: string; readonly group: string },
  taken: readonly Allocation[],
  count: number,
): string[] {
  const indexes = new Set(taken.map((allocation) => allocationIndex(allocation.name)));
  const names: string[] = [];
  for (let index = 0; names.length < count; index++) {
    if (!indexes.has(index)) names.push(allocationName({ ...place, index }));
  }
  return names;
}

/**
 * Names for canaries: first those of the allocations that they would replace, lowest first, as far
 * as no other canary has them; then new ones after everybody else's.
 */
export function canaryNames(
  place: { readonly jobId: string; readonly group: string },
  sets: {
    readonly canaries: readonly Allocation[];
    readonly replaced: readonly Allocation[];
    readonly others: readonly Allocation[];
  },
  count: number,
): string[] {
  const used = new Set(sets.canaries.map((canary) => canary.name));
  const names = byIndex(sets.replaced)
    .map((allocation) => allocation.name)
    .filter((name) => !used.has(name))
    .slice(0, count);
  const rest = [...sets.canaries, ...sets.replaced, ...sets.others];
  return [...names, ...freeNames(place, rest, count - names.length)];
}

/** Lowest index first; among equals, the older id order decides, so that one input has one answer. */
export function byIndex(allocations: readonly Allocation[]): Allocation[] {
  return allocations.toSorted(
    (a, b) => allocationIndex(a.name) - allocationIndex(b.name) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}
