/** The jobs with their copies at a glance, as the page of all jobs asks for them again and again. */
import type { Allocation } from "@fractus/core/allocation.ts";
import { awaitsPromotion, isActive } from "@fractus/core/deployment.ts";
import { newestDeployment } from "@fractus/control/placement/evaluate-job.ts";
import type { JobRecord, Json } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";
import type { Call } from "./call.ts";
import { listed } from "./listing.ts";
import { nanoseconds } from "./units.ts";
import { bodyOf, fieldsOf } from "./fields.ts";

const statusesRequest = { Jobs: "objects", IncludeChildren: "flag" } as const;

export function jobStatusesAt({ state }: Call): number {
  const { jobs, allocations, deployments } = state;
  return Math.max(jobs.modifiedIndex, allocations.modifiedIndex, deployments.modifiedIndex);
}

/** Of the jobs that the body names, or of all. Launches are left out unless they are asked for. */
export function jobStatuses(call: Call): Json[] {
  const { state } = call;
  const { Jobs: named, IncludeChildren: fromBody } = bodyOf(call, statusesRequest);
  const hasChildren = (fromBody ?? false) || call.flag("include_children");
  const records = named?.length
    ? named.flatMap((one) => {
        const { id = "", namespace = "default" } = fieldsOf(one, { id: "text", namespace: "text" });
        return state.jobs.get(jobId(namespace, id)) ?? [];
      })
    : [...state.jobs.values()].filter(({ job }) => call.lists(job.project));
  const seen = records.filter(({ job }) => call.sees(job.project));
  return listed(call, {
    rows: named?.length ? seen : seen.filter(({ job }) => hasChildren || job.parentId === undefined),
    idOf: ({ job }) => job.id,
    shape: (record) => statusShape(state, record),
  });
}

function statusShape(state: State, { job }: JobRecord): Json {
  const key = jobId(job.project, job.id);
  const deployment = newestDeployment(state, key);
  const rollouts = deployment ? Object.values(deployment.groups) : [];
  const isTemplate = job.periodic !== undefined || (job.parameterized !== undefined && !job.dispatched);
  return {
    ID: job.id,
    Name: job.name,
    Namespace: job.project,
    ParentID: job.parentId ?? "",
    Type: job.type,
    NodePool: job.pool,
    Datacenters: job.zones,
    Priority: job.priority,
    Version: job.version,
    Stop: job.stopped,
    Status: job.status,
    SubmitTime: nanoseconds(job.submittedAtMs),
    CreateIndex: job.createdIndex,
    ModifyIndex: state.jobs.entry(key)?.modifiedIndex ?? job.specIndex,
    GroupCountSum: job.groups.reduce((sum, group) => sum + group.count, 0),
    ChildStatuses: isTemplate ? state.jobs.by("parent", key).map((child) => child.job.status) : null,
    Allocs: state.allocations.by("job", key).map(copyShape),
    LatestDeployment: deployment
      ? {
          ID: deployment.id,
          IsActive: isActive(deployment),
          JobVersion: deployment.jobVersion,
          Status: deployment.status,
          StatusDescription: deployment.statusReason,
          AllAutoPromote: rollouts.every((one) => one.autoPromote),
          RequiresPromotion: rollouts.some(awaitsPromotion),
        }
      : null,
  };
}

function copyShape(one: Allocation): Json {
  return {
    ID: one.id,
    Group: one.group,
    ClientStatus: one.status,
    NodeID: one.nodeId,
    JobVersion: one.jobVersion,
    FollowupEvalID: one.followUpEvaluationId ?? "",
    HasPausedTask: false,
    DeploymentStatus: {
      Canary: one.health?.isCanary ?? false,
      Healthy: one.health?.isHealthy ?? null,
    },
  };
}
