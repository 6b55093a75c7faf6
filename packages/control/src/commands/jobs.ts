/** Commands about jobs: each writes down what is wanted; the evaluation it leaves behind does the rest. */
import { instanceTransitions } from "@fractus/core/allocation.ts";
import { isDeepStrictEqual } from "node:util";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import { groupOf, isTemplate, type Job } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { isFinal } from "@fractus/core/transitions.ts";
import type { Evaluated } from "@fractus/scheduler/evaluate.ts";
import { dispatch } from "@fractus/scheduler/reconcile/dispatch.ts";
import { launch, nextLaunchMs, periodicChildId } from "@fractus/scheduler/reconcile/periodic.ts";
import { keptVersions, register, revert } from "@fractus/scheduler/reconcile/versions.ts";
import type { Context } from "../context.ts";
import { lookAt, markStable } from "../placement/evaluate-job.ts";
import { newIdFrom } from "../placement/new-id.ts";
import type { Draft } from "../state/change.ts";
import type { JobRecord, Json, Submission } from "../state/records.ts";
import { jobId, settingsOf, type State } from "../state/state.ts";
import { newEvaluation } from "./new-evaluation.ts";
import { refuseBeyondQuota } from "./quota.ts";

export interface Registration {
  /** Its version, indexes and status are of no account. */
  readonly job: Job;
  /** The door's own form of it. */
  readonly definition: Json;
  readonly submission?: Submission;
  /** Only if the job's `specIndex` is this; 0: only if there is no such job. */
  readonly enforceIndex?: number;
  readonly evaluationPriority?: number;
  /** Counts of groups that are there already stay as they are. */
  readonly preservesCounts?: boolean;
  readonly cause?: "job-register" | "job-scaling";
}

export interface Registered {
  /** Absent for a job that is only a template. */
  readonly evaluationId?: string;
  readonly index: number;
  /** The job as it is stored now. */
  readonly job: Job;
}

/**
 * Makes a job what is given, or begins it. What is asked for stays the same: no new version, but it
 * is looked at again.
 *
 * @throws Refusal not-found for a project that is not there; conflict when `enforceIndex` does not
 *   hold; invalid for a change of the job's kind; forbidden while jobs are turned away; exhausted beyond
 *   the project's quota
 */
export function registerJob(context: Context, wish: Registration): Promise<Registered> {
  return context.ledger.transact("job-register", (draft) => {
    refuseWhileRejecting(draft.state);
    return writeJob(context, draft, wish);
  });
}

/** The same within a transaction. */
export function writeJob(context: Context, draft: Draft, wish: Registration): Registered {
  const { state } = context;
  const { project } = wish.job;
  const key = jobId(project, wish.job.id);
  if (!state.projects.get(project)) throw new Refusal("not-found", `There is no namespace "${project}".`);
  const known = draft.get("jobs", key);
  enforceIndex(known, wish.enforceIndex);
  const kept = wish.preservesCounts && known ? withCounts(wish, known.job) : wish;
  const nowMs = context.clock.nowMs();
  const registered = registeredJob(known, kept, { index: draft.index, nowMs });
  const job = known ? registered : { ...registered, version: firstVersion(state, key) };
  const isNew = job !== known?.job;
  if (isNew) {
    refuseBeyondQuota(draft, { ...job, status: "pending" });
    writeVersion(draft, {
      job,
      definition: kept.definition,
      ...(wish.submission && { submission: wish.submission }),
    });
  }
  if (isTemplate(job)) return { index: isNew ? draft.index : state.index, job };
  const priority = wish.evaluationPriority ?? job.priority;
  const evaluation = newEvaluation(context, job, wish.cause ?? "job-register", { priority });
  draft.put("evaluations", evaluation);
  return { evaluationId: evaluation.id, index: draft.index, job };
}

