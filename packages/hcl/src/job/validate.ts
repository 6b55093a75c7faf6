/**
 * The rules that a job has to keep beyond its shape: names, counts, ports, deadlines, and what jobs
 * of each type may not have. Every rule that is broken is reported, at the place where it was.
 *
 * After https://developer.hashicorp.com/nomad/docs/job-specification and its pages on each block.
 */
import type { Diagnostic } from "../diagnostic.ts";
import { suggest } from "../suggest.ts";
import { canonicalizeJob, jobTypeOf } from "./canonicalize.ts";
import { cronFault } from "./cron.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { Origins } from "./origin.ts";
import type { BlockSchema, JobType, Occurrence } from "./schema/block.ts";
import { job as jobSchema } from "./schema/job.ts";
import { jobSizeFault } from "./size.ts";
import {
  Findings,
  isInterpolated,
  number,
  partOf,
  partsOf,
  repeated,
  text,
  type Part,
} from "./validate/findings.ts";
import { checkNetworking } from "./validate/network.ts";
import { checkPlacement } from "./validate/placement.ts";
import { checkPolicies } from "./validate/policies.ts";
import { checkTask } from "./validate/task.ts";

/**
 * What is wrong with a job, up to a hundred findings, in the order of its text. Defaults count: what a job does
 * not say is judged by what it will mean. Of a job that is too large this is all that is said.
 *
 * @param job     as decoded or as sent; a canonical job will do too
 * @param origins where its parts were written, if it came from a file
 */
export function validateJob(job: JsonObject, origins?: Origins): readonly Diagnostic[] {
  const tooMuch = jobSizeFault(job);
  if (tooMuch) return [tooMuch];
  const findings = new Findings(origins);
  const part: Part = { given: job, full: canonicalizeJob(job) };
  const type = jobTypeOf(job);
  checkJob(part, type, findings);
  checkPeriodic(part, type, findings);
  checkParameterized(part, type, findings);
  checkWords(jobSchema, job, findings);
  const groups = partsOf(part, "TaskGroups");
  if (groups.length === 0)
    findings.error(job, undefined, "Nothing to run", "A job needs at least one group.");
  for (const [name, group] of repeated(groups, (each) => text(each.full.Name))) {
    findings.error(group.given, "Name", "Duplicate group", `There is already a group "${name}" in this job.`);
  }
  for (const group of groups) checkGroup(group, part, type, findings);
  return findings.diagnostics.toSorted((a, b) => a.range.start - b.range.start);
}

function checkJob(job: Part, type: JobType, findings: Findings): void {
  const { given, full } = job;
  const id = text(full.ID);
  if (id === "") findings.error(given, "ID", "Missing name", "A job needs a name.");
  if (/[\s\0]/.test(id)) findings.error(given, "ID", "Invalid name", "The ID of a job holds no blanks.");
  if (text(full.Name).includes("\0"))
    findings.error(given, "Name", "Invalid name", "The name of a job holds no NUL.");
  const priority = number(full.Priority);
  if (priority < 1 || priority > 100)
    findings.error(
      given,
      "Priority",
      "Priority out of bounds",
      `priority is between 1 and 100, but it is ${priority}.`,
    );
  const datacenters = Array.isArray(full.Datacenters) ? full.Datacenters : [];
  if (datacenters.length === 0)
    findings.error(
      given,
      "Datacenters",
      "Nowhere to run",
      'datacenters is empty; leave it out or say ["*"] for all of them.',
    );
  if (datacenters.includes(""))
    findings.error(given, "Datacenters", "Invalid datacenter", "The name of a datacenter may not be empty.");
  if (!/^[A-Za-z0-9-]{1,128}$/.test(text(full.Namespace))) {
    findings.error(
      given,
      "Namespace",
      "Invalid namespace",
      "A namespace has up to 128 letters, digits and hyphens.",
    );
  }
  checkPlacement(job, findings);
  refusePreferences(job, type, findings);
  const refused = type === "system" || type === "sysbatch" ? partOf(job, "Reschedule") : undefined;
  if (refused)
    findings.error(refused.given, undefined, "No reschedule here", `Jobs of type ${type} run on every node.`);
  refuseStepwise(job, type, findings);
}

