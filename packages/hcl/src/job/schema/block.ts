/**
 * The words in which the schema of the job file is written down: a block is a record of fields, a
 * field is an attribute or a place for further blocks. Decoding, defaults, validation, the way back
 * to text, documentation and completion are all read from these records.
 *
 * The job file is described at https://developer.hashicorp.com/nomad/docs/job-specification; each
 * block names its own page there.
 */
import type { Json } from "../json.ts";

export type JobType = "service" | "batch" | "system" | "sysbatch";

export const jobTypes: readonly JobType[] = ["service", "batch", "system", "sysbatch"];

/**
 * What may stand right of `=`. A duration is text such as "1m30s", or a whole number of
 * nanoseconds; the API holds nanoseconds. `map` is a map of strings, `anything` is passed through.
 */
export type AttributeType =
  | "string"
  | "integer"
  | "number"
  | "bool"
  | "duration"
  | "strings"
  | "integers"
  | "map"
  | "anything";

/** A value that is filled in: one for all jobs, or one for each type of job. */
export type Default = Json | { readonly byType: Readonly<Record<JobType, Json>> };

export interface AttributeField {
  readonly kind: "attribute";
  /** The name of the field in the API's JSON. */
  readonly json: string;
  readonly type: AttributeType;
  /** One sentence for a person. */
  readonly doc: string;
  readonly required: boolean;
  /** What the canonical form says where the file says nothing, in the API's units. */
  readonly default: Default;
  /** The only lawful values, where these can be listed. */
  readonly values?: readonly string[];
  readonly unit?: "MB" | "MHz" | "Mbit/s" | "%";
  /** What to write instead. */
  readonly deprecated?: string;
  /** Values that are legal and carried through, but without effect here, and why. */
  readonly unsupported?: Readonly<Record<string, string>>;
  /** The attribute is short for this operator together with a value: `version = "> 1"`. */
  readonly operator?: string;
}

/** How many blocks there may be, and whether the JSON holds an object, a list, or a map by label. */
export type Occurrence = "one" | "many" | "keyed";

export interface BlockField {
  readonly kind: "block";
  readonly json: string;
  readonly occurs: Occurrence;
  readonly block: BlockSchema;
  readonly required: boolean;
  /** The types of job in whose canonical form the block stands even if the file has none. */
  readonly filled: readonly JobType[];
  /** The JSON has nothing under this name here: what is written goes down to the tasks. */
  readonly folded: boolean;
  /** A further field of the JSON that holds such objects. */
  readonly elsewhere?: { readonly json: string; readonly occurs: Occurrence };
  readonly deprecated?: string;
}

export type Field = AttributeField | BlockField;

export interface Label {
  /** What the label is, for messages: "task name". */
  readonly name: string;
  /** The JSON field that holds it. */
  readonly json: string;
  readonly values?: readonly string[];
}

export interface BlockSchema {
  /** The last part of the address of the block's public page. */
  readonly page: string;
  readonly doc: string;
  readonly label?: Label;
  readonly fields: Readonly<Record<string, Field>>;
  /**
   * The names inside are the author's own: texts (`meta`, `env`), lists of texts (`header`), or
   * anything at all (`config`), where nested blocks become lists of maps. Such a block may also be
   * written `name = { … }`, for names that are no identifiers.
   */
  readonly free?: "strings" | "lists" | "anything";
  /** Legal and carried through to the JSON, but without effect here, and why. */
  readonly unsupported?: string;
}

type AttributeOptions = Partial<
  Pick<AttributeField, "required" | "default" | "values" | "unit" | "deprecated" | "unsupported" | "operator">
>;

type AttributeBuilder = (json: string, doc: string, options?: AttributeOptions) => AttributeField;

function attribute(type: AttributeType, absent: Json): AttributeBuilder {
  return (json, doc, options = {}) => ({
    kind: "attribute",
    json,
    type,
    doc,
    required: false,
    default: absent,
    ...options,
  });
}

export const string = attribute("string", "");
export const integer = attribute("integer", 0);
export const number = attribute("number", 0);
export const bool = attribute("bool", false);
export const duration = attribute("duration", 0);
export const strings = attribute("strings", null);
export const integers = attribute("integers", null);
export const map = attribute("map", null);
export const anything = attribute("anything", null);

type BlockOptions = Partial<Pick<BlockField, "required" | "filled" | "folded" | "elsewhere" | "deprecated">>;

type PlaceBuilder = (json: string, block: BlockSchema, options?: BlockOptions) => BlockField;

function place(occurs: Occurrence): PlaceBuilder {
  return (json, block, options = {}) => ({
    kind: "block",
    json,
    occurs,
    block,
    required: false,
    filled: [],
    folded: false,
    ...options,
  });
}

/** At most one block; the JSON holds an object. */
export const one = place("one");
/** Any number of blocks; the JSON holds a list. */
export const many = place("many");
/** Any number of blocks with different labels; the JSON holds a map by label. */
export const keyed = place("keyed");

/** One value for each type of job. */
export function byType(values: Readonly<Record<JobType, Json>>): Default {
  return { byType: values };
}

export const milliseconds = (count: number): number => count * 1_000_000;
export const seconds = (count: number): number => milliseconds(count * 1000);
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);

/** The default that holds for jobs of one type. */
export function defaultFor(field: AttributeField, type: JobType): Json {
  const value = field.default;
  return isByType(value) ? value.byType[type] : value;
}

export function isByType(value: Default): value is { readonly byType: Readonly<Record<JobType, Json>> } {
  return typeof value === "object" && value !== null && "byType" in value;
}

/** The public page of a block. */
export function pageOf(block: BlockSchema): string {
  return block.page.includes("/")
    ? `https://developer.hashicorp.com/nomad/docs/${block.page}`
    : `https://developer.hashicorp.com/nomad/docs/job-specification/${block.page}`;
}

const requiredBySchema = new WeakMap<BlockSchema, readonly (readonly [string, Field])[]>();

/** The fields that must be there. Worked out once for each block, as every file asks for them. */
export function requiredFields(block: BlockSchema): readonly (readonly [string, Field])[] {
  const known = requiredBySchema.get(block);
  if (known) return known;
  const required = Object.entries(block.fields).filter(([, field]) => field.required);
  requiredBySchema.set(block, required);
  return required;
}
