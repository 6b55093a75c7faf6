import type { Evaluation, PlacementMetrics } from "@fractus/core/evaluation.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";
import { nanoseconds, timeOrNull } from "../units.ts";
import { metricShape } from "./metric.ts";

/** After https://developer.hashicorp.com/nomad/api-docs/evaluations. */
export function evaluationShape(
  state: State,
  one: Evaluation,
  options: { readonly hasRelated?: boolean } = {},
): Json {
  const entry = state.evaluations.entry(one.id);
  const job = state.jobs.get(jobId(one.project, one.jobId))?.job;
  return {
    ID: one.id,
    Namespace: one.project,
    Priority: one.priority,
    Type: one.type,
    TriggeredBy: one.cause,
    JobID: one.jobId,
    JobModifyIndex: job?.specIndex ?? 0,
    NodeID: one.nodeId ?? "",
    NodeModifyIndex: 0,
    DeploymentID: one.deploymentId ?? "",
    Status: one.status,
    StatusDescription: one.statusReason ?? "",
    Wait: 0,
    WaitUntil: timeOrNull(one.waitUntilMs),
    NextEval: one.nextId ?? "",
    PreviousEval: one.previousId ?? "",
    BlockedEval: one.blockedId ?? "",
    RelatedEvals: options.hasRelated ? relatedTo(state, one) : null,
    FailedTGAllocs: failedShape(one.failed, job?.pool ?? ""),
    PlanAnnotations: null,
    ClassEligibility: one.classes ?? null,
    EscapedComputedClass: one.escapesClasses ?? false,
    QuotaLimitReached: "",
    AnnotatePlan: false,
    QueuedAllocations: one.queued ?? null,
    LeaderACL: "",
    SnapshotIndex: entry?.modifiedIndex ?? 0,
    CreateIndex: entry?.createdIndex ?? 0,
    ModifyIndex: entry?.modifiedIndex ?? 0,
    CreateTime: nanoseconds(one.createdAtMs),
    ModifyTime: nanoseconds(one.modifiedAtMs),
  };
}

/** Metrics by group; null if every copy has its place. */
export function failedShape(
  failed: Readonly<Record<string, PlacementMetrics>> | undefined,
  pool: string,
): Json | null {
  const entries = Object.entries(failed ?? {});
  if (entries.length === 0) return null;
  return Object.fromEntries(entries.map(([name, metrics]) => [name, metricShape(metrics, pool)]));
}

/** The evaluations that this one leads to or came from, however far. */
function relatedTo(state: State, start: Evaluation): Json[] {
  const found = new Map<string, Evaluation>([[start.id, start]]);
  const open = [start];
  while (open.length > 0) {
    const { previousId, nextId, blockedId } = open.pop()!;
    for (const id of [previousId, nextId, blockedId]) {
      const other = id === undefined ? undefined : state.evaluations.get(id);
      if (!other || found.has(other.id)) continue;
      found.set(other.id, other);
      open.push(other);
    }
  }
  found.delete(start.id);
  return [...found.values()].map((one) => stub(state, one));
}

function stub(state: State, one: Evaluation): Json {
  const { PlanAnnotations: _, FailedTGAllocs: __, ...rest } = evaluationShape(state, one);
  return rest;
}