/** Every node gets its allocation of a system job, so there is nothing to prefer. */
function refusePreferences({ given }: Part, type: JobType, findings: Findings): void {
  if (type !== "system") return;
  for (const [field, name] of [
    ["Affinities", "affinity"],
    ["Spreads", "spread"],
  ] as const) {
    if (!Array.isArray(given[field])) continue;
    findings.error(
      given,
      field,
      `No ${name} here`,
      `A system job runs on every node, so it has no use for ${name}.`,
    );
  }
}

function refuseStepwise({ given }: Part, type: JobType, findings: Findings): void {
  if (isJsonObject(given.Update) && (type === "batch" || type === "sysbatch")) {
    findings.error(
      given.Update,
      undefined,
      "No update here",
      `Jobs of type ${type} are not updated step by step.`,
    );
  }
  if (isJsonObject(given.Migrate) && type !== "service") {
    findings.error(
      given.Migrate,
      undefined,
      "No migrate here",
      `Only service jobs migrate; this job is of type ${type}.`,
    );
  }
}

function checkPeriodic(job: Part, type: JobType, findings: Findings): void {
  const periodic = partOf(job, "Periodic");
  if (!periodic) return;
  const { given, full } = periodic;
  refuseType("periodic", given, type, findings);
  const several = Array.isArray(full.Specs) ? full.Specs : [];
  const single = text(full.Spec);
  if (single !== "" && several.length > 0)
    findings.error(given, "Spec", "Contradiction", "There may be cron or crons, not both.");
  if (single === "" && several.length === 0)
    findings.error(given, undefined, "Missing times", "A periodic block needs crons.");
  for (const spec of single === "" ? several : [single]) {
    const fault = cronFault(text(spec));
    if (fault !== undefined)
      findings.error(given, single === "" ? "Specs" : "Spec", "Invalid cron expression", fault);
  }
  const zone = text(full.TimeZone);
  if (zone !== "Local" && !isTimeZone(zone))
    findings.error(given, "TimeZone", "Unknown time zone", `There is no time zone ${JSON.stringify(zone)}.`);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function checkParameterized(job: Part, type: JobType, findings: Findings): void {
  const parameterized = partOf(job, "ParameterizedJob");
  if (!parameterized) return;
  const { given, full } = parameterized;
  refuseType("parameterized", given, type, findings);
  const optional = Array.isArray(full.MetaOptional) ? full.MetaOptional : [];
  const both = (Array.isArray(full.MetaRequired) ? full.MetaRequired : []).filter((name: Json) =>
    optional.includes(name),
  );
  if (both.length > 0) {
    findings.error(
      given,
      "MetaOptional",
      "Contradiction",
      `A note is required or optional, but ${both.join(", ")} is both.`,
    );
  }
}

function refuseType(what: string, given: JsonObject, type: JobType, findings: Findings): void {
  if (type === "batch" || type === "sysbatch") return;
  findings.error(
    given,
    undefined,
    "Wrong type of job",
    `Only batch and sysbatch jobs are ${what}, because they end; this one is of type ${type}.`,
  );
}

function checkGroup(group: Part, job: Part, type: JobType, findings: Findings): void {
  const { given, full } = group;
  const count = number(full.Count);
  if (text(full.Name) === "") findings.error(given, undefined, "Missing name", "A group needs a name.");
  if (text(full.Name).includes("\0"))
    findings.error(given, "Name", "Invalid name", "The name of a group holds no NUL.");
  if (count < 0)
    findings.error(given, "Count", "Negative count", `count may not be less than 0, but it is ${count}.`);
  if ((type === "system" || type === "sysbatch") && count > 1) {
    findings.error(
      given,
      "Count",
      "Count too large",
      `A ${type} job runs once on every node, so count is 0 or 1, not ${count}.`,
    );
  }
  refusePreferences(group, type, findings);
  if (number(full.MaxRunDuration) !== 0) checkRunDuration(group, type, findings);
  const disk = partOf(group, "EphemeralDisk");
  if (disk && number(disk.full.SizeMB) < 10)
    findings.error(disk.given, "SizeMB", "Too little", "size must be at least 10 MB.");
  checkPlacement(group, findings);
  checkPolicies(group, type, findings);
  checkNetworking(group, findings);
  checkVolumes(group, findings);
  checkTasks(group, findings);
  if (isJsonObject(job.given.ParameterizedJob)) return;
  for (const task of partsOf(group, "Tasks")) {
    if (!isJsonObject(task.given.DispatchPayload)) continue;
    findings.error(
      task.given.DispatchPayload,
      undefined,
      "No payload here",
      "Only a parameterized job is dispatched with a payload.",
    );
  }
}

function checkRunDuration({ given, full }: Part, type: JobType, findings: Findings): void {
  if (number(full.MaxRunDuration) < 0)
    findings.error(given, "MaxRunDuration", "Negative duration", "max_run_duration must be more than 0.");
  if (type === "batch" || type === "sysbatch") return;
  findings.error(
    given,
    "MaxRunDuration",
    "Wrong type of job",
    `Jobs of type ${type} run on, so there is no max_run_duration.`,
  );
}

function checkVolumes({ given, full }: Part, findings: Findings): void {
  if (!isJsonObject(full.Volumes) || !isJsonObject(given.Volumes)) return;
  for (const [name, volume] of Object.entries(full.Volumes)) {
    const { [name]: where } = given.Volumes;
    if (!isJsonObject(volume) || !isJsonObject(where)) continue;
    if (text(volume.Type) === "")
      findings.error(where, undefined, "Missing type", "A volume needs its type: host or csi.");
    if (text(volume.Source) === "")
      findings.error(where, undefined, "Missing source", "A volume needs a source.");
    if (volume.Type === "csi" && (text(volume.AccessMode) === "" || text(volume.AttachmentMode) === "")) {
      findings.error(
        where,
        undefined,
        "Missing modes",
        "A volume of type csi needs access_mode and attachment_mode.",
      );
    }
  }
}

function checkTasks(group: Part, findings: Findings): void {
  const tasks = partsOf(group, "Tasks");
  const { given } = group;
  if (tasks.length === 0)
    findings.error(given, undefined, "Nothing to run", "A group needs at least one task.");
  for (const [name, task] of repeated(tasks, (each) => text(each.full.Name))) {
    findings.error(task.given, "Name", "Duplicate task", `There is already a task "${name}" in this group.`);
  }
  const leaders = tasks.filter((task) => task.full.Leader === true);
  for (const leader of leaders.slice(1)) {
    findings.error(
      leader.given,
      "Leader",
      "Second leader",
      `Only one task of a group may be the leader; ${text(leaders[0].full.Name)} is it already.`,
    );
  }
  if (tasks.length > 0 && tasks.every((task) => isJsonObject(task.full.Lifecycle))) {
    findings.error(
      given,
      undefined,
      "No main task",
      "A group needs at least one task without a lifecycle block.",
    );
  }
  for (const task of tasks) {
    const name = text(task.full.Name);
    if (name === "" || /[/\\\0]/.test(name))
      findings.error(
        task.given,
        "Name",
        "Invalid name",
        "A task needs a name without slashes, as it is the name of a directory.",
      );
    checkTask(task, group, findings);
  }
}

/** Attributes of which the schema lists the lawful values. */
function checkWords(schema: BlockSchema, json: JsonObject, findings: Findings): void {
  for (const [name, field] of Object.entries(schema.fields)) {
    const value = json[field.json];
    if (field.kind === "attribute") {
      if (
        !field.values ||
        typeof value !== "string" ||
        value === "" ||
        isInterpolated(value) ||
        field.values.includes(value)
      )
        continue;
      const nearest = suggest(value, field.values);
      const listed = field.values.filter((each) => each !== "").join(", ");
      findings.error(
        json,
        field.json,
        "Unknown word",
        `${name} is one of ${listed}, not ${JSON.stringify(value)}.`,
        nearest,
      );
    } else if (!field.folded && !field.block.free) {
      const { elsewhere } = field;
      const further = elsewhere ? innerOf(json[elsewhere.json], elsewhere.occurs) : [];
      for (const inner of [...innerOf(value, field.occurs), ...further])
        checkWords(field.block, inner, findings);
    }
  }
}

function innerOf(value: Json | undefined, occurs: Occurrence): readonly JsonObject[] {
  if (occurs === "many") return Array.isArray(value) ? value.filter((item: Json) => isJsonObject(item)) : [];
  if (!isJsonObject(value)) return [];
  return occurs === "one" ? [value] : Object.values(value).filter((item) => isJsonObject(item));
}
