import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { numbersOf } from "./choice.ts";
import type { Copy, PlaceOptions } from "./placer.ts";
import { Ranking, type ScoreTerm } from "./ranking.ts";

/** A candidate as it stands, with the terms that make up its score. */
export interface ScoreRow {
  readonly nodeId: string;
  readonly score: number;
  readonly terms: readonly ScoreTerm[];
}

/**
 * All nodes that could take one more copy, best first, with what their score is made of. For the
 * table behind a placement ask before it is made, or take it away within an attempt.
 */
export function scoreTable(
  cluster: Cluster,
  ask: Ask,
  copy: Copy = {},
  options: PlaceOptions = {},
): ScoreRow[] {
  const ranking = new Ranking(cluster, ask, options.algorithm ?? "binpack");
  ranking.penalize(numbersOf(cluster, copy.failedOn ?? []));
  const rows: ScoreRow[] = [];
  for (const node of ranking.candidates) {
    const score = ranking.scoreOf(node);
    if (score === undefined) continue;
    rows.push({ nodeId: cluster.nodes.at(node).id, score, terms: ranking.terms(node) });
  }
  return rows.sort((a, b) => b.score - a.score);
}

/** Nodes and the terms of their scores as a table, best first; a term that does not apply is left empty. */
export function scoreText(rows: readonly ScoreRow[]): string {
  const terms = [...new Set(rows.flatMap((row) => row.terms.map(({ name }) => name)))];
  const table = [
    ["node", "score", ...terms],
    ...rows.map(({ nodeId, score, terms: own }) => [
      nodeId,
      score.toFixed(3),
      ...terms.map((name) => own.find((term) => term.name === name)?.value.toFixed(3) ?? ""),
    ]),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))),
    )
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
}
