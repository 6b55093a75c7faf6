/** What differs between two versions of a job, as `job plan` and `job history -p` get it. */
import type { Dictionary, List } from "./json.ts";

export type DiffType = "None" | "Added" | "Deleted" | "Edited";

export interface FieldDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Old: string;
  readonly New: string;
  readonly Annotations?: List<string>;
}

export interface ObjectDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Fields?: List<FieldDiff>;
  readonly Objects?: List<ObjectDiff>;
}

export interface TaskDiff extends ObjectDiff {
  readonly Annotations?: List<string>;
}

export interface TaskGroupDiff extends ObjectDiff {
  readonly Tasks?: List<TaskDiff>;
  /** How many copies are to be `create`d, `destroy`ed, updated `in-place update`, …. */
  readonly Updates?: Dictionary<number>;
}

export interface JobDiff {
  readonly Type: DiffType;
  readonly ID: string;
  readonly Fields?: List<FieldDiff>;
  readonly Objects?: List<ObjectDiff>;
  readonly TaskGroups?: List<TaskGroupDiff>;
}
