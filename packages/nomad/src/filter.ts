/** Whether an object of the API satisfies an expression, see `filter-parser.ts`. */
import { Refusal } from "@fractus/core/refusal.ts";
import { matchesPattern } from "@fractus/scheduler/regexp.ts";
import { type Filter, parseFilter, type Selector } from "./filter-parser.ts";

/**
 * The test that an expression is. A field that the object does not have is an error, a key that a map
 * does not have is not: it is equal to nothing.
 *
 * @throws Refusal invalid, at once for what cannot be read and from the test for an unknown field
 */
export function filterOf(text: string): (object: object) => boolean {
  const filter = parseFilter(text);
  return (object) => holds(filter, { object, names: new Map() });
}

interface Place {
  readonly object: object;
  /** What `any` and `all` have given a name. */
  readonly names: ReadonlyMap<string, unknown>;
}

function holds(filter: Filter, place: Place): boolean {
  switch (filter.kind) {
    case "or":
      return filter.parts.some((part) => holds(part, place));
    case "and":
      return filter.parts.every((part) => holds(part, place));
    case "not":
      return !holds(filter.part, place);
    case "any":
      return entriesOf(find(filter.selector, place)).some((entry) => holdsFor(filter, entry, place));
    case "all":
      return entriesOf(find(filter.selector, place)).every((entry) => holdsFor(filter, entry, place));
    case "empty":
      return isEmpty(find(filter.selector, place));
    case "equals":
      return isEqual(find(filter.selector, place), filter.value);
    case "contains":
      return contains(find(filter.selector, place), filter.value);
    default:
      return matches(find(filter.selector, place), filter.value);
  }
}

function holdsFor(
  filter: Filter & { readonly kind: "any" | "all" },
  [key, value]: readonly [unknown, unknown],
  { object, names }: Place,
): boolean {
  const { names: given, part } = filter;
  const isMap = typeof key === "string";
  const single = isMap ? key : value;
  const bound =
    given.length === 1
      ? [[given[0], single] as const]
      : [[given[0], key] as const, [given[1], value] as const];
  return holds(part, { object, names: new Map([...names, ...bound]) });
}

function find(selector: Selector, { object, names }: Place): unknown {
  const [first, ...rest] = selector;
  if (names.has(first)) return reach(names.get(first), rest);
  if (!Object.hasOwn(object, first)) {
    const known = Object.keys(object).join(", ");
    throw new Refusal("invalid", `error finding value in datum: there is no field ${first}, but ${known}`);
  }
  return reach((object as Record<string, unknown>)[first], rest);
}

/** Names of map entries may hold dots, so what is left of the path is tried as one name as well. */
function reach(value: unknown, names: Selector): unknown {
  if (names.length === 0) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const [first, ...rest] = names;
  if (Object.hasOwn(value, first)) return reach((value as Record<string, unknown>)[first], rest);
  const whole = names.join(".");
  return Object.hasOwn(value, whole) ? (value as Record<string, unknown>)[whole] : undefined;
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isEqual(value: unknown, text: string): boolean {
  switch (typeof value) {
    case "string":
      return value === text;
    case "number":
      return text.trim() !== "" && value === Number(text);
    case "boolean":
      return String(value) === text.toLowerCase();
    default:
      return false;
  }
}

function contains(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  if (Array.isArray(value)) return value.some((item: unknown) => isEqual(item, text));
  return typeof value === "object" && value !== null && Object.hasOwn(value, text);
}

function matches(value: unknown, pattern: string): boolean {
  if (typeof value === "string") return matchesPattern(pattern, value);
  if (typeof value === "number" || typeof value === "boolean") return matchesPattern(pattern, String(value));
  return false;
}
