/** One job: what is known of it. After https://developer.hashicorp.com/nomad/api-docs/jobs. */
import { Refusal } from "@fractus/core/refusal.ts";
import { deregisterJob, jobOf } from "@fractus/control/commands/jobs.ts";
import { newestDeployment } from "@fractus/control/placement/evaluate-job.ts";
import type { JobRecord, Json } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";
import type { Entry } from "@fractus/control/state/table.ts";
import { diffJobs } from "@fractus/scheduler/reconcile/job-diff.ts";
import { evaluated } from "../answer.ts";
import type { Call } from "../call.ts";
import { plan } from "../job-plan.ts";
import { listed } from "../listing.ts";
import { read, remove, type Route, write } from "../route.ts";
import { deploymentShape } from "../shape/deployment.ts";
import { evaluationShape } from "../shape/evaluation.ts";
import { jobShape, submissionShape, summaryShape, versionShape } from "../shape/job.ts";
import { serviceShape } from "../shape/nouns.ts";
import { whyRunning } from "../why.ts";
import { listAllocations } from "./allocations.ts";
import { register } from "./jobs.ts";

export const jobRoutes: readonly Route[] = [
  read("/job/:id", jobChangedAt, (call) => jobShape(call.state, record(call))),
  write("/job/:id", register),
  remove("/job/:id", deregister),
  write("/job/:id/plan", plan),
  read("/job/:id/allocations", (call) => lastOf(call, "allocations"), allocations),
  read("/job/:id/evaluations", (call) => lastOf(call, "evaluations"), evaluations),
  read("/job/:id/deployments", (call) => lastOf(call, "deployments"), deployments),
  read("/job/:id/deployment", (call) => lastOf(call, "deployments"), newest),
  read("/job/:id/summary", summaryChangedAt, (call) => summaryShape(call.state, record(call).job)),
  read("/job/:id/versions", (call) => lastOf(call, "versions"), versions),
  read("/job/:id/services", (call) => lastOf(call, "services"), services),
  read("/job/:id/submission", jobChangedAt, submission),
  read("/job/:id/actions", jobChangedAt, actions),
  read("/job/:id/why", ({ state }) => state.index, why),
];

/** The job of the path in the namespace of the query. */
export function wishedJob(call: Call): { readonly project: string; readonly id: string } {
  return { project: call.namespace, id: call.path("id") };
}

export function keyOf(call: Call): string {
  return jobId(call.namespace, call.path("id"));
}

/** @throws Refusal not-found */
export function record(call: Call): JobRecord {
  return jobOf(call.state, wishedJob(call));
}

/** Of a job that is not there, the last change of any, so that one may wait for it. */
function jobChangedAt(call: Call): number {
  return call.state.jobs.entry(keyOf(call))?.modifiedIndex ?? call.state.jobs.modifiedIndex;
}

function summaryChangedAt(call: Call): number {
  const { state } = call;
  const own = state.summaries.entry(keyOf(call))?.modifiedIndex ?? 0;
  const children = state.jobs.by("parent", keyOf(call)).length > 0 ? state.jobs.modifiedIndex : 0;
  return Math.max(own, children) || jobChangedAt(call);
}

/** The last change of anything of that kind that belongs to the job; of none, of any. */
function lastOf(
  call: Call,
  table: "allocations" | "evaluations" | "deployments" | "versions" | "services",
): number {
  const rows: {
    idsBy(name: "job", key: string): ReadonlySet<string>;
    entry(id: string): Entry<unknown> | undefined;
    readonly modifiedIndex: number;
  } = call.state[table];
  let last = 0;
  for (const id of rows.idsBy("job", keyOf(call))) last = Math.max(last, rows.entry(id)!.modifiedIndex);
  return last || rows.modifiedIndex;
}