/** What is wanted already goes on: launches by the clock, and ways back from deployments that failed. */
function refuseWhileRejecting(state: State): void {
  if (settingsOf(state).rejectsJobs)
    throw new Refusal("forbidden", "The cloud takes no jobs now: job registration is switched off.");
}

/** Copies that are left over from a job of the same name that was forgotten keep their versions for themselves. */
function firstVersion(state: State, key: string): number {
  const leftOver = state.versions.by("job", key).map(({ job }) => job.version);
  return leftOver.reduce((next, version) => Math.max(next, version + 1), 0);
}

/** What the door keeps beyond what the cloud acts on makes a new version as well: a client gets back what it sent. */
function registeredJob(
  known: JobRecord | undefined,
  { job, definition }: Pick<Registration, "job" | "definition">,
  write: { readonly index: number; readonly nowMs: number },
): Job {
  const registered = register(known?.job, job, write);
  if (!known || registered !== known.job || isDeepStrictEqual(known.definition, definition))
    return registered;
  const { index: specIndex, nowMs: submittedAtMs } = write;
  return { ...registered, version: registered.version + 1, specIndex, submittedAtMs, stable: false };
}

function enforceIndex(known: JobRecord | undefined, wanted: number | undefined): void {
  if (wanted === undefined) return;
  if (wanted === 0 && known)
    throw new Refusal("conflict", "Enforcing job modify index 0: job already exists");
  if (wanted > 0 && known?.job.specIndex !== wanted) {
    const found = known
      ? `the job exists with conflicting job modify index: ${known.job.specIndex}`
      : "job does not exist";
    throw new Refusal("conflict", `Enforcing job modify index ${wanted}: ${found}`);
  }
}

function withCounts(wish: Registration, known: Job): Registration {
  const countOf = (name: string) => groupOf(known, name)?.count;
  const groups = wish.job.groups.map((group) => ({ ...group, count: countOf(group.name) ?? group.count }));
  return {
    ...wish,
    job: { ...wish.job, groups },
    definition: definitionWithCounts(wish.definition, countOf),
  };
}

/** The door's form holds the groups as `TaskGroups`, each with its `Name` and `Count`. */
function definitionWithCounts(definition: Json, countOf: (name: string) => number | undefined): Json {
  const groups = definition.TaskGroups;
  if (!Array.isArray(groups)) return definition;
  const TaskGroups = (groups as Json[]).map((group) => {
    const count = countOf(String(group.Name));
    return count === undefined ? group : { ...group, Count: count };
  });
  return { ...definition, TaskGroups };
}

function writeVersion(draft: Draft, record: JobRecord): void {
  const key = jobId(record.job.project, record.job.id);
  draft.put("jobs", record);
  draft.put("versions", record);
  const versions = draft.state.versions.by("job", key);
  const kept = new Set(
    keptVersions([...versions.map((one) => one.job), record.job]).map((job) => job.version),
  );
  for (const one of versions) {
    const isNeeded =
      kept.has(one.job.version) || one.tag !== undefined || isInUse(draft.state, key, one.job.version);
    if (!isNeeded) draft.remove("versions", `${key}\n${one.job.version}`);
  }
}

/** Copies are judged by what they were made from for as long as they are there. */
function isInUse(state: State, key: string, version: number): boolean {
  for (const id of state.allocations.idsBy("job", key)) {
    if (state.allocations.get(id)!.jobVersion === version) return true;
  }
  return false;
}

/**
 * Stops a job, or forgets it with all its versions as well. A job that is forgotten leaves its
 * allocations behind until they have ended.
 *
 * @throws Refusal not-found
 */
export function deregisterJob(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly purge: boolean;
    readonly evaluationPriority?: number;
  },
): Promise<{ readonly evaluationId: string; readonly index: number }> {
  return context.ledger.transact("job-deregister", (draft) => {
    const key = jobId(wish.project, wish.id);
    const record = jobOf(draft.state, wish);
    const launches = draft.state.jobs.by("parent", key).filter(({ job }) => !job.stopped);
    for (const child of wish.purge || isTemplate(record.job) ? launches : []) stopOne(context, draft, child);
    const evaluation = stopOne(context, draft, record, wish.evaluationPriority);
    if (wish.purge) purge(draft, key);
    return { evaluationId: evaluation.id, index: draft.index };
  });
}

