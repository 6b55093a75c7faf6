import type { PlacementMetrics } from "@fractus/core/evaluation.ts";
import type { Cluster } from "./cluster.ts";
import type { Reason } from "./reason.ts";
import type { GroupFailure } from "./seat.ts";
import { constraintText } from "./sentences.ts";

/**
 * Counts of nodes and reasons, as the HTTP API gives them. A node that could never take the copy is
 * filtered, one that is only full is exhausted; one that takes no work or is out of reach is neither.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/allocations (`Metrics`)
 */
export function metricsOf(cluster: Cluster, failure: GroupFailure): PlacementMetrics {
  const nodes = cluster.nodes.numbers().map((number) => cluster.nodes.at(number));
  const classes = new Map(nodes.map((node) => [node.id, node.class]));
  const seen = failure.refusals.filter(({ reasons }) => !reasons.some(isOutOfReach));
  const filtered = seen.filter(({ reasons }) => reasons.some((reason) => filterName(reason) !== undefined));
  const exhausted = seen.filter((refusal) => !filtered.includes(refusal));
  const classesOf = (refusals: typeof seen) => refusals.map(({ nodeId }) => classes.get(nodeId) ?? "");
  const namesOf = (refusals: typeof seen, nameOf: (reason: Reason) => string | undefined) =>
    refusals.flatMap(({ reasons }) => [...new Set(reasons.map(nameOf))]);
  return {
    evaluated: seen.length,
    filtered: filtered.length,
    inPool: nodes.filter((node) => failure.ask.pool === undefined || node.pool === failure.ask.pool).length,
    availableByZone: availableByZone(cluster, failure),
    filteredByClass: tally(classesOf(filtered)),
    filteredByConstraint: tally(namesOf(filtered, filterName)),
    exhausted: exhausted.length,
    exhaustedByClass: tally(classesOf(exhausted)),
    exhaustedByDimension: tally(namesOf(exhausted, dimensionName)),
    coalesced: failure.unplaced - 1,
    scores: [],
  };
}

/** Ready nodes by zone; a zone that the job names and that has none is there with 0. */
function availableByZone(cluster: Cluster, { ask }: GroupFailure): Record<string, number> {
  const nodes = cluster.nodes.numbers().map((number) => cluster.nodes.at(number));
  const ready = nodes.filter((node) => node.status === "ready").map((node) => node.zone);
  const named = ask.zones.filter((zone) => !zone.includes("*")).map((zone) => [zone, 0] as const);
  return { ...Object.fromEntries(named), ...tally(ready) };
}

function tally(names: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) if (name) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function isOutOfReach({ kind }: Reason): boolean {
  return ["status", "ineligible", "draining", "zone", "pool", "gone"].includes(kind);
}

/** The name under which a reason that has nothing to do with room is counted. */
function filterName(reason: Reason): string | undefined {
  switch (reason.kind) {
    case "constraint":
      return constraintText(reason.constraint);
    case "driver-missing":
    case "driver-unhealthy":
      return "missing drivers";
    case "device-missing":
      return "missing devices";
    case "network-mode":
    case "host-network":
      return "missing network";
    case "volume-missing":
    case "volume-read-only":
      return "missing compatible host volumes";
    case "distinct-hosts":
      return "distinct_hosts";
    case "distinct-property":
      return `distinct_property: ${reason.attribute}=${reason.value} used by too many`;
    case "property-missing":
      return `missing property "${reason.attribute}"`;
    default:
      return undefined;
  }
}

function dimensionName(reason: Reason): string | undefined {
  switch (reason.kind) {
    case "cpu":
    case "memory":
    case "disk":
    case "cores":
      return reason.kind;
    case "instances":
      return "max allocation exceeded";
    case "port-taken":
      return `network: reserved port collision ${reason.label}=${reason.port}`;
    case "port-twice":
      return `network: port ${reason.port} asked for twice`;
    case "ports-used-up":
      return "network: dynamic port selection failed";
    case "devices-taken":
      return `devices: no devices match request`;
    default:
      return undefined;
  }
}