async function deregister(call: Call): Promise<Json> {
  const priority = call.number("eval_priority");
  const { evaluationId, index } = await deregisterJob(call.control, {
    ...wishedJob(call),
    purge: call.flag("purge"),
    ...(priority && { evaluationPriority: priority }),
  });
  return { ...evaluated(evaluationId, index), JobModifyIndex: index, VolumeEvalID: "", VolumeEvalIndex: 0 };
}

/** Those of an earlier job of the same name only with `all`. */
function allocations(call: Call): Json[] {
  const { state } = call;
  const job = state.jobs.get(keyOf(call))?.job;
  const isAll = call.flag("all") || !job;
  const rows = state.allocations.by("job", keyOf(call));
  return listAllocations(call, isAll ? rows : rows.filter((one) => one.specIndex >= job.createdIndex));
}

function evaluations(call: Call): Json[] {
  const { state } = call;
  return listed(call, {
    rows: state.evaluations.by("job", keyOf(call)),
    idOf: (one) => one.id,
    createdAt: (one) => -(state.evaluations.entry(one.id)?.createdIndex ?? 0),
    shape: (one) => evaluationShape(state, one),
  });
}

function deployments(call: Call): Json[] {
  const { state } = call;
  return listed(call, {
    rows: state.deployments.by("job", keyOf(call)),
    idOf: (one) => one.id,
    createdAt: (one) => -(state.deployments.entry(one.id)?.createdIndex ?? 0),
    shape: (one) => deploymentShape(state, one),
  });
}

function newest(call: Call): Json | null {
  const deployment = newestDeployment(call.state, keyOf(call));
  return deployment ? deploymentShape(call.state, deployment) : null;
}

function newestFirst(state: State, key: string): JobRecord[] {
  return state.versions.by("job", key).sort((a, b) => b.job.version - a.job.version);
}

/** All versions that are kept, newest first; with `diffs`, what each changed against the one before. */
function versions(call: Call): Json {
  const records = newestFirst(call.state, keyOf(call));
  if (records.length === 0) throw new Refusal("not-found", "job versions not found");
  const shapes = records.map((one) => versionShape(call.state, one));
  const base = baseVersion(call, records);
  const Diffs = call.flag("diffs")
    ? shapes.slice(0, -1).map((shape, at) => diffJobs(base ?? shapes[at + 1], shape))
    : null;
  return { Versions: shapes, Diffs };
}

/** The one version that all are to be compared with, if there is such a wish. */
function baseVersion(call: Call, records: readonly JobRecord[]): Json | undefined {
  const number = call.number("diff_version");
  const tag = call.query("diff_tag");
  if (number === undefined && !tag) return undefined;
  const found = records.find((one) => (tag ? one.tag?.name === tag : one.job.version === number));
  if (!found) throw new Refusal("not-found", `There is no version ${tag ?? number} of this job.`);
  return versionShape(call.state, found);
}

function services(call: Call): Json[] {
  const { state } = call;
  return listed(call, {
    rows: state.services.by("job", keyOf(call)),
    idOf: (one) => one.id,
    shape: (one) => serviceShape(state, one),
  });
}

function submission(call: Call): Json {
  const present = record(call);
  const version = call.number("version") ?? present.job.version;
  const kept = call.state.versions.get(`${keyOf(call)}\n${version}`);
  const shape = kept && submissionShape(kept);
  if (!shape) throw new Refusal("not-found", "job source not found");
  return shape;
}

/** Commands that the job file names, of all tasks. */
function actions(call: Call): Json[] {
  const groups = (record(call).definition.TaskGroups ?? []) as readonly Json[];
  return groups.flatMap((group) =>
    ((group.Tasks ?? []) as readonly Json[]).flatMap((task) =>
      ((task.Actions ?? []) as readonly Json[]).map((action) => ({
        Name: action.Name,
        TaskName: task.Name,
        TaskGroupName: group.Name,
      })),
    ),
  );
}

function why(call: Call): Json {
  const groups = whyRunning(call.control, record(call).job);
  return { Groups: groups.map(({ name, lines }) => ({ Name: name, Lines: lines })) };
}
