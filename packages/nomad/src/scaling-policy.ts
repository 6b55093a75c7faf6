/** Scaling policies: the blocks `scaling` of the groups of jobs. After https://developer.hashicorp.com/nomad/api-docs/scaling-policies. */
import { createHash } from "node:crypto";
import type { JobRecord, Json } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";

/** A group that has such a block, in the words of the API. */
export interface ScaledGroup {
  readonly Name: string;
  readonly Scaling: Json;
}

export function scaledGroups({ definition, job }: JobRecord): ScaledGroup[] {
  if (job.stopped) return [];
  const groups = (definition.TaskGroups ?? []) as readonly Partial<ScaledGroup>[];
  return groups.flatMap(({ Name, Scaling }) => (Name && Scaling ? [{ Name, Scaling }] : []));
}

/** In the form of a UUID; the same for the same group for good. */
export function policyId({ job }: JobRecord, group: ScaledGroup): string {
  const hash = createHash("sha256").update(`${job.project}\n${job.id}\n${group.Name}`).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

export function policyStubShape(state: State, record: JobRecord, group: ScaledGroup): Json {
  const { job } = record;
  return {
    ID: policyId(record, group),
    Enabled: group.Scaling.Enabled ?? true,
    Type: group.Scaling.Type || "horizontal",
    Target: { Namespace: job.project, Job: job.id, Group: group.Name },
    CreateIndex: job.createdIndex,
    ModifyIndex: state.jobs.entry(jobId(job.project, job.id))?.modifiedIndex ?? job.specIndex,
  };
}

export function scalingPolicyShape(state: State, record: JobRecord, group: ScaledGroup): Json {
  const { Min, Max, Policy } = group.Scaling;
  return { ...policyStubShape(state, record, group), Namespace: record.job.project, Min, Max, Policy };
}
