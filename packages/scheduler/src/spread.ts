import type { Spread } from "@fractus/core/job.ts";
import type { ValueTally } from "./values.ts";

/** A value of a spread's attribute that is not named by a target. */
const anyOther = "*";

/** What a spread says of nodes that lack its attribute, or have a value that is to have no copies. */
export const worstBoost = -1;

/**
 * What one more copy on a node with a value would do for one spread: between -1 and 1 as a rule,
 * lower still for a value that has far more than its share.
 *
 * With targets each value has a share of the count, and the boost is the part of the share that
 * would still be open, times the spread's part of all spreads' weight. Values without a target share
 * what the targets leave. A value whose share is 0 gets the lowest boost of all, at best -1.
 *
 * Without targets the values in use are to have equally many copies: an unused value gets 1, the
 * least used one what it is behind the most used, one above the least what it is ahead, and -1 if
 * all are level. The weight plays no part.
 */
export interface SpreadShares {
  readonly spread: Spread;
  /** How many copies are wanted in all. */
  readonly count: number;
  /** Sum of the weights of all spreads that apply. */
  readonly totalWeight: number;
}

/** The boosts of all known values, by the number of the value. */
export function spreadBoosts(shares: SpreadShares, tally: ValueTally): Float64Array {
  return shares.spread.targets.length > 0 ? targetBoosts(shares, tally) : evenBoosts(tally);
}

function targetBoosts(shares: SpreadShares, tally: ValueTally): Float64Array {
  const desired = desiredCounts(shares);
  const part = shares.totalWeight > 0 ? shares.spread.weight / shares.totalWeight : 0;
  const others = countOthers(desired, tally);
  const boosts = new Float64Array(tally.values.count);
  const closed: number[] = [];
  let lowest = worstBoost;
  for (let value = 0; value < boosts.length; value++) {
    const isNamed = desired.has(tally.values.text(value));
    const wanted = desired.get(isNamed ? tally.values.text(value) : anyOther);
    if (wanted === undefined) {
      boosts[value] = worstBoost;
    } else if (wanted === 0) {
      closed.push(value);
    } else {
      const used = isNamed ? tally.of(value) : others;
      boosts[value] = ((wanted - (used + 1)) / wanted) * part;
      lowest = Math.min(lowest, boosts[value]);
    }
  }
  for (const value of closed) boosts[value] = lowest;
  return boosts;
}

/** How many copies each named value is to have; `*` what is left of the count, if anything is. */
function desiredCounts({ spread, count }: SpreadShares): Map<string, number> {
  const desired = new Map<string, number>();
  let sum = 0;
  for (const { value, percent } of spread.targets) {
    desired.set(value, (percent / 100) * count);
    sum += (percent / 100) * count;
  }
  if (sum > 0 && sum < count) desired.set(anyOther, count - sum);
  return desired;
}

/** Copies on values that no target names. */
function countOthers(desired: ReadonlyMap<string, number>, tally: ValueTally): number {
  let count = 0;
  for (let value = 0; value < tally.values.count; value++) {
    if (!desired.has(tally.values.text(value))) count += tally.of(value);
  }
  return count;
}

function evenBoosts(tally: ValueTally): Float64Array {
  const boosts = new Float64Array(tally.values.count);
  let low = Infinity;
  let high = 0;
  for (let value = 0; value < boosts.length; value++) {
    const used = tally.of(value);
    if (used > 0) low = Math.min(low, used);
    high = Math.max(high, used);
  }
  if (high === 0) return boosts;
  for (let value = 0; value < boosts.length; value++) boosts[value] = evenBoost(tally.of(value), low, high);
  return boosts;
}

function evenBoost(used: number, low: number, high: number): number {
  if (used !== low) return (low - used) / low;
  return low === high ? -1 : (high - low) / low;
}
