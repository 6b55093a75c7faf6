/**
 * A plan as text, as `nomad job plan` prints it: lines with `+`, `-` or `+/-` in front, values aligned.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/commands/job/plan
 */
import type { DiffType, FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff } from "./job-diff.ts";

/** Why copies of a group found no place, in the fields of the HTTP API. */
export interface FailedGroup {
  readonly NodesEvaluated?: number;
  readonly NodesAvailable?: Readonly<Record<string, number>> | null;
  readonly ClassFiltered?: Readonly<Record<string, number>> | null;
  readonly ConstraintFiltered?: Readonly<Record<string, number>> | null;
  readonly NodesExhausted?: number;
  readonly ClassExhausted?: Readonly<Record<string, number>> | null;
  readonly DimensionExhausted?: Readonly<Record<string, number>> | null;
  readonly QuotaExhausted?: readonly string[] | null;
  readonly CoalescedFailures?: number;
}

export interface PlanText {
  readonly diff: JobDiff;
  readonly failed: Readonly<Record<string, FailedGroup>>;
  /** When a periodic job would be launched next, as text. */
  readonly nextLaunch?: string;
  /** Shows everything of what is added or removed, too. */
  readonly isVerbose?: boolean;
}

/** The whole text, without a line feed at the end. */
export function renderPlan(plan: PlanText): string {
  return [renderDiff(plan.diff, plan.isVerbose ?? false), "", renderDryRun(plan)].join("\n");
}

/** The differences alone. */
export function renderDiff(diff: JobDiff, isVerbose = false): string {
  const width = widest([...diff.Fields, ...diff.Objects, ...diff.TaskGroups]);
  const lines = [`${markers[diff.Type]}Job: ${quote(diff.ID)}`];
  if (diff.Type === "Edited" || isVerbose) lines.push(...renderParts(diff, { indent: 0, width }));
  for (const group of diff.TaskGroups) lines.push(...renderGroup(group, { width, isVerbose }));
  return lines.join("\n");
}

const markers: Readonly<Record<DiffType, string>> = { None: "", Added: "+ ", Deleted: "- ", Edited: "+/- " };

function widest(diffs: readonly { readonly Type: DiffType }[]): number {
  return Math.max(0, ...diffs.map((diff) => markers[diff.Type].length));
}

/** The marker, and as much room as the longest marker among its neighbours takes. */
function lead(type: DiffType, width: number): string {
  return markers[type].padEnd(width);
}

