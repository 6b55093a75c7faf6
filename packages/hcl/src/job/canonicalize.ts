/**
 * The canonical form of a job: every field of the API with its value, where the file says nothing
 * the default of the job's type, and what is said once further out repeated where it applies.
 * Doing it twice changes nothing.
 *
 * The defaults stand in the schema, after https://developer.hashicorp.com/nomad/docs/job-specification;
 * here are those that depend on other fields.
 */
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { objects } from "./normalise.ts";
import {
  defaultFor,
  jobTypes,
  type BlockField,
  type BlockSchema,
  type JobType,
  type Occurrence,
} from "./schema/block.ts";
import { group as groupSchema } from "./schema/group.ts";
import { job as jobSchema } from "./schema/job.ts";
import { restart as restartSchema } from "./schema/lifetime.ts";

/**
 * A new job with all fields. Fields that the schema does not know, such as those the server adds,
 * are kept as they are.
 *
 * @param job the API's JSON of a job, as decoded from a file or as a client sent it
 */
export function canonicalizeJob(job: JsonObject): JsonObject {
  const type = jobTypeOf(job);
  const { ID: id = "", Update: update, Reschedule: reschedule, Migrate: migrate } = withoutNulls(job);
  const outer = { Update: update, ReschedulePolicy: reschedule, Migrate: migrate };
  const named = { ...job, Name: job.Name ?? id };
  const groups = objects(job, "TaskGroups").map((each) => inherited(each, outer, type));
  const filled = fill(jobSchema, groups.length > 0 ? { ...named, TaskGroups: groups } : named, type);
  for (const each of objects(filled, "TaskGroups")) finishGroup(each, filled);
  const { Periodic: periodic } = filled;
  if (isJsonObject(periodic)) periodic.SpecType ??= "cron";
  return filled;
}

/** The job's type; service if it says none, or none that exists. */
export function jobTypeOf(job: JsonObject): JobType {
  return jobTypes.find((type) => type === job.Type) ?? "service";
}

/** A group with the job's policies where they apply to its type and the group says nothing else. */
function inherited(
  group: JsonObject,
  outer: Readonly<Record<string, Json | undefined>>,
  type: JobType,
): JsonObject {
  const result: JsonObject = { ...group };
  for (const [name, policy] of Object.entries(outer)) {
    const field = Object.values(groupSchema.fields).find((each) => each.json === name);
    const applies = field?.kind === "block" && field.filled.includes(type);
    if (isJsonObject(policy) && applies) {
      result[name] = {
        ...withoutNulls(policy),
        ...withoutNulls(isJsonObject(group[name]) ? group[name] : {}),
      };
    }
  }
  const { Scaling: scaling, RestartPolicy: restart } = group;
  if (isJsonObject(scaling)) result.Count = group.Count ?? scaling.Min ?? 1;
  if (Array.isArray(group.Services)) result.Services = objects(group, "Services").map(prepareService);
  const policy = fill(restartSchema, isJsonObject(restart) ? restart : {}, type);
  if (Array.isArray(group.Tasks))
    result.Tasks = objects(group, "Tasks").map((task) => prepareTask(task, policy));
  return result;
}

function prepareTask(task: JsonObject, groupPolicy: JsonObject): JsonObject {
  const own = isJsonObject(task.RestartPolicy) ? withoutNulls(task.RestartPolicy) : {};
  const result: JsonObject = { ...task, RestartPolicy: { ...groupPolicy, ...own } };
  const { Resources: resources } = task;
  if (isJsonObject(resources) && Number(resources.Cores ?? 0) > 0)
    result.Resources = { ...resources, CPU: resources.CPU ?? 0 };
  if (Array.isArray(task.Services)) result.Services = objects(task, "Services").map(prepareService);
  if (Array.isArray(task.Artifacts)) result.Artifacts = objects(task, "Artifacts").map(prepareArtifact);
  if (Array.isArray(task.Templates)) result.Templates = objects(task, "Templates").map(prepareTemplate);
  return result;
}

