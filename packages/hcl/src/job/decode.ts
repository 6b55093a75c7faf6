/**
 * Reads the body of a job file by the schema: blocks and expressions become the JSON of the API,
 * with exactly the fields that were written. Whatever the schema does not know is an error that
 * says what is allowed there; reading goes on, so that one run shows several errors.
 */
import type { Diagnostic, Range } from "../diagnostic.ts";
import { suggest } from "../suggest.ts";
import type { Attribute, Block, Body, Expression } from "../syntax.ts";
import type { Value } from "../value.ts";
import { checkDriverConfig, type Weight } from "./driver-config.ts";
import { describe, fromValue, listOf, plain, textOf } from "./from-value.ts";
import type { Json, JsonObject } from "./json.ts";
import { bodyOfObject, bodiesOfValue } from "./object-body.ts";
import { finishers } from "./normalise.ts";
import type { Origin, Origins } from "./origin.ts";
import {
  requiredFields,
  type AttributeField,
  type BlockField,
  type BlockSchema,
  type Field,
} from "./schema/block.ts";
import { homesOf, writtenAs } from "./schema/places.ts";
import { task } from "./schema/task.ts";

export interface DecodeOptions {
  /** The value of an expression; faults are reported by whoever evaluates, and the value is unknown. */
  readonly evaluate: (expression: Expression) => Value;
  readonly dialect: "hcl1" | "hcl2";
  readonly report: (diagnostic: Diagnostic) => void;
  /** Warn about blocks that are legal but have no effect here. */
  readonly reportUnsupported: boolean;
  /** What to make of settings that the driver of a task does not know. */
  readonly driverConfig: Weight;
}

export interface Decoded {
  readonly json: JsonObject;
  readonly origins: Origins;
}

/** Decodes the inside of one block, or of a whole file, without dynamic blocks. Never throws. */
export function decodeBody(schema: BlockSchema, body: Body, options: DecodeOptions): Decoded {
  const decoder = new Decoder(options);
  return { json: decoder.body(schema, body, body), origins: decoder.origins };
}

/** Nobody reads more; what comes after is left out. */
const errorLimit = 100;

class Decoder {
  readonly origins: Origins = new WeakMap();
  readonly #options: DecodeOptions;
  #errors = 0;

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  body(schema: BlockSchema, body: Body, range: Range, initial: JsonObject = {}): JsonObject {
    if (schema.free) return this.#freeBody(schema, body, range);
    const json: JsonObject = { ...initial };
    const fields = new Map<string, Range>();
    this.origins.set(json, { range: { start: range.start, end: range.end }, fields });
    const written = new Set<string>();
    for (const attribute of body.attributes) {
      this.#attribute(schema, attribute, json, fields);
      written.add(attribute.name);
    }
    for (const block of body.blocks) {
      this.#block(schema, block, json, fields, written);
      written.add(block.type);
    }
    this.#requireFields(schema, written, range);
    if (schema === task) this.#driverConfig(json, body);
    finishers.get(schema)?.(json);
    return json;
  }