function renderGroup(
  group: TaskGroupDiff,
  manner: { readonly width: number; readonly isVerbose: boolean },
): string[] {
  const counts = Object.entries(group.Updates ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const updates =
    counts.length > 0 ? ` (${counts.map(([name, count]) => `${count} ${name}`).join(", ")})` : "";
  const lines = [`${lead(group.Type, manner.width)}Task Group: ${quote(group.Name)}${updates}`];
  const width = widest([...group.Fields, ...group.Objects, ...group.Tasks]);
  const indent = 2 + manner.width - markers[group.Type].length;
  if (group.Type === "Edited" || manner.isVerbose) lines.push(...renderParts(group, { indent, width }));
  for (const task of group.Tasks)
    lines.push(...renderTask(task, { indent, width, isVerbose: manner.isVerbose }));
  return lines;
}

function renderTask(
  task: TaskDiff,
  manner: { readonly indent: number; readonly width: number; readonly isVerbose: boolean },
): string[] {
  const notes = annotated(task.Annotations);
  const line = `${" ".repeat(manner.indent)}${lead(task.Type, manner.width)}Task: ${quote(task.Name)}${notes}`;
  if (task.Type === "None" || (task.Type !== "Edited" && !manner.isVerbose)) return [line];
  return [
    line,
    ...renderParts(task, { indent: manner.indent + 2, width: widest([...task.Fields, ...task.Objects]) }),
  ];
}

function renderParts(
  parts: { readonly Fields: readonly FieldDiff[]; readonly Objects: readonly ObjectDiff[] },
  place: { readonly indent: number; readonly width: number },
): string[] {
  const longest = Math.max(0, ...parts.Fields.map((field) => field.Name.length));
  return [
    ...parts.Fields.map((field) => renderField(field, { ...place, longest })),
    ...parts.Objects.flatMap((object) => renderObject(object, place)),
  ];
}

function renderField(
  field: FieldDiff,
  place: { readonly indent: number; readonly width: number; readonly longest: number },
): string {
  const name = `${field.Name}:`.padEnd(place.longest + 1);
  const start = " ".repeat(place.indent) + lead(field.Type, place.width);
  return `${start}${name} ${valueOf(field)}${annotated(field.Annotations)}`;
}

function valueOf({ Type, Old, New }: FieldDiff): string {
  if (Type === "Edited") return `${quote(Old)} => ${quote(New)}`;
  return quote(Type === "Deleted" ? Old : New);
}

function renderObject(
  object: ObjectDiff,
  place: { readonly indent: number; readonly width: number },
): string[] {
  const indent = " ".repeat(place.indent);
  const width = widest([...object.Fields, ...object.Objects]);
  const inner = place.indent + place.width - markers[object.Type].length + 2;
  return [
    `${indent}${lead(object.Type, place.width)}${object.Name} {`,
    ...renderParts(object, { indent: inner, width }),
    `${indent}${" ".repeat(place.width)}}`,
  ];
}

function annotated(annotations: readonly string[] | null): string {
  return annotations && annotations.length > 0 ? ` (${annotations.join(", ")})` : "";
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function renderDryRun({ failed, nextLaunch }: PlanText): string {
  const lines = ["Scheduler dry-run:"];
  const groups = Object.entries(failed).sort(([a], [b]) => (a < b ? -1 : 1));
  if (groups.length === 0) lines.push("- All tasks successfully allocated.");
  else lines.push("- WARNING: Failed to place all allocations.");
  for (const [name, failure] of groups) {
    const count = (failure.CoalescedFailures ?? 0) + 1;
    lines.push(`  Task Group ${quote(name)} (failed to place ${count} allocation${count === 1 ? "" : "s"}):`);
    lines.push(...placementReasons(failure).map((reason) => `    ${reason}`));
  }
  if (nextLaunch !== undefined)
    lines.push(`- If submitted now, next periodic launch would be at ${nextLaunch}.`);
  return lines.join("\n");
}

/** One line for each reason, with the number of nodes it concerns. */
export function placementReasons(failure: FailedGroup): string[] {
  const lines: string[] = [];
  if ((failure.NodesEvaluated ?? 0) === 0) lines.push("* No nodes were eligible for evaluation");
  for (const [zone, count] of sorted(failure.NodesAvailable)) {
    if (count === 0) lines.push(`* No nodes are available in datacenter ${quote(zone)}`);
  }
  const excluded = (kind: string, counts: FailedGroup["ClassFiltered"]) =>
    sorted(counts).map(([name, count]) => `* ${kind} ${quote(name)}: ${count} nodes excluded by filter`);
  lines.push(...excluded("Class", failure.ClassFiltered));
  lines.push(...excluded("Constraint", failure.ConstraintFiltered));
  if (failure.NodesExhausted) lines.push(`* Resources exhausted on ${failure.NodesExhausted} nodes`);
  const exhausted = (kind: string, counts: FailedGroup["ClassExhausted"]) =>
    sorted(counts).map(([name, count]) => `* ${kind} ${quote(name)} exhausted on ${count} nodes`);
  lines.push(...exhausted("Class", failure.ClassExhausted));
  lines.push(...exhausted("Dimension", failure.DimensionExhausted));
  for (const quota of failure.QuotaExhausted ?? []) lines.push(`* Quota limit hit ${quote(quota)}`);
  return lines;
}

function sorted(counts: Readonly<Record<string, number>> | null | undefined): [string, number][] {
  return Object.entries(counts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
