/** Functions on lists, sets, tuples, maps and objects. */
import { ConversionFault, convert } from "../convert.ts";
import { FunctionFault, type HclFunction } from "../function.ts";
import { fromInteger, isInteger, toDouble } from "../number.ts";
import { areEqual } from "../operator.ts";
import { typeOf, typesEqual } from "../type.ts";
import { unify } from "../unify.ts";
import {
  anyType,
  boolValue,
  listValue,
  mapValue,
  numberValue,
  objectValue,
  setValue,
  sortedEntries,
  stringType,
  stringValue,
  tupleValue,
  type Type,
  unknownValue,
  type Value,
} from "../value.ts";
import {
  aListOf,
  aNumber,
  anything,
  aString,
  define,
  defineVariadic,
  integerOf,
  mappingOf,
  type Mapping,
  type Sequence,
  sequenceOf,
  textOf,
  textsOf,
} from "./arguments.ts";

export const collectionFunctions: readonly HclFunction[] = [
  define("length", [anything("collection")], (value) => numberValue(fromInteger(lengthOf(value)))),
  define("element", [anything("list"), aNumber("index")], (list, index) =>
    elementAt(list, integerOf(index, 1)),
  ),
  define("index", [anything("collection"), anything("key")], elementUnder),
  define("contains", [anything("list"), anything("value")], (list, value) =>
    boolValue(sequenceOf(list).items.some((item) => isEqual(item, value))),
  ),
  define("keys", [anything("inputMap")], keysOf),
  define("values", [anything("mapping")], valuesOf),
  define("lookup", [anything("inputMap"), aString("key"), anything("default")], lookUp),
  define("zipmap", [aListOf("keys", stringType), anything("values")], zip),
  define("slice", [anything("list"), aNumber("start_index"), aNumber("end_index")], (list, start, end) =>
    slice(list, integerOf(start, 1), integerOf(end, 2)),
  ),
  define("flatten", [anything("list")], (list) => tupleValue(flattened(sequenceOf(list)))),
  define("compact", [aListOf("list", stringType)], (list) =>
    listValue(
      stringType,
      sequenceOf(list).items.filter((item) => item.kind === "string" && item.value !== ""),
    ),
  ),
  define("distinct", [aListOf("list", anyType)], (list) => distinct(sequenceOf(list))),
  define("chunklist", [aListOf("list", anyType), aNumber("size")], (list, size) =>
    chunks(list, integerOf(size, 1)),
  ),
  defineVariadic("concat", [], anything("seqs"), concatenate),
  defineVariadic("coalesce", [], anything("vals", { allowNull: true, allowUnknown: true }), coalesce),
  defineVariadic(
    "coalescelist",
    [],
    anything("vals", { allowNull: true, allowUnknown: true }),
    coalesceLists,
  ),
  defineVariadic("merge", [], anything("maps", { allowNull: true }), merge),
  defineVariadic("setproduct", [], anything("sets"), product),
  setOperation("setunion", (sets) => sets.flatMap((set) => set.items)),
  setOperation("setintersection", ([first, ...others]) => {
    const known = others.map(({ items }) => new Set(items.map(identityOf)));
    return first.items.filter((item) => known.every((set) => set.has(identityOf(item))));
  }),
];

function isEqual(a: Value, b: Value): boolean {
  const equal = areEqual(a, b);
  return equal.kind === "bool" && equal.value;
}

function lengthOf(value: Value): number {
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") return value.items.length;
  if (value.kind === "map") return value.entries.size;
  throw new FunctionFault("collection must be a list, a map or a tuple", 0);
}

/** An index beyond either end goes round. */
function elementAt(list: Value, index: number): Value {
  if (list.kind !== "list" && list.kind !== "tuple")
    throw new FunctionFault(`cannot read elements from ${list.kind}`, 0);
  const { length } = list.items;
  if (length === 0) throw new FunctionFault("cannot use element function with an empty list", 0);
  return list.items[((index % length) + length) % length];
}

function elementUnder(collection: Value, key: Value): Value {
  if (collection.kind === "map" && key.kind === "string") {
    const found = collection.entries.get(key.value);
    if (found) return found;
  }
  if (
    (collection.kind === "list" || collection.kind === "tuple") &&
    key.kind === "number" &&
    isInteger(key.value)
  ) {
    const found = collection.items[toDouble(key.value)];
    if (found) return found;
  }
  throw new FunctionFault("invalid index", 1);
}

