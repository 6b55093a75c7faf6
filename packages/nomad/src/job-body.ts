/** The job that a client sends: checked, with its defaults, and in the words of the cloud. */
import type { Job } from "@fractus/core/job.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Registration } from "@fractus/control/commands/jobs.ts";
import type { Json, Submission } from "@fractus/control/state/records.ts";
import { hasErrors, type Diagnostic } from "@fractus/hcl/diagnostic.ts";
import { decodeApiJson } from "@fractus/hcl/job/api-json.ts";
import { canonicalJob } from "@fractus/hcl/job/api.ts";
import type { JsonObject } from "@fractus/hcl/job/json.ts";
import { validateJob } from "@fractus/hcl/job/validate.ts";
import type { Call } from "./call.ts";
import { Fault } from "./fault.ts";
import { bodyOf, fieldsOf } from "./fields.ts";
import { jobFromApi } from "./job-from-api.ts";

/** A job to register or to plan, and what a person should know about it. */
export interface SentJob {
  readonly registration: Registration;
  readonly warnings: string;
}

const envelopeFields = {
  EnforceIndex: "flag",
  JobModifyIndex: "number",
  PreserveCounts: "flag",
  EvalPriority: "number",
  Submission: "object",
} as const;

const submissionFields = { Source: "text", Format: "text", Variables: "text", VariableFlags: "map" } as const;

/**
 * The job in the body of a request, ready to be registered.
 *
 * @throws Fault 400 for a body that holds none; Refusal invalid for one that breaks rules, forbidden for what its sender may not use
 */
export function sentJob(call: Call): SentJob {
  const envelope = bodyOf(call, envelopeFields);
  const submission = submissionOf(envelope.Submission);
  const { job, findings } = checkedJob(call);
  const errors = findings.filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refusal("invalid", listText(errors, "error"));
  const definition = definitionOf(job, call);
  const registration: Registration = {
    job: jobFromApi(canonicalJob({ ...definition, ...carriedBy(job) })),
    definition,
    ...(submission && { submission }),
    ...(envelope.EnforceIndex && { enforceIndex: envelope.JobModifyIndex ?? 0 }),
    ...(envelope.EvalPriority && { evaluationPriority: envelope.EvalPriority }),
    ...(envelope.PreserveCounts && { preservesCounts: true }),
  };
  refuseForbidden(call, registration.job);
  return { registration, warnings: listText(findings, "warning") };
}

/** The job as it was sent, and everything that is to be said about it. @throws Fault 400 if there is none */
export function checkedJob(call: Call): {
  readonly job: JsonObject;
  readonly findings: readonly Diagnostic[];
} {
  const text = call.bytes().toString("utf8");
  if (text.trim() === "") throw new Fault(400, "Job must be specified");
  const { job, diagnostics } = decodeApiJson(text);
  if (!job) throw new Fault(400, diagnostics[0]?.detail ?? "Job must be specified");
  if (hasErrors(diagnostics)) return { job, findings: diagnostics };
  return { job, findings: [...diagnostics, ...validateJob(job)] };
}

/** What the server adds to a job: it is told anew in each answer, not kept with what was asked for. */
const serverFields: ReadonlySet<string> = new Set([
  "CreateIndex",
  "JobModifyIndex",
  "ModifyIndex",
  "ModifyTime",
  "NomadTokenID",
  "Stable",
  "Status",
  "StatusDescription",
  "SubmitTime",
  "Version",
  "VersionTag",
  "Stop",
  "ParentID",
  "Dispatched",
  "DispatchIdempotencyToken",
  "Payload",
]);

/** The canonical form, without what the server adds. */
function definitionOf(job: JsonObject, call: Call): JsonObject {
  const asked = job.Namespace;
  const Namespace = typeof asked === "string" && asked !== "" ? asked : call.namespace;
  if (Namespace === "*") throw new Refusal("invalid", "A job is registered in one namespace, not in all.");
  const region = job.Region;
  if (typeof region === "string" && !["", "global", call.door.region].includes(region))
    throw new Refusal("invalid", `No path to region "${region}": this is "${call.door.region}".`);
  const sent = Object.entries(job).filter(([name]) => !serverFields.has(name));
  return canonicalJob({ ...Object.fromEntries(sent), Namespace }) as unknown as JsonObject;
}

/** What of that a client may say nevertheless: that the job is to be stopped, and what it is a launch of. */
function carriedBy(job: JsonObject): JsonObject {
  const { Stop, ParentID, Dispatched, DispatchIdempotencyToken, Payload } = job;
  const sent = { Stop, ParentID, Dispatched, DispatchIdempotencyToken, Payload };
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
}

function submissionOf(sent: Json | undefined): Submission | undefined {
  const { Source, Format, Variables, VariableFlags } = fieldsOf(sent, submissionFields);
  if (!Source) return undefined;
  return {
    source: Source,
    format: Format ?? "hcl2",
    variables: Variables ?? "",
    variableFlags: VariableFlags ?? {},
  };
}

function refuseForbidden(call: Call, job: Job): void {
  call.require(job.project);
  const disabled = disabledDriver(call, job);
  if (disabled !== undefined)
    throw new Refusal("forbidden", `The namespace "${job.project}" does not allow the driver "${disabled}".`);
  for (const group of job.groups) {
    for (const volume of Object.values(group.volumes)) {
      const wanted = volume.readOnly ? "mount-readonly" : "mount-readwrite";
      if (volume.type === "host" && !call.acl.allowsVolume(volume.source, wanted))
        throw new Refusal("forbidden", "Permission denied");
    }
  }
}

function disabledDriver(call: Call, job: Job): string | undefined {
  const limits = call.state.projects.get(job.project)?.capabilities;
  if (!limits) return undefined;
  const { enabledDrivers: enabled, disabledDrivers: disabled } = limits;
  const isAllowed = (driver: string) =>
    (enabled.length === 0 || enabled.includes(driver)) && !disabled.includes(driver);
  return job.groups
    .flatMap((group) => group.tasks)
    .map((task) => task.driver)
    .find((driver) => !isAllowed(driver));
}

/** `2 errors occurred:` and each on a line of its own; nothing if there is none of that kind. */
export function listText(findings: readonly Diagnostic[], severity: Diagnostic["severity"]): string {
  const lines = findings.filter((one) => one.severity === severity).map(sentenceOf);
  if (lines.length === 0) return "";
  const many = lines.length === 1 ? "" : "s";
  const heading =
    severity === "error" ? `${lines.length} error${many} occurred:` : `${lines.length} warning${many}:`;
  return [heading, ...lines.map((line) => `  * ${line}`)].join("\n");
}

/** What was found, and what was probably meant. */
export function sentenceOf({ summary, detail, suggestion }: Diagnostic): string {
  const meant = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return `${summary}: ${detail}${meant}`;
}

/** The definition with the counts that the job has now. */
export function withCountsOf(definition: Json, job: Job): Json {
  const groups = definition.TaskGroups;
  if (!Array.isArray(groups)) return definition;
  const TaskGroups = (groups as Json[]).map((group) => ({
    ...group,
    Count: groupOf(job, String(group.Name))?.count ?? group.Count,
  }));
  return { ...definition, TaskGroups };
}
