/** Reaching into values: `value.name` and `value[key]`. Faults are `EvaluationFault`s. */
import { convertible } from "./convert.ts";
import { EvaluationFault } from "./fault.ts";
import { isInteger, toDouble } from "./number.ts";
import { suggest } from "./suggest.ts";
import { typeName } from "./type.ts";
import { numberType, stringType, type Type, unknownValue, type Value } from "./value.ts";

/** The attribute of an object or the element of a map. */
export function getAttribute(value: Value, name: string): Value {
  if (value.kind === "null") {
    throw new EvaluationFault("Attribute of null", "This value is null, so it has no attributes.");
  }
  if (value.kind === "unknown") return attributeOfUnknown(value.type, name);
  if (value.kind !== "object" && value.kind !== "map") throw noAttributes(value, name);
  const found = value.entries.get(name);
  if (found) return found;
  const kind = value.kind === "map" ? "map has no element" : "object has no attribute";
  throw new EvaluationFault(
    "Unknown attribute",
    `This ${kind} named "${name}".`,
    suggest(name, value.entries.keys()),
  );
}

function attributeOfUnknown(type: Type, name: string): Value {
  if (type.kind === "any") return unknownValue;
  if (type.kind === "map") return { kind: "unknown", type: type.element };
  const attribute = type.kind === "object" ? type.attributes.get(name) : undefined;
  if (attribute) return { kind: "unknown", type: attribute };
  throw new EvaluationFault(
    "Unknown attribute",
    `A value of type ${typeName(type)} has no attribute "${name}".`,
  );
}

function noAttributes(value: Value, name: string): EvaluationFault {
  const detail =
    value.kind === "list" || value.kind === "tuple" || value.kind === "set"
      ? `A ${value.kind} has no attributes. For "${name}" of one element use an index, for that of all elements [*].${name}.`
      : `A ${value.kind} has no attributes.`;
  return new EvaluationFault("Unknown attribute", detail);
}

/** The element at an index or under a key. */
export function getElement(collection: Value, key: Value): Value {
  if (collection.kind === "null")
    throw new EvaluationFault("Index of null", "This value is null, so it has no elements.");
  if (key.kind === "null") throw invalidIndex("A key must not be null.");
  if (key.kind === "unknown") return unknownValue;
  switch (collection.kind) {
    case "unknown":
      return unknownElement(collection.type, key);
    case "list":
    case "tuple":
      return itemAt(collection.items, key);
    case "map":
    case "object":
      return entryAt(collection, key);
    case "set":
      throw invalidIndex(
        "The elements of a set have no index. Convert it to a list, or use a for expression.",
      );
    default:
      throw invalidIndex(`A ${collection.kind} has no elements.`);
  }
}

function unknownElement(type: Type, key: Value): Value {
  if (type.kind === "any" || type.kind === "tuple" || type.kind === "object") return unknownValue;
  if (
    (type.kind === "list" && convertible(key, numberType)) ||
    (type.kind === "map" && convertible(key, stringType))
  ) {
    return { kind: "unknown", type: type.element };
  }
  throw invalidIndex(`A value of type ${typeName(type)} has no such index.`);
}

function itemAt(items: readonly Value[], key: Value): Value {
  const index = convertible(key, numberType);
  if (index?.kind !== "number") throw invalidIndex("The index of a list is a number.");
  if (!isInteger(index.value)) throw invalidIndex("The index of a list is a whole number.");
  const position = toDouble(index.value);
  if (position < 0) throw invalidIndex("An index counts from 0 and is never negative.");
  if (position < items.length) return items[position];
  const count = items.length === 1 ? "one element" : `${items.length} elements`;
  throw invalidIndex(
    `There is no element ${position}: this list has ${items.length === 0 ? "no elements" : count}.`,
  );
}

function entryAt(collection: Value & { kind: "map" | "object" }, key: Value): Value {
  const name = convertible(key, stringType);
  if (name?.kind !== "string") throw invalidIndex("The key of a map or object is a string.");
  const found = collection.entries.get(name.value);
  if (found) return found;
  const suggestion = suggest(name.value, collection.entries.keys());
  throw new EvaluationFault("Invalid index", `There is no element "${name.value}".`, suggestion);
}

function invalidIndex(detail: string): EvaluationFault {
  return new EvaluationFault("Invalid index", detail);
}
