/** One look at a job on the present state, as a transaction or to see what would happen. */
import type { Evaluation } from "@fractus/core/evaluation.ts";
import type { Job } from "@fractus/core/job.ts";
import { evaluate, type Evaluated } from "@fractus/scheduler/evaluate.ts";
import { commit } from "@fractus/scheduler/plan.ts";
import { newEvaluation } from "../commands/new-evaluation.ts";
import type { Context } from "../context.ts";
import type { Draft } from "../state/change.ts";
import { jobId, settingsOf, type State } from "../state/state.ts";
import { newIdFrom } from "./new-id.ts";
import { sharePartsOf } from "./share-parts.ts";

/** The newest deployment of a job, whatever its status. */
export function newestDeployment(state: State, key: string) {
  return state.deployments
    .by("job", key)
    .reduce<ReturnType<State["deployments"]["get"]>>(
      (newest, one) => (newest && isNewer(state, newest.id, one.id) ? newest : one),
      undefined,
    );
}

function isNewer(state: State, a: string, b: string): boolean {
  return state.deployments.entry(a)!.createdIndex > state.deployments.entry(b)!.createdIndex;
}

/**
 * What an evaluation of the job comes to now; nothing is changed.
 *
 * @param job in place of the one that is stored, to see what would happen
 */
export function lookAt(context: Context, evaluation: Evaluation, job?: Job): Evaluated {
  const { state, mirror, clock, dice } = context;
  const key = jobId(evaluation.project, evaluation.jobId);
  const settings = settingsOf(state);
  const present = job ?? state.jobs.get(key)?.job;
  const versions = new Map(state.versions.by("job", key).map((record) => [record.job.version, record.job]));
  if (present) versions.set(present.version, present);
  return evaluate({
    evaluation,
    job: present,
    versions,
    allocations: state.allocations.by("job", key),
    deployment: newestDeployment(state, key),
    cluster: mirror.cluster,
    nowMs: clock.nowMs(),
    newId: () => newIdFrom(dice),
    algorithm: settings.algorithm,
    mayEvict: settings.preemption[present?.type ?? "service"],
  });
}

/** Looks at the job and writes down what is to be done. The state has not changed since it was read, so all of the plan holds. */
export function carryOutEvaluation(context: Context, draft: Draft, evaluation: Evaluation): Evaluated {
  const found = lookAt(context, evaluation);
  let isWhole = false;
  context.mirror.cluster.attempt(() => {
    isWhole = commit(context.mirror.cluster, found.plan).rejected.length === 0;
    return false;
  });
  if (!isWhole)
    throw new Error(`The plan of evaluation ${evaluation.id} does not hold on the state it was made from.`);
  writePlan(draft, found);
  draft.put("evaluations", found.evaluation);
  if (found.blocked) draft.put("evaluations", found.blocked);
  preempt(context, draft, found);
  return found;
}

function writePlan(draft: Draft, { changes }: Evaluated): void {
  for (const allocation of sharePartsOf(changes.allocations)) draft.put("allocations", allocation);
  for (const deployment of changes.deployments) draft.put("deployments", deployment);
  for (const evaluation of changes.evaluations) draft.put("evaluations", evaluation);
  const { stableVersion } = changes;
  const { project, jobId: id } = changes.deployments[0] ?? {};
  if (stableVersion !== undefined && project !== undefined && id !== undefined) {
    markStable(draft, jobId(project, id), { version: stableVersion, isStable: true });
  }
}

/** Says of a version that it turned out well, or that it did not. */
export function markStable(
  draft: Draft,
  key: string,
  mark: { readonly version: number; readonly isStable: boolean },
): void {
  const version = draft.get("versions", `${key}\n${mark.version}`);
  if (version) draft.put("versions", { ...version, job: { ...version.job, stable: mark.isStable } });
  const present = draft.get("jobs", key);
  if (present?.job.version === mark.version) {
    draft.put("jobs", { ...present, job: { ...present.job, stable: mark.isStable } });
  }
}

/** Whoever has to make room is stopped, and their jobs are looked at. */
function preempt(context: Context, draft: Draft, { evicted, evaluation }: Evaluated): void {
  const nowMs = context.clock.nowMs();
  const jobs = new Set<string>();
  for (const { instanceId, byId } of evicted) {
    const victim = draft.get("allocations", instanceId);
    if (!victim) continue;
    const desiredReason = `Preempted by alloc ID ${byId}`;
    draft.put("allocations", {
      ...victim,
      desired: "evict",
      desiredReason,
      preemptedBy: byId,
      modifiedAtMs: nowMs,
    });
    jobs.add(jobId(victim.project, victim.jobId));
  }
  for (const key of jobs) {
    const job = draft.get("jobs", key)?.job;
    if (!job) continue;
    draft.put("evaluations", newEvaluation(context, job, "preemption", { previousId: evaluation.id }));
  }
}