/** The checks of a service share its rules, except where they have their own. */
function prepareService(service: JsonObject): JsonObject {
  if (!Array.isArray(service.Checks)) return service;
  const shared = withoutNulls({
    CheckRestart: service.CheckRestart ?? null,
    OnUpdate: service.OnUpdate ?? null,
  });
  const Checks = objects(service, "Checks").map((check) => ({
    ...shared,
    ...withoutNulls(check),
    ...mergedRestart(service.CheckRestart, check.CheckRestart),
  }));
  return { ...service, Checks };
}

function mergedRestart(shared: Json | undefined, own: Json | undefined): JsonObject {
  if (!isJsonObject(shared) || !isJsonObject(own)) return {};
  return { CheckRestart: { ...withoutNulls(shared), ...withoutNulls(own) } };
}

/** A single file goes to local/ under its own name. */
function prepareArtifact(artifact: JsonObject): JsonObject {
  const { GetterMode: mode, GetterSource: source, RelativeDest: destination } = artifact;
  if (mode !== "file" || typeof source !== "string" || (destination ?? null) !== null) return artifact;
  return { ...artifact, RelativeDest: `local/${source.slice(source.lastIndexOf("/") + 1)}` };
}

function prepareTemplate(template: JsonObject): JsonObject {
  const { ChangeMode: mode, ChangeSignal: signal } = template;
  if (typeof signal === "string") return { ...template, ChangeSignal: signal.toUpperCase() };
  return mode === "signal" ? { ...template, ChangeSignal: "SIGHUP" } : template;
}

/** All fields of a block, and of the blocks in it. */
function fill(schema: BlockSchema, json: JsonObject, type: JobType): JsonObject {
  if (schema.free) return json;
  const filled: JsonObject = {};
  for (const field of Object.values(schema.fields)) {
    if (field.kind === "attribute") {
      if (field.operator === undefined) filled[field.json] = json[field.json] ?? defaultFor(field, type);
    } else if (!field.folded) fillBlock(field, json, filled, type);
  }
  for (const [name, value] of Object.entries(json)) {
    if (!Object.hasOwn(filled, name) && name !== "__proto__") filled[name] = value;
  }
  return filled;
}

function fillBlock(field: BlockField, json: JsonObject, filled: JsonObject, type: JobType): void {
  const absent = field.filled.includes(type) ? {} : undefined;
  filled[field.json] = fillPlace(field.occurs, field.block, json[field.json] ?? absent, type);
  const { elsewhere } = field;
  if (elsewhere)
    filled[elsewhere.json] = fillPlace(elsewhere.occurs, field.block, json[elsewhere.json], type);
}

function fillPlace(occurs: Occurrence, block: BlockSchema, value: Json | undefined, type: JobType): Json {
  if (occurs === "many") {
    if (!Array.isArray(value) || value.length === 0) return null;
    return value.map((item: Json) => (isJsonObject(item) ? fill(block, item, type) : item));
  }
  if (!isJsonObject(value)) return null;
  if (occurs === "one")
    return block.free && Object.keys(value).length === 0 ? null : fill(block, value, type);
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  return Object.fromEntries(
    entries.map(([key, item]) => [key, isJsonObject(item) ? fill(block, item, type) : item]),
  );
}

function finishGroup(group: JsonObject, job: JsonObject): void {
  const { Scaling: scaling } = group;
  if (isJsonObject(scaling)) scaling.Min ??= group.Count;
  for (const service of objects(group, "Services")) finishService(service, [job.Name, group.Name]);
  for (const task of objects(group, "Tasks")) {
    for (const service of objects(task, "Services"))
      finishService(service, [job.Name, group.Name, task.Name]);
    for (const policy of objects(task, "ScalingPolicies")) policy.Min ??= group.Count;
  }
}

/** A service without a name is called after where it stands. */
function finishService(service: JsonObject, names: readonly Json[]): void {
  if (service.Name === "") service.Name = names.filter((name) => typeof name === "string").join("-");
  for (const check of objects(service, "Checks")) {
    if (check.OnUpdate === "") check.OnUpdate = service.OnUpdate;
  }
}

function withoutNulls(json: JsonObject): Partial<JsonObject> & JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}
