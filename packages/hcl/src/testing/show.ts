/** Values and types as a line of text, for fixtures. */
import { encodeJson } from "../functions/json.ts";
import { typeOf } from "../type.ts";
import type { Type, Value } from "../value.ts";

/** JSON, with the type in front where JSON does not tell it: `set(string) ["a"]`. */
export function showValue(value: Value): string {
  if (value.kind === "unknown") return `unknown ${showType(value.type)}`;
  const text = encodeJson(value);
  return isToldByJson(typeOf(value)) ? text : `${showType(typeOf(value))} ${text}`;
}

function isToldByJson(type: Type): boolean {
  if (type.kind === "tuple") return type.elements.every(isToldByJson);
  if (type.kind === "object") return [...type.attributes.values()].every(isToldByJson);
  return !("element" in type);
}

/** A type as a type constraint. */
export function showType(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${showType(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(showType).join(", ")}])`;
    case "object":
      return `object({${[...type.attributes].map(([name, each]) => `${name}=${showType(each)}`).join(", ")}})`;
    default:
      return type.kind;
  }
}
