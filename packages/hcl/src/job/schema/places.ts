/** Where in a job file a name is at home, for hints about misplaced ones. */
import type { BlockField, BlockSchema, Field } from "./block.ts";
import { jobFile } from "./file.ts";

/** The paths of blocks that hold a field of this name: `["job > group > network"]`. */
export function homesOf(name: string): readonly string[] {
  return homes.get(name) ?? [];
}

/** Every field with the path of the block that holds it, outermost first; the file's path is empty. */
export function* walkSchema(
  block: BlockSchema = jobFile,
  path: readonly string[] = [],
): Generator<{
  readonly path: readonly string[];
  readonly name: string;
  readonly field: Field;
  readonly block: BlockSchema;
}> {
  for (const [name, field] of Object.entries(block.fields)) {
    yield { path, name, field, block };
    if (field.kind === "block") yield* walkSchema(field.block, [...path, name]);
  }
}

/** `name = …`, `name { … }` or `name "label" { … }`, as it is written in a job file. */
export function writtenAs(name: string, field: Field): string {
  if (field.kind === "attribute") return `${name} = …`;
  return `${name}${labelText(field)} { … }`;
}

function labelText(field: BlockField): string {
  return field.block.label ? ` "${field.block.label.name}"` : "";
}

const homes = collectHomes();

/** The shorthand of tasks directly below the job is left out: the way over a group says it all. */
function collectHomes(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, name } of walkSchema()) {
    if (path[0] === "job" && path[1] !== "task" && !path.includes("connect")) {
      found.set(name, [...(found.get(name) ?? []), path.join(" > ")]);
    }
  }
  return found;
}
