import type { NodeScores } from "@fractus/core/evaluation.ts";
import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import type { Copy, PlaceOptions } from "./placer.ts";
import { scoreTable } from "./score-table.ts";

const shownNodes = 5;

/**
 * The best five nodes for a copy that runs, with what their scores are made of, as if it were to be
 * placed now; for `Metrics.ScoreMetaData` of the HTTP API. It is computed when somebody asks, because
 * to keep it with every placement would cost more than to find the place. A group that found no place
 * has none: no node that could take the copy was left to be scored.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/allocations (`ScoreMetaData`)
 *
 * @param id of the instance; one that the cluster does not know is scored as a further one
 */
export function scoresOf(
  cluster: Cluster,
  ask: Ask,
  { id, ...copy }: Copy & { readonly id: string },
  options: PlaceOptions = {},
): NodeScores[] {
  let scores: NodeScores[] = [];
  cluster.attempt(() => {
    const row = cluster.instances.rowOf(id);
    if (row !== undefined) cluster.remove(row);
    scores = scoreTable(cluster, ask, copy, options)
      .slice(0, shownNodes)
      .map(({ nodeId, score, terms }) => ({
        nodeId,
        score,
        parts: Object.fromEntries(terms.map(({ name, value }) => [name, value])),
      }));
    return false;
  });
  return scores;
}