  #attribute(schema: BlockSchema, attribute: Attribute, json: JsonObject, fields: Map<string, Range>): void {
    const field = fieldOf(schema, attribute.name);
    if (field?.kind === "attribute") {
      this.#warnOfAge(attribute.name, field, attribute.nameRange);
      const value = this.#options.evaluate(attribute.expression);
      this.#store(attribute, field, value, json, fields);
    } else if (field?.kind === "block") this.#assignedBlock(attribute, field, json, fields);
    else this.#unknown(schema, attribute.name, attribute.nameRange, "attribute");
  }

  #store(
    attribute: Attribute,
    field: AttributeField,
    value: Value,
    json: JsonObject,
    fields: Map<string, Range>,
  ): void {
    if (value.kind === "unknown") return;
    const conversion = fromValue(field.type, value);
    if ("expected" in conversion) {
      const detail = `${attribute.name} takes ${conversion.expected}, but this is ${describe(value)}.`;
      this.#error("Unsuitable value", detail, attribute.expression);
    } else if (conversion.json !== undefined) {
      const isFlag = field.operator !== undefined && field.type === "bool";
      // The text of a flag is what the operator compares with.
      json[field.json] = isFlag ? JSON.stringify(conversion.json) : conversion.json;
      if (field.operator !== undefined) json.Operand = field.operator;
      fields.set(field.json, attribute.nameRange);
      const { json: stored } = conversion;
      const reason = Object.entries(field.unsupported ?? {}).find(([value]) => value === stored)?.[1];
      this.#warnOfNoEffect(`${attribute.name} = ${JSON.stringify(stored)}`, reason, attribute.nameRange);
    }
  }

  #warnOfNoEffect(what: string, reason: string | undefined, range: Range): void {
    if (reason === undefined || !this.#options.reportUnsupported) return;
    const detail = `${what} is read and kept, but it has no effect: ${reason}.`;
    this.#options.report({ severity: "warning", summary: "Without effect", detail, range });
  }

  /** `name = { … }` for a block: lawful where the names inside are the author's own, and in HCL1. */
  #assignedBlock(
    attribute: Attribute,
    field: BlockField,
    json: JsonObject,
    fields: Map<string, Range>,
  ): void {
    const { name, nameRange, expression } = attribute;
    const bodies = this.#options.dialect === "hcl1" ? bodiesOfValue(expression) : undefined;
    for (const body of bodies ?? []) {
      const block: Block = {
        type: name,
        typeRange: nameRange,
        labels: [],
        body,
        start: attribute.start,
        end: attribute.end,
      };
      this.#warnOfAge(name, field, nameRange);
      this.#knownBlock(block, field, json, fields);
    }
    if (bodies) return;
    if (field.block.free) {
      const map = this.#assignedMap(field.block, attribute);
      if (map) this.#addBlock(name, field, map, undefined, json, nameRange);
      if (map) fields.set(field.json, nameRange);
    } else {
      const detail = `${name} is a block, so it is written without the equals sign: ${writtenAs(name, field)}.`;
      this.#error("Block expected", detail, nameRange, `${name} {`);
    }
  }

  #assignedMap(schema: BlockSchema, { name, expression }: Attribute): JsonObject | undefined {
    const value = this.#options.evaluate(expression);
    if (value.kind === "unknown" || value.kind === "null") return undefined;
    if (value.kind !== "map" && value.kind !== "object") {
      this.#error("Unsuitable value", `${name} takes a map, but this is ${describe(value)}.`, expression);
      return undefined;
    }
    const json: JsonObject = {};
    for (const [key, item] of value.entries) {
      const converted = item.kind === "unknown" ? undefined : this.#freeJson(schema, key, item, expression);
      if (converted !== undefined) setOwn(json, key, converted);
    }
    return json;
  }

  #block(
    schema: BlockSchema,
    block: Block,
    json: JsonObject,
    fields: Map<string, Range>,
    written: Set<string>,
  ): void {
    const field = fieldOf(schema, block.type);
    if (field?.kind === "block") {
      const repeated = field.occurs === "one" && written.has(block.type);
      const mayMerge = this.#options.dialect === "hcl1" && field.block.free !== undefined;
      if (repeated && !mayMerge) {
        const detail = `There may be one ${block.type} block here, and this is another one.`;
        this.#error("Duplicate block", detail, block.typeRange);
      } else {
        this.#warnOfAge(block.type, field, block.typeRange);
        this.#knownBlock(block, field, json, fields);
      }
    } else if (field?.kind === "attribute") this.#blockForAttribute(block, field, json, fields);
    else this.#unknown(schema, block.type, block.typeRange, "block");
  }

  #knownBlock(block: Block, field: BlockField, json: JsonObject, fields: Map<string, Range>): void {
    const label = this.#label(block, field.block);
    if (label === false) return;
    this.#warnOfNoEffect(block.type, field.block.unsupported, block.typeRange);
    const range = headRange(block);
    const initial: JsonObject =
      field.block.label && label !== undefined ? { [field.block.label.json]: label } : {};
    const inner = this.body(field.block, block.body, range, initial);
    this.#addBlock(block.type, field, inner, label, json, range);
    fields.set(field.json, range);
  }

  #addBlock(
    name: string,
    field: BlockField,
    inner: JsonObject,
    label: string | undefined,
    json: JsonObject,
    range: Range,
  ): void {
    const present = json[field.json];
    if (field.occurs === "many") {
      if (Array.isArray(present)) present.push(inner);
      else json[field.json] = [inner];
    } else if (field.occurs === "one")
      json[field.json] = present === undefined ? inner : { ...(present as JsonObject), ...inner };
    else this.#addByLabel(name, label ?? "", inner, (json[field.json] ??= {}) as JsonObject, range);
  }

  #addByLabel(name: string, label: string, inner: JsonObject, blocks: JsonObject, range: Range): void {
    if (Object.hasOwn(blocks, label)) {
      this.#error("Duplicate block", `There is already a ${name} block "${label}" here.`, range);
    } else setOwn(blocks, label, inner);
  }

  /** `args { … }` where `args = { … }` is meant: lawful in HCL1 only. */
  #blockForAttribute(
    block: Block,
    field: AttributeField,
    json: JsonObject,
    fields: Map<string, Range>,
  ): void {
    if (field.type === "map" && block.labels.length === 0) {
      json[field.json] = this.#freeBody(
        { page: "", doc: "", fields: {}, free: "strings" },
        block.body,
        block,
      );
      fields.set(field.json, block.typeRange);
      return;
    }
    const detail = `${block.type} is an attribute, so it takes an equals sign and a value: ${writtenAs(block.type, field)}.`;
    this.#error("Attribute expected", detail, block.typeRange, `${block.type} =`);
  }

  /** The label of a block that has one; false if the labels are not as they should be. */
  #label(block: Block, schema: BlockSchema): string | undefined | false {
    const { label } = schema;
    const surplus = block.labels[label ? 1 : 0];
    if (surplus) {
      const detail = label
        ? `${aBlock(block)} has one label, its ${label.name}.`
        : `${aBlock(block)} has no label.`;
      this.#error("Unexpected label", detail, surplus);
      return false;
    }
    if (!label) return undefined;
    const [first] = block.labels;
    if (!first) {
      const detail = `${aBlock(block)} needs a label, its ${label.name}: ${block.type} "…" { … }.`;
      this.#error("Missing label", detail, block.typeRange);
      return false;
    }
    if (label.values && !label.values.includes(first.text.toLowerCase())) {
      const detail = `The label of a ${block.type} block is one of ${label.values.join(", ")}, not ${JSON.stringify(first.text)}.`;
      this.#error("Unsuitable label", detail, first, suggest(first.text, label.values));
      return false;
    }
    return label.values ? first.text.toLowerCase() : first.text;
  }

  /** The inside of a block whose names are the author's own. */
  #freeBody(schema: BlockSchema, body: Body, range: Range): JsonObject {
    const json: JsonObject = {};
    const fields = new Map<string, Range>();
    const origin: Origin = { range: { start: range.start, end: range.end }, fields };
    this.origins.set(json, origin);
    for (const attribute of body.attributes) {
      const value = this.#freeValue(schema, attribute);
      if (value !== undefined) setOwn(json, attribute.name, value);
      fields.set(attribute.name, attribute.nameRange);
    }
    for (const block of body.blocks) {
      if (schema.free === "anything") this.#freeBlock(schema, block, json);
      else {
        const detail = `Only names with texts stand here, as in name = "text"; ${block.type} is a block.`;
        this.#error("Attribute expected", detail, block.typeRange);
      }
      fields.set(block.type, block.typeRange);
    }
    return json;
  }

  #freeValue(schema: BlockSchema, attribute: Attribute): Json | undefined {
    const { name, expression } = attribute;
    const value = this.#options.evaluate(expression);
    if (value.kind === "unknown") return undefined;
    const json = this.#freeJson(schema, name, value, expression);
    // A map that is written out counts as a block, and blocks are lists of maps.
    return schema.free === "anything" && isWrittenOut(expression) && json !== undefined ? [json] : json;
  }

  #freeJson(schema: BlockSchema, name: string, value: Value, expression: Expression): Json | undefined {
    if (schema.free === "anything") return plain(value);
    const json = schema.free === "lists" ? listOf(value, textOf) : textOf(value);
    if (json === undefined) {
      const expected = schema.free === "lists" ? "a list of strings" : "a string";
      this.#error(
        "Unsuitable value",
        `${name} takes ${expected}, but this is ${describe(value)}.`,
        expression,
      );
    }
    return json;
  }

  /** Blocks of one type become a list of maps; each label is one more map around it. */
  #freeBlock(schema: BlockSchema, block: Block, json: JsonObject): void {
    let inner: Json = this.#freeBody(schema, block.body, block);
    for (const label of block.labels.toReversed()) inner = { [label.text]: [inner] };
    const present = Object.hasOwn(json, block.type) ? json[block.type] : undefined;
    if (Array.isArray(present)) present.push(inner);
    else setOwn(json, block.type, [inner]);
  }

  #requireFields(schema: BlockSchema, written: ReadonlySet<string>, range: Range): void {
    for (const [name, field] of requiredFields(schema)) {
      if (written.has(name)) continue;
      const detail = `${writtenAs(name, field)} is needed here. ${field.kind === "attribute" ? field.doc : field.block.doc}`;
      this.#error(`Missing ${field.kind}`, detail, range);
    }
  }

  #unknown(schema: BlockSchema, name: string, range: Range, kind: "attribute" | "block"): void {
    if (this.#errors >= errorLimit) return;
    const allowed = Object.keys(schema.fields);
    const nearest = suggest(name, allowed);
    const here =
      allowed.length === 0 ? "Nothing may stand here." : `Allowed here: ${allowed.toSorted().join(", ")}.`;
    this.#error(`Unknown ${kind} ${name}`, `${misplaced(name, nearest)}${here}`, range, nearest);
  }

  #warnOfAge(name: string, field: Field, range: Range): void {
    if (field.deprecated === undefined) return;
    const detail = `${name} is out of date. ${field.deprecated}`;
    this.#options.report({ severity: "warning", summary: "Out of date", detail, range });
  }

  #driverConfig(json: JsonObject, body: Body): void {
    if (typeof json.Driver !== "string") return;
    const configs = [
      ...body.blocks.filter((block) => block.type === "config").map((block) => block.body),
      ...body.attributes
        .filter((attribute) => attribute.name === "config")
        .map((attribute) => bodyOfObject(attribute.expression))
        .filter((each) => each !== undefined),
    ];
    checkDriverConfig(json.Driver, json.Config, configs, this.#options.driverConfig).forEach(
      this.#options.report,
    );
  }

  #error(summary: string, detail: string, { start, end }: Range, suggestion?: string): void {
    if (++this.#errors > errorLimit) return;
    const diagnostic: Diagnostic = { severity: "error", summary, detail, range: { start, end } };
    this.#options.report(suggestion === undefined ? diagnostic : { ...diagnostic, suggestion });
  }
}

function fieldOf(schema: BlockSchema, name: string): Field | undefined {
  return Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
}

/** Says where a name is at home that is known, but not here. */
function misplaced(name: string, nearest: string | undefined): string {
  const homes = homesOf(name);
  if (homes.length === 0 || nearest !== undefined) return "";
  const listed = homes.slice(0, 3).join(" or in ");
  return `${name} belongs into ${listed}. `;
}

/** Whether a map is spelt out here. Where dynamic blocks were replaced, it has become a literal. */
function isWrittenOut(expression: Expression): boolean {
  return (
    expression.kind === "object" || (expression.kind === "literal" && expression.value.kind === "object")
  );
}

/** Names are the author's own, so one of them may be `__proto__`. */
function setOwn(json: JsonObject, name: string, value: Json): void {
  Object.defineProperty(json, name, { value, enumerable: true, writable: true, configurable: true });
}

function aBlock({ type }: Block): string {
  return `${/^[aeiou]/.test(type) ? "An" : "A"} ${type} block`;
}

function headRange(block: Block): Range {
  return { start: block.typeRange.start, end: block.labels.at(-1)?.end ?? block.typeRange.end };
}
