/**
 * A job as a client of the HTTP API sends it: `{"Job": { … }}`, or the job alone. Its fields are
 * compared with the schema; what is not known is kept, with a warning, as the API does not refuse it.
 */
import type { Diagnostic, Range } from "../diagnostic.ts";
import { excessOf } from "../file-size.ts";
import { suggest } from "../suggest.ts";
import { parseDuration } from "./duration.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { AttributeField, AttributeType, BlockSchema, Field, Occurrence } from "./schema/block.ts";
import { job as jobSchema } from "./schema/job.ts";
import { jobSizeFault } from "./size.ts";

export interface ApiJob {
  readonly job?: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks the text. Never throws. */
export function decodeApiJson(text: string): ApiJob {
  const excess = excessOf(text);
  if (excess) return { diagnostics: [excess] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { diagnostics: [syntaxFault(text, error.message)] };
  }
  const job = isJsonObject(json) && isJsonObject(json.Job) ? json.Job : json;
  if (!isJsonObject(job) || !(typeof job.ID === "string" || Array.isArray(job.TaskGroups))) {
    const detail = 'This is JSON, but no job: expected {"Job": {"ID": "…", "TaskGroups": [ … ]}}.';
    return {
      diagnostics: [{ severity: "error", summary: "Not a job", detail, range: { start: 0, end: 1 } }],
    };
  }
  const tooMuch = jobSizeFault(job);
  if (tooMuch) return { diagnostics: [tooMuch] };
  const reader = new Reader(text);
  const checked = reader.object(jobSchema, job);
  return { job: checked, diagnostics: reader.diagnostics };
}

function syntaxFault(text: string, message: string): Diagnostic {
  const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const start = Math.min(at, Math.max(0, text.length - 1));
  return {
    severity: "error",
    summary: "Invalid JSON",
    detail: `${message}.`,
    range: { start, end: start + 1 },
  };
}

/** Fields that the server adds to a job, or that follow from others. */
const furtherFields: ReadonlySet<string> = new Set([
  "ConsulNamespace",
  "CreateIndex",
  "DispatchIdempotencyToken",
  "Dispatched",
  "JobModifyIndex",
  "ModifyIndex",
  "ModifyTime",
  "NomadTokenID",
  "ParentID",
  "Payload",
  "SpecType",
  "Stable",
  "Status",
  "StatusDescription",
  "Stop",
  "SubmitTime",
  "VaultNamespace",
  "Version",
  "VersionTag",
]);

/** Nobody reads more; what comes after is left out. */
const findingLimit = 100;

class Reader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  /** Fields come in the order of the text, so each is looked for behind the one before. */
  #cursor = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(schema: BlockSchema, json: JsonObject): JsonObject {
    const places = placesOf(schema);
    const result: [string, Json][] = [];
    for (const [name, value] of Object.entries(json)) {
      const range = this.#find(name);
      const place = places.get(name);
      if (place) result.push([name, value === null ? null : this.#value(name, place, value, range)]);
      else {
        if (!furtherFields.has(name) && !schema.free) this.#unknown(name, [...places.keys()], range);
        result.push([name, value]);
      }
    }
    return Object.fromEntries(result);
  }

  #value(name: string, { field, occurs }: Place, value: Json, range: Range): Json {
    if (field.kind === "attribute") return this.#attribute(name, field, value, range);
    if (occurs === "many") {
      if (Array.isArray(value)) return value.map((item: Json) => this.#item(name, field.block, item, range));
      return this.#wrong(name, "a list of objects", value, range);
    }
    if (!isJsonObject(value)) return this.#wrong(name, "an object", value, range);
    if (occurs === "one") return field.block.free ? value : this.object(field.block, value);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#item(name, field.block, item, range)]),
    );
  }

  #item(name: string, schema: BlockSchema, item: Json, range: Range): Json {
    return isJsonObject(item) ? this.object(schema, item) : this.#wrong(name, "objects", item, range);
  }

  #attribute(name: string, field: AttributeField, value: Json, range: Range): Json {
    if (field.type === "duration" && typeof value === "string") {
      return parseDuration(value) ?? this.#wrong(name, "a whole number of nanoseconds", value, range);
    }
    const { expected, fits } = kinds[field.type];
    return fits(value) ? value : this.#wrong(name, expected, value, range);
  }

  #wrong(name: string, expected: string, value: Json, range: Range): Json {
    this.#report("error", "Unsuitable value", `${name} takes ${expected}.`, range);
    return value;
  }

  #unknown(name: string, known: readonly string[], range: Range): void {
    if (this.diagnostics.length >= findingLimit) return;
    this.#report(
      "warning",
      `Unknown field ${name}`,
      `The API knows no field ${name} here.`,
      range,
      suggest(name, known),
    );
  }

  #find(name: string): Range {
    const quoted = JSON.stringify(name);
    const start = this.#text.indexOf(quoted, this.#cursor);
    if (start < 0) return { start: this.#cursor, end: this.#cursor };
    this.#cursor = start + quoted.length;
    return { start, end: this.#cursor };
  }

  #report(
    severity: "error" | "warning",
    summary: string,
    detail: string,
    range: Range,
    suggestion?: string,
  ): void {
    if (this.diagnostics.length >= findingLimit) return;
    const diagnostic: Diagnostic = { severity, summary, detail, range };
    this.diagnostics.push(suggestion === undefined ? diagnostic : { ...diagnostic, suggestion });
  }
}

interface Place {
  readonly field: Field;
  readonly occurs: Occurrence;
}

function placesOf(schema: BlockSchema): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  if (schema.label) places.set(schema.label.json, { field: labelField, occurs: "one" });
  for (const field of Object.values(schema.fields)) {
    if (field.kind === "attribute") {
      if (field.operator === undefined) places.set(field.json, { field, occurs: "one" });
    } else if (!field.folded) {
      places.set(field.json, { field, occurs: field.occurs });
      if (field.elsewhere) places.set(field.elsewhere.json, { field, occurs: field.elsewhere.occurs });
    }
  }
  return places;
}

const labelField: AttributeField = {
  kind: "attribute",
  json: "",
  type: "string",
  doc: "",
  required: true,
  default: "",
};

const isString = (value: Json) => typeof value === "string";
const isWhole = (value: Json) => Number.isInteger(value);

const kinds: Readonly<Record<AttributeType, { expected: string; fits: (value: Json) => boolean }>> = {
  string: { expected: "a string", fits: isString },
  integer: { expected: "a whole number", fits: isWhole },
  number: { expected: "a number", fits: (value) => typeof value === "number" },
  bool: { expected: "true or false", fits: (value) => typeof value === "boolean" },
  duration: { expected: "a whole number of nanoseconds", fits: isWhole },
  strings: { expected: "a list of strings", fits: (value) => Array.isArray(value) && value.every(isString) },
  integers: {
    expected: "a list of whole numbers",
    fits: (value) => Array.isArray(value) && value.every(isWhole),
  },
  map: {
    expected: "a map of strings",
    fits: (value) => isJsonObject(value) && Object.values(value).every(isString),
  },
  anything: { expected: "a value", fits: () => true },
};
