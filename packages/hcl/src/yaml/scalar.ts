/** What plain scalars mean: https://yaml.org/spec/1.2.2/#103-core-schema, and the bools of YAML 1.1. */
import { parseNumber } from "../number.ts";
import { falseValue, nullValue, numberValue, stringValue, trueValue, type Value } from "../value.ts";
import { YamlFault } from "./text.ts";

const truths = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const untruths = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const nulls = /^(?:|~|null|Null|NULL)$/;
const decimal = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const moment = /^(\d{4}-\d\d-\d\d)[Tt ](\d{1,2}:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** The value of an unquoted text, under a tag if it has one. */
export function resolvePlain(text: string, tag: string | undefined): Value {
  if (tag === "!!str" || tag === "!!binary" || tag === "!") return stringValue(text);
  if (tag !== undefined && !["!!int", "!!float", "!!bool", "!!null", "!!timestamp"].includes(tag)) {
    throw new YamlFault(`the tag ${tag} is not supported`);
  }
  if (nulls.test(text)) return nullValue;
  if (truths.test(text)) return trueValue;
  if (untruths.test(text)) return falseValue;
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text))
    throw new YamlFault(`${text} is not a finite number`);
  return resolveNumber(text) ?? stringValue(resolveTime(text) ?? text);
}

function resolveNumber(text: string): Value | undefined {
  const isOther = /^0o[0-7]+$|^0x[0-9a-fA-F]+$/.test(text);
  const value = isOther
    ? parseNumber(BigInt(text).toString())
    : decimal.test(text)
      ? parseNumber(text)
      : undefined;
  return value && numberValue(value);
}

/** Dates and times are strings in the form of RFC 3339. */
function resolveTime(text: string): string | undefined {
  const day = date.exec(text);
  if (day) return `${day[1]}-${day[2].padStart(2, "0")}-${day[3].padStart(2, "0")}T00:00:00Z`;
  const time = moment.exec(text);
  return time ? `${time[1]}T${time[2].padStart(8, "0")}${time[3] ?? "Z"}` : undefined;
}
