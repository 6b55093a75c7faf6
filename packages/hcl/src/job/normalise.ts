/**
 * What the API's JSON says in another way than the file: ports in two lists, words that are implied,
 * tasks without a group, credentials that go down to the tasks. Works on the decoded JSON in place,
 * before it is handed out.
 */
import { isJsonObject, type JsonObject } from "./json.ts";
import type { Origins } from "./origin.ts";
import type { BlockSchema } from "./schema/block.ts";
import { periodic } from "./schema/job.ts";
import { affinity, constraint } from "./schema/placement.ts";
import { network } from "./schema/resources.ts";
import { groupScaling, scalingTypes, taskScaling } from "./schema/scaling.ts";
import { task } from "./schema/task.ts";

/** What is done to the JSON of each block as soon as it is decoded. */
export const finishers: ReadonlyMap<BlockSchema, (json: JsonObject) => void> = new Map([
  [constraint, compareForEquality],
  [affinity, compareForEquality],
  [network, splitPorts],
  [periodic, nameSpecType],
  [groupScaling, (json) => void (json.Type ??= "horizontal")],
  [taskScaling, nameScalingType],
  [task, takeDefaultIdentity],
]);

/** @param job what `decodeBody` made of a job block */
export function normaliseJob(job: JsonObject, label: string, origins: Origins): void {
  job.Name ??= label;
  wrapTasks(job, origins);
  for (const group of objects(job, "TaskGroups")) {
    for (const inner of objects(group, "Tasks")) {
      inherit(inner, group);
      inherit(inner, job);
    }
    dropCredentials(group);
  }
  dropCredentials(job);
}

/** The objects in a list field; none if it is not there. */
export function objects(parent: JsonObject, name: string): JsonObject[] {
  const list = parent[name];
  return Array.isArray(list) ? list.filter((item) => isJsonObject(item)) : [];
}

function compareForEquality(condition: JsonObject): void {
  condition.Operand ??= "=";
}

function nameSpecType(json: JsonObject): void {
  if (json.Spec !== undefined || json.Specs !== undefined) json.SpecType = "cron";
}

/** The label says which resource is scaled, the API which type of policy that is. */
function nameScalingType(policy: JsonObject): void {
  const { Type: label } = policy;
  if (typeof label === "string" && Object.hasOwn(scalingTypes, label)) policy.Type = scalingTypes[label];
}

/** Fixed ports are reserved, the others dynamic; both lists keep their order. */
function splitPorts(json: JsonObject): void {
  const isFixed = (port: JsonObject) => typeof port.Value === "number" && port.Value > 0;
  const ports = objects(json, "DynamicPorts");
  const fixed = ports.filter(isFixed);
  const dynamic = ports.filter((port) => !isFixed(port));
  delete json.DynamicPorts;
  if (fixed.length > 0) json.ReservedPorts = fixed;
  if (dynamic.length > 0) json.DynamicPorts = dynamic;
}

/** The identity without a name, or named default, has a field of its own. */
function takeDefaultIdentity(json: JsonObject): void {
  const identities = objects(json, "Identities");
  const index = identities.findIndex(
    ({ Name: name }) => name === undefined || name === "" || name === "default",
  );
  if (index < 0) return;
  json.Identity = identities[index];
  const others = identities.toSpliced(index, 1);
  if (others.length > 0) json.Identities = others;
  else delete json.Identities;
}

/** A task directly below the job is a group of its own, of the same name. */
function wrapTasks(job: JsonObject, origins: Origins): void {
  const alone = objects(job, "Tasks");
  delete job.Tasks;
  if (alone.length === 0) return;
  const groups = alone.map((inner) => {
    const group: JsonObject = { Name: inner.Name, Tasks: [inner] };
    const origin = origins.get(inner);
    if (origin) origins.set(group, { range: origin.range, fields: new Map() });
    return group;
  });
  job.TaskGroups = [...groups, ...objects(job, "TaskGroups")];
}

/** Credentials that are asked for further out are asked for by each task. */
function inherit(inner: JsonObject, outer: JsonObject): void {
  if (outer.Vault !== undefined) inner.Vault ??= outer.Vault;
  const own = objects(inner, "Secrets");
  const names = new Set(own.map((secret) => secret.Name));
  const further = objects(outer, "Secrets").filter((secret) => !names.has(secret.Name));
  if (further.length > 0) inner.Secrets = [...own, ...further];
}

function dropCredentials(json: JsonObject): void {
  delete json.Vault;
  delete json.Secrets;
}
