/**
 * What can be typed at a place of a job file, for editors: names of attributes and blocks with
 * their documentation, and the values of an attribute where these can be listed. Works on text that
 * is not in order, as text is while it is being typed.
 */
import { typeNames } from "./documentation.ts";
import type { AttributeField, BlockSchema, Field } from "./schema/block.ts";
import { drivers } from "./schema/drivers.ts";
import { jobFile } from "./schema/file.ts";
import { writtenAs } from "./schema/places.ts";
import { task } from "./schema/task.ts";
import { tokensBefore, type Frame } from "./typing.ts";

export interface Completion {
  /** The name or value, as a list shows it. */
  readonly label: string;
  readonly kind: "attribute" | "block" | "value";
  /** What to put in place of the word at the cursor; `$0` marks where the cursor goes. */
  readonly insert: string;
  /** Type and default, or how the block is written. */
  readonly detail: string;
  readonly documentation: string;
}

export interface Completions {
  /** Offset at which the word begins that is being typed. */
  readonly start: number;
  readonly items: readonly Completion[];
}

/**
 * The completions at an offset, in the order of the schema, those that fit what is already typed.
 *
 * @param offset in UTF-16 units, as editors count
 */
export function completeAt(text: string, offset: number): Completions {
  const typed = tokensBefore(text, offset);
  const schema = schemaOf(typed.path);
  if (!schema || typed.where === "elsewhere") return { start: offset, items: [] };
  const items = typed.where === "value" ? values(schema, typed.attribute) : names(schema, typed.present);
  return { start: typed.wordStart, items: items.filter((item) => item.label.startsWith(typed.word)) };
}

/** The schema inside the innermost block; undefined where names are the author's own. */
function schemaOf(path: readonly Frame[]): BlockSchema | undefined {
  let schema: BlockSchema = jobFile;
  for (const [index, { type }] of path.entries()) {
    if (type === "dynamic" || type === "content") continue;
    const driver = path[index - 1]?.driver;
    const settings =
      schema === task && type === "config" && driver !== undefined && Object.hasOwn(drivers, driver);
    const field: Field | undefined = Object.hasOwn(schema.fields, type) ? schema.fields[type] : undefined;
    if (field?.kind !== "block") return undefined;
    schema = settings ? drivers[driver] : field.block;
  }
  return schema;
}

/** Attributes and blocks that may occur once are offered while they are not there. */
function names(schema: BlockSchema, present: ReadonlySet<string>): readonly Completion[] {
  return Object.entries(schema.fields)
    .filter(([name, field]) => field.deprecated === undefined && (isRepeatable(field) || !present.has(name)))
    .map(([name, field]) =>
      field.kind === "attribute" ? attributeItem(name, field) : blockItem(name, field),
    );
}

function isRepeatable(field: Field): boolean {
  return field.kind === "block" && field.occurs !== "one";
}

function attributeItem(name: string, field: AttributeField): Completion {
  const need = field.required ? ", required" : "";
  return {
    label: name,
    kind: "attribute",
    insert: `${name} = ${field.type === "string" || field.type === "duration" ? '"$0"' : field.type === "strings" ? '["$0"]' : "$0"}`,
    detail: `${typeNames[field.type]}${field.unit === undefined ? "" : ` in ${field.unit}`}${need}`,
    documentation: field.doc,
  };
}

function blockItem(name: string, field: Extract<Field, { kind: "block" }>): Completion {
  return {
    label: name,
    kind: "block",
    insert: field.block.label ? `${name} "$0" {\n}` : `${name} {\n  $0\n}`,
    detail: writtenAs(name, field),
    documentation: field.block.doc,
  };
}

function values(schema: BlockSchema, name: string): readonly Completion[] {
  const field: Field | undefined = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
  if (field?.kind !== "attribute") return [];
  const texts =
    schema === task && name === "driver"
      ? Object.keys(drivers)
      : field.values?.filter((value) => value !== "");
  const choices = field.type === "bool" ? ["true", "false"] : (texts ?? []);
  const quoted = field.type === "string";
  return choices.map((choice) => ({
    label: choice,
    kind: "value",
    insert: quoted ? `"${choice}"` : choice,
    detail: name,
    documentation: field.doc,
  }));
}
