/**
 * Everything the control plane knows, in memory. It is read here and nowhere else; the store only
 * keeps it over a restart. It changes by transactions (ledger.ts) alone: what is read between two of
 * them belongs together.
 */
import type { ServiceRegistration } from "@fractus/agent/control-link.ts";
import { isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import type { Node } from "@fractus/core/node.ts";
import type {
  JobRecord,
  JobSummary,
  NodeNotes,
  NodePool,
  PeriodicLaunch,
  Policy,
  Project,
  Role,
  SchedulerSettings,
  Token,
  Variable,
} from "./records.ts";
import { Table } from "./table.ts";

export class State {
  /** The last transaction. */
  index = 0;

  readonly nodes = new Table<Node, "name">((node) => node.id, { name: (node) => node.name });
  readonly nodeNotes = new Table<NodeNotes>((notes) => notes.nodeId);
  readonly jobs = new Table<JobRecord, "parent" | "project">(({ job }) => jobId(job.project, job.id), {
    parent: ({ job }) => (job.parentId === undefined ? undefined : jobId(job.project, job.parentId)),
    project: ({ job }) => job.project,
  });
  /** All kept versions, the present one included. */
  readonly versions = new Table<JobRecord, "job">(
    ({ job }) => `${jobId(job.project, job.id)}\n${job.version}`,
    {
      job: ({ job }) => jobId(job.project, job.id),
    },
  );
  readonly summaries = new Table<JobSummary>((summary) => jobId(summary.project, summary.jobId));
  readonly allocations = new Table<Allocation, "job" | "node" | "evaluation" | "deployment" | "liveOnNode">(
    (allocation) => allocation.id,
    {
      job: (one) => jobId(one.project, one.jobId),
      node: (one) => one.nodeId,
      liveOnNode: (one) => (isTerminal(one) ? undefined : one.nodeId),
      evaluation: (one) => one.evaluationId,
      deployment: (one) => one.deploymentId,
    },
  );
  readonly evaluations = new Table<Evaluation, "job" | "status">((evaluation) => evaluation.id, {
    job: (one) => jobId(one.project, one.jobId),
    status: (one) => one.status,
  });
  readonly deployments = new Table<Deployment, "job" | "status">((deployment) => deployment.id, {
    job: (one) => jobId(one.project, one.jobId),
    status: (one) => one.status,
  });
  readonly launches = new Table<PeriodicLaunch>((launch) => jobId(launch.project, launch.jobId));
  readonly services = new Table<ServiceRegistration, "name" | "allocation" | "job">((service) => service.id, {
    name: (one) => jobId(one.project, one.name),
    allocation: (one) => one.allocationId,
    job: (one) => jobId(one.project, one.jobId),
  });
  readonly variables = new Table<Variable, "project">((one) => jobId(one.project, one.path), {
    project: (one) => one.project,
  });
  readonly projects = new Table<Project>((project) => project.name);
  readonly pools = new Table<NodePool>((pool) => pool.name);
  readonly policies = new Table<Policy>((policy) => policy.name);
  readonly roles = new Table<Role>((role) => role.id);
  readonly tokens = new Table<Token, "digest">((token) => token.accessorId, {
    digest: (one) => one.secretDigest,
  });
  readonly settings = new Table<SchedulerSettings>(() => "scheduler");
}

/** The names of the tables, and what each holds. */
export type TableName = Exclude<keyof State, "index">;
export type ValueOf<Name extends TableName> = NonNullable<ReturnType<State[Name]["get"]>>;

export const tableNames = Object.keys(new State()).filter((name) => name !== "index") as TableName[];

/** A job by its project and name, as the key of tables; also for other things that have a name in a project. */
export function jobId(project: string, id: string): string {
  return `${project}\n${id}`;
}

export const defaultSettings: SchedulerSettings = {
  algorithm: "binpack",
  preemption: { system: true, service: false, batch: false, sysbatch: false },
  memoryOversubscription: false,
  rejectsJobs: false,
  isPaused: false,
};

/** How the scheduler decides now. */
export function settingsOf(state: State): SchedulerSettings {
  return state.settings.get("scheduler") ?? defaultSettings;
}
