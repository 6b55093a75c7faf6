import { isOver, type Allocation } from "@fractus/core/allocation.ts";
import { byIndex } from "./names.ts";

/**
 * Which allocations go when there are too many: those whose place a promoted canary has taken, then
 * those that failed, then those that would move anyway, then the highest indexes.
 *
 * @param candidates allocations that hold a place and are not canaries on trial
 */
export function chooseSurplus(
  candidates: {
    readonly standing: readonly Allocation[];
    readonly migrating: readonly Allocation[];
    /** Promoted ones; they are part of `standing`. */
    readonly promoted: readonly Allocation[];
  },
  surplus: number,
): Allocation[] {
  if (surplus <= 0) return [];
  const promotedIds = new Set(candidates.promoted.map((canary) => canary.id));
  const promotedNames = new Set(candidates.promoted.map((canary) => canary.name));
  const regular = highestFirst(candidates.standing.filter((one) => !promotedIds.has(one.id)));
  const inOrder = [
    ...regular.filter((one) => promotedNames.has(one.name)),
    ...regular.filter(isOver),
    ...doubles(regular),
    ...highestFirst(candidates.migrating),
    ...highestFirst(candidates.standing),
  ];
  return [...new Set(inOrder)].slice(0, surplus);
}

function highestFirst(allocations: readonly Allocation[]): Allocation[] {
  return byIndex(allocations).reverse();
}

/** Of those that share a name, all but one: the newest version stays, of one version the eldest. */
export function doubles(allocations: readonly Allocation[]): Allocation[] {
  const bestFirst = allocations.toSorted(
    (a, b) => b.jobVersion - a.jobVersion || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1),
  );
  const names = new Set<string>();
  return bestFirst.filter(({ name }) => names.size === names.add(name).size);
}
