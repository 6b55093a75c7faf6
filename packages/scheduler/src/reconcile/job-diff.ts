/**
 * What differs between two versions of a job, as `job plan` shows it. It works on the job as the HTTP
 * API has it, so that every field that a job file may set is compared, whether we use it or not.
 *
 * Plain values are *fields*, also `Meta[key]` and `Env[key]`; records and lists are *objects*. Lists of
 * records are compared as sets, services and checks by name. Inside of an object that changed, what
 * did not is given as context.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan
 */
import { same } from "./same.ts";

export type DiffType = "None" | "Added" | "Deleted" | "Edited";

export interface FieldDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Old: string;
  readonly New: string;
  readonly Annotations: readonly string[] | null;
}

export interface ObjectDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
}

export interface TaskDiff extends ObjectDiff {
  readonly Annotations: readonly string[] | null;
}

export interface TaskGroupDiff extends ObjectDiff {
  readonly Tasks: readonly TaskDiff[];
  /** How many copies will be `create`d, `in-place update`d … */
  readonly Updates: Readonly<Record<string, number>> | null;
}

export interface JobDiff {
  readonly Type: DiffType;
  readonly ID: string;
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
  readonly TaskGroups: readonly TaskGroupDiff[];
}

export type Json = Readonly<Record<string, unknown>>;

/** Fields of a job that say what became of it, not what is asked for. */
const bookkeeping = new Set([
  "ID",
  "Status",
  "StatusDescription",
  "Stable",
  "Version",
  "VersionTag",
  "SubmitTime",
  "CreateIndex",
  "ModifyIndex",
  "JobModifyIndex",
  "NomadTokenID",
  "TaskGroups",
]);

/** The names under which the elements of lists are shown. */
const elementNames: Readonly<Record<string, string>> = {
  Constraints: "Constraint",
  Affinities: "Affinity",
  Spreads: "Spread",
  SpreadTarget: "SpreadTarget",
  Networks: "Network",
  ReservedPorts: "Static Port",
  DynamicPorts: "Dynamic Port",
  Services: "Service",
  Checks: "Check",
  Artifacts: "Artifact",
  Templates: "Template",
  VolumeMounts: "VolumeMount",
  Devices: "Device",
};

/** The difference between two jobs in the API's JSON; either may be absent, for a new or purged job. */
export function diffJobs(before: Json | undefined, after: Json | undefined): JobDiff {
  const compared = compareRecords(
    { before, after },
    { isHidden: (key) => bookkeeping.has(key), hasContext: false },
  );
  const groups = pairByName(listOf(before, "TaskGroups"), listOf(after, "TaskGroups"));
  const diffs = groups.map((pair) => diffGroups(pair)).sort(byName);
  return {
    Type: typeOf({ before, after }, [compared, ...diffs.map((one) => ({ isChanged: one.Type !== "None" }))]),
    ID: textOf((after ?? before)?.["ID"]),
    Fields: compared.fields,
    Objects: compared.objects,
    TaskGroups: diffs,
  };
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

function diffGroups(pair: Pair): TaskGroupDiff {
  const isHidden = (key: string) => key === "Name" || key === "Tasks";
  const compared = compareRecords(pair, { isHidden, hasContext: false });
  const groupType = typeOf(pair, [compared]);
  const tasks = pairByName(listOf(pair.before, "Tasks"), listOf(pair.after, "Tasks"));
  const diffs = tasks.map((task) => diffTasks(task, groupType)).sort(byName);
  return {
    Type: typeOf(pair, [compared, ...diffs.map((one) => ({ isChanged: one.Type !== "None" }))]),
    Name: nameOf(pair),
    Fields: compared.fields.map((field) => annotateCount(field)),
    Objects: compared.objects,
    Tasks: diffs,
    Updates: null,
  };
}

function annotateCount(field: FieldDiff): FieldDiff {
  if (field.Name !== "Count" || field.Type === "None") return field;
  const grows = Number(field.New || 0) > Number(field.Old || 0);
  return { ...field, Annotations: [grows ? "forces create" : "forces destroy"] };
}

function diffTasks(pair: Pair, groupType: DiffType): TaskDiff {
  const compared = compareRecords(pair, { isHidden: (key) => key === "Name", hasContext: false });
  const type = typeOf(pair, [compared]);
  const annotation = taskAnnotation(type, groupType, compared);
  return {
    Type: type,
    Name: nameOf(pair),
    Fields: compared.fields,
    Objects: compared.objects,
    Annotations: annotation === undefined ? null : [annotation],
  };
}

const inPlaceFields = new Set(["KillTimeout"]);
const inPlaceObjects = new Set(["Service", "Constraint", "Affinity", "Spread", "LogConfig"]);

function taskAnnotation(type: DiffType, groupType: DiffType, compared: Compared): string | undefined {
  if (type === "None") return undefined;
  if (groupType === "Added") return "forces create";
  if (groupType === "Deleted") return "forces destroy";
  const isHarmless =
    type === "Edited" &&
    compared.fields.every((field) => field.Type === "None" || inPlaceFields.has(field.Name)) &&
    compared.objects.every((object) => object.Type === "None" || isHarmlessObject(object));
  return isHarmless ? "forces in-place update" : "forces create/destroy update";
}

function isHarmlessObject(object: ObjectDiff): boolean {
  const switchesLogs = object.Fields.some((field) => field.Name === "Disabled" && field.Type !== "None");
  return inPlaceObjects.has(object.Name) && !(object.Name === "LogConfig" && switchesLogs);
}

interface Compared {
  readonly fields: readonly FieldDiff[];
  readonly objects: readonly ObjectDiff[];
  readonly isChanged: boolean;
}

interface Manner {
  readonly isHidden: (key: string) => boolean;
  /** Whether unchanged fields are given, too. */
  readonly hasContext: boolean;
}

function compareRecords({ before, after }: Pair, manner: Manner): Compared {
  const fields: FieldDiff[] = [];
  const objects: ObjectDiff[] = [];
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  for (const key of [...keys].sort()) {
    if (manner.isHidden(key)) continue;
    const values = [before?.[key], after?.[key]];
    if (key === "Config") objects.push(...diffSettings(key, values));
    else if (values.some(Array.isArray)) objects.push(...diffLists(key, values));
    else if (values.some(isRecord)) {
      if (isMap(key)) fields.push(...diffMaps(key, values));
      else objects.push(...diffRecords(key, values));
    } else fields.push(diffField(key, values));
  }
  const isShown = (diff: { readonly Type: DiffType }) => manner.hasContext || diff.Type !== "None";
  return {
    fields: fields.filter((field) => isShown(field) && (field.Old !== "" || field.New !== "")).sort(byName),
    objects: objects.filter((object) => object.Type !== "None").sort(byName),
    isChanged: [...fields, ...objects].some((diff) => diff.Type !== "None"),
  };
}

/** Maps whose keys are the user's own words. */
function isMap(key: string): boolean {
  return ["Meta", "Env", "CanaryMeta", "GetterOptions", "GetterHeaders", "Options", "Header"].includes(key);
}

function diffMaps(key: string, values: readonly unknown[]): FieldDiff[] {
  const [before, after] = values.map((value) => (isRecord(value) ? value : {}));
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].map((name) => diffField(`${key}[${name}]`, [before[name], after[name]]));
}

