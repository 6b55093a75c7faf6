import type { Allocation } from "@fractus/core/allocation.ts";
import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { Placer, type PlaceOptions } from "./placer.ts";

/** By how much, on the scale from -1 to 1, another node must be better to be worth a new start. */
export const clearMargin = 0.1;

/**
 * The ids of running copies that would do clearly better on another node. One after the other is
 * lifted from its node and put on the best one; it counts if that is another, and better by
 * `clearMargin`. What one has moved to is taken for the next. The cluster is as before.
 *
 * @param leaving allocations that stop anyhow, and so are in nobody's way
 */
export function outranked(
  cluster: Cluster,
  ask: Ask,
  given: { readonly copies: readonly Allocation[]; readonly leaving: readonly Allocation[] },
  options: PlaceOptions = {},
): ReadonlySet<string> {
  const beaten = new Set<string>();
  cluster.attempt(() => {
    const placer = new Placer(cluster, options);
    for (const { id } of given.leaving) lift(cluster, placer, id);
    for (const { id, nodeId } of given.copies) {
      if (!lift(cluster, placer, id)) continue;
      const own = placer.scoreOf(ask, cluster.nodes.numberOf(nodeId));
      const best = placer.best(ask);
      const isBeaten = own !== undefined && best !== undefined && best.score - own >= clearMargin;
      if (isBeaten) beaten.add(id);
      placer.next(ask, isBeaten ? {} : { onNode: nodeId });
    }
    return false;
  });
  return beaten;
}

function lift(cluster: Cluster, placer: Placer, id: string): boolean {
  const row = cluster.instances.rowOf(id);
  if (row !== undefined) placer.remove(row);
  return row !== undefined;
}
