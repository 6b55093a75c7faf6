/** The fields that a route takes out of a body, each of its kind; null is as good as absent. */
import type { Json } from "@fractus/control/state/records.ts";
import type { Call } from "./call.ts";
import { Fault } from "./fault.ts";

interface Kinds {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly texts: readonly string[];
  /** Strings by name. */
  readonly map: Readonly<Record<string, string>>;
  /** Strings, or null, by name. */
  readonly changes: Readonly<Record<string, string | null>>;
  readonly object: Json;
  readonly objects: readonly Json[];
}

export type Fields = Readonly<Record<string, keyof Kinds>>;

export type Taken<F extends Fields> = { readonly [Name in keyof F]?: Kinds[F[Name]] };

const isText = (value: unknown) => typeof value === "string";
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, fits: (item: unknown) => boolean) =>
  Array.isArray(value) && value.every(fits);

const kinds: Readonly<
  Record<keyof Kinds, { readonly words: string; readonly fits: (value: unknown) => boolean }>
> = {
  text: { words: "a string", fits: isText },
  number: { words: "a number", fits: (value) => typeof value === "number" },
  flag: { words: "true or false", fits: (value) => typeof value === "boolean" },
  texts: { words: "a list of strings", fits: (value) => isListOf(value, isText) },
  map: {
    words: "an object of strings",
    fits: (value) => isObject(value) && Object.values(value).every(isText),
  },
  changes: {
    words: "an object of strings or null",
    fits: (value) => isObject(value) && Object.values(value).every((item) => item === null || isText(item)),
  },
  object: { words: "an object", fits: isObject },
  objects: { words: "a list of objects", fits: (value) => isListOf(value, isObject) },
};

/** The fields of the request's body. @throws Fault 400 that names one of another kind */
export function bodyOf<const F extends Fields>(call: Call, fields: F): Taken<F> {
  return fieldsOf(call.json(), fields);
}

/** The fields of an object; of none, none. @throws Fault 400 that names one of another kind */
export function fieldsOf<const F extends Fields>(json: Json | undefined, fields: F): Taken<F> {
  const taken: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(fields)) {
    const value = json?.[name] ?? undefined;
    if (value === undefined) continue;
    if (!kinds[kind].fits(value)) throw new Fault(400, `${name} takes ${kinds[kind].words}.`);
    taken[name] = value;
  }
  return taken as Taken<F>;
}
