import type { DesiredUpdates } from "./decision.ts";
import type { JobDiff } from "./job-diff.ts";

/** The words under which a plan counts what will be done, in the order of the alphabet. */
const updateNames = {
  canary: "canary",
  place: "create",
  destructive: "create/destroy update",
  stop: "destroy",
  ignore: "ignore",
  inPlace: "in-place update",
  migrate: "migrate",
} as const satisfies Partial<Record<keyof DesiredUpdates, string>>;

/** The difference with, for each group, how many copies will be created, changed, left alone … */
export function annotatePlan(diff: JobDiff, desired: Readonly<Record<string, DesiredUpdates>>): JobDiff {
  const TaskGroups = diff.TaskGroups.map((group) => ({ ...group, Updates: updatesOf(desired[group.Name]) }));
  return { ...diff, TaskGroups };
}

/** What is not zero, by the name it is shown under. */
export function updatesOf(desired: DesiredUpdates | undefined): Readonly<Record<string, number>> | null {
  if (!desired) return null;
  const fields = Object.keys(updateNames) as (keyof typeof updateNames)[];
  const counted = fields.filter((field) => desired[field] > 0);
  return Object.fromEntries(counted.map((field) => [updateNames[field], desired[field]]));
}
