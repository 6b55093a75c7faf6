/**
 * What follows from the changes of a transaction and is written with them: the counts of each job's
 * allocations, and each job's status.
 */
import { isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import { isActive } from "@fractus/core/deployment.ts";
import type { Job, JobStatus } from "@fractus/core/job.ts";
import { isTemplate } from "@fractus/core/job.ts";
import { countTransition, emptySummary, type GroupSummary } from "@fractus/scheduler/reconcile/versions.ts";
import type { Draft } from "./change.ts";
import type { JobSummary } from "./records.ts";
import { jobId, type State } from "./state.ts";

/** Adds to the draft what follows from it. */
export function consequences(draft: Draft): void {
  const touched = new Set<string>();
  const counts = new Map<string, Count>();
  for (const change of draft.changes()) {
    if (change.table === "allocations") countAllocation(draft, counts, change);
    else if (change.table === "jobs") {
      touched.add(change.id);
      if (change.value && draft.state.allocations.idsBy("job", change.id).size > 0)
        countOf(draft, counts, { project: change.value.job.project, jobId: change.value.job.id });
    } else if (change.table === "evaluations" || change.table === "deployments") {
      const one = change.value ?? draft.state[change.table].get(change.id);
      if (one) touched.add(jobId(one.project, one.jobId));
    }
  }
  for (const change of draft.changes()) {
    if (change.table === "evaluations" && change.value?.queued) countQueued(draft, counts, change.value);
  }
  for (const [key, { summary }] of counts) {
    touched.add(key);
    if (draft.get("jobs", key) && summary !== draft.get("summaries", key)) draft.put("summaries", summary);
  }
  for (const key of touched) settleStatus(draft, key, counts);
}

interface Count {
  summary: JobSummary;
}

function countOf(draft: Draft, counts: Map<string, Count>, one: { project: string; jobId: string }): Count {
  const key = jobId(one.project, one.jobId);
  let count = counts.get(key);
  if (!count) {
    counts.set(key, (count = { summary: draft.get("summaries", key) ?? recount(draft.state, one) }));
  }
  return count;
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

function countAllocation(
  draft: Draft,
  counts: Map<string, Count>,
  change: { readonly id: string; readonly value?: Allocation },
): void {
  const before = draft.state.allocations.get(change.id);
  const after = change.value;
  const one = after ?? before;
  if (!one) return;
  if (!draft.get("jobs", jobId(one.project, one.jobId))) return;
  const count = countOf(draft, counts, one);
  const { summary } = count;
  const live =
    Number(after !== undefined && !isTerminal(after)) - Number(before !== undefined && !isTerminal(before));
  const total = Number(before === undefined && after !== undefined);
  const group = summary.groups[one.group] ?? emptySummary;
  const counted = after ? countTransition(group, { from: before?.status, to: after.status }) : group;
  const groups = counted === group ? summary.groups : { ...summary.groups, [one.group]: counted };
  count.summary = { ...summary, groups, live: summary.live + live, total: summary.total + total };
}

function countQueued(
  draft: Draft,
  counts: Map<string, Count>,
  evaluation: { project: string; jobId: string; queued?: Readonly<Record<string, number>> },
): void {
  const count = countOf(draft, counts, evaluation);
  const groups = { ...count.summary.groups };
  for (const [name, queued] of Object.entries(evaluation.queued ?? {})) {
    groups[name] = { ...(groups[name] ?? emptySummary), queued };
  }
  count.summary = { ...count.summary, groups };
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
  const summary = counts.get(key)?.summary ?? draft.get("summaries", key);
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
  for (const change of draft.changes()) {
    if (change.table === table && change.value && jobId(change.value.project, change.value.jobId) === key)
      ids.add(change.id);
  }
  return [...ids].flatMap((id) => draft.get(table, id) ?? []);
}
