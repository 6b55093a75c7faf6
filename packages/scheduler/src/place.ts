import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { Placements } from "./placements.ts";
import { type Copy, type PlaceOptions, Placer } from "./placer.ts";
import type { NodeRefusal } from "./refusals.ts";

/** What came of it: the copies that have a node, in order, and why the others have none. */
export interface Placing {
  readonly placed: Placements;
  readonly failure?: Failure;
}

/** Copies without a node. All nodes refused the first of them; the others ask for the same. */
export interface Failure {
  readonly unplaced: number;
  readonly refusals: readonly NodeRefusal[];
}

/**
 * Places copies of a group, or a server, one after the other, each on the best of all nodes that
 * suit. They are on the cluster afterwards; do it within `cluster.attempt` to find out only.
 *
 * There is no chance in it: of equally good nodes the one that joined first is taken, and the ports
 * follow from the ask. The same cluster and ask have one answer.
 *
 * @param copies the copies to place now, or how many; `ask.count` counts all that are wanted
 */
export function place(
  cluster: Cluster,
  ask: Ask,
  copies: number | readonly Copy[],
  options: PlaceOptions = {},
): Placing {
  const count = typeof copies === "number" ? copies : copies.length;
  const placed = new Placements(cluster, count);
  const placer = new Placer(cluster, options);
  for (let index = 0; index < count; index++) {
    const spot = placer.next(ask, typeof copies === "number" ? undefined : copies[index]);
    if (spot === undefined) {
      return { placed, failure: { unplaced: count - index, refusals: placer.refusals(ask) } };
    }
    placed.add(spot);
  }
  return { placed };
}
