/** Compares the `config` of a task with what its driver understands. */
import type { Diagnostic, Range } from "../diagnostic.ts";
import { suggest } from "../suggest.ts";
import type { Body } from "../syntax.ts";
import { isJsonObject, type Json } from "./json.ts";
import type { AttributeField, BlockSchema } from "./schema/block.ts";
import { drivers } from "./schema/drivers.ts";

type Finding = Omit<Diagnostic, "severity">;

/** How much it matters that a driver will not understand a setting. */
export type Weight = "error" | "warning" | "ignore";

/**
 * What the driver will not understand, and what is out of date: unknown names, missing settings, unsuitable values. Nothing
 * for a driver that is not known here. Texts may hold references that are resolved on the node, so
 * any text passes for a number or a flag if it has one in it.
 *
 * @param bodies where the config stands in the file, for positions
 */
export function checkDriverConfig(
  driver: string,
  config: Json | undefined,
  bodies: readonly Body[],
  weight: Weight,
): Diagnostic[] {
  if (weight === "ignore" || !Object.hasOwn(drivers, driver)) return [];
  const schema = drivers[driver];
  if (schema.free) return [];
  return [
    ...misunderstood(driver, config, bodies, schema).map((finding): Diagnostic => ({
      ...finding,
      severity: weight,
    })),
    ...outOfDate(bodies, schema).map((finding): Diagnostic => ({ ...finding, severity: "warning" })),
  ];
}

function outOfDate(bodies: readonly Body[], schema: BlockSchema): Finding[] {
  return bodies.flatMap(namesIn).flatMap(({ name, range }) => {
    const advice = Object.hasOwn(schema.fields, name) ? schema.fields[name].deprecated : undefined;
    return advice === undefined
      ? []
      : [{ summary: "Out of date", detail: `${name} is out of date. ${advice}`, range }];
  });
}

function misunderstood(
  driver: string,
  config: Json | undefined,
  bodies: readonly Body[],
  schema: BlockSchema,
): Finding[] {
  const findings: Finding[] = [];
  const names = bodies.flatMap(namesIn);
  for (const { name, range } of names) {
    if (!Object.hasOwn(schema.fields, name)) findings.push(unknownSetting(driver, name, range, schema));
  }
  if (isJsonObject(config)) {
    for (const { name, range } of names) {
      const finding = unsuitable(driver, name, config[name], schema, range);
      if (finding) findings.push(finding);
    }
  }
  const [body] = bodies;
  if (body) findings.push(...missingSettings(driver, schema, new Set(names.map((each) => each.name)), body));
  return findings;
}

function namesIn(body: Body): { name: string; range: Range }[] {
  return [
    ...body.attributes.map((attribute) => ({ name: attribute.name, range: attribute.nameRange })),
    ...body.blocks.map((block) => ({ name: block.type, range: block.typeRange })),
  ];
}

function unknownSetting(driver: string, name: string, range: Range, schema: BlockSchema): Finding {
  const known = Object.keys(schema.fields);
  const nearest = suggest(name, known);
  const detail = `The driver ${driver} does not know ${name}. It knows ${known.toSorted().join(", ")}.`;
  const finding = { summary: `Unknown setting ${name}`, detail, range };
  return nearest === undefined ? finding : { ...finding, suggestion: nearest };
}

function missingSettings(
  driver: string,
  schema: BlockSchema,
  written: ReadonlySet<string>,
  body: Body,
): Finding[] {
  return Object.entries(schema.fields)
    .filter(([name, field]) => field.required && !written.has(name))
    .map(([name]) => ({
      summary: "Missing setting",
      detail: `The driver ${driver} needs ${name}.`,
      range: { start: body.start, end: Math.min(body.end, body.start + 1) },
    }));
}

function unsuitable(
  driver: string,
  name: string,
  json: Json | undefined,
  schema: BlockSchema,
  range: Range,
): Finding | undefined {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
  if (json === undefined || json === null || !field) return undefined;
  if (field.kind === "block") {
    if (Array.isArray(json) ? json.every(isJsonObject) : isJsonObject(json)) return undefined;
    return { summary: "Unsuitable setting", detail: `${name} of the driver ${driver} takes a block.`, range };
  }
  if (suits(field, json)) return undefined;
  const detail = `${name} of the driver ${driver} takes ${expectations[field.type] ?? "another value"}.`;
  return { summary: "Unsuitable setting", detail, range };
}

const expectations: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "a number",
  bool: "true or false",
  strings: "a list of strings",
};

function suits(field: AttributeField, json: Json): boolean {
  if (typeof json === "string" && json.includes("${")) return true;
  if (field.type === "strings") return Array.isArray(json) && json.every((item) => isScalar(item));
  if (field.type === "integer")
    return typeof json === "number" || (typeof json === "string" && /^-?\d+$/.test(json));
  if (field.type === "bool") return typeof json === "boolean" || json === "true" || json === "false";
  return isScalar(json);
}

function isScalar(json: Json): boolean {
  return typeof json !== "object";
}
