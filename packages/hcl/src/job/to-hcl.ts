/**
 * Writes the JSON of a job as a job file in HCL2: read again, it gives the same JSON. References
 * such as `${attr.cpu.arch}` stay as they are; whatever else looks like an interpolation is escaped.
 */
import { isIdentifier } from "../parse.ts";
import { jobTypeOf } from "./canonicalize.ts";
import { formatDuration } from "./duration.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { heredoc, quote, quoteLabel } from "./quote.ts";
import {
  defaultFor,
  type AttributeField,
  type BlockField,
  type BlockSchema,
  type JobType,
} from "./schema/block.ts";
import { identity } from "./schema/credentials.ts";
import { job as jobSchema } from "./schema/job.ts";
import { scalingTypes, taskScaling } from "./schema/scaling.ts";

export interface ToHclOptions {
  /**
   * Leave out what `canonicalizeJob` would fill in. Without this, every field that is present and
   * not null is written.
   */
  readonly omitDefaults?: boolean;
}

/**
 * The job file of a job. Fields that only the server sets, such as Status, are left out.
 *
 * @param job the API's JSON, with or without its defaults
 */
export function toHcl(job: JsonObject, options: ToHclOptions = {}): string {
  const writer = new Writer(jobTypeOf(job), options.omitDefaults === true);
  const { Name: name, ...rest } = job;
  writer.block("job", jobSchema, name === job.ID || name === null ? rest : job, {});
  return writer.text();
}

/** Values that a block takes over from further out where it says nothing itself. */
type Baseline = JsonObject | undefined;

class Writer {
  readonly #parts: string[] = [];
  #indent = "";
  /** Blocks are set off by an empty line, except at the start of a body. */
  #atStart = true;
  readonly #type: JobType;
  readonly #omitDefaults: boolean;

  constructor(type: JobType, omitDefaults: boolean) {
    this.#type = type;
    this.#omitDefaults = omitDefaults;
  }

  /** What was written so far. */
  text(): string {
    return this.#parts.join("");
  }

  block(name: string, schema: BlockSchema, json: JsonObject, parent: JsonObject, baseline?: Baseline): void {
    this.#open(`${name}${labelOf(schema, json)}`);
    if (schema.free) this.#free(json);
    else this.#fields(schema, json, parent, baseline);
    this.#close();
  }

