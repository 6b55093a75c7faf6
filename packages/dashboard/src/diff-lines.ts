/** The differences between two versions of a job, flattened to lines that a page can show. */
import type { DiffType, FieldDiff, JobDiff, ObjectDiff } from "@fractus/client/types/diff.ts";
import type { Dictionary, List } from "@fractus/client/types/json.ts";

export interface DiffLine {
  readonly type: DiffType;
  readonly depth: number;
  readonly text: string;
}

interface Parts {
  readonly Type: DiffType;
  readonly Fields?: List<FieldDiff>;
  readonly Objects?: List<ObjectDiff>;
}

/** Outermost first; what is the same is left out, and of what is new or gone only the heading is told. */
export function diffLines(diff: JobDiff): readonly DiffLine[] {
  const lines: DiffLine[] = [
    { type: diff.Type, depth: 0, text: `job ${quoted(diff.ID)}` },
    ...inside(diff, 1),
  ];
  for (const group of diff.TaskGroups ?? []) {
    if (group.Type === "None" && !hasUpdates(group.Updates)) continue;
    lines.push({ type: group.Type, depth: 1, text: `group ${quoted(group.Name)}${updates(group.Updates)}` });
    lines.push(...inside(group, 2));
    for (const task of group.Tasks ?? []) {
      if (task.Type === "None") continue;
      lines.push({ type: task.Type, depth: 2, text: `task ${quoted(task.Name)}${notes(task.Annotations)}` });
      lines.push(...inside(task, 3));
    }
  }
  return lines;
}

function inside({ Type, Fields, Objects }: Parts, depth: number): DiffLine[] {
  if (Type !== "Edited") return [];
  return partLines({ Fields, Objects }, depth);
}

function partLines({ Fields, Objects }: Omit<Parts, "Type">, depth: number): DiffLine[] {
  const fields = (Fields ?? []).filter((field) => field.Type !== "None");
  const objects = (Objects ?? []).filter((object) => object.Type !== "None");
  return [
    ...fields.map((field) => ({ type: field.Type, depth, text: fieldText(field) })),
    ...objects.flatMap((object) => [
      { type: object.Type, depth, text: object.Name },
      ...partLines(object, depth + 1),
    ]),
  ];
}

function fieldText({ Type, Name, Old, New, Annotations }: FieldDiff): string {
  const value =
    Type === "Edited" ? `${quoted(Old)} → ${quoted(New)}` : quoted(Type === "Deleted" ? Old : New);
  return `${Name}: ${value}${notes(Annotations)}`;
}

function hasUpdates(counts: Dictionary<number> | undefined): boolean {
  return Object.keys(counts ?? {}).length > 0;
}

function updates(counts: Dictionary<number> | undefined): string {
  return notes(Object.entries(counts ?? {}).map(([name, count]) => `${count} ${name}`));
}

function notes(annotations: List<string> | undefined): string {
  return annotations && annotations.length > 0 ? ` (${annotations.join(", ")})` : "";
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
