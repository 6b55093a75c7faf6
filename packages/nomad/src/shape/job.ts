/** Jobs as the API shows them: the definition that was sent, and what became of it. */
import { isTemplate, type Job } from "@fractus/core/job.ts";
import type { JobRecord, JobSummary, Json, VersionTag } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";
import { emptySummary, type GroupSummary } from "@fractus/scheduler/reconcile/versions.ts";
import { nanoseconds } from "../units.ts";

/** A present job. */
export function jobShape(state: State, record: JobRecord): Json {
  const key = jobId(record.job.project, record.job.id);
  const version = state.versions.get(`${key}\n${record.job.version}`);
  const modifiedIndex = state.jobs.entry(key)?.modifiedIndex ?? record.job.specIndex;
  return withServerFields(record, modifiedIndex, version?.tag);
}

/** A version of a job that is kept. */
export function versionShape(state: State, record: JobRecord): Json {
  const key = jobId(record.job.project, record.job.id);
  const entry = state.versions.entry(`${key}\n${record.job.version}`);
  return withServerFields(record, entry?.modifiedIndex ?? record.job.specIndex, record.tag);
}

/** @param modifiedIndex of its last change, of whatever kind */
export function withServerFields(record: JobRecord, modifiedIndex: number, tag?: VersionTag): Json {
  const { job, definition } = record;
  return {
    ...definition,
    Namespace: job.project,
    ID: job.id,
    Name: job.name,
    Meta: Object.keys(job.meta).length > 0 ? job.meta : null,
    Stop: job.stopped,
    ParentID: job.parentId ?? "",
    Dispatched: job.dispatched,
    DispatchIdempotencyToken: job.idempotencyToken ?? "",
    Payload: job.payloadBase64 ?? null,
    ConsulNamespace: "",
    VaultNamespace: "",
    NomadTokenID: "",
    Status: job.status,
    StatusDescription: "",
    Stable: job.stable,
    Version: job.version,
    SubmitTime: nanoseconds(job.submittedAtMs),
    CreateIndex: job.createdIndex,
    ModifyIndex: modifiedIndex,
    JobModifyIndex: job.specIndex,
    VersionTag: tag ? tagShape(tag) : null,
  };
}

function tagShape(tag: VersionTag): Json {
  return { Name: tag.name, Description: tag.description, TaggedTime: nanoseconds(tag.taggedAtMs) };
}

/** A job in a list. */
export function jobStub(state: State, { job }: JobRecord, options: { readonly hasMeta: boolean }): Json {
  const key = jobId(job.project, job.id);
  return {
    ID: job.id,
    ParentID: job.parentId ?? "",
    Name: job.name,
    Namespace: job.project,
    Datacenters: job.zones,
    NodePool: job.pool,
    Multiregion: null,
    Type: job.type,
    Priority: job.priority,
    Periodic: job.periodic !== undefined,
    ParameterizedJob: job.parameterized !== undefined && !job.dispatched,
    Stop: job.stopped,
    Status: job.status,
    StatusDescription: "",
    JobSummary: summaryShape(state, job),
    CreateIndex: job.createdIndex,
    ModifyIndex: state.jobs.entry(key)?.modifiedIndex ?? job.specIndex,
    JobModifyIndex: job.specIndex,
    SubmitTime: nanoseconds(job.submittedAtMs),
    Meta: options.hasMeta ? job.meta : null,
  };
}

/** The counts of a job's allocations, and of its launches if it is a template for them. */
export function summaryShape(state: State, job: Job): Json {
  const key = jobId(job.project, job.id);
  const entry = state.summaries.entry(key);
  const groups = isTemplate(job) ? {} : groupSummaries(job, entry?.value);
  const index = entry?.modifiedIndex ?? job.createdIndex;
  return {
    JobID: job.id,
    Namespace: job.project,
    Summary: groups,
    Children: isTemplate(job) ? childrenShape(state, key) : { Pending: 0, Running: 0, Dead: 0 },
    CreateIndex: job.createdIndex,
    ModifyIndex: index,
  };
}

function groupSummaries(job: Job, summary: JobSummary | undefined): Json {
  const names = new Set([...job.groups.map((group) => group.name), ...Object.keys(summary?.groups ?? {})]);
  return Object.fromEntries(
    [...names].map((name) => [name, groupSummary(summary?.groups[name] ?? emptySummary)]),
  );
}

function groupSummary(counts: GroupSummary): Json {
  return {
    Queued: counts.queued,
    Complete: counts.complete,
    Failed: counts.failed,
    Running: counts.running,
    Starting: counts.starting,
    Lost: counts.lost,
    Unknown: counts.unknown,
  };
}

function childrenShape(state: State, key: string): Json {
  const statuses = state.jobs.by("parent", key).map(({ job }) => job.status);
  const count = (status: Job["status"]) => statuses.filter((one) => one === status).length;
  return { Pending: count("pending"), Running: count("running"), Dead: count("dead") };
}

/** The text that a version was made from. */
export function submissionShape(record: JobRecord): Json | undefined {
  const { submission, job } = record;
  if (!submission) return undefined;
  return {
    Namespace: job.project,
    JobID: job.id,
    Version: job.version,
    Source: submission.source,
    Format: submission.format,
    Variables: submission.variables,
    VariableFlags: submission.variableFlags,
    JobModifyIndex: job.specIndex,
  };
}