  #fields(schema: BlockSchema, json: JsonObject, parent: JsonObject, baseline: Baseline): void {
    const lines: [string, string][] = [];
    for (const [name, field] of Object.entries(schema.fields)) {
      if (field.kind !== "attribute" || field.operator !== undefined) continue;
      const value = json[field.json] ?? null;
      if (value === null || isInLabel(schema, field, value)) continue;
      if (!this.#isFilledIn(field, value, json, baseline))
        lines.push([name, expressionOf(field, value, this.#indent)]);
    }
    this.#lines(lines);
    for (const [name, field] of Object.entries(schema.fields)) {
      if (field.kind === "block" && !field.folded) this.#place(name, field, json, parent);
    }
  }

  #isFilledIn(field: AttributeField, value: Json, json: JsonObject, baseline: Baseline): boolean {
    // These are filled in while the file is read, whatever the options.
    if (field.json === "Operand" && value === "=") return true;
    if (!this.#omitDefaults || mustBeStated(field, json)) return false;
    return equal(value, baseline?.[field.json] ?? defaultFor(field, this.#type));
  }

  #place(name: string, field: BlockField, json: JsonObject, parent: JsonObject): void {
    const { elsewhere } = field;
    const first = elsewhere && field.block === identity;
    if (first) this.#values(name, field, json[elsewhere.json], json, parent);
    this.#values(name, field, json[field.json], json, parent);
    if (elsewhere && !first) this.#values(name, field, json[elsewhere.json], json, parent);
  }

  #values(
    name: string,
    field: BlockField,
    value: Json | undefined,
    json: JsonObject,
    parent: JsonObject,
  ): void {
    if (Array.isArray(value)) {
      for (const item of value) if (isJsonObject(item)) this.block(name, field.block, item, json);
    } else if (field.occurs === "keyed" && isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (isJsonObject(item))
          this.block(name, field.block, { ...item, [field.block.label?.json ?? ""]: key }, json);
      }
    } else if (isJsonObject(value)) this.#single(name, field, value, json, parent);
  }

  #single(name: string, field: BlockField, value: JsonObject, json: JsonObject, parent: JsonObject): void {
    if (field.block.free && !Object.keys(value).every((key) => isIdentifier(key) && key !== "dynamic")) {
      this.#lines([[name, literal(value, this.#indent)]]);
      return;
    }
    const baseline = this.#baseline(field, parent);
    const before = { count: this.#parts.length, atStart: this.#atStart };
    const mayVanish = this.#omitDefaults && (field.filled.includes(this.#type) || baseline !== undefined);
    this.block(name, field.block, value, json, baseline);
    if (mayVanish && this.#parts.at(-1)?.endsWith("{}\n")) {
      this.#parts.length = before.count;
      this.#atStart = before.atStart;
    }
  }

  #baseline(field: BlockField, parent: JsonObject): Baseline {
    const outer = parent[inheritedFrom[field.json] ?? ""];
    const inherits = field.filled.includes(this.#type) || field.json === "CheckRestart";
    return this.#omitDefaults && inherits && isJsonObject(outer) ? outer : undefined;
  }

  /** Names of the author's own: lists of maps are blocks, other values attributes. */
  #free(json: JsonObject): void {
    const entries = Object.entries(json);
    this.#lines(
      entries
        .filter(([name, value]) => !this.#isBlocks(name, value))
        .map(([name, value]) => [name, attributeText(value, this.#indent)]),
    );
    for (const [name, value] of entries) {
      if (!this.#isBlocks(name, value)) continue;
      for (const item of value as JsonObject[]) {
        this.#open(name);
        this.#free(item);
        this.#close();
      }
    }
  }

  #isBlocks(name: string, value: Json): boolean {
    const fits = (item: Json) =>
      isJsonObject(item) && Object.keys(item).every((key) => isIdentifier(key) && key !== "dynamic");
    return name !== "dynamic" && Array.isArray(value) && value.length > 0 && value.every(fits);
  }

  #open(head: string): void {
    if (!this.#atStart) this.#parts.push("\n");
    this.#parts.push(`${this.#indent}${head} {\n`);
    this.#indent += "  ";
    this.#atStart = true;
  }

  #close(): void {
    this.#indent = this.#indent.slice(2);
    const last = this.#parts.at(-1) ?? "";
    if (last.endsWith("{\n")) this.#parts[this.#parts.length - 1] = `${last.slice(0, -1)}}\n`;
    else this.#parts.push(`${this.#indent}}\n`);
    this.#atStart = false;
  }

  /** Attributes one below the other, their equals signs in a column. */
  #lines(lines: readonly (readonly [string, string])[]): void {
    let run: (readonly [string, string])[] = [];
    const flush = () => {
      const width = run.reduce((widest, [name]) => Math.max(widest, name.length), 0);
      for (const [name, value] of run) this.#parts.push(`${this.#indent}${name.padEnd(width)} = ${value}\n`);
      run = [];
    };
    for (const line of lines) {
      if (line[1].includes("\n")) flush();
      run.push(line);
      if (line[1].includes("\n")) flush();
    }
    flush();
    if (lines.length > 0) this.#atStart = false;
  }
}

/** By JSON field: the field of the parent's parent, or of the parent, from which it inherits. */
const inheritedFrom: Readonly<Record<string, string>> = {
  Update: "Update",
  ReschedulePolicy: "Reschedule",
  Migrate: "Migrate",
  RestartPolicy: "RestartPolicy",
  CheckRestart: "CheckRestart",
};

/** A default that would come out differently because of a neighbouring field. */
function mustBeStated(field: AttributeField, json: JsonObject): boolean {
  if (field.required) return true;
  switch (field.json) {
    case "Count":
      return isJsonObject(json.Scaling);
    case "Min":
      return true;
    case "RelativeDest":
      return json.GetterMode === "file";
    case "ChangeSignal":
      return json.ChangeMode === "signal";
    case "CPU":
      return Number(json.Cores ?? 0) > 0;
    default:
      return false;
  }
}

function labelOf(schema: BlockSchema, json: JsonObject): string {
  if (!schema.label) return "";
  const value = json[schema.label.json];
  if (schema === taskScaling) return ` ${quoteLabel(resourceOf(value) ?? "cpu")}`;
  return ` ${quoteLabel(typeof value === "string" ? value : "")}`;
}

/** The resource that a type of scaling policy is about, as a label says it. */
function resourceOf(type: Json | undefined): string | undefined {
  return Object.keys(scalingTypes).find((resource) => scalingTypes[resource] === type);
}

/** Whether the label says already what an attribute would. */
function isInLabel(schema: BlockSchema, field: AttributeField, value: Json): boolean {
  return field.json === schema.label?.json && (schema !== taskScaling || resourceOf(value) !== undefined);
}

function expressionOf(field: AttributeField, value: Json, indent: string): string {
  if (field.type === "duration" && typeof value === "number") return quote(formatDuration(value));
  return literal(value, indent);
}

/** A map in parentheses is a value; without them it would count as a block, that is, a list of maps. */
function attributeText(value: Json, indent: string): string {
  return isJsonObject(value) ? `(${literal(value, indent)})` : literal(value, indent);
}

function literal(value: Json, indent: string): string {
  if (typeof value === "string") return heredoc(value) ?? quote(value);
  if (Array.isArray(value)) return list(value, indent);
  if (isJsonObject(value)) {
    const inner = `${indent}  `;
    const entries = Object.entries(value).map(
      ([name, item]) =>
        `${inner}${isIdentifier(name) && !words.has(name) ? name : quote(name)} = ${inline(item, inner)}\n`,
    );
    return entries.length === 0 ? "{}" : `{\n${entries.join("")}${indent}}`;
  }
  return JSON.stringify(value);
}

/** Identifiers that mean something else as the first word of an object. */
const words: ReadonlySet<string> = new Set(["for", "if", "in", "true", "false", "null"]);

function list(items: readonly Json[], indent: string): string {
  const short = `[${items.map((item) => inline(item, indent)).join(", ")}]`;
  if (short.length + indent.length <= 80 && !short.includes("\n")) return short;
  const inner = `${indent}  `;
  return `[\n${items.map((item) => `${inner}${inline(item, inner)},\n`).join("")}${indent}]`;
}

/** As `literal`, but without heredocs, which need a line of their own to end. */
function inline(value: Json, indent: string): string {
  return typeof value === "string" ? quote(value) : literal(value, indent);
}

function equal(a: Json, b: Json): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}
