import type { NodeScores, PlacementMetrics } from "@fractus/core/evaluation.ts";
import type { Json } from "@fractus/control/state/records.ts";

/** A metric of which nothing is known. */
export const emptyMetric: Json = {
  NodesEvaluated: 0,
  NodesFiltered: 0,
  NodesInPool: 0,
  NodePool: "",
  NodesAvailable: null,
  ClassFiltered: null,
  ConstraintFiltered: null,
  NodesExhausted: 0,
  ClassExhausted: null,
  DimensionExhausted: null,
  QuotaExhausted: null,
  ResourcesExhausted: null,
  Scores: null,
  AllocationTime: 0,
  CoalescedFailures: 0,
  ScoreMetaData: null,
};

/** What was seen of the nodes while a place was sought. */
export function metricShape(metrics: PlacementMetrics, pool: string): Json {
  return {
    ...emptyMetric,
    NodesEvaluated: metrics.evaluated,
    NodesFiltered: metrics.filtered,
    NodesInPool: metrics.inPool,
    NodePool: pool,
    NodesAvailable: metrics.availableByZone,
    ClassFiltered: counted(metrics.filteredByClass),
    ConstraintFiltered: counted(metrics.filteredByConstraint),
    NodesExhausted: metrics.exhausted,
    ClassExhausted: counted(metrics.exhaustedByClass),
    DimensionExhausted: counted(metrics.exhaustedByDimension),
    CoalescedFailures: metrics.coalesced,
    ScoreMetaData: metrics.scores.length > 0 ? metrics.scores.map(scoreShape) : null,
  };
}

function counted(counts: Readonly<Record<string, number>>): Json | null {
  return Object.keys(counts).length > 0 ? counts : null;
}

function scoreShape({ nodeId, parts, score }: NodeScores): Json {
  return { NodeID: nodeId, Scores: parts, NormScore: score };
}
