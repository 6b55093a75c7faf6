import type { AllocationMetric } from "@fractus/client/types/allocation.ts";
import type { Dictionary } from "@fractus/client/types/json.ts";
import { indented, shortId, sorted, table } from "./format.ts";

/** `Task Group "web" (failed to place 3 allocations):` and why, for each group. */
export function failedGroups(failed: Dictionary<AllocationMetric>, isVerbose = false): string {
  return sorted(failed)
    .map(([name, metric]) => {
      const count = (metric.CoalescedFailures ?? 0) + 1;
      const heading = `Task Group "${name}" (failed to place ${count} allocation${count === 1 ? "" : "s"}):`;
      const parts = [heading, ...placementReasons(metric).map((reason) => `  ${reason}`)];
      const scores = isVerbose ? scoreTable(metric) : undefined;
      return [...parts, ...(scores ? [indented(scores, 2)] : [])].join("\n");
    })
    .join("\n");
}

/** One line for each reason, with the number of nodes that it concerns. */
export function placementReasons(metric: AllocationMetric): string[] {
  const lines: string[] = [];
  if (!metric.NodesEvaluated && !metric.ScoreMetaData?.length)
    lines.push("* No nodes were eligible for evaluation");
  for (const [datacenter, count] of sorted(metric.NodesAvailable)) {
    if (count === 0) lines.push(`* No nodes are available in datacenter "${datacenter}"`);
  }
  for (const [name, count] of sorted(metric.ClassFiltered))
    lines.push(`* Class "${name}": ${count} nodes excluded by filter`);
  for (const [name, count] of sorted(metric.ConstraintFiltered))
    lines.push(`* Constraint "${name}": ${count} nodes excluded by filter`);
  if (metric.NodesExhausted) lines.push(`* Resources exhausted on ${metric.NodesExhausted} nodes`);
  for (const [name, count] of sorted(metric.ClassExhausted))
    lines.push(`* Class "${name}" exhausted on ${count} nodes`);
  for (const [name, count] of sorted(metric.DimensionExhausted))
    lines.push(`* Dimension "${name}" exhausted on ${count} nodes`);
  for (const quota of metric.QuotaExhausted ?? []) lines.push(`* Quota limit hit "${quota}"`);
  return lines;
}

/** The best nodes and what their scores are made of; undefined if nothing was scored. */
export function scoreTable(metric: AllocationMetric, isVerbose = false): string | undefined {
  const nodes = metric.ScoreMetaData ?? [];
  if (nodes.length === 0) return undefined;
  const names = [...new Set(nodes.flatMap((node) => Object.keys(node.Scores ?? {})))]
    .filter((name) => name !== "normalized-score")
    .sort();
  const rows = nodes.map((node) => [
    shortId(node.NodeID, isVerbose),
    ...names.map((name) => number(node.Scores?.[name] ?? 0)),
    number(node.NormScore),
  ]);
  return table([["Node", ...names, "final score"], ...rows]);
}

function number(score: number): string {
  return String(Number(score.toPrecision(3)));
}
