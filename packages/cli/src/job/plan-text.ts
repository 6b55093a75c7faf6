/**
 * What a plan would bring about, as text: lines with `+`, `-` or `+/-` in front, values aligned.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/commands/job/plan
 */
import type {
  DiffType,
  FieldDiff,
  JobDiff,
  ObjectDiff,
  TaskDiff,
  TaskGroupDiff,
} from "@fractus/client/types/diff.ts";
import type { Dictionary, List } from "@fractus/client/types/json.ts";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { PlanAnswer } from "@fractus/client/types/plan.ts";
import { indented, instantOfText, shortId, sorted, span, table, timeOfText } from "../format.ts";
import { failedGroups } from "../placement-failure.ts";

/** The differences, the dry run, and what the scheduler has to say about it. */
export function planText(
  plan: PlanAnswer,
  options: { readonly isVerbose?: boolean; readonly withDiff?: boolean; readonly nowMs: number },
): string {
  const { isVerbose = false, withDiff = true, nowMs } = options;
  const parts = [
    withDiff && plan.Diff ? jobDiff(plan.Diff, isVerbose) : undefined,
    dryRun(plan, isVerbose, nowMs),
    placements(plan),
    preemptions(plan.Annotations?.PreemptedAllocs),
    explanation(plan.Explanation),
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

/** 0 if no allocation would be made or destroyed, otherwise 1. */
export function planExitCode(plan: PlanAnswer): 0 | 1 {
  const changes = Object.values(plan.Annotations?.DesiredTGUpdates ?? {}).some(
    (update) => update.Place + update.Stop + update.Migrate + update.DestructiveUpdate + update.Canary > 0,
  );
  return changes ? 1 : 0;
}

function dryRun(plan: PlanAnswer, isVerbose: boolean, nowMs: number): string {
  const lines = ["Scheduler dry-run:"];
  if (Object.keys(plan.FailedTGAllocs ?? {}).length === 0) lines.push("- All tasks successfully allocated.");
  else
    lines.push(
      "- WARNING: Failed to place all allocations.",
      indented(failedGroups(plan.FailedTGAllocs, isVerbose), 2),
    );
  const launch = timeOfText(plan.NextPeriodicLaunch);
  if (launch !== undefined) {
    const fromNow = `${span(launch - nowMs)} from now`;
    lines.push(
      `- If submitted now, next periodic launch would be at ${instantOfText(plan.NextPeriodicLaunch)} (${fromNow}).`,
    );
  }
  return lines.join("\n");
}

function placements(plan: PlanAnswer): string | undefined {
  const list = plan.Placements ?? [];
  if (list.length === 0) return undefined;
  const rows = list.map((each) => [each.Name, each.NodeName, shortId(each.NodeID)]);
  return `Placements:\n${table([["Allocation", "Node", "Node ID"], ...rows])}`;
}

const fewPreemptions = 10;

/** Each of a few, the count by job of many. */
function preemptions(preempted: List<AllocationStub> | undefined): string | undefined {
  const list = preempted ?? [];
  if (list.length === 0) return undefined;
  if (list.length <= fewPreemptions) {
    const rows = list.map((each) => [shortId(each.ID), each.JobID, each.TaskGroup]);
    return `Preemptions:\n${table([["Alloc ID", "Job ID", "Task Group"], ...rows])}`;
  }
  const counts = new Map<string, number>();
  for (const { JobID } of list) counts.set(JobID, (counts.get(JobID) ?? 0) + 1);
  return `Preemptions:\n${table([["Job ID", "Preemptions"], ...counts])}`;
}

function explanation(lines: List<string> | undefined): string | undefined {
  return lines && lines.length > 0
    ? ["Explanation:", ...lines.map((line) => `  ${line}`)].join("\n")
    : undefined;
}

/** The differences alone. */
export function jobDiff(diff: JobDiff, isVerbose = false): string {
  const groups = diff.TaskGroups ?? [];
  const width = widest([...(diff.Fields ?? []), ...(diff.Objects ?? []), ...groups]);
  const lines = [`${markers[diff.Type]}Job: ${quote(diff.ID)}`];
  if (diff.Type === "Edited" || isVerbose) lines.push(...partLines(diff, { indent: 0, width }));
  for (const group of groups) lines.push(...groupLines(group, { width, isVerbose }));
  return lines.join("\n");
}

const markers: Readonly<Record<DiffType, string>> = { None: "", Added: "+ ", Deleted: "- ", Edited: "+/- " };

function widest(diffs: readonly { readonly Type: DiffType }[]): number {
  return Math.max(0, ...diffs.map((diff) => markers[diff.Type].length));
}

/** The marker, and as much room as the longest among its neighbours takes. */
function lead(type: DiffType, width: number): string {
  return markers[type].padEnd(width);
}

interface Place {
  readonly indent: number;
  readonly width: number;
}

function groupLines(
  group: TaskGroupDiff,
  manner: { readonly width: number; readonly isVerbose: boolean },
): string[] {
  const tasks = group.Tasks ?? [];
  const lines = [
    `${lead(group.Type, manner.width)}Task Group: ${quote(group.Name)}${updateCounts(group.Updates)}`,
  ];
  const width = widest([...(group.Fields ?? []), ...(group.Objects ?? []), ...tasks]);
  const indent = 2 + manner.width - markers[group.Type].length;
  if (group.Type === "Edited" || manner.isVerbose) lines.push(...partLines(group, { indent, width }));
  for (const task of tasks) lines.push(...taskLines(task, { indent, width, isVerbose: manner.isVerbose }));
  return lines;
}

function updateCounts(updates: Dictionary<number> | undefined): string {
  const counts = sorted(updates).map(([name, count]) => `${count} ${name}`);
  return counts.length > 0 ? ` (${counts.join(", ")})` : "";
}

function taskLines(task: TaskDiff, manner: Place & { readonly isVerbose: boolean }): string[] {
  const { indent, isVerbose } = manner;
  const start = " ".repeat(indent) + lead(task.Type, manner.width);
  const line = `${start}Task: ${quote(task.Name)}${annotated(task.Annotations)}`;
  if (task.Type === "None" || (task.Type !== "Edited" && !isVerbose)) return [line];
  const width = widest([...(task.Fields ?? []), ...(task.Objects ?? [])]);
  return [line, ...partLines(task, { indent: indent + 2, width })];
}

interface Parts {
  readonly Fields?: List<FieldDiff>;
  readonly Objects?: List<ObjectDiff>;
}

function partLines({ Fields, Objects }: Parts, place: Place): string[] {
  const longest = Math.max(0, ...(Fields ?? []).map((field) => field.Name.length));
  return [
    ...(Fields ?? []).map((field) => fieldLine(field, place, longest)),
    ...(Objects ?? []).flatMap((object) => objectLines(object, place)),
  ];
}

function fieldLine(field: FieldDiff, place: Place, longest: number): string {
  const name = `${field.Name}:`.padEnd(longest + 1);
  const start = " ".repeat(place.indent) + lead(field.Type, place.width);
  return `${start}${name} ${valueOf(field)}${annotated(field.Annotations)}`;
}

function valueOf({ Type, Old, New }: FieldDiff): string {
  if (Type === "Edited") return `${quote(Old)} => ${quote(New)}`;
  return quote(Type === "Deleted" ? Old : New);
}

function objectLines(object: ObjectDiff, place: Place): string[] {
  const indent = " ".repeat(place.indent);
  const width = widest([...(object.Fields ?? []), ...(object.Objects ?? [])]);
  const inner = place.indent + place.width - markers[object.Type].length + 2;
  return [
    `${indent}${lead(object.Type, place.width)}${object.Name} {`,
    ...partLines(object, { indent: inner, width }),
    `${indent}${" ".repeat(place.width)}}`,
  ];
}

function annotated(annotations: List<string> | undefined): string {
  return annotations && annotations.length > 0 ? ` (${annotations.join(", ")})` : "";
}

function quote(text: string): string {
  return JSON.stringify(text);
}
