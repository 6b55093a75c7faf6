/**
 * Conversion of values to types, by the rules of
 * https://github.com/zclconf/go-cty/blob/main/docs/convert.md: primitives to and from strings, the
 * sequence kinds among each other, maps and objects. Everything goes where the source says so, and
 * `any` takes a value as it is.
 */
import { formatNumber, parseNumber } from "./number.ts";
import { isPrimitive, mapOf, typeOf, typesEqual, withoutOptional } from "./type.ts";
import {
  anyType,
  falseValue,
  listValue,
  mapValue,
  type MapValue,
  numberValue,
  type ObjectType,
  objectValue,
  type ObjectValue,
  setValue,
  stringValue,
  trueValue,
  tupleValue,
  type TupleValue,
  type Type,
  type Value,
} from "./value.ts";
import { unify } from "./unify.ts";

/** Why a value does not convert: a phrase without capital and full stop, like "a number is required". */
export class ConversionFault extends Error {}

/** The value in a type, or a `ConversionFault`. Null and unknown keep being so, in the new type. */
export function convert(value: Value, type: Type): Value {
  if (type.kind === "any" || (value.kind === type.kind && isPrimitive(type))) return value;
  if (value.kind === "null" || value.kind === "unknown") return convertAbsent(value, type);
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return convertPrimitive(value, type);
    case "list":
    case "set":
      return convertSequence(value, type);
    case "tuple":
      return convertToTuple(value, type.elements);
    case "map":
      return convertToMap(value, type.element);
    case "object":
      return convertToObject(value, type);
    default:
      return value;
  }
}

/** Like `convert`, with undefined for what does not convert. */
export function convertible(value: Value, type: Type): Value | undefined {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionFault) return undefined;
    throw error;
  }
}

function convertAbsent(value: Value & { kind: "null" | "unknown" }, type: Type): Value {
  if (value.type.kind !== "any" && !mayConvert(value.type, type)) throw requires(type);
  return { kind: value.kind, type: withoutAny(value.type, withoutOptional(type)) };
}

/** A type with its open places filled from the type of the source. */
function withoutAny(source: Type, type: Type): Type {
  if (type.kind === "any") return source;
  if ((type.kind === "list" || type.kind === "set" || type.kind === "map") && "element" in source) {
    return { kind: type.kind, element: withoutAny(source.element, type.element) };
  }
  return type;
}

/** Whether values of one type may convert to another; an individual value may still refuse. */
function mayConvert(from: Type, to: Type): boolean {
  if (from.kind === "any" || to.kind === "any" || typesEqual(from, to)) return true;
  if (isPrimitive(from) && isPrimitive(to)) return from.kind === "string" || to.kind === "string";
  if (to.kind === "list" || to.kind === "set") {
    if (from.kind === "list" || from.kind === "set") return mayConvert(from.element, to.element);
    return from.kind === "tuple" && from.elements.every((element) => mayConvert(element, to.element));
  }
  if (to.kind === "map") {
    if (from.kind === "map") return mayConvert(from.element, to.element);
    return (
      from.kind === "object" && [...from.attributes.values()].every((item) => mayConvert(item, to.element))
    );
  }
  if (to.kind === "tuple") {
    return (
      from.kind === "tuple" &&
      from.elements.length === to.elements.length &&
      from.elements.every((element, index) => mayConvert(element, to.elements[index]))
    );
  }
  if (to.kind !== "object" || (from.kind !== "object" && from.kind !== "map")) return false;
  return [...to.attributes].every(([name, attribute]) => {
    const source = from.kind === "map" ? from.element : from.attributes.get(name);
    return source ? mayConvert(source, attribute) : to.optional.has(name);
  });
}

function convertPrimitive(value: Value, type: Type): Value {
  if (type.kind === "string") {
    if (value.kind === "number") return stringValue(formatNumber(value.value));
    if (value.kind === "bool") return stringValue(String(value.value));
  }
  if (value.kind !== "string") throw requires(type);
  return type.kind === "number" ? toNumber(value.value) : toBool(value.value);
}

function toNumber(text: string): Value {
  const value = parseNumber(text);
  if (!value) throw new ConversionFault("a number is required");
  return numberValue(value);
}

function toBool(text: string): Value {
  if (text === "true" || text === "1") return trueValue;
  if (text === "false" || text === "0") return falseValue;
  const lower = text.toLowerCase();
  const hint =
    lower === "true" || lower === "false" ? `; to convert from string, use lowercase "${lower}"` : "";
  throw new ConversionFault(`a bool is required${hint}`);
}

