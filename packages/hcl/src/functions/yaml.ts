/** `yamlencode` and `yamldecode`. */
import { FunctionFault, type HclFunction } from "../function.ts";
import { formatNumber } from "../number.ts";
import { sortedEntries, stringValue, type Value } from "../value.ts";
import { parseYaml, YamlFault } from "../yaml/parse.ts";
import { anything, aString, define, textOf } from "./arguments.ts";
import { quoteJson } from "./json.ts";

export const yamlFunctions: readonly HclFunction[] = [
  define("yamlencode", [anything("value", { allowNull: true })], (value) => stringValue(encodeYaml(value))),
  define("yamldecode", [aString("src")], (text) => {
    try {
      return parseYaml(textOf(text));
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      throw new FunctionFault(error.message, 0);
    }
  }),
];

/** Block style with all strings quoted, those of several lines as literal blocks. */
function encodeYaml(value: Value): string {
  const isBare = value.kind === "null" || value.kind === "number" || value.kind === "bool";
  return `${encode(value, 0)}\n${isBare ? "...\n" : ""}`;
}

/** The text of a value as it goes on behind a dash, or on lines of its own at an indentation. */
function encode(value: Value, indentation: number): string {
  switch (value.kind) {
    case "null":
    case "unknown":
      return "null";
    case "number":
      return formatNumber(value.value);
    case "bool":
      return String(value.value);
    case "string":
      return value.value.includes("\n")
        ? literalBlock(value.value, Math.max(indentation, 2))
        : quoted(value.value);
    case "list":
    case "set":
    case "tuple":
      return value.items.length === 0
        ? "[]"
        : value.items.map((item) => `- ${encode(item, indentation + 2)}`).join(breakAt(indentation));
    default:
      return value.entries.size === 0
        ? "{}"
        : sortedEntries(value)
            .map((entry) => encodeEntry(entry, indentation))
            .join(breakAt(indentation));
  }
}

function breakAt(indentation: number): string {
  return `\n${" ".repeat(indentation)}`;
}

/** Sequences stand at the indentation of their key, mappings two blanks further in. */
function encodeEntry([name, value]: readonly [string, Value], indentation: number): string {
  const key = quoted(name);
  const isSequence =
    (value.kind === "list" || value.kind === "set" || value.kind === "tuple") && value.items.length > 0;
  if (isSequence) return `${key}:${breakAt(indentation)}${encode(value, indentation)}`;
  const isMapping = (value.kind === "map" || value.kind === "object") && value.entries.size > 0;
  if (isMapping) return `${key}:${breakAt(indentation + 2)}${encode(value, indentation + 2)}`;
  return `${key}: ${encode(value, indentation + 2)}`;
}

function quoted(text: string): string {
  // JSON's escapes are YAML's too, but the signs that matter in HTML stay as they are.
  return quoteJson(text).replace(/\\u00(3c|3e|26)/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function literalBlock(text: string, indentation: number): string {
  const body = text.replace(/\n+$/, "");
  const feeds = text.length - body.length;
  const chomping = feeds === 0 ? "-" : feeds === 1 && body !== "" ? "" : "+";
  const hint = /^[ \n]/.test(text) ? "2" : "";
  const lines = body.split("\n").map((line) => (line === "" ? "" : " ".repeat(indentation) + line));
  return `|${hint}${chomping}\n${lines.join("\n")}${"\n".repeat(Math.max(0, feeds - 1))}`;
}
