/**
 * The one type that values of several types can share: the branches of a conditional, the elements
 * of a list made from a tuple. Strings win over numbers and bools, lists over tuples, maps over
 * objects; objects with the same names unify name by name.
 *
 * After https://github.com/zclconf/go-cty/blob/main/docs/convert.md, "Unification".
 */
import { isPrimitive, listOf, mapOf, objectType, typesEqual } from "./type.ts";
import { anyType, type ObjectType, type Type } from "./value.ts";

/** The common type, or undefined if there is none. */
export function unify(types: readonly Type[]): Type | undefined {
  if (types.length === 0) return undefined;
  const [first, ...rest] = types;
  if (rest.every((type) => typesEqual(type, first))) return first;
  const kinds = new Set(types.map((type) => type.kind));
  const open = kinds.delete("any");
  const [kind] = kinds;
  if (kinds.size === 1 && !isPrimitive({ kind } as Type)) return open ? anyType : unifyKind(kind, types);
  if (kinds.size === 2 && kinds.has("map") && kinds.has("object"))
    return unifyMixed(types, "map") ?? mostGeneral(types);
  if (kinds.size === 2 && kinds.has("list") && kinds.has("tuple"))
    return unifyMixed(types, "list") ?? mostGeneral(types);
  if (kinds.has("object") && kinds.has("tuple")) return undefined;
  return mostGeneral(types);
}

function unifyKind(kind: Type["kind"], types: readonly Type[]): Type | undefined {
  if (kind === "object") return unifyObjects(types.filter((type) => type.kind === "object"));
  if (kind === "tuple") return unifyTuples(types.filter((type) => type.kind === "tuple"));
  if (kind !== "list" && kind !== "set" && kind !== "map") return undefined;
  const element = unify(types.map((type) => ("element" in type ? type.element : anyType)));
  return element && { kind, element };
}

function unifyObjects(types: readonly ObjectType[]): Type | undefined {
  const names = [...types[0].attributes.keys()];
  const alike = types.every(
    (type) => type.attributes.size === names.length && names.every((name) => type.attributes.has(name)),
  );
  if (!alike) return unifyAttributes(types);
  const attributes: [string, Type][] = [];
  for (const name of names) {
    const common = unify(types.map((type) => type.attributes.get(name)!));
    if (!common) return undefined;
    attributes.push([name, common]);
  }
  return objectType(attributes);
}

function unifyAttributes(types: readonly ObjectType[]): Type | undefined {
  const element = unify(types.flatMap((type) => [...type.attributes.values()]));
  return element && mapOf(element);
}

function unifyTuples(types: readonly (Type & { kind: "tuple" })[]): Type | undefined {
  const { length } = types[0].elements;
  if (types.some((type) => type.elements.length !== length)) return unifyElements(types);
  const elements: Type[] = [];
  for (let index = 0; index < length; index++) {
    const common = unify(types.map((type) => type.elements[index]));
    if (!common) return undefined;
    elements.push(common);
  }
  return { kind: "tuple", elements };
}

function unifyElements(types: readonly (Type & { kind: "tuple" })[]): Type | undefined {
  const element = unify(types.flatMap((type) => type.elements));
  return element && listOf(element);
}

/** Objects among maps are taken for maps, tuples among lists for lists. */
function unifyMixed(types: readonly Type[], kind: "map" | "list"): Type | undefined {
  const structural =
    kind === "map"
      ? unifyAttributes(types.filter((type) => type.kind === "object"))
      : unifyElements(types.filter((type) => type.kind === "tuple"));
  if (!structural) return undefined;
  return unify(types.map((type) => (type.kind === "object" || type.kind === "tuple" ? structural : type)));
}

/** The first of the types, the most general ones first, that all others convert to. */
function mostGeneral(types: readonly Type[]): Type | undefined {
  const byGenerality = types.toSorted((a, b) => generality(a) - generality(b));
  return byGenerality.find((wanted) => types.every((type) => unifiesTo(type, wanted)));
}

function generality(type: Type): number {
  const order: Type["kind"][] = ["string", "list", "map", "tuple", "object", "set", "number", "bool", "any"];
  return order.indexOf(type.kind);
}

function unifiesTo(type: Type, wanted: Type): boolean {
  if (wanted.kind === "any" || type.kind === "any" || typesEqual(type, wanted)) return true;
  if (isPrimitive(type) && isPrimitive(wanted)) return wanted.kind === "string" || type.kind === "string";
  if (wanted.kind === "list" || wanted.kind === "set") {
    if (type.kind === "tuple") return type.elements.every((element) => unifiesTo(element, wanted.element));
    return (type.kind === "list" || type.kind === "set") && unifiesTo(type.element, wanted.element);
  }
  if (wanted.kind === "map") {
    if (type.kind === "object")
      return [...type.attributes.values()].every((item) => unifiesTo(item, wanted.element));
    return type.kind === "map" && unifiesTo(type.element, wanted.element);
  }
  return false;
}