function diffRecords(name: string, values: readonly unknown[]): ObjectDiff[] {
  const [before, after] = values.map((value) => (isRecord(value) ? value : undefined));
  const compared = compareRecords({ before, after }, { isHidden: () => false, hasContext: true });
  const Type = typeOf({ before, after }, [compared]);
  return [{ Type, Name: name, Fields: compared.fields, Objects: compared.objects }];
}

/** A driver's settings: whatever they hold, down to plain values. */
function diffSettings(name: string, values: readonly unknown[]): ObjectDiff[] {
  const [before, after] = values.map((value) => new Map(flatten("", value)));
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  const Fields = keys.map((key) => diffField(key, [before.get(key), after.get(key)]));
  const isChanged = Fields.some((field) => field.Type !== "None");
  const presence = values.map((value) =>
    isRecord(value) && Object.keys(value).length > 0 ? value : undefined,
  );
  const Type = typeOf({ before: presence[0], after: presence[1] }, [{ isChanged }]);
  return [{ Type, Name: name, Fields, Objects: [] }];
}

function flatten(path: string, value: unknown): [string, unknown][] {
  const inside = (key: string) => (path === "" ? key : `${path}[${key}]`);
  if (Array.isArray(value)) return value.flatMap((item, index) => flatten(inside(String(index)), item));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => flatten(inside(key), item));
  return [[path, value]];
}

function diffLists(key: string, values: readonly unknown[]): ObjectDiff[] {
  const [before, after] = values.map((value): unknown[] => (Array.isArray(value) ? value : []));
  const records = [...before, ...after].every(isRecord);
  if (!records) return diffSets(key, before, after);
  const name = elementNames[key] ?? key;
  const [old, now] = [before.filter(isRecord), after.filter(isRecord)];
  if (key === "Services" || key === "Checks") {
    return pairByName(old, now).flatMap((pair) => diffRecords(name, [pair.before, pair.after]));
  }
  const gone = old.filter((item) => !now.some((other) => same(item, other)));
  const come = now.filter((item) => !old.some((other) => same(item, other)));
  return [
    ...gone.flatMap((item) => diffRecords(name, [item, undefined])),
    ...come.flatMap((item) => diffRecords(name, [undefined, item])),
  ];
}

function diffSets(name: string, before: readonly unknown[], after: readonly unknown[]): ObjectDiff[] {
  const [old, now] = [new Set(before.map(textOf)), new Set(after.map(textOf))];
  const changed = [...new Set([...old, ...now])].filter((item) => old.has(item) !== now.has(item)).sort();
  const Fields = changed.map((item) =>
    diffField(name, [old.has(item) ? item : "", now.has(item) ? item : ""]),
  );
  const presence = (items: ReadonlySet<string>) => (items.size > 0 ? {} : undefined);
  const Type = typeOf({ before: presence(old), after: presence(now) }, [{ isChanged: changed.length > 0 }]);
  return [{ Type, Name: name, Fields, Objects: [] }];
}

function diffField(name: string, values: readonly unknown[]): FieldDiff {
  const [Old, New] = values.map(textOf);
  const Type = Old === New ? "None" : Old === "" ? "Added" : New === "" ? "Deleted" : "Edited";
  return { Type, Name: name, Old, New, Annotations: null };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function typeOf({ before, after }: Pair, parts: readonly { readonly isChanged: boolean }[]): DiffType {
  if (!before && !after) return "None";
  if (!before) return "Added";
  if (!after) return "Deleted";
  return parts.some((part) => part.isChanged) ? "Edited" : "None";
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(record: Json | undefined, key: string): Json[] {
  const value = record?.[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function pairByName(before: readonly Json[], after: readonly Json[]): Pair[] {
  const names = new Set([...before, ...after].map((item) => textOf(item["Name"])));
  const find = (items: readonly Json[], name: string) => items.find((item) => textOf(item["Name"]) === name);
  return [...names].map((name) => ({ before: find(before, name), after: find(after, name) }));
}

function nameOf({ before, after }: Pair): string {
  return textOf((after ?? before)?.["Name"]);
}

function byName(a: { readonly Name: string }, b: { readonly Name: string }): number {
  return a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0;
}
