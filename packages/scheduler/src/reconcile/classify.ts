/**
 * What the state of its node and its own make of an allocation. The first line that applies, wins.
 *
 *     was unknown, came back failed, still wanted         reconnecting
 *     stopped for good by a drain of a batch job          standing
 *     over and unwanted                                   over
 *     over, or unwanted                                   standing   (reschedule.ts looks at it)
 *     unknown for longer than `lost after`                lost
 *     on a node that does not answer: unknown             standing
 *         running, with `lost after`                      disconnecting
 *         else                                            lost
 *     to be moved away                                    migrating
 *     was unknown, and its node is back                   reconnecting
 *     on a node that is down: unknown, no substitute      standing
 *         running, no substitute                          disconnecting
 *         else                                            lost
 *     on a node that is gone                              lost
 *     else                                                standing
 */
import { isOver, isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import type { DisconnectPolicy } from "@fractus/core/job.ts";
import type { NodeCondition } from "./decision.ts";

export type Class = "standing" | "over" | "migrating" | "lost" | "disconnecting" | "reconnecting";

export function classify(
  allocation: Allocation,
  circumstances: {
    readonly node: NodeCondition | undefined;
    readonly policy: DisconnectPolicy | undefined;
    readonly nowMs: number;
  },
): Class {
  const { node, policy, nowMs } = circumstances;
  const wasUnknown = allocation.unknownSinceMs !== undefined && allocation.status !== "unknown";
  if (wasUnknown && allocation.status === "failed" && !isUnwanted(allocation)) return "reconnecting";
  if (isOver(allocation) && isUnwanted(allocation) && !endsForGood(allocation)) return "over";
  if (isTerminal(allocation)) return "standing";
  if (isExpired(allocation, policy, nowMs)) return "lost";
  if (node?.status === "disconnected") return whenCutOff(allocation, policy);
  if (node && node.status !== "down") {
    if (allocation.transition.migrate) return "migrating";
    return wasUnknown ? "reconnecting" : "standing";
  }
  if (node && policy?.replace === false) return whenCutOff(allocation, policy);
  return "lost";
}

/** A drain ended it, or it had already succeeded when it was stopped: nothing takes its place. */
export function endsForGood(allocation: Allocation): boolean {
  return allocation.transition.withoutReplacement === true || hasSucceeded(allocation);
}

function hasSucceeded(allocation: Allocation): boolean {
  const tasks = Object.values(allocation.tasks);
  const isWell = tasks.every((task) => task.status === "dead" && !task.failed && !task.wasKilled);
  return allocation.status === "complete" && tasks.length > 0 && isWell;
}

/** When an unknown allocation is given up; never, as long as it is not unknown or has no deadline. */
export function givenUpAtMs(
  allocation: Allocation,
  policy: DisconnectPolicy | undefined,
): number | undefined {
  if (allocation.status !== "unknown" || allocation.unknownSinceMs === undefined) return undefined;
  return policy?.lostAfterMs === undefined ? undefined : allocation.unknownSinceMs + policy.lostAfterMs;
}

function isExpired(allocation: Allocation, policy: DisconnectPolicy | undefined, nowMs: number): boolean {
  const atMs = givenUpAtMs(allocation, policy);
  return atMs !== undefined && atMs <= nowMs;
}

/** Its node does not answer; whether it is waited for. */
function whenCutOff(allocation: Allocation, policy: DisconnectPolicy | undefined): Class {
  if (allocation.status === "unknown") return "standing";
  if (allocation.status === "pending" || (policy?.lostAfterMs === undefined && policy?.replace !== false)) {
    return "lost";
  }
  return "disconnecting";
}