function stopOne(
  context: Context,
  draft: Draft,
  record: JobRecord,
  priority = record.job.priority,
): Evaluation {
  if (!record.job.stopped) {
    const job = { ...record.job, stopped: true, version: record.job.version + 1, specIndex: draft.index };
    writeVersion(draft, { ...record, job });
  }
  const evaluation = newEvaluation(context, record.job, "job-deregister", { priority });
  draft.put("evaluations", evaluation);
  return evaluation;
}

function purge(draft: Draft, key: string): void {
  draft.remove("jobs", key);
  draft.remove("summaries", key);
  draft.remove("launches", key);
  forgetVersions(draft, key);
  for (const id of draft.state.deployments.idsBy("job", key)) draft.remove("deployments", id);
}

/** Their nodes must know what the copies were made from until these have ended for good; `collect` takes the rest. */
function forgetVersions(draft: Draft, key: string): void {
  const needed = new Set<number>();
  for (const one of draft.state.allocations.by("job", key))
    if (!isFinal(instanceTransitions, one.status)) needed.add(one.jobVersion);
  const written = draft.changes().filter(({ table }) => table === "versions");
  for (const id of new Set([...draft.state.versions.idsBy("job", key), ...written.map((one) => one.id)])) {
    const record = draft.get("versions", id);
    if (!record || jobId(record.job.project, record.job.id) !== key) continue;
    const { tag: _, ...rest } = record;
    if (needed.has(record.job.version))
      draft.put("versions", { ...rest, job: { ...record.job, stable: false } });
    else draft.remove("versions", id);
  }
}

/** Asks for a look at the job. @throws Refusal not-found, invalid for a template */
export function evaluateJob(
  context: Context,
  wish: { readonly project: string; readonly id: string; readonly forceReschedule?: boolean },
): Promise<{ readonly evaluationId: string; readonly index: number }> {
  return context.ledger.transact("evaluation", (draft) => {
    const { job } = jobOf(draft.state, wish);
    if (isTemplate(job))
      throw new Refusal("invalid", `Can't evaluate ${job.periodic ? "periodic" : "parameterized"} job`);
    if (wish.forceReschedule) forceReschedule(draft, jobId(wish.project, wish.id));
    const evaluation = newEvaluation(context, job, "job-register");
    draft.put("evaluations", evaluation);
    return { evaluationId: evaluation.id, index: draft.index };
  });
}

function forceReschedule(draft: Draft, key: string): void {
  for (const one of draft.state.allocations.by("job", key)) {
    if (one.status !== "failed" || one.nextId !== undefined) continue;
    draft.put("allocations", { ...one, transition: { ...one.transition, forceReschedule: true } });
  }
}

/** What would become of the job if it were registered so, without anything being changed. */
export function planJob(
  context: Context,
  wish: Registration,
): {
  readonly evaluated: Evaluated;
  readonly known?: JobRecord;
  readonly job: Job;
  readonly nextLaunchMs?: number;
} {
  const { state, clock } = context;
  const known = state.jobs.get(jobId(wish.job.project, wish.job.id));
  if (!state.projects.get(wish.job.project))
    throw new Refusal("not-found", `There is no namespace "${wish.job.project}".`);
  const kept = wish.preservesCounts && known ? withCounts(wish, known.job) : wish;
  const job = registeredJob(known, kept, { index: state.index + 1, nowMs: clock.nowMs() });
  const evaluation = newEvaluation(context, job, "job-register");
  const evaluated = lookAt(context, evaluation, job);
  const nextMs = job.periodic && nextLaunchMs(job.periodic, clock.nowMs());
  return { evaluated, job, ...(known && { known }), ...(nextMs !== undefined && { nextLaunchMs: nextMs }) };
}

