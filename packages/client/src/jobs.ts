import type { JsonObject } from "@fractus/hcl/job/json.ts";
import { segment, type Http, type Query } from "./http.ts";
import type { AllocationStub } from "./types/allocation.ts";
import type { Deployment } from "./types/deployment.ts";
import type { Evaluation } from "./types/evaluation.ts";
import type { Rebalance, Why } from "./types/fractus.ts";
import type {
  DeregisterAnswer,
  DispatchAnswer,
  Job,
  JobStub,
  JobSubmission,
  JobSummary,
  JobVersions,
  RegisterAnswer,
  ScaleStatus,
  ValidateAnswer,
} from "./types/job.ts";
import type { PlanAnswer } from "./types/plan.ts";
import type { ServiceRegistration } from "./types/service.ts";

export interface RegisterOptions {
  /** Register only if the job is as it was at this index; 0 is a job that is not there yet. */
  readonly checkIndex?: number;
  readonly preserveCounts?: boolean;
  readonly preserveResources?: boolean;
  readonly evaluationPriority?: number;
  readonly submission?: JobSubmission;
}

export type Jobs = ReturnType<typeof jobs>;

/** `/v1/jobs` and `/v1/job/:id`. After https://developer.hashicorp.com/nomad/api-docs/jobs. */
export const jobs = (http: Http) => ({
  list: (query?: Query) => http.get<readonly JobStub[]>("/jobs", query),
  get: (id: string, query?: Query) => http.get<Job>(`/job/${segment(id)}`, query),

  /** The job file in its first form; the server parses it. */
  parse: (text: string, options: { readonly variables?: string; readonly canonicalize?: boolean } = {}) =>
    http.post<JsonObject>("/jobs/parse", {
      JobHCL: text,
      Variables: options.variables ?? "",
      Canonicalize: options.canonicalize ?? false,
    }),

  validate: (job: JsonObject, query?: Query) =>
    http.post<ValidateAnswer>("/validate/job", { Job: job }, query),

  register: (job: JsonObject, options: RegisterOptions = {}, query?: Query) =>
    http.post<RegisterAnswer>(
      "/jobs",
      {
        Job: job,
        ...(options.checkIndex !== undefined && { EnforceIndex: true, JobModifyIndex: options.checkIndex }),
        ...(options.preserveCounts && { PreserveCounts: true }),
        ...(options.preserveResources && { PreserveResources: true }),
        ...(options.evaluationPriority !== undefined && { EvalPriority: options.evaluationPriority }),
        ...(options.submission && { Submission: options.submission }),
      },
      query,
    ),

  /** What registering would bring about. Changes nothing. */
  plan: (id: string, job: JsonObject, options: { readonly diff?: boolean } = {}, query?: Query) =>
    http.post<PlanAnswer>(`/job/${segment(id)}/plan`, { Job: job, Diff: options.diff ?? true }, query),

  stop: (
    id: string,
    options: { readonly purge?: boolean; readonly evaluationPriority?: number } = {},
    query?: Query,
  ) =>
    http.delete<DeregisterAnswer>(`/job/${segment(id)}`, query, {
      purge: options.purge || undefined,
      eval_priority: options.evaluationPriority,
    }),

  allocations: (id: string, options: { readonly all?: boolean } = {}, query?: Query) =>
    http.get<readonly AllocationStub[]>(`/job/${segment(id)}/allocations`, query, {
      all: options.all || undefined,
    }),
  evaluations: (id: string, query?: Query) =>
    http.get<readonly Evaluation[]>(`/job/${segment(id)}/evaluations`, query),
  deployments: (id: string, query?: Query) =>
    http.get<readonly Deployment[]>(`/job/${segment(id)}/deployments`, query),
  /** Null if the job has none. */
  latestDeployment: (id: string, query?: Query) =>
    http.get<Deployment | null>(`/job/${segment(id)}/deployment`, query),
  summary: (id: string, query?: Query) => http.get<JobSummary>(`/job/${segment(id)}/summary`, query),
  versions: (id: string, options: { readonly diffs?: boolean } = {}, query?: Query) =>
    http.get<JobVersions>(`/job/${segment(id)}/versions`, query, { diffs: options.diffs || undefined }),
  services: (id: string, query?: Query) =>
    http.get<readonly ServiceRegistration[]>(`/job/${segment(id)}/services`, query),
  submission: (id: string, version: number, query?: Query) =>
    http.get<JobSubmission>(`/job/${segment(id)}/submission`, query, { version }),
  scaleStatus: (id: string, query?: Query) => http.get<ScaleStatus>(`/job/${segment(id)}/scale`, query),

  scale: (
    id: string,
    change: { readonly group: string; readonly count: number; readonly message?: string },
    query?: Query,
  ) =>
    http.post<RegisterAnswer>(
      `/job/${segment(id)}/scale`,
      { Count: change.count, Target: { Group: change.group }, Message: change.message ?? "" },
      query,
    ),

  /** Has the scheduler look at the job again. */
  evaluate: (id: string, options: { readonly forceReschedule?: boolean } = {}, query?: Query) =>
    http.post<RegisterAnswer>(
      `/job/${segment(id)}/evaluate`,
      { JobID: id, EvalOptions: { ForceReschedule: options.forceReschedule ?? false } },
      query,
    ),

  /** @param request the payload is base64 */
  dispatch: (
    id: string,
    request: {
      readonly payload?: string;
      readonly meta?: Readonly<Record<string, string>>;
      readonly idPrefix?: string;
      readonly idempotencyToken?: string;
    } = {},
    query?: Query,
  ) =>
    http.post<DispatchAnswer>(
      `/job/${segment(id)}/dispatch`,
      {
        Payload: request.payload ?? null,
        Meta: request.meta ?? {},
        ...(request.idPrefix && { IdPrefixTemplate: request.idPrefix }),
      },
      query,
      { idempotency_token: request.idempotencyToken },
    ),

  /** Launches a periodic job now. */
  forcePeriodic: (id: string, query?: Query) =>
    http.post<RegisterAnswer>(`/job/${segment(id)}/periodic/force`, undefined, query),

  revert: (id: string, version: number, query?: Query) =>
    http.post<RegisterAnswer>(`/job/${segment(id)}/revert`, { JobID: id, JobVersion: version }, query),

  stable: (id: string, version: number, isStable: boolean, query?: Query) =>
    http.post<{ readonly JobModifyIndex: number }>(
      `/job/${segment(id)}/stable`,
      { JobID: id, JobVersion: version, Stable: isStable },
      query,
    ),

  /** Why the copies are where they are, or nowhere; an extension of Fractus. */
  why: (id: string, query?: Query) => http.get<Why>(`/job/${segment(id)}/why`, query),

  /** Moves that would make better use of the nodes; an extension of Fractus. Changes nothing. */
  planRebalance: (query?: Query) => http.post<Rebalance>("/rebalance", { Plan: true }, query),
});
