/** What can be done to a job. After https://developer.hashicorp.com/nomad/api-docs/jobs. */
import {
  dispatchJob,
  evaluateJob,
  forcePeriodic,
  revertJob,
  scaleJob,
  setJobStability,
  tagVersion,
} from "@fractus/control/commands/jobs.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { jobId } from "@fractus/control/state/state.ts";
import { evaluated, meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { read, remove, type Route, write } from "../route.ts";
import { nanoseconds } from "../units.ts";
import { keyOf, record, wishedJob } from "./job.ts";
import { bodyOf, fieldsOf } from "../fields.ts";

export const jobCommandRoutes: readonly Route[] = [
  write("/job/:id/evaluate", evaluate),
  write("/job/:id/dispatch", dispatch),
  write("/job/:id/dispatch/payload", dispatchPayload),
  write("/job/:id/periodic/force", force),
  write("/job/:id/revert", revert),
  write("/job/:id/stable", stable),
  read("/job/:id/scale", ({ state }) => state.allocations.modifiedIndex, scaleStatus),
  write("/job/:id/scale", scale),
  write("/job/:id/versions/:tag/tag", tag),
  remove("/job/:id/versions/:tag/tag", untag),
];

async function evaluate(call: Call): Promise<Json> {
  const { EvalOptions: options } = bodyOf(call, { EvalOptions: "object" });
  const { evaluationId, index } = await evaluateJob(call.control, {
    ...wishedJob(call),
    forceReschedule: fieldsOf(options, { ForceReschedule: "flag" }).ForceReschedule ?? false,
  });
  return { ...evaluated(evaluationId, index), JobModifyIndex: record(call).job.specIndex };
}

const dispatchRequest = { Payload: "text", Meta: "map", IdPrefixTemplate: "text" } as const;

function dispatch(call: Call): Promise<Json> {
  const { Payload: payload, Meta, IdPrefixTemplate: prefix } = bodyOf(call, dispatchRequest);
  return launch(call, Meta ?? {}, {
    ...(payload && { payloadBase64: payload }),
    ...(prefix && { idPrefix: prefix }),
  });
}

/** The body is the payload as it stands; meta comes as `meta=key=value`, any number of times. */
function dispatchPayload(call: Call): Promise<Json> {
  const pairs = call.queries("meta").map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw new Fault(400, `meta is to be key=value, not ${JSON.stringify(text)}`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return launch(call, Object.fromEntries(pairs), { payloadBase64: call.bytes().toString("base64") });
}

async function launch(
  call: Call,
  notes: Readonly<Record<string, string>>,
  more: { readonly payloadBase64?: string; readonly idPrefix?: string },
): Promise<Json> {
  const token = call.query("idempotency_token");
  const { childId, evaluationId, index } = await dispatchJob(call.control, {
    ...wishedJob(call),
    meta: notes,
    ...more,
    ...(token && { idempotencyToken: token }),
  });
  const child = call.state.jobs.get(jobId(call.namespace, childId))?.job;
  return {
    DispatchedJobID: childId,
    JobCreateIndex: child?.createdIndex ?? index,
    ...evaluated(evaluationId, index),
  };
}

async function force(call: Call): Promise<Json> {
  const { childId, evaluationId, index } = await forcePeriodic(call.control, wishedJob(call));
  return { DispatchedJobID: childId, ...evaluated(evaluationId, index) };
}

async function revert(call: Call): Promise<Json> {
  const { JobVersion: version, EnforcePriorVersion: prior } = bodyOf(call, {
    JobVersion: "number",
    EnforcePriorVersion: "number",
  });
  if (version === undefined) throw new Fault(400, "JobVersion must be specified");
  const { evaluationId, index, job } = await revertJob(call.control, {
    ...wishedJob(call),
    version,
    ...(typeof prior === "number" && { priorVersion: prior }),
  });
  return { ...evaluated(evaluationId, index), JobModifyIndex: job.specIndex, Warnings: "" };
}

async function stable(call: Call): Promise<Json> {
  const { JobVersion: version, Stable: isStable } = bodyOf(call, { JobVersion: "number", Stable: "flag" });
  if (version === undefined) throw new Fault(400, "JobVersion must be specified");
  const index = await setJobStability(call.control, {
    ...wishedJob(call),
    version,
    isStable: isStable ?? false,
  });
  return { JobModifyIndex: index, ...meta(index) };
}

function scaleStatus(call: Call): Json {
  const { job } = record(call);
  const live = call.state.allocations.by("job", keyOf(call)).filter((one) => one.desired === "run");
  const count = (group: string, test: (one: (typeof live)[number]) => boolean) =>
    live.filter((one) => one.group === group && test(one)).length;
  const groups = job.groups.map(({ name, count: desired }) => [
    name,
    {
      Desired: desired,
      Placed: count(name, () => true),
      Running: count(name, (one) => one.status === "running"),
      Healthy: count(name, (one) => one.health?.isHealthy === true),
      Unhealthy: count(name, (one) => one.health?.isHealthy === false),
      Events: null,
    },
  ]);
  return {
    JobID: job.id,
    Namespace: job.project,
    JobCreateIndex: job.createdIndex,
    JobModifyIndex: job.specIndex,
    JobStopped: job.stopped,
    TaskGroups: Object.fromEntries(groups) as Json,
  };
}

const scaleRequest = {
  Count: "number",
  Target: "map",
  JobModifyIndex: "number",
  EnforceIndex: "flag",
} as const;

async function scale(call: Call): Promise<Json> {
  const {
    Count: count,
    Target,
    JobModifyIndex: index,
    EnforceIndex: isEnforced,
  } = bodyOf(call, scaleRequest);
  const group = Target?.Group ?? onlyGroup(call);
  if (!group) throw new Fault(400, "Scaling policy target must name a group: send Target.Group.");
  if (count === undefined || count === null) throw new Fault(400, "Count must be specified");
  const done = await scaleJob(call.control, {
    ...wishedJob(call),
    group,
    count,
    ...(isEnforced && { enforceIndex: index ?? 0 }),
  });
  return { ...evaluated(done.evaluationId, done.index), JobModifyIndex: done.job.specIndex, Warnings: "" };
}

/** Where there is only one there is no need to name it. */
function onlyGroup(call: Call): string | undefined {
  const { groups } = record(call).job;
  return groups.length === 1 ? groups[0].name : undefined;
}

async function tag(call: Call): Promise<Json> {
  const { Version: version, Description: description } = bodyOf(call, {
    Version: "number",
    Description: "text",
  });
  const name = call.path("tag");
  const index = await tagVersion(call.control, {
    ...wishedJob(call),
    name,
    description: description ?? "",
    isRemoved: false,
    ...(version !== undefined && { version }),
  });
  const tagged = call.state.versions.by("job", keyOf(call)).find((one) => one.tag?.name === name)?.tag;
  return {
    Name: name,
    Description: tagged?.description ?? "",
    TaggedTime: nanoseconds(tagged?.taggedAtMs ?? 0),
    ...meta(index),
  };
}

async function untag(call: Call): Promise<Json> {
  const index = await tagVersion(call.control, {
    ...wishedJob(call),
    name: call.path("tag"),
    description: "",
    isRemoved: true,
  });
  return meta(index);
}