function keysOf(value: Value): Value {
  const mapping = mappingOf(value);
  const names = sortedEntries(mapping).map(([name]) => stringValue(name));
  return mapping.kind === "map" ? listValue(stringType, names) : tupleValue(names);
}

function valuesOf(value: Value): Value {
  const mapping = mappingOf(value);
  const items = sortedEntries(mapping).map(([, item]) => item);
  return mapping.kind === "map" ? listValue(mapping.element, items) : tupleValue(items);
}

function lookUp(value: Value, key: Value, fallback: Value): Value {
  const mapping = mappingOf(value);
  const found = mapping.entries.get(textOf(key));
  if (mapping.kind === "object") return found ?? fallback;
  const converted = converting(2, () => convert(fallback, mapping.element));
  return found ?? converted;
}

function zip(keys: Value, values: Value): Value {
  const names = textsOf(keys);
  if (values.kind !== "list" && values.kind !== "tuple")
    throw new FunctionFault("values argument must be a list or tuple value", 1);
  if (names.length !== values.items.length) {
    throw new FunctionFault(
      `number of keys (${names.length}) does not match number of values (${values.items.length})`,
    );
  }
  const entries = new Map(names.map((name, index) => [name, values.items[index]]));
  return values.kind === "list" ? mapValue(values.element, entries) : objectValue(entries);
}

function slice(list: Value, start: number, end: number): Value {
  if (list.kind !== "list" && list.kind !== "tuple")
    throw new FunctionFault("must be a list or tuple value", 0);
  if (start < 0 || start > list.items.length)
    throw new FunctionFault("start index must lie within the list", 1);
  if (end < 0 || end > list.items.length) throw new FunctionFault("end index must lie within the list", 2);
  if (start > end) throw new FunctionFault("start index must not be greater than end index", 1);
  const items = list.items.slice(start, end);
  return list.kind === "list" ? listValue(list.element, items) : tupleValue(items);
}

function flattened(list: Sequence): Value[] {
  return list.items.flatMap((item) =>
    item.kind === "list" || item.kind === "set" || item.kind === "tuple" ? flattened(item) : [item],
  );
}

function distinct(list: Sequence): Value {
  const set = new Map<string, Value>();
  for (const item of list.items) {
    const key = identityOf(item);
    if (!set.has(key)) set.set(key, item);
  }
  return listValue(elementTypeOf(list), [...set.values()]);
}

/** A text that two values share exactly if they are equal. */
function identityOf(value: Value): string {
  return JSON.stringify(canonical(value));
}

/** Nested arrays that two values share exactly if they are equal. */
function canonical(value: Value): unknown {
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple")
    return value.items.map(canonical);
  if (value.kind === "map" || value.kind === "object")
    return sortedEntries(value).map(([name, item]) => [name, canonical(item)]);
  if (value.kind === "number") return [`${value.value.mantissa}`, value.value.exponent].join("e");
  return value.kind === "string" ? `"${value.value}` : value.kind === "bool" ? value.value : null;
}

function elementTypeOf(list: Sequence): Type {
  if (list.kind !== "tuple") return list.element;
  return unify(list.items.map(typeOf)) ?? anyType;
}

/** Lists of `size` elements, the last one shorter; with size 0 the whole list in one. */
function chunks(value: Value, size: number): Value {
  if (size < 0) throw new FunctionFault("the size argument must be positive", 1);
  const list = sequenceOf(value);
  const element = elementTypeOf(list);
  const parts: Value[] = [];
  for (let start = 0; start < list.items.length; start += size || list.items.length) {
    parts.push(listValue(element, list.items.slice(start, size === 0 ? undefined : start + size)));
  }
  return listValue({ kind: "list", element }, parts);
}

