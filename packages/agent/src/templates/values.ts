/**
 * What a template works with. Go tells whole numbers from fractions, and so do we: a `bigint` is an
 * int64, a `number` a float64. `null` is Go's nil, and what a map does not have.
 */
export type Value =
  | null
  | string
  | bigint
  | number
  | boolean
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Struct
  | Method;

/** Something with a fixed set of fields: asking it for another is an error. */
export class Struct {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Value>;
  /** How it prints, and what it is to functions that take text; absent: all its fields. */
  readonly text?: string;

  constructor(name: string, fields: Readonly<Record<string, Value>>, text?: string) {
    this.name = name;
    this.fields = new Map(Object.entries(fields));
    this.text = text;
  }
}

/** A map whose own fields win over its entries, and of which what is missing is empty text. */
export class Items extends Map<string, Value> {
  readonly methods: ReadonlyMap<string, Value>;

  constructor(entries: Iterable<readonly [string, Value]>, methods: Readonly<Record<string, Value>>) {
    super(entries);
    this.methods = new Map(Object.entries(methods));
  }
}

/** A function that is a field of a struct. */
export interface Method {
  (args: readonly Value[]): Value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Text, and structs that stand for text. */
export function textOf(value: Value): string | undefined {
  return value instanceof Struct ? value.text : typeof value === "string" ? value : undefined;
}

/** https://pkg.go.dev/text/template#hdr-Actions: false, 0, nil and whatever is empty are false. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  if (value instanceof Struct) return value.text !== "";
  return Boolean(value);
}

/** The name of its type in messages, as Go has it. */
export function typeName(value: Value): string {
  if (value === null) return "<nil>";
  if (isList(value)) return "[]interface {}";
  if (isMap(value)) return "map[string]interface {}";
  if (value instanceof Struct) return value.name;
  const names: Readonly<Record<string, string>> = {
    string: "string",
    bigint: "int",
    number: "float64",
    boolean: "bool",
    function: "func",
  };
  return names[typeof value];
}

/** As `%v` prints it: `[a b]`, `map[a:1]`, `<nil>`. */
export function printValue(value: Value): string {
  if (value === null) return "<nil>";
  if (typeof value === "number") return printFloat(value);
  if (isList(value)) return `[${value.map(printValue).join(" ")}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([k, v]) => `${k}:${printValue(v)}`)
      .join(" ")}]`;
  if (value instanceof Struct)
    return value.text ?? `{${[...value.fields.values()].map(printValue).join(" ")}}`;
  return typeof value === "function" ? "func" : String(value);
}

/** The shortest digits that mean this number; with an exponent below 1e-4 and from 1e+06, as `%v` has it. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 6)) return plainDigits(mantissa, power);
  return `${mantissa}e${exponentDigits(power)}`;
}

/** `e+06`: a sign and at least two digits. */
export function exponentDigits(power: number): string {
  return `${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function plainDigits(mantissa: string, power: number): string {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  const rest = digits.slice(power + 1);
  return rest ? `${sign}${whole}.${rest}` : `${sign}${whole}`;
}

/** Go walks maps in the order of their keys' bytes wherever order can be seen. */
export function sortedEntries(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const weights = new WeakMap<object, number>();

/**
 * How much work it is to look at all of it: 1 for each value in it, wherever it comes up again, and for
 * each four characters. Values do not change once they are made, so each is weighed once.
 */
export function weightOf(value: Value): number {
  if (typeof value === "string") return 1 + (value.length >> 2);
  if (value === null || typeof value !== "object") return 1;
  const known = weights.get(value);
  if (known !== undefined) return known;
  const parts = isList(value)
    ? value
    : value instanceof Struct
      ? [...value.fields.values()]
      : [...value.values()];
  const weight = parts.reduce<number>((sum, part) => sum + weightOf(part), 1);
  weights.set(value, weight);
  return weight;
}
