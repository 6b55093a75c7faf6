import { isOver, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { groupOf } from "@fractus/core/job.ts";
import type { GroupCase } from "./copies.ts";
import { destructiveChanges } from "./tasks-updated.ts";

/** Copies, by how far they are from what is wanted now. */
export interface SpecChanges {
  readonly unchanged: readonly Allocation[];
  /** As they become. */
  readonly inPlace: readonly Allocation[];
  /** As they are: they need to be replaced. */
  readonly destructive: readonly Allocation[];
}

/**
 * Compares copies with the job's present specification. Copies that are away stay as they are;
 * those that failed for good get a new chance when what they were made from has changed.
 */
export function changesOf(
  subject: Pick<GroupCase, "input" | "job" | "group">,
  copies: readonly Allocation[],
): SpecChanges {
  const { job, group, input } = subject;
  const isDestructive = destructiveVersions(subject);
  const unchanged: Allocation[] = [];
  const inPlace: Allocation[] = [];
  const destructive: Allocation[] = [];
  for (const copy of copies) {
    const isOutdated = copy.specIndex !== job.specIndex && !isUnwanted(copy) && copy.status !== "unknown";
    if (!isOutdated) unchanged.push(copy);
    else if (isDestructive(copy.jobVersion)) destructive.push(copy);
    else if (isOver(copy)) unchanged.push(copy);
    else if (input.mayStay && !input.mayStay(copy, group)) destructive.push(copy);
    else inPlace.push({ ...copy, jobVersion: job.version, specIndex: job.specIndex });
  }
  return { unchanged, inPlace, destructive };
}

/** Whether a version differs so that its copies need to be replaced; compared once for each version. */
function destructiveVersions({ job, group, input }: Pick<GroupCase, "input" | "job" | "group">) {
  const known = new Map<number, boolean>();
  return (version: number): boolean => {
    const answer = known.get(version) ?? differs(version);
    known.set(version, answer);
    return answer;
  };

  function differs(version: number): boolean {
    const before = input.versions.get(version);
    const earlier = before && groupOf(before, group.name);
    if (!before || !earlier) return true;
    return destructiveChanges({ job: before, group: earlier }, { job, group }).length > 0;
  }
}
