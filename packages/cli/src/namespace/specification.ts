/**
 * The file of a namespace, HCL or JSON:
 *
 *     name        = "web"
 *     description = "our web sites"
 *     quota        { cpu = 2000, memory = 1024, allocs = 20 }
 *     capabilities { disabled_task_drivers = ["raw_exec"] }
 *     meta         { owner = "me" }
 *
 * After https://developer.hashicorp.com/nomad/docs/other-specifications/namespace; the quota's limits stand in it,
 * as there are no quotas with names.
 */
import type { Namespace } from "@fractus/client/types/namespace.ts";
import { hasErrors, renderDiagnostic, type Diagnostic, type Range } from "@fractus/hcl/diagnostic.ts";
import { evaluate } from "@fractus/hcl/evaluate.ts";
import { plain } from "@fractus/hcl/job/from-value.ts";
import { isJsonObject, type Json, type JsonObject } from "@fractus/hcl/job/json.ts";
import { parseBody } from "@fractus/hcl/parse.ts";
import { suggest } from "@fractus/hcl/suggest.ts";
import type { Body } from "@fractus/hcl/syntax.ts";
import { Failure } from "../failure.ts";
import { limitsOf } from "./limits.ts";

export type Specification = Pick<Namespace, "Name"> &
  Partial<Pick<Namespace, "Description" | "Meta" | "Limits" | "Capabilities">>;

const known = ["name", "description", "quota", "capabilities", "meta"];

/** @throws Failure with file and line for what is not understood */
export function readSpecification(fileName: string, text: string): Specification {
  const json = text.trimStart().startsWith("{") ? fromJson(fileName, text) : fromHcl(fileName, text);
  return {
    Name: textOf(fileName, "name", json.name) ?? fail(fileName, 'it needs a name: name = "web"'),
    ...(json.description !== undefined && {
      Description: textOf(fileName, "description", json.description) ?? "",
    }),
    ...(json.meta !== undefined && { Meta: textsOf(fileName, "meta", json.meta) }),
    ...(json.quota !== undefined && { Limits: limitsOf(objectOf(fileName, "quota", json.quota)) }),
    ...(json.capabilities !== undefined && { Capabilities: capabilitiesOf(fileName, json.capabilities) }),
  };
}

function fromJson(fileName: string, text: string): JsonObject {
  try {
    const json = JSON.parse(text) as JsonObject;
    for (const name of Object.keys(json)) if (!known.includes(name)) fail(fileName, unknown(name, known));
    return json;
  } catch (error) {
    if (error instanceof Failure) throw error;
    return fail(fileName, `it is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

function fromHcl(fileName: string, text: string): JsonObject {
  const { body, diagnostics } = parseBody(text, { fileName });
  const source = { name: fileName, text };
  const refuse = (diagnostic: Diagnostic): never => {
    throw new Failure(renderDiagnostic(source, diagnostic));
  };
  for (const one of diagnostics) if (hasErrors([one])) refuse(one);
  const check = (name: string, range: Range) => {
    if (!known.includes(name))
      refuse({ severity: "error", summary: "Unknown name", detail: unknown(name, known), range });
  };
  for (const { name, nameRange } of body.attributes) check(name, nameRange);
  for (const { type, typeRange } of body.blocks) check(type, typeRange);
  const json = attributesOf(body, refuse);
  for (const block of body.blocks) json[block.type] = attributesOf(block.body, refuse);
  return json;
}

function attributesOf(body: Body, refuse: (diagnostic: Diagnostic) => never): JsonObject {
  const found: JsonObject = {};
  for (const { name, expression } of body.attributes) {
    const { value, diagnostics } = evaluate(expression, { variables: new Map(), functions: new Map() });
    for (const one of diagnostics) if (hasErrors([one])) refuse(one);
    found[name] = plain(value) ?? null;
  }
  return found;
}

function capabilitiesOf(fileName: string, json: Json): NonNullable<Namespace["Capabilities"]> {
  const object = objectOf(fileName, "capabilities", json);
  const names = ["enabled_task_drivers", "disabled_task_drivers"];
  for (const name of Object.keys(object)) if (!names.includes(name)) fail(fileName, unknown(name, names));
  const list = (name: string) => {
    const value = object[name] ?? [];
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
    return fail(fileName, `"${name}" takes a list of drivers: ["exec"]`);
  };
  return {
    EnabledTaskDrivers: list("enabled_task_drivers"),
    DisabledTaskDrivers: list("disabled_task_drivers"),
  };
}

function textOf(fileName: string, name: string, value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return fail(fileName, `"${name}" takes a text`);
}

function objectOf(fileName: string, name: string, value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  return fail(fileName, `"${name}" is a block: ${name} { … }`);
}

function textsOf(fileName: string, name: string, value: Json): Record<string, string> {
  const entries = Object.entries(objectOf(fileName, name, value));
  return Object.fromEntries(
    entries.map(([key, each]) => [key, typeof each === "string" ? each : JSON.stringify(each)]),
  );
}

function unknown(name: string, among: readonly string[]): string {
  const nearest = suggest(name, among);
  return `there is no "${name}" in a namespace${nearest ? `; did you mean "${nearest}"?` : `: ${among.join(", ")}.`}`;
}

function fail(fileName: string, why: string): never {
  throw new Failure(`Error: ${fileName}: ${why.replace(/[.?]?$/, (end) => end || ".")}`);
}
