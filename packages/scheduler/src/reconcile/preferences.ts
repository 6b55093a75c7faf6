/**
 * When a new version of a service prefers other nodes, its running copies are looked at once more.
 *
 * An affinity or a spread can be read anew in place, but then it would say nothing about the copies
 * that run. So a copy whose node is clearly beaten under the new preferences is replaced, in the steps
 * of its group's update; all others stay where they are. It is asked only of copies that are of an
 * earlier version, and whoever was replaced or stayed is of the present one: nothing moves twice.
 * Groups that want canaries keep their copies, because there would be nothing to try out.
 */
import type { Allocation } from "@fractus/core/allocation.ts";
import { groupOf, type Group, type Job } from "@fractus/core/job.ts";
import type { SpecChanges } from "./changes.ts";
import type { GroupCase } from "./copies.ts";
import type { Stop } from "./decision.ts";
import { same } from "./same.ts";

/** The changes, with those copies to be replaced whose nodes are clearly beaten now. */
export function withMoves(subject: GroupCase, changes: SpecChanges, stops: readonly Stop[]): SpecChanges {
  const { input, job, group, allocations } = subject;
  if (!input.outranked || job.type !== "service" || (group.update?.canaries ?? 0) > 0) return changes;
  const before = new Map(allocations.map((one) => [one.id, one]));
  const asked = changes.inPlace.flatMap(({ id }) => {
    const copy = before.get(id);
    return copy && prefersOtherwise(subject, copy) ? [copy] : [];
  });
  if (asked.length === 0) return changes;
  const leaving = stops.map(({ allocation }) => allocation);
  const beaten = input.outranked({ copies: asked, leaving, group });
  return {
    ...changes,
    inPlace: changes.inPlace.filter(({ id }) => !beaten.has(id)),
    destructive: [...changes.destructive, ...asked.filter(({ id }) => beaten.has(id))],
  };
}

function prefersOtherwise({ input, job, group }: GroupCase, copy: Allocation): boolean {
  const before = input.versions.get(copy.jobVersion);
  const earlier = before && groupOf(before, group.name);
  return (
    before !== undefined &&
    earlier !== undefined &&
    !same(preferences(before, earlier), preferences(job, group))
  );
}

function preferences(job: Job, group: Group): unknown {
  return {
    affinities: [...job.affinities, ...group.affinities, ...group.tasks.flatMap((task) => task.affinities)],
    spreads: [...group.spreads, ...job.spreads],
  };
}
