/**
 * The versions of a job: each change of what is asked for makes a new one, and those that a
 * deployment has brought to an end well are stable.
 */
import { isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import { isActive, type Deployment } from "@fractus/core/deployment.ts";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import { isTemplate, type Job, type JobStatus } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { same } from "./same.ts";

/** How many versions of a job are kept unless somebody says otherwise. */
export const trackedVersions = 6;

/** Whether two versions ask for the same; what the store keeps about them is of no account. */
export function sameSpec(a: Job, b: Job): boolean {
  return same(specOf(a), specOf(b));
}

function specOf(job: Job): unknown {
  const bookkeeping = ["status", "stable", "version", "createdIndex", "specIndex", "submittedAtMs"];
  return Object.fromEntries(Object.entries(job).filter(([field]) => !bookkeeping.includes(field)));
}

/**
 * The job as it is stored when somebody submits it: with the next version if it asks for something
 * else, else as it was.
 *
 * @param index the store's index of this write
 * @throws Refusal invalid if it would become or cease to be periodic or parameterized, or change its type
 */
export function register(
  known: Job | undefined,
  submitted: Job,
  write: { readonly index: number; readonly nowMs: number },
): Job {
  if (!known) {
    const indexes = { version: 0, createdIndex: write.index, specIndex: write.index };
    return { ...submitted, ...indexes, status: "pending", stable: false, submittedAtMs: write.nowMs };
  }
  refuseChangeOfKind(known, submitted);
  if (sameSpec(known, submitted)) return known;
  return {
    ...submitted,
    version: known.version + 1,
    createdIndex: known.createdIndex,
    specIndex: write.index,
    status: known.status,
    stable: false,
    submittedAtMs: write.nowMs,
  };
}

function refuseChangeOfKind(known: Job, submitted: Job): void {
  if (known.type !== submitted.type) {
    const message = `Cannot update job "${known.id}" from type "${known.type}" to "${submitted.type}".`;
    throw new Refusal("invalid", message);
  }
  const kinds = ["periodic", "parameterized"] as const;
  for (const kind of kinds) {
    if ((known[kind] === undefined) === (submitted[kind] === undefined)) continue;
    const direction = known[kind] === undefined ? `to being ${kind}` : `from being ${kind}`;
    throw new Refusal("invalid", `Cannot update job "${known.id}" ${direction}: purge it first.`);
  }
}

/** The newest stable version before `version`, if there is one. */
export function newestStable(versions: readonly Job[], version: number): Job | undefined {
  return versions
    .filter((job) => job.stable && job.version < version)
    .reduce<Job | undefined>((best, job) => (best && best.version > job.version ? best : job), undefined);
}

/**
 * The job to submit in order to go back to a version.
 *
 * @param priorVersion if given, what the present version must be
 * @throws Refusal not-found if the version is not kept; conflict if it is the present one
 */
export function revert(
  versions: readonly Job[],
  wish: { readonly version: number; readonly priorVersion?: number },
): Job {
  const present = versions.reduce((newest, job) => (job.version > newest.version ? job : newest));
  if (wish.priorVersion !== undefined && wish.priorVersion !== present.version) {
    const message = `Current job has version ${present.version}; enforcing version ${wish.priorVersion}.`;
    throw new Refusal("conflict", message);
  }
  if (wish.version === present.version) {
    throw new Refusal("conflict", `Can't revert to current version ${present.version}.`);
  }
  const earlier = versions.find((job) => job.version === wish.version);
  if (!earlier) {
    throw new Refusal("not-found", `Job "${present.id}" at version ${wish.version} could not be found.`);
  }
  return { ...earlier, stopped: false };
}

/** The versions to keep, newest first: the last `limit`, and the newest stable one in any case. */
export function keptVersions(versions: readonly Job[], limit = trackedVersions): Job[] {
  const newestFirst = versions.toSorted((a, b) => b.version - a.version);
  const kept = newestFirst.slice(0, limit);
  const stable = newestFirst.find((job) => job.stable);
  if (!stable || kept.includes(stable)) return kept;
  return [...kept.slice(0, limit - 1), stable];
}

/**
 * What a job's status is.
 *
 * A system job, and one that is a template for launches, runs until it is stopped. Any other runs
 * while an allocation or deployment of it is not over, is pending while somebody has yet to look at
 * it, and is dead else.
 */
export function jobStatus(
  job: Job,
  known: {
    readonly allocations: readonly Pick<Allocation, "desired" | "status">[];
    readonly deployments: readonly Pick<Deployment, "status">[];
    readonly evaluations: readonly Pick<Evaluation, "status">[];
  },
): JobStatus {
  if (job.type === "system" || isTemplate(job)) return job.stopped ? "dead" : "running";
  if (known.deployments.some(isActive)) return "running";
  if (known.allocations.some((allocation) => !isTerminal(allocation))) return "running";
  if (known.evaluations.some(({ status }) => status === "pending" || status === "blocked")) return "pending";
  const isUntouched = known.evaluations.length === 0 && known.allocations.length === 0;
  return isUntouched && !job.stopped ? "pending" : "dead";
}

/** Counts by group, as `job status` shows them. */
export interface GroupSummary {
  readonly queued: number;
  readonly starting: number;
  readonly running: number;
  readonly failed: number;
  readonly complete: number;
  readonly lost: number;
  readonly unknown: number;
}

export const emptySummary: GroupSummary = {
  queued: 0,
  starting: 0,
  running: 0,
  failed: 0,
  complete: 0,
  lost: 0,
  unknown: 0,
};

const summaryFields = {
  pending: "starting",
  running: "running",
  failed: "failed",
  complete: "complete",
  lost: "lost",
  unknown: "unknown",
} as const satisfies Record<Allocation["status"], keyof GroupSummary>;

/**
 * The summary after an allocation has gone from one status to another. What was counted as failed or
 * complete stays so for the life of the job.
 *
 * @param from absent if the allocation is new: then it was queued before
 */
export function countTransition(
  summary: GroupSummary,
  step: { readonly from?: Allocation["status"]; readonly to: Allocation["status"] },
): GroupSummary {
  if (step.from === step.to) return summary;
  const after = { ...summary, [summaryFields[step.to]]: summary[summaryFields[step.to]] + 1 };
  if (step.from === undefined) return { ...after, queued: Math.max(0, after.queued - 1) };
  const left = summaryFields[step.from];
  if (left === "failed" || left === "complete") return after;
  return { ...after, [left]: Math.max(0, after[left] - 1) };
}
