/**
 * What follows from the changes of a transaction and is written with them: the counts of each job's
 * allocations, and each job's status.
 */
import { isTerminal } from "@fractus/core/allocation.ts";
import { isActive } from "@fractus/core/deployment.ts";
import type { Job, JobStatus } from "@fractus/core/job.ts";
import { isTemplate } from "@fractus/core/job.ts";
import { countTransition, emptySummary, type GroupSummary } from "@fractus/scheduler/reconcile/versions.ts";
import type { ChangeOf, Draft } from "./change.ts";
import type { JobSummary } from "./records.ts";
import { jobId, type State } from "./state.ts";

/** Adds to the draft what follows from it. */
export function consequences(draft: Draft): void {
  const touched = new Set<string>();
  const counts = new Map<string, Count>();
  for (const change of draft.changesOf("allocations")) countAllocation(draft, counts, change);
  for (const { id, value } of draft.changesOf("jobs")) {
    touched.add(id);
    if (value && draft.state.allocations.idsBy("job", id).size > 0)
      countOf(draft, counts, { project: value.job.project, jobId: value.job.id });
  }
  for (const table of ["evaluations", "deployments"] as const) {
    for (const { id, value } of draft.changesOf(table)) {
      const one = value ?? draft.state[table].get(id);
      if (one) touched.add(jobId(one.project, one.jobId));
    }
  }
  for (const { value } of draft.changesOf("evaluations"))
    if (value?.queued) countQueued(draft, counts, value);
  for (const [key, count] of counts) {
    touched.add(key);
    if (draft.get("jobs", key) && count.isNew) draft.put("summaries", summaryOf(count));
  }
  for (const key of touched) settleStatus(draft, key, counts);
}

/** A summary that is being counted. */
interface Count {
  readonly of: Pick<JobSummary, "project" | "jobId">;
  readonly groups: Record<string, GroupSummary>;
  live: number;
  total: number;
  /** Whether it is other than what is stored. */
  isNew: boolean;
}

function countOf(draft: Draft, counts: Map<string, Count>, one: Count["of"]): Count {
  const key = jobId(one.project, one.jobId);
  const known = counts.get(key);
  if (known) return known;
  const stored = draft.get("summaries", key);
  const { project, jobId: id, groups, live, total } = stored ?? recount(draft.state, one);
  const count = { of: { project, jobId: id }, groups: { ...groups }, live, total, isNew: !stored };
  counts.set(key, count);
  return count;
}

function summaryOf({ of, groups, live, total }: Count): JobSummary {
  return { ...of, groups, live, total };
}

/** Copies of an earlier job of the same name may still be there when the job comes into being. */
function recount(state: State, { project, jobId: id }: { project: string; jobId: string }): JobSummary {
  const all = state.allocations.by("job", jobId(project, id));
  const groups: Record<string, GroupSummary> = {};
  for (const { group, status } of all)
    groups[group] = countTransition(groups[group] ?? emptySummary, { to: status });
  const live = all.filter((one) => !isTerminal(one)).length;
  return { project, jobId: id, groups, live, total: all.length };
}

function countAllocation(draft: Draft, counts: Map<string, Count>, change: ChangeOf<"allocations">): void {
  const before = draft.state.allocations.get(change.id);
  const after = change.value;
  const one = after ?? before;
  if (!one) return;
  if (!draft.get("jobs", jobId(one.project, one.jobId))) return;
  const count = countOf(draft, counts, one);
  if (before && !isTerminal(before)) count.live--;
  if (after && !isTerminal(after)) count.live++;
  if (!before) count.total++;
  if (after) {
    const group = count.groups[one.group] ?? emptySummary;
    count.groups[one.group] = countTransition(group, { from: before?.status, to: after.status });
  }
  count.isNew = true;
}

function countQueued(
  draft: Draft,
  counts: Map<string, Count>,
  evaluation: { project: string; jobId: string; queued?: Readonly<Record<string, number>> },
): void {
  const count = countOf(draft, counts, evaluation);
  for (const [name, queued] of Object.entries(evaluation.queued ?? {}))
    count.groups[name] = { ...(count.groups[name] ?? emptySummary), queued };
  count.isNew = true;
}

function settleStatus(draft: Draft, key: string, counts: ReadonlyMap<string, Count>): void {
  const record = draft.get("jobs", key);
  if (!record) return;
  const status = statusOf(draft, record.job, key, counts);
  if (status !== record.job.status) draft.put("jobs", { ...record, job: { ...record.job, status } });
}

/** The rule is that of `jobStatus` of the reconciler, on counts instead of lists. */
function statusOf(draft: Draft, job: Job, key: string, counts: ReadonlyMap<string, Count>): JobStatus {
  if (job.type === "system" || isTemplate(job)) return job.stopped ? "dead" : "running";
  const summary = counts.get(key) ?? draft.get("summaries", key);
  const known = knownOf(draft, key);
  if (known.hasActiveDeployment || (summary?.live ?? 0) > 0) return "running";
  if (known.hasOpenEvaluation) return "pending";
  const isUntouched = !known.hasEvaluation && (summary?.total ?? 0) === 0;
  return isUntouched && !job.stopped ? "pending" : "dead";
}

function knownOf(draft: Draft, key: string) {
  const evaluations = merged(draft, "evaluations", key);
  const deployments = merged(draft, "deployments", key);
  return {
    hasActiveDeployment: deployments.some(isActive),
    hasOpenEvaluation: evaluations.some(({ status }) => status === "pending" || status === "blocked"),
    hasEvaluation: evaluations.length > 0,
  };
}

/** The job's rows as they will be. */
function merged<Name extends "evaluations" | "deployments">(draft: Draft, table: Name, key: string) {
  const ids = new Set(draft.state[table].idsBy("job", key));
  for (const { id, value } of draft.changesOf(table))
    if (value && jobId(value.project, value.jobId) === key) ids.add(id);
  return [...ids].flatMap((id) => draft.get(table, id) ?? []);
}
