/**
 * The formulas by which a node is scored. The score of a node is the mean of those that apply, each
 * between -1 and 1 but for the server group's, which is to outweigh the others.
 * https://developer.hashicorp.com/nomad/docs/concepts/scheduling/placement
 */

/** Whether to fill nodes up one after the other, or to keep them equally loaded. */
export type Algorithm = "binpack" | "spread";

/** Parts of a node's CPU and memory that would be left free: 0 is none, 1 all of it. */
export interface FreeShares {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * How well a node would be filled, from 0 to 1: for `binpack` the fuller the better, for `spread`
 * the emptier. Google's best fit, version 3, on a scale of 18.
 */
export function fitScore({ cpu, memory }: FreeShares, algorithm: Algorithm): number {
  return rawFit(10 ** cpu + 10 ** memory, algorithm) / 18;
}

function rawFit(total: number, algorithm: Algorithm): number {
  const fit = algorithm === "binpack" ? 20 - total : total - 2;
  return Math.min(18, Math.max(0, fit));
}

/** The part that is left free; of what a node does not have, nothing is. */
export function freeShare(used: number, room: number): number {
  return room > 0 ? 1 - used / room : 0;
}

/** Copies of one group keep away from each other: `others` of `count` are on the node already. */
export function antiAffinityScore(others: number, count: number): number {
  return -(others + 1) / count;
}

/** For a node on which this copy, or one that it stands in for, has failed. */
export const reschedulePenalty = -1;

/** Of all affinities, by weight, the part that holds on the node. */
export function affinityScore(metWeight: number, totalWeight: number): number {
  return metWeight / totalWeight;
}

/** Twice as much per member as everything else can bring: a soft policy decides wherever it can. */
export function serverGroupScore(policy: "soft-affinity" | "soft-anti-affinity", members: number): number {
  return policy === "soft-affinity" ? 2 * members : 0 - 2 * members;
}

/** The less important those are that have to go, the better: a logistic curve around 2048. */
export function preemptionScore(priorities: readonly number[]): number {
  return logistic(netPriority(priorities));
}

export function logistic(netPriority: number): number {
  return 1 / (1 + Math.exp(0.0048 * (netPriority - 2048)));
}

function netPriority(priorities: readonly number[]): number {
  const highest = Math.max(...priorities);
  const sum = priorities.reduce((total, priority) => total + priority, 0);
  return highest > 0 ? highest + sum / highest : 0;
}
