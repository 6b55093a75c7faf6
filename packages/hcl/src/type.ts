import {
  anyType,
  boolType,
  numberType,
  type ObjectType,
  stringType,
  type Type,
  type Value,
} from "./value.ts";

/** The type of a value. */
export function typeOf(value: Value): Type {
  switch (value.kind) {
    case "null":
    case "unknown":
      return value.type;
    case "string":
      return stringType;
    case "number":
      return numberType;
    case "bool":
      return boolType;
    case "list":
    case "set":
    case "map":
      return { kind: value.kind, element: value.element };
    case "tuple":
      return { kind: "tuple", elements: value.items.map(typeOf) };
    default:
      return objectType([...value.entries].map(([name, item]) => [name, typeOf(item)]));
  }
}

export function objectType(
  attributes: Iterable<readonly [string, Type]>,
  optional: Iterable<string> = [],
): ObjectType {
  return { kind: "object", attributes: new Map(attributes), optional: new Set(optional) };
}

export function listOf(element: Type): Type {
  return { kind: "list", element };
}

export function setOf(element: Type): Type {
  return { kind: "set", element };
}

export function mapOf(element: Type): Type {
  return { kind: "map", element };
}

export const anyList = listOf(anyType);
export const stringList = listOf(stringType);

export function typesEqual(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "list":
    case "set":
    case "map":
      return a.kind === b.kind && typesEqual(a.element, b.element);
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => typesEqual(element, b.elements[index]))
      );
    case "object":
      return b.kind === "object" && objectTypesEqual(a, b);
    default:
      return a.kind === b.kind;
  }
}

function objectTypesEqual(a: ObjectType, b: ObjectType): boolean {
  if (a.attributes.size !== b.attributes.size) return false;
  return [...a.attributes].every(([name, type]) => {
    const other = b.attributes.get(name);
    return other !== undefined && typesEqual(type, other) && a.optional.has(name) === b.optional.has(name);
  });
}

/** What a type is called in a message: "list of string". */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "any":
      return "dynamic";
    case "list":
    case "set":
    case "map":
      return `${type.kind} of ${type.element.kind === "any" ? "any single type" : typeName(type.element)}`;
    default:
      return type.kind;
  }
}

/** The same type with no attribute optional: that of a value which has been converted. */
export function withoutOptional(type: Type): Type {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return { kind: type.kind, element: withoutOptional(type.element) };
    case "tuple":
      return { kind: "tuple", elements: type.elements.map(withoutOptional) };
    case "object":
      return objectType([...type.attributes].map(([name, attribute]) => [name, withoutOptional(attribute)]));
    default:
      return type;
  }
}

export function isPrimitive(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}
