/** Which jobs the list shows. */
import type { JobStub } from "@fractus/client/types/job.ts";
import { jobStanding } from "./status.ts";

export const statusFilters = ["all", "trouble", "running", "dead"] as const;
export type StatusFilter = (typeof statusFilters)[number];

/** What a job launched is shown with the others only if one looks for it by name. */
export function fits(
  job: JobStub,
  { text, status }: { readonly text: string; readonly status: StatusFilter },
): boolean {
  const wanted = text.trim().toLowerCase();
  const isNamed = job.ID.toLowerCase().includes(wanted) || job.Namespace.toLowerCase() === wanted;
  if (wanted === "" ? job.ParentID !== "" : !isNamed) return false;
  if (status === "all") return true;
  if (status === "trouble") return jobStanding(job).tone === "bad";
  return status === "dead" ? job.Status === "dead" : job.Status !== "dead";
}
