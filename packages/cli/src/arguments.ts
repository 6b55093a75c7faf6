/**
 * Command lines as Go's flag package reads them: `-flag`, `--flag`, `-flag=value` and `-flag value` are
 * one and the same, flags may stand before and behind arguments, `--` ends them. Short flags of one letter
 * may be joined: `-it`.
 *
 * See https://pkg.go.dev/flag#hdr-Command_line_flag_syntax.
 */
import { suggest } from "@fractus/hcl/suggest.ts";
import type { Flag } from "./command.ts";
import { Failure } from "./failure.ts";

/** The flags that were given. */
export class Flags {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.#values = values;
  }

  /** Whether a flag without a value is set; `-flag=false` unsets it. */
  is(name: string, otherwise = false): boolean {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (/^(true|t|1)$/i.test(text)) return true;
    if (/^(false|f|0)$/i.test(text)) return false;
    throw new Failure(`Error: -${name} is true or false, not ${JSON.stringify(text)}.`);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text))
      throw new Failure(`Error: -${name} is a whole number, not ${JSON.stringify(text)}.`);
    return Number(text);
  }

  /** `-name key=value`, given any number of times. */
  pairs(name: string): Readonly<Record<string, string>> {
    return pairsOf(this.texts(name), `-${name}`);
  }
}

/** `key=value` each; the value may hold further equals signs. */
export function pairsOf(texts: readonly string[], what: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw new Failure(`Error: ${what} takes key=value, not ${JSON.stringify(text)}.`);
    pairs[text.slice(0, at)] = text.slice(at + 1);
  }
  return pairs;
}

export interface ParsedLine {
  readonly arguments: readonly string[];
  readonly flags: Flags;
}

/** @throws Failure for a flag that is not known, or one without its value */
export function parseLine(
  argv: readonly string[],
  known: readonly Flag[],
  options: { readonly isWrapper?: boolean } = {},
): ParsedLine {
  const values = new Map<string, string[]>();
  const positional: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      positional.push(...rest.splice(0));
    } else if (!/^--?[^-]/.test(word) || /^-\d/.test(word)) {
      positional.push(word);
      if (options.isWrapper) positional.push(...rest.splice(0));
    } else {
      for (const [flag, given] of flagsIn(word, known)) {
        const value = given ?? (flag.value === undefined ? "true" : rest.shift());
        if (value === undefined) throw new Failure(`Error: -${flag.name} needs a value: <${flag.value}>.`);
        values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
      }
    }
  }
  return { arguments: positional, flags: new Flags(values) };
}

/** The flags that one word stands for, with the value that follows its equals sign. */
function flagsIn(word: string, known: readonly Flag[]): (readonly [Flag, string | undefined])[] {
  const [, name = "", value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const exact = known.find((flag) => flag.name === name || flag.short === name);
  if (exact) return [[exact, value]];
  const joined = value === undefined ? shortFlags(name, known) : undefined;
  if (joined) return joined.map((flag) => [flag, undefined]);
  const nearest = suggest(
    name,
    known.map((flag) => flag.name),
  );
  throw new Failure(`Error: unknown flag -${name}.${nearest ? ` Did you mean -${nearest}?` : ""}`);
}

/** The flags of one letter each; only the last of them may take a value. */
function shortFlags(letters: string, known: readonly Flag[]): Flag[] | undefined {
  const flags = Array.from(letters, (letter) => known.find((flag) => flag.short === letter));
  const found = flags.filter((flag) => flag !== undefined);
  const isLine =
    found.length === flags.length && found.slice(0, -1).every((flag) => flag.value === undefined);
  return isLine ? found : undefined;
}
