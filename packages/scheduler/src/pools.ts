import type { Company } from "./company.ts";
import type { Tournament } from "./tournament.ts";

/** Candidates that are alike in the values of all spread attributes and distinct properties. */
export interface Pool {
  /** Numbers of candidates, lowest first. */
  readonly members: ArrayLike<number>;
  /** The value for each spread, -1 where the nodes have none. */
  readonly spreadValues: readonly number[];
  /** The value for each distinct property, -1 where the nodes have none. */
  readonly properties: readonly number[];
  /** A tournament over the members for each lane that is in use, see `Ranking`. */
  readonly lanes: (Tournament | undefined)[];
}

/** The pools of the candidates; for each candidate its pool and which of its members it is. */
export interface Pooling {
  readonly pools: readonly Pool[];
  readonly poolOf: Int32Array;
  readonly leafOf: Int32Array;
}

/** Divides the candidates, given as numbers of nodes, into pools. */
export function poolsOf(candidates: Int32Array, { spreads, properties }: Company): Pooling {
  if (spreads.length + properties.length === 0) return onePool(candidates.length);
  const poolOf = new Int32Array(candidates.length);
  const leafOf = new Int32Array(candidates.length);
  const byKey = new Map<string, number>();
  const pools: (Pool & { readonly members: number[] })[] = [];
  for (let index = 0; index < candidates.length; index++) {
    const spreadValues = spreads.map((tally) => tally.values.of(candidates[index]));
    const propertyValues = properties.map((tally) => tally.values.of(candidates[index]));
    const key = [...spreadValues, ...propertyValues].join();
    let number = byKey.get(key);
    if (number === undefined) {
      number = pools.push({ members: [], spreadValues, properties: propertyValues, lanes: [] }) - 1;
      byKey.set(key, number);
    }
    poolOf[index] = number;
    leafOf[index] = pools[number].members.push(index) - 1;
  }
  return { pools, poolOf, leafOf };
}

function onePool(size: number): Pooling {
  const members = new Int32Array(size);
  for (let index = 0; index < size; index++) members[index] = index;
  return {
    pools: [{ members, spreadValues: [], properties: [], lanes: [] }],
    poolOf: new Int32Array(size),
    leafOf: members,
  };
}
