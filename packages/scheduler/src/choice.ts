import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { findVictims } from "./evict.ts";
import { suitsCompany } from "./feasible.ts";
import type { Copy } from "./placer.ts";
import type { Ranking } from "./ranking.ts";
import { preemptionScore } from "./score.ts";

/** A node, its score, and the rows that would have to leave it first. */
export interface Choice {
  readonly node: number;
  readonly score: number;
  readonly victims: readonly number[];
}

/**
 * Where one copy goes: the very node, if one is given; where its predecessor was, if it is to stay
 * and can; else the best node; else, if allowed, the best of those on which an eviction makes room.
 */
export function choose(
  cluster: Cluster,
  ask: Ask,
  ranking: Ranking,
  wish: { readonly copy: Copy; readonly mayEvict: boolean },
): Choice | undefined {
  const { onNode, previousNode, failedOn = [] } = wish.copy;
  ranking.penalize(numbersOf(cluster, failedOn));
  const only = onNode === undefined ? undefined : numbersOf(cluster, [onNode]);
  const preferred = only ?? (previousNode === undefined ? [] : numbersOf(cluster, [previousNode]));
  for (const node of preferred) {
    const score = ranking.scoreOf(node);
    if (score !== undefined) return { node, score, victims: [] };
  }
  const best = only ? undefined : ranking.best();
  if (best) return { ...best, victims: [] };
  if (!wish.mayEvict) return undefined;
  return bestEviction(cluster, ask, ranking, only ?? ranking.candidates);
}

/** Of all nodes on which an eviction would make room, the one with the best score afterwards. */
function bestEviction(
  cluster: Cluster,
  ask: Ask,
  ranking: Ranking,
  nodes: Iterable<number>,
): Choice | undefined {
  let best: Choice | undefined;
  for (const node of nodes) {
    const isPossible = ranking.isCandidate(node) && suitsCompany(ask, ranking.company, node);
    const option = isPossible ? eviction(cluster, ask, ranking, node) : undefined;
    if (option && (best === undefined || option.score > best.score)) best = option;
  }
  return best;
}

function eviction(cluster: Cluster, ask: Ask, ranking: Ranking, node: number): Choice | undefined {
  const victims = findVictims(cluster, ask, node);
  if (victims === undefined) return undefined;
  const priorities = victims.map((row) => cluster.instances.footprint(row).priority);
  let score = 0;
  cluster.attempt(() => {
    for (const row of victims) cluster.remove(row);
    score = ranking.scoreWith(node, preemptionScore(priorities));
    return false;
  });
  return { node, score, victims };
}

/** The numbers of nodes that there are. */
export function numbersOf(cluster: Cluster, ids: readonly string[]): number[] {
  return ids.map((id) => cluster.nodes.numberOf(id)).filter((number) => number >= 0);
}