/** Launches a parameterized job. @throws Refusal not-found; invalid for what does not fit */
export function dispatchJob(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly payloadBase64?: string;
    readonly meta: Readonly<Record<string, string>>;
    readonly idPrefix?: string;
    readonly idempotencyToken?: string;
  },
): Promise<{
  readonly childId: string;
  readonly evaluationId: string;
  readonly index: number;
  readonly job: Job;
}> {
  return context.ledger.transact("job-register", (draft) => {
    refuseWhileRejecting(draft.state);
    const record = jobOf(draft.state, wish);
    const siblings = wish.idempotencyToken === undefined ? [] : childrenOf(draft.state, wish);
    const suffix = newIdFrom(context.dice).slice(0, 8);
    const { child, isNew } = dispatch(
      record.job,
      { ...wish, nowMs: context.clock.nowMs(), suffix },
      siblings,
    );
    if (!isNew) return { childId: child.id, evaluationId: "", index: context.state.index, job: child };
    const definition = {
      ...record.definition,
      ID: child.id,
      Name: child.name,
      ParentID: record.job.id,
      Dispatched: true,
      Payload: child.payloadBase64 ?? null,
      Meta: child.meta,
    };
    const { evaluationId = "" } = writeJob(context, draft, { job: child, definition });
    return { childId: child.id, evaluationId, index: draft.index, job: child };
  });
}

/** Launches a periodic job now. @throws Refusal not-found; invalid if it is not periodic */
export function forcePeriodic(
  context: Context,
  wish: { readonly project: string; readonly id: string },
): Promise<{ readonly childId: string; readonly evaluationId: string; readonly index: number }> {
  return context.ledger.transact("job-register", (draft) => {
    const record = jobOf(draft.state, wish);
    if (!record.job.periodic)
      throw new Refusal("invalid", `Can't force launch non-periodic job "${record.job.id}".`);
    if (record.job.stopped)
      throw new Refusal("invalid", `Can't force launch stopped job "${record.job.id}".`);
    return launchPeriodic(context, draft, record, { atMs: context.clock.nowMs(), ignoresOverlap: true })!;
  });
}

/** Launches a periodic job within a transaction; nothing if it may not overlap and one still runs. */
export function launchPeriodic(
  context: Context,
  draft: Draft,
  record: JobRecord,
  due: { readonly atMs: number; readonly ignoresOverlap?: boolean },
): { readonly childId: string; readonly evaluationId: string; readonly index: number } | undefined {
  const { project, id } = record.job;
  draft.put("launches", { project, jobId: id, atMs: due.atMs });
  const children = due.ignoresOverlap ? [] : childrenOf(draft.state, { project, id });
  const child = launch(record.job, { atMs: due.atMs, children });
  if (!child) return undefined;
  const definition = { ...record.definition, ID: child.id, Name: child.name, ParentID: id, Periodic: null };
  const { evaluationId = "" } = writeJob(context, draft, { job: child, definition });
  return { childId: periodicChildId(id, due.atMs), evaluationId, index: draft.index };
}

function childrenOf(state: State, parent: { readonly project: string; readonly id: string }): Job[] {
  return state.jobs.by("parent", jobId(parent.project, parent.id)).map(({ job }) => job);
}

/** Goes back to an earlier version, which makes a new one. @throws Refusal not-found, conflict */
export function revertJob(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly version: number;
    readonly priorVersion?: number;
  },
): Promise<Registered> {
  return context.ledger.transact("job-register", (draft) => {
    refuseWhileRejecting(draft.state);
    return writeRevert(context, draft, wish);
  });
}