function convertSequence(value: Value, type: Type & { kind: "list" | "set" }): Value {
  if (value.kind !== "list" && value.kind !== "set" && value.kind !== "tuple") throw requires(type);
  if (value.kind === type.kind && typesEqual(value.element, type.element)) return value;
  const wanted = type.element.kind === "any" ? commonElement(value, type.kind) : type.element;
  const items = value.items.map((item, index) => at(`element ${index}`, () => convert(item, wanted)));
  const { element, items: even } = evenOut(items, wanted, type.kind);
  return type.kind === "list" ? listValue(element, even) : setValue(element, even);
}

function commonElement(value: Value & { kind: "list" | "set" | "tuple" }, kind: "list" | "set"): Type {
  if (value.kind !== "tuple") return value.element;
  if (value.items.length === 0) return anyType;
  const common = unify(value.items.map(typeOf));
  if (!common) throw new ConversionFault(`all ${kind} elements must have the same type`);
  return common;
}

/** Elements converted to a type with `any` in it may differ; they must meet in one type after all. */
function evenOut(
  items: readonly Value[],
  wanted: Type,
  kind: string,
): { element: Type; items: readonly Value[] } {
  if (items.length === 0) return { element: withoutOptional(wanted), items };
  const first = typeOf(items[0]);
  if (items.every((item) => typesEqual(typeOf(item), first))) return { element: first, items };
  const common = unify(items.map(typeOf));
  if (!common) throw new ConversionFault(`element types must all match for conversion to ${kind}`);
  return { element: common, items: items.map((item) => convert(item, common)) };
}

function convertToTuple(value: Value, elements: readonly Type[]): TupleValue {
  if (value.kind !== "tuple") throw requires({ kind: "tuple", elements });
  if (value.items.length !== elements.length)
    throw new ConversionFault(`tuple with ${elements.length} elements is required`);
  return tupleValue(
    value.items.map((item, index) => at(`element ${index}`, () => convert(item, elements[index]))),
  );
}

function convertToMap(value: Value, element: Type): MapValue {
  if (value.kind !== "map" && value.kind !== "object") throw requires(mapOf(element));
  if (value.kind === "map" && typesEqual(value.element, element)) return value;
  const wanted = element.kind === "any" ? commonAttribute(value) : element;
  const names = [...value.entries.keys()];
  const items = [...value.entries].map(([name, item]) =>
    at(`element "${name}"`, () => convert(item, wanted)),
  );
  const even = evenOut(items, wanted, "map");
  return mapValue(even.element, new Map(names.map((name, index) => [name, even.items[index]])));
}

function commonAttribute(value: MapValue | ObjectValue): Type {
  if (value.kind === "map") return value.element;
  if (value.entries.size === 0) return anyType;
  const common = unify([...value.entries.values()].map(typeOf));
  if (!common) throw new ConversionFault("all map elements must have the same type");
  return common;
}

/** Attributes that the type does not name are dropped; optional ones that are missing become null. */
function convertToObject(value: Value, type: ObjectType): ObjectValue {
  if (value.kind !== "map" && value.kind !== "object") throw requires(type);
  const entries = new Map<string, Value>();
  for (const [name, attribute] of type.attributes) {
    const item = value.entries.get(name);
    if (item)
      entries.set(
        name,
        at(`attribute "${name}"`, () => convert(item, attribute)),
      );
    else if (type.optional.has(name)) entries.set(name, { kind: "null", type: withoutOptional(attribute) });
    else throw new ConversionFault(`attribute "${name}" is required`);
  }
  return objectValue(entries);
}

/** Puts the place before the reason of a fault inside a collection. */
function at<Result>(place: string, convertInner: () => Result): Result {
  try {
    return convertInner();
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    throw new ConversionFault(`${place}: ${error.message}`, { cause: error });
  }
}

function requires(type: Type): ConversionFault {
  const name =
    type.kind === "list" || type.kind === "set" || type.kind === "map" ? describe(type) : type.kind;
  return new ConversionFault(`${/^[aeiou]/.test(name) ? "an" : "a"} ${name} is required`);
}

function describe(type: Type): string {
  if (type.kind !== "list" && type.kind !== "set" && type.kind !== "map") return type.kind;
  return type.element.kind === "any" ? type.kind : `${type.kind} of ${describe(type.element)}`;
}
