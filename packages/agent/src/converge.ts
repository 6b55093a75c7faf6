/**
 * What an agent does about the difference between what its node is to have and what it has. Pure: one list goes
 * in, steps come out. Done twice, the second time has nothing to do.
 */
import { isFinal } from "@fractus/core/transitions.ts";
import { instanceTransitions, isUnwanted } from "@fractus/core/allocation.ts";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Assignment } from "./control-link.ts";

/** An allocation that the node has to do with already. */
export interface KnownRun {
  readonly allocation: Allocation;
  readonly isOver: boolean;
}

export type Step =
  | { readonly do: "begin"; readonly assignment: Assignment }
  /** It has to wait until these are over: it takes their place. */
  | { readonly do: "hold"; readonly assignment: Assignment; readonly until: readonly string[] }
  | { readonly do: "update"; readonly assignment: Assignment }
  /** It never ran here and is not to: control hears that it is over. */
  | { readonly do: "decline"; readonly assignment: Assignment }
  /** Nobody knows it any more: its tasks end at once, and nothing is kept. */
  | { readonly do: "remove"; readonly allocationId: string };

/**
 * Steps in the order in which they are to be taken: what ends comes before what begins.
 *
 * A new allocation is held back as long as one that is to end has its place: the one that it replaces on this node,
 * one that was evicted for it, or one that has a port of its own.
 */
export function converge(wanted: readonly Assignment[], known: readonly KnownRun[]): Step[] {
  const knownIds = new Set(known.map(({ allocation }) => allocation.id));
  const wantedById = new Map(wanted.map((assignment) => [assignment.allocation.id, assignment]));
  const leaving = known.filter(
    ({ allocation, isOver }) => !isOver && isUnwanted(wantedById.get(allocation.id)?.allocation ?? gone),
  );
  const removals = known
    .filter(({ allocation }) => !wantedById.has(allocation.id))
    .map(({ allocation }): Step => ({ do: "remove", allocationId: allocation.id }));
  const updates = wanted
    .filter(({ allocation }) => knownIds.has(allocation.id))
    .map((assignment): Step => ({ do: "update", assignment }));
  const beginnings = wanted
    .filter(({ allocation }) => !knownIds.has(allocation.id))
    .flatMap((assignment) => stepFor(assignment, leaving));
  return [...removals, ...updates, ...beginnings];
}

const gone = { desired: "stop" } as const;

function stepFor(assignment: Assignment, leaving: readonly KnownRun[]): Step[] {
  const { allocation } = assignment;
  if (isFinal(instanceTransitions, allocation.status)) return [];
  if (isUnwanted(allocation)) return [{ do: "decline", assignment }];
  const until = leaving
    .filter((run) => hasPlaceOf(run.allocation, allocation))
    .map((run) => run.allocation.id);
  return [until.length > 0 ? { do: "hold", assignment, until } : { do: "begin", assignment }];
}

function hasPlaceOf(leaving: Allocation, next: Allocation): boolean {
  return (
    leaving.id === next.previousId ||
    leaving.preemptedBy === next.id ||
    leaving.grant.ports.some((port) =>
      next.grant.ports.some((other) => other.port === port.port && other.address === port.address),
    )
  );
}