/** The same within a transaction. */
export function writeRevert(
  context: Context,
  draft: Draft,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly version: number;
    readonly priorVersion?: number;
  },
): Registered {
  jobOf(draft.state, wish);
  const key = jobId(wish.project, wish.id);
  const records = draft.state.versions.by("job", key);
  const job = revert(
    records.map((record) => record.job),
    wish,
  );
  const record = records.find((one) => one.job.version === wish.version)!;
  const { submission, definition } = record;
  return writeJob(context, draft, { job, definition, ...(submission && { submission }) });
}

/** @throws Refusal not-found */
export function setJobStability(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly version: number;
    readonly isStable: boolean;
  },
): Promise<number> {
  return context.ledger.transact("job-status", (draft) => {
    const key = jobId(wish.project, wish.id);
    if (!draft.get("versions", `${key}\n${wish.version}`)) {
      throw new Refusal("not-found", `Job "${wish.id}" at version ${wish.version} could not be found.`);
    }
    markStable(draft, key, wish);
    return draft.index;
  });
}

/** Gives a version a name, so that it is kept, or takes the name away. @throws Refusal not-found, conflict */
export function tagVersion(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly name: string;
    readonly version?: number;
    readonly description: string;
    readonly isRemoved: boolean;
  },
): Promise<number> {
  return context.ledger.transact("job-status", (draft) => {
    const { job } = jobOf(draft.state, wish);
    const versions = draft.state.versions.by("job", jobId(wish.project, wish.id));
    const holder = versions.find((one) => one.tag?.name === wish.name);
    if (wish.isRemoved) {
      if (!holder) throw new Refusal("not-found", `tag "${wish.name}" not found on job "${wish.id}"`);
      const { tag: _, ...rest } = holder;
      draft.put("versions", rest);
      return draft.index;
    }
    const wanted = wish.version ?? job.version;
    const target = versions.find((one) => one.job.version === wanted);
    if (!target) throw new Refusal("not-found", `Job "${wish.id}" at version ${wanted} could not be found.`);
    if (holder && holder !== target)
      throw new Refusal(
        "conflict",
        `tag "${wish.name}" already exists on a different version of job "${wish.id}"`,
      );
    const { name, description } = wish;
    draft.put("versions", { ...target, tag: { name, description, taggedAtMs: context.clock.nowMs() } });
    return draft.index;
  });
}

/** @throws Refusal not-found for the job or group; invalid for a count that is none */
export function scaleJob(
  context: Context,
  wish: {
    readonly project: string;
    readonly id: string;
    readonly group: string;
    readonly count: number;
    readonly enforceIndex?: number;
  },
): Promise<Registered> {
  return context.ledger.transact("job-register", (draft) => {
    refuseWhileRejecting(draft.state);
    const record = jobOf(draft.state, wish);
    const group = groupOf(record.job, wish.group);
    if (!group)
      throw new Refusal("not-found", `Task group "${wish.group}" does not exist in job "${wish.id}".`);
    if (!Number.isSafeInteger(wish.count) || wish.count < 0)
      throw new Refusal("invalid", "The count is a whole number, at least 0.");
    if (record.job.type === "system" || record.job.type === "sysbatch")
      throw new Refusal("invalid", `Cannot scale a job of type "${record.job.type}".`);
    const groups = record.job.groups.map((one) => (one === group ? { ...one, count: wish.count } : one));
    const definition = definitionWithCounts(record.definition, (name) =>
      name === wish.group ? wish.count : undefined,
    );
    const { submission, enforceIndex: index } = {
      submission: record.submission,
      enforceIndex: wish.enforceIndex,
    };
    return writeJob(context, draft, {
      job: { ...record.job, groups },
      definition,
      cause: "job-scaling",
      ...(submission && { submission }),
      ...(index !== undefined && { enforceIndex: index }),
    });
  });
}

/** @throws Refusal not-found */
export function jobOf(state: State, job: { readonly project: string; readonly id: string }): JobRecord {
  const record = state.jobs.get(jobId(job.project, job.id));
  if (!record) throw new Refusal("not-found", `job "${job.id}" not found`);
  return record;
}
