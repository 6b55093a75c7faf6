/**
 * Which classes of nodes could take what found no place, so that a blocked evaluation is woken by the
 * nodes that may help and sleeps through all other changes.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/concepts/scheduling/how-scheduling-works and
 * https://developer.hashicorp.com/nomad/api-docs/evaluations (`ClassEligibility`, `EscapedComputedClass`)
 */
import type { Evaluation } from "@fractus/core/evaluation.ts";
import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { mentionsUnique } from "./constraint.ts";
import { suitsClass } from "./feasible.ts";

export type Eligibility = Required<Pick<Evaluation, "classes" | "escapesClasses">>;

/** Of every class that has a node, whether it suits one of the asks, full or not. */
export function eligibility(cluster: Cluster, asks: readonly Ask[]): Eligibility {
  const { nodes } = cluster;
  const classes = new Map<number, boolean>();
  for (const number of nodes.numbers()) {
    const index = nodes.classOf[number];
    if (classes.has(index)) continue;
    classes.set(
      index,
      asks.some((ask) => suitsClass(cluster, ask, nodes.at(number))),
    );
  }
  return {
    classes: Object.fromEntries([...classes].map(([index, suits]) => [nodes.classes.nameOf(index), suits])),
    escapesClasses: asks.some(escapes),
  };
}

/** Nodes of one class differ for it. */
function escapes(ask: Ask): boolean {
  return ask.hints !== undefined || ask.constraints.some(mentionsUnique);
}

/** The name of the class that a node is of now; `undefined` if there is no such node. */
export function classNameOf(cluster: Cluster, nodeId: string): string | undefined {
  const number = cluster.nodes.numberOf(nodeId);
  return number < 0 ? undefined : cluster.nodes.classes.nameOf(cluster.nodes.classOf[number]);
}

/** Whether room on a node of the class, or a new node of it, may help a blocked evaluation. */
export function mayHelp(
  { classes, escapesClasses }: Pick<Evaluation, "classes" | "escapesClasses">,
  className: string,
): boolean {
  return escapesClasses === true || (classes?.[className] ?? true);
}