/** Lists whose element types go together make a list, anything else a tuple. */
function concatenate(...values: readonly Value[]): Value {
  if (values.length === 0) throw new FunctionFault("at least one argument is required");
  const lists = values.map((value, index) => {
    if (value.kind === "list" || value.kind === "tuple") return value;
    throw new FunctionFault("all arguments must be lists or tuples", index);
  });
  const type = lists.every((list) => list.kind === "list") ? unify(lists.map(typeOf)) : undefined;
  if (type?.kind !== "list") return tupleValue(lists.flatMap((list) => list.items));
  return listValue(
    type.element,
    lists.flatMap((list) => sequenceOf(convert(list, type)).items),
  );
}

function coalesce(...values: readonly Value[]): Value {
  const type = unify(values.map(typeOf));
  if (!type) throw new FunctionFault("all arguments must have the same type");
  for (const [index, value] of values.entries()) {
    if (value.kind === "unknown") return { kind: "unknown", type };
    if (value.kind !== "null") return converting(index, () => convert(value, type));
  }
  throw new FunctionFault("no non-null arguments");
}

function coalesceLists(...values: readonly Value[]): Value {
  if (values.length === 0) throw new FunctionFault("at least one argument is required");
  for (const [index, value] of values.entries()) {
    const { kind } = typeOf(value);
    if (value.kind === "unknown") return unknownValue;
    if (kind !== "list" && kind !== "tuple")
      throw new FunctionFault("coalescelist arguments must be lists or tuples", index);
  }
  const found = values.find((value) => value.kind !== "null" && sequenceOf(value).items.length > 0);
  if (!found) throw new FunctionFault("no non-null arguments");
  return found;
}

/** Later entries win. Maps of one type make such a map, anything else an object. */
function merge(...values: readonly Value[]): Value {
  const mappings: Mapping[] = [];
  for (const [index, value] of values.entries()) {
    const { kind } = typeOf(value);
    if (value.kind === "null" && kind === "any") continue;
    if (kind !== "map" && kind !== "object")
      throw new FunctionFault(`arguments must be maps or objects, got "${kind}"`, index);
    if (value.kind !== "null") mappings.push(mappingOf(value, index));
  }
  const entries = new Map(mappings.flatMap((mapping) => [...mapping.entries]));
  const [first] = values.map(typeOf);
  const alike = values.every((value) => typesEqual(typeOf(value), first));
  return first?.kind === "map" && alike ? mapValue(first.element, entries) : objectValue(entries);
}

const productLimit = 100_000;

function product(...values: readonly Value[]): Value {
  if (values.length < 2) throw new FunctionFault("at least two arguments are required");
  const factors = values.map((value, index) => uniform(sequenceOf(value, index), index));
  const total = factors.reduce((count, { items }) => count * items.length, 1);
  if (total > productLimit) throw new FunctionFault(`the product has more than ${productLimit} elements`);
  let rows: Value[][] = [[]];
  for (const { items } of factors) rows = rows.flatMap((row) => items.map((item) => [...row, item]));
  const element: Type = { kind: "tuple", elements: factors.map((factor) => factor.element) };
  const tuples = rows.map(tupleValue);
  return values.some((value) => value.kind === "set")
    ? setValue(element, tuples)
    : listValue(element, tuples);
}

function uniform(list: Sequence, argument: number): { items: readonly Value[]; element: Type } {
  if (list.kind !== "tuple") return list;
  if (list.items.length === 0) return { items: [], element: anyType };
  const element = unify(list.items.map(typeOf));
  if (!element) throw new FunctionFault("all elements must be of the same type", argument);
  return { items: list.items.map((item) => convert(item, element)), element };
}

function setOperation(name: string, combine: (sets: readonly Sequence[]) => readonly Value[]): HclFunction {
  const set = { name: "sets", type: { kind: "set", element: anyType } } as const;
  return defineVariadic(
    name,
    [{ ...set, name: "first_set" }],
    { ...set, name: "other_sets" },
    (...values) => {
      const filled = values.filter(
        (value) => !(value.kind === "set" && value.items.length === 0 && value.element.kind === "any"),
      );
      const type = filled.length === 0 ? typeOf(values[0]) : unify(filled.map(typeOf));
      if (type?.kind !== "set") throw new FunctionFault("given sets must all have compatible element types");
      const sets = values.map((value, index) => sequenceOf(converting(index, () => convert(value, type))));
      return setValue(type.element, combine(sets));
    },
  );
}

function converting(argument: number, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    throw new FunctionFault(error.message, argument);
  }
}
