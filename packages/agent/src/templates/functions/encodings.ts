/** JSON, YAML, base64 and digests. */
import { createHash, createHmac } from "node:crypto";
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { isList, isMap, sortedEntries, Struct, textOf } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { ofText, takes, text } from "./arguments.ts";

const maxDepth = 200;

export const encodingFunctions: FunctionTable = {
  toJSON: takes(1, 1, ([value]) => escapeHtml(toJson(value))),
  toUnescapedJSON: takes(1, 1, ([value]) => toJson(value)),
  toJSONPretty: takes(1, 1, ([value]) => escapeHtml(toJson(value, "  "))),
  toUnescapedJSONPretty: takes(1, 1, ([value]) => toJson(value, "  ")),
  toYAML: takes(1, 1, ([value]) => toYaml(value, 0).trimStart()),
  parseJSON: takes(1, 1, ([value], { budget }) => {
    const source = text(value);
    budget.spend(source.length >> 3);
    return parseJson(source);
  }),
  base64Encode: ofText(1, (value) => Buffer.from(value).toString("base64")),
  base64Decode: ofText(1, decodeBase64),
  base64URLEncode: ofText(1, (value) => Buffer.from(value).toString("base64").replace(/[+/]/g, urlLetter)),
  base64URLDecode: ofText(1, (value) =>
    decodeBase64(value.replace(/[-_]/g, (sign) => (sign === "-" ? "+" : "/"))),
  ),
  sha256Hex: ofText(1, (value) => createHash("sha256").update(value).digest("hex")),
  md5sum: ofText(1, (value) => createHash("md5").update(value).digest("hex")),
  hmacSHA256Hex: ofText(2, (message, key) => createHmac("sha256", key).update(message).digest("hex")),
};

function urlLetter(sign: string): string {
  return sign === "+" ? "-" : "_";
}

export function decodeBase64(value: string): string {
  const digits = value.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0)
    throw new FunctionError("this is not base64");
  return Buffer.from(digits, "base64").toString("utf8");
}

export function parseJson(source: string): Value {
  if (source === "") return new Map();
  try {
    return fromJson(JSON.parse(source), 0);
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw new FunctionError(`this is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fromJson(value: unknown, depth: number): Value {
  if (depth > maxDepth) throw new FunctionError("the JSON is nested too deeply");
  if (Array.isArray(value)) return value.map((item: unknown) => fromJson(item, depth + 1));
  if (typeof value !== "object" || value === null) return value as string | number | boolean | null;
  return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item, depth + 1)]));
}

/** Members in the order of their names, as Go writes maps. */
export function toJson(value: Value, indentation = "", depth = 0): string {
  if (depth > maxDepth) throw new FunctionError("the value is nested too deeply");
  const plain = textOf(value) ?? value;
  if (plain === null || typeof plain === "boolean" || typeof plain === "bigint") return String(plain);
  if (typeof plain === "string") return JSON.stringify(plain.toWellFormed());
  if (typeof plain === "number") {
    if (!Number.isFinite(plain)) throw new FunctionError(`JSON has no ${plain}`);
    return JSON.stringify(plain);
  }
  if (typeof plain === "function") throw new FunctionError("JSON has no functions");
  const inner = (item: Value) => toJson(item, indentation, depth + 1);
  if (isList(plain)) return wrapJson("[]", plain.map(inner), { indentation, depth });
  const members = entriesOf(plain).map(
    ([key, item]) => `${JSON.stringify(key.toWellFormed())}:${indentation && " "}${inner(item)}`,
  );
  return wrapJson("{}", members, { indentation, depth });
}

function wrapJson(
  brackets: "[]" | "{}",
  items: readonly string[],
  how: { readonly indentation: string; readonly depth: number },
): string {
  const [open, close] = brackets;
  if (!how.indentation || items.length === 0) return open + items.join(",") + close;
  const outer = `\n${how.indentation.repeat(how.depth)}`;
  return open + items.map((item) => outer + how.indentation + item).join(",") + outer + close;
}

function entriesOf(value: ReadonlyMap<string, Value> | Struct): readonly (readonly [string, Value])[] {
  return value instanceof Struct ? [...value.fields] : sortedEntries(value);
}

function escapeHtml(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Block style; text that YAML would take for something else is quoted as in JSON. https://yaml.org/spec/1.2.2/ */
function toYaml(value: Value, depth: number): string {
  if (depth > maxDepth) throw new FunctionError("the value is nested too deeply");
  const blanks = "  ".repeat(depth);
  const plain = textOf(value) ?? value;
  if (typeof plain === "string") return ` ${yamlText(plain)}`;
  if (isList(plain)) {
    if (plain.length === 0) return " []";
    return plain.map((item) => `\n${blanks}-${yamlItem(item, depth)}`).join("");
  }
  if (isMap(plain) || plain instanceof Struct) {
    const entries = entriesOf(plain);
    if (entries.length === 0) return " {}";
    return entries
      .map(([key, item]) => `\n${blanks}${yamlText(key)}:${toYaml(item, isList(item) ? depth : depth + 1)}`)
      .join("");
  }
  return ` ${toJson(plain)}`;
}

/** The first entry of a map stands behind the dash. */
function yamlItem(item: Value, depth: number): string {
  return toYaml(item, depth + 1).replace(/^\n */, " ");
}

function yamlText(value: string): string {
  const isPlain =
    /^[A-Za-z_/][\w ./@()-]*$/.test(value) &&
    !value.endsWith(" ") &&
    !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value);
  return isPlain ? value : JSON.stringify(value.toWellFormed());
}
