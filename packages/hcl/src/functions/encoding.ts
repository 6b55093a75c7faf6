/** Base64, URL and CSV encodings. */
import { FunctionFault, type HclFunction } from "../function.ts";
import { objectType } from "../type.ts";
import { listValue, objectValue, stringType, stringValue, type Value } from "../value.ts";
import { aString, define, textOf } from "./arguments.ts";

export const encodingFunctions: readonly HclFunction[] = [
  define("base64encode", [aString("str")], (text) =>
    stringValue(encodeBase64(new TextEncoder().encode(textOf(text)))),
  ),
  define("base64decode", [aString("str")], (text) => stringValue(decodeUtf8(decodeBase64(textOf(text))))),
  define("urlencode", [aString("str")], (text) => stringValue(urlEncode(textOf(text)))),
  define("csvdecode", [aString("str")], (text) => decodeCsv(textOf(text))),
];

const chunkLength = 0x8000;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += chunkLength) {
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkLength));
  }
  return btoa(binary);
}

/** Standard alphabet with padding; line feeds inside are skipped. */
export function decodeBase64(text: string): Uint8Array {
  const compact = text.replace(/[\r\n]/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact))
    throw new FunctionFault("failed to decode base64 data", 0);
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FunctionFault("the decoded bytes are not valid UTF-8", 0);
  }
}

/** Everything but letters, digits and `-_.~`; a blank becomes a plus sign, as in a query. */
function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** A list of objects, one for each row, named by the first row. https://www.rfc-editor.org/rfc/rfc4180 */
function decodeCsv(text: string): Value {
  const [header, ...rows] = readCsv(text);
  if (!header) throw new FunctionFault("missing header line", 0);
  const names = new Set<string>();
  const twice = header.find((name) => names.size === names.add(name).size);
  if (twice !== undefined) throw new FunctionFault(`duplicate column name "${twice}"`, 0);
  const element = objectType(header.map((name) => [name, stringType] as const));
  const objects = rows.map((row, index) => {
    if (row.length !== header.length)
      throw new FunctionFault(`wrong number of fields in row ${index + 2}`, 0);
    return objectValue(row.map((field, column) => [header[column], stringValue(field)] as const));
  });
  return listValue(element, objects);
}

const quotedField = /"((?:[^"]|"")*)"(,|\r?\n|$)/y;
const plainField = /([^",\n]*?)(,|\r?\n|$)/y;

/** Rows of fields; empty lines are skipped. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let position = 0; position < text.length || row.length > 0;) {
    if (row.length === 0 && /^\r?\n/.test(text.slice(position, position + 2))) {
      position = text.indexOf("\n", position) + 1;
      continue;
    }
    const pattern = text[position] === '"' ? quotedField : plainField;
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (!match) throw new FunctionFault(`malformed field in row ${rows.length + 1}`, 0);
    row.push(pattern === quotedField ? match[1].replaceAll('""', '"').replaceAll("\r\n", "\n") : match[1]);
    position = pattern.lastIndex;
    if (match[2] === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
