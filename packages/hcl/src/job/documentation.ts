/** The reference of the job file in Markdown, written from the schema. */
import { formatDuration } from "./duration.ts";
import type { Json } from "./json.ts";
import {
  isByType,
  jobTypes,
  pageOf,
  type AttributeField,
  type BlockField,
  type BlockSchema,
} from "./schema/block.ts";
import { drivers } from "./schema/drivers.ts";
import { jobFile } from "./schema/file.ts";
import { writtenAs } from "./schema/places.ts";

/**
 * One section for each kind of block, with where it stands and a table of what it holds, and one
 * for the settings of each driver. Ends with a line feed.
 */
export function jobFileReference(): string {
  const sections = [...collect()].map(([block, places]) => section(block, places));
  const settings = Object.entries(drivers).map(([name, block]) => driverSection(name, block));
  return (
    [
      `# The job file\n\n${jobFile.doc}`,
      ...table(jobFile),
      ...sections,
      "# Settings of the drivers",
      ...settings,
    ].join("\n\n") + "\n"
  );
}

/** Each block with the paths at which it stands, in the order in which they are first met. */
function collect(): ReadonlyMap<BlockSchema, readonly string[]> {
  const places = new Map<BlockSchema, string[]>();
  const visit = (block: BlockSchema, path: readonly string[]) => {
    for (const [name, field] of Object.entries(block.fields)) {
      if (field.kind !== "block") continue;
      const here = [...path, name];
      const known = places.get(field.block);
      if (known) known.push(here.join(" > "));
      else places.set(field.block, [here.join(" > ")]);
      if (!known) visit(field.block, here);
    }
  };
  visit(jobFile, []);
  return places;
}

function section(block: BlockSchema, places: readonly string[]): string {
  const names = new Set(places.map((place) => place.slice(place.lastIndexOf(" ") + 1)));
  const parts = [
    `## ${[...names].join(", ")}`,
    block.doc,
    `Stands at: ${places.map((place) => `\`${place}\``).join(", ")}. [Public page](${pageOf(block)}).`,
  ];
  if (block.label) parts.push(`Its label is the ${block.label.name}.`);
  if (block.unsupported !== undefined) parts.push(`**Without effect**: ${block.unsupported}.`);
  if (block.free) parts.push(freeNames[block.free]);
  return [...parts, ...table(block)].join("\n\n");
}

const freeNames: Readonly<Record<NonNullable<BlockSchema["free"]>, string>> = {
  strings: "Names are the author's own, values are texts.",
  lists: "Names are the author's own, values are lists of texts.",
  anything: "Names and values are the author's own; blocks become lists of maps.",
};

function driverSection(name: string, block: BlockSchema): string {
  return [`## ${name}`, `${block.doc} [Public page](${pageOf(block)}).`, ...table(block)].join("\n\n");
}

function table(block: BlockSchema): readonly string[] {
  const rows = Object.entries(block.fields).map(([name, field]) =>
    field.kind === "attribute" ? attributeRow(name, field) : blockRow(name, field),
  );
  return rows.length === 0 ? [] : [["| Name | Type | Default | |", "|---|---|---|---|", ...rows].join("\n")];
}

function attributeRow(name: string, field: AttributeField): string {
  const unit = field.unit === undefined ? "" : ` (${field.unit})`;
  const values = field.values
    ? ` One of ${field.values
        .filter((value) => value !== "")
        .map((value) => `\`${value}\``)
        .join(", ")}.`
    : "";
  const initial = field.required ? "required" : field.operator === undefined ? defaultText(field) : "";
  return row(
    name,
    `${typeNames[field.type]}${unit}`,
    initial,
    `${field.doc}${values}${ageNote(field.deprecated)}`,
  );
}

function blockRow(name: string, field: BlockField): string {
  const count = field.required ? "required" : field.occurs === "one" ? "at most one" : "any number";
  return row(
    name,
    `block \`${writtenAs(name, field)}\``,
    count,
    `${field.block.doc}${ageNote(field.deprecated)}`,
  );
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function ageNote(advice: string | undefined): string {
  return advice === undefined ? "" : ` Out of date. ${advice}`;
}

/** Types in the words of the file. */
export const typeNames: Readonly<Record<AttributeField["type"], string>> = {
  string: "string",
  integer: "whole number",
  number: "number",
  bool: "bool",
  duration: "duration",
  strings: "list of strings",
  integers: "list of whole numbers",
  map: "map of strings",
  anything: "any",
};

function defaultText(field: AttributeField): string {
  const { default: initial } = field;
  if (!isByType(initial)) return valueText(field, initial);
  const groups = Map.groupBy(jobTypes, (type) => valueText(field, initial.byType[type]));
  return [...groups]
    .filter(([text]) => text !== "")
    .map(([text, types]) => `${text} (${types.join(", ")})`)
    .join("; ");
}

function valueText(field: AttributeField, value: Json): string {
  if (value === null || value === "") return "";
  if (field.type === "duration" && typeof value === "number") return `\`"${formatDuration(value)}"\``;
  return `\`${JSON.stringify(value)}\``;
}
