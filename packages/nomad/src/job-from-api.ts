/**
 * From the canonical job of the API to the job that the cloud works with: nanoseconds become
 * milliseconds, megabytes bytes, a namespace a project, datacenters zones. What the API has under two
 * names, the newer one and a deprecated one, has one here.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/json-jobs.
 */
import type { Group, Job, Parameterized, Periodic, VolumeAsk } from "@fractus/core/job.ts";
import type * as api from "@fractus/hcl/job/api.ts";
import { networkFromApi } from "./network-from-api.ts";
import {
  affinitiesFromApi,
  constraintsFromApi,
  disconnectFromApi,
  migrateFromApi,
  rescheduleFromApi,
  restartFromApi,
  spreadsFromApi,
  updateFromApi,
} from "./policy-from-api.ts";
import { serviceFromApi } from "./service-from-api.ts";
import { taskFromApi } from "./task-from-api.ts";
import { bytesOf, milliseconds } from "./units.ts";

/** What a client may send beyond the job file: a job that was read from the API comes back whole. */
interface Sent {
  readonly Stop?: boolean | null;
  readonly ParentID?: string | null;
  readonly Dispatched?: boolean | null;
  readonly DispatchIdempotencyToken?: string | null;
  readonly Payload?: string | null;
}

/**
 * The job as it is asked for; what the store keeps about it (version, indexes, status) is as that of a
 * job nobody has registered yet.
 */
export function jobFromApi(json: api.Job): Job {
  const sent: Sent = json as Sent;
  return {
    project: json.Namespace,
    id: json.ID,
    name: json.Name,
    type: json.Type,
    priority: json.Priority,
    allAtOnce: json.AllAtOnce,
    zones: json.Datacenters ?? [],
    pool: json.NodePool === "" ? "default" : json.NodePool,
    constraints: constraintsFromApi(json.Constraints),
    affinities: affinitiesFromApi(json.Affinities),
    spreads: spreadsFromApi(json.Spreads),
    groups: (json.TaskGroups ?? []).map((group) => groupFromApi(group, json.Type)),
    ...(json.Periodic && { periodic: periodicFromApi(json.Periodic) }),
    ...(json.ParameterizedJob && { parameterized: parameterizedFromApi(json.ParameterizedJob) }),
    meta: json.Meta ?? {},
    stopped: sent.Stop ?? false,
    ...(sent.ParentID && { parentId: sent.ParentID }),
    dispatched: sent.Dispatched ?? false,
    ...(sent.DispatchIdempotencyToken && { idempotencyToken: sent.DispatchIdempotencyToken }),
    ...(sent.Payload && { payloadBase64: sent.Payload }),
    status: "pending",
    stable: false,
    version: 0,
    createdIndex: 0,
    specIndex: 0,
    submittedAtMs: 0,
  };
}

function groupFromApi(json: api.TaskGroup, type: api.Job["Type"]): Group {
  const disconnect = disconnectFromApi(json);
  return {
    name: json.Name,
    count: json.Count,
    constraints: constraintsFromApi(json.Constraints),
    affinities: affinitiesFromApi(json.Affinities),
    spreads: spreadsFromApi(json.Spreads),
    tasks: (json.Tasks ?? []).map(taskFromApi),
    networks: (json.Networks ?? []).map(networkFromApi),
    services: (json.Services ?? []).map(serviceFromApi),
    volumes: Object.fromEntries(
      Object.entries(json.Volumes ?? {}).map(([name, volume]) => [name, volumeFromApi(volume)]),
    ),
    ephemeralDisk: {
      sizeBytes: bytesOf(json.EphemeralDisk.SizeMB),
      sticky: json.EphemeralDisk.Sticky,
      migrate: json.EphemeralDisk.Migrate,
    },
    restart: restartFromApi(json.RestartPolicy),
    ...(json.ReschedulePolicy &&
      type !== "system" &&
      type !== "sysbatch" && { reschedule: rescheduleFromApi(json.ReschedulePolicy) }),
    ...(json.Update && json.Update.MaxParallel > 0 && { update: updateFromApi(json.Update) }),
    ...(json.Migrate && { migrate: migrateFromApi(json.Migrate) }),
    ...(disconnect && { disconnect }),
    meta: json.Meta ?? {},
    ...(json.ShutdownDelay !== null && { shutdownDelayMs: milliseconds(json.ShutdownDelay) }),
    ...(json.MaxRunDuration !== null && { maxRunMs: milliseconds(json.MaxRunDuration) }),
  };
}

function volumeFromApi(json: api.VolumeRequest): VolumeAsk {
  return {
    type: json.Type,
    source: json.Source,
    readOnly: json.ReadOnly,
    ...(json.PerAlloc && { perInstance: true }),
    ...(json.AccessMode && { accessMode: json.AccessMode }),
    ...(json.AttachmentMode && { attachmentMode: json.AttachmentMode }),
  };
}

function periodicFromApi(json: api.PeriodicConfig): Periodic {
  return {
    enabled: json.Enabled,
    specs: json.Spec === "" ? (json.Specs ?? []) : [json.Spec],
    timeZone: json.TimeZone,
    prohibitOverlap: json.ProhibitOverlap,
  };
}

function parameterizedFromApi(json: api.ParameterizedJobConfig): Parameterized {
  return {
    payload: json.Payload,
    metaRequired: json.MetaRequired ?? [],
    metaOptional: json.MetaOptional ?? [],
  };
}
