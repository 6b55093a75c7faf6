import type { Diagnostic } from "../diagnostic.ts";
import type { JsonObject } from "./json.ts";
import { objects } from "./normalise.ts";

/** The most groups and tasks that one job may have, together. */
export const partLimit = 10_000;

/** The most blocks in one job, whatever they are: a task with its config and resources is three. */
export const blockLimit = 50_000;

/** The most values in one job. */
export const valueLimit = 300_000;

/** What is said of a job with more in it than any cluster runs; undefined for all others. */
export function jobSizeFault(job: JsonObject): Diagnostic | undefined {
  const groups = objects(job, "TaskGroups");
  const parts = groups.reduce((sum, group) => sum + objects(group, "Tasks").length, groups.length);
  if (parts > partLimit) return fault(`A job may have ${partLimit} groups and tasks; this one has ${parts}.`);
  const { values, blocks } = countedIn(job);
  if (blocks > blockLimit) return fault(`A job may hold ${blockLimit} blocks; this one holds more.`);
  if (values > valueLimit) return fault(`A job may hold ${valueLimit} values; this one holds more.`);
  return undefined;
}

function fault(detail: string): Diagnostic {
  return { severity: "error", summary: "Job too large", detail, range: { start: 0, end: 1 } };
}

/** Stops counting where it is too many of either. */
function countedIn(job: JsonObject): { readonly values: number; readonly blocks: number } {
  let values = 0;
  let blocks = 0;
  const pending: unknown[] = [job];
  while (pending.length > 0 && values <= valueLimit && blocks <= blockLimit) {
    const value = pending.pop();
    values++;
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) blocks++;
    for (const inner of Object.values(value)) pending.push(inner);
  }
  return { values, blocks };
}
