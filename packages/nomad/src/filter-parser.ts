/**
 * The expressions of the query parameter `filter`, such as `Status == "running" and Meta["team"] is not empty`.
 *
 *     or     = and { "or" and }
 *     and    = not { "and" not }
 *     not    = "not" not | "(" or ")" | each | match
 *     each   = ( "any" | "all" ) selector "as" name [ "," name ] "{" or "}"
 *     match  = selector ( "==" | "!=" | [ "not" ] ( "contains" | "matches" ) ) value
 *            | selector "is" [ "not" ] "empty"
 *            | value [ "not" ] "in" selector
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs#filtering
 */
import { Refusal } from "@fractus/core/refusal.ts";
import { patternFault } from "@fractus/scheduler/regexp.ts";

export type Filter =
  | { readonly kind: "or" | "and"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | {
      readonly kind: "any" | "all";
      readonly selector: Selector;
      /** What each element is called in `part`, or its key and then itself. */
      readonly names: readonly string[];
      readonly part: Filter;
    }
  | { readonly kind: "empty"; readonly selector: Selector }
  | { readonly kind: Comparison; readonly selector: Selector; readonly value: string };

export type Comparison = "equals" | "contains" | "matches";

/** The names that lead to a value, outermost first. */
export type Selector = readonly string[];

const longest = 8192;
const deepest = 64;

/** Reads an expression. @throws Refusal invalid, with the position of what is wrong */
export function parseFilter(text: string): Filter {
  if (text.length > longest) throw new Refusal("invalid", `The filter is longer than ${longest} characters.`);
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

interface Token {
  readonly kind: "word" | "text" | "sign" | "end";
  readonly text: string;
  /** Counts from 1. */
  readonly at: number;
}

const pieces =
  /\s*(?:("(?:[^"\\]|\\.)*")|(`[^`]*`)|(==|!=|[()[\]{},.])|([A-Za-z_/][A-Za-z0-9_/:-]*|-?[0-9][A-Za-z0-9_.:+-]*))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    pieces.lastIndex = at;
    const found = pieces.exec(text);
    if (!found) {
      const column = at + text.slice(at).search(/\S/) + 1;
      throw fault(column, `cannot be read: ${JSON.stringify(text.slice(column - 1, column + 9))}`);
    }
    const [whole, quoted, raw, sign, word] = found;
    const column = at + whole.search(/\S/) + 1;
    if (quoted !== undefined) tokens.push({ kind: "text", text: unquoted(quoted, column), at: column });
    else if (raw !== undefined) tokens.push({ kind: "text", text: raw.slice(1, -1), at: column });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, at: column });
    else tokens.push({ kind: "word", text: word, at: column });
    at = pieces.lastIndex;
  }
  return [...tokens, { kind: "end", text: "", at: text.length + 1 }];
}

function unquoted(text: string, at: number): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw fault(at, "holds an escape that does not exist");
  }
}

function fault(at: number, words: string): Refusal {
  return new Refusal("invalid", `failed to read filter expression: character ${at} ${words}`);
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Filter {
    const filter = this.#or();
    if (this.#next.kind !== "end") throw this.#unexpected("the end, or and, or or");
    return filter;
  }

  get #next(): Token {
    return this.#tokens[this.#at];
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  #accept(text: string): boolean {
    const { kind, text: found } = this.#next;
    if (kind === "text" || found !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected(text);
  }

  #unexpected(wanted: string): Refusal {
    const { at, text, kind } = this.#next;
    return fault(at, `is ${kind === "end" ? "the end" : JSON.stringify(text)}, expected ${wanted}`);
  }

  #or(): Filter {
    if (++this.#depth > deepest) throw fault(this.#next.at, "is nested too deeply");
    const parts = [this.#and()];
    while (this.#accept("or")) parts.push(this.#and());
    this.#depth--;
    return parts.length === 1 ? parts[0] : { kind: "or", parts };
  }

  #and(): Filter {
    const parts = [this.#not()];
    while (this.#accept("and")) parts.push(this.#not());
    return parts.length === 1 ? parts[0] : { kind: "and", parts };
  }

  #not(): Filter {
    let isNegated = false;
    while (this.#accept("not")) isNegated = !isNegated;
    const part = this.#single();
    return isNegated ? { kind: "not", part } : part;
  }

  #single(): Filter {
    if (this.#accept("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const { text } = this.#next;
    const following = this.#tokens[this.#at + 1];
    if ((text === "any" || text === "all") && following?.kind === "word") return this.#each(text);
    return this.#match();
  }

  #each(kind: "any" | "all"): Filter {
    this.#take();
    const selector = this.#selector();
    this.#expect("as");
    const names = [this.#name()];
    if (this.#accept(",")) names.push(this.#name());
    this.#expect("{");
    const part = this.#or();
    this.#expect("}");
    return { kind, selector, names, part };
  }

  #name(): string {
    const token = this.#take();
    if (token.kind !== "word") throw fault(token.at, "is no name");
    return token.text;
  }

  #match(): Filter {
    const first = this.#next;
    const operand = this.#operand();
    if (this.#accept("is")) {
      const isNegated = this.#accept("not");
      this.#expect("empty");
      return negated(isNegated, { kind: "empty", selector: selectorOf(operand, first) });
    }
    if (this.#accept("==")) return this.#compare("equals", operand, first);
    if (this.#accept("!=")) return negated(true, this.#compare("equals", operand, first));
    const isNegated = this.#accept("not");
    if (this.#accept("in")) {
      const at = this.#next;
      const selector = selectorOf(this.#operand(), at);
      return negated(isNegated, { kind: "contains", selector, value: valueOf(operand) });
    }
    if (this.#accept("contains")) return negated(isNegated, this.#compare("contains", operand, first));
    if (this.#accept("matches")) return negated(isNegated, this.#compare("matches", operand, first));
    throw this.#unexpected("==, !=, in, contains, matches or is empty");
  }

  #compare(kind: Comparison, operand: Operand, first: Token): Filter {
    const { at } = this.#next;
    const value = valueOf(this.#operand());
    const broken = kind === "matches" ? patternFault(value) : undefined;
    if (broken !== undefined) throw fault(at, `begins a pattern that cannot be used: ${broken}`);
    return { kind, selector: selectorOf(operand, first), value };
  }

  #selector(): Selector {
    const first = this.#next;
    return selectorOf(this.#operand(), first);
  }

  #operand(): Operand {
    const { kind } = this.#next;
    if (kind !== "text" && kind !== "word") throw this.#unexpected("a name or a value");
    const token = this.#take();
    if (kind === "text") return { text: token.text };
    const names = [token.text];
    for (;;) {
      if (this.#accept(".")) names.push(this.#name());
      else if (this.#accept("[")) {
        const key = this.#take();
        if (key.kind !== "text" && key.kind !== "word") throw fault(key.at, "is no key");
        names.push(key.text);
        this.#expect("]");
      } else return { names };
    }
  }
}

type Operand = { readonly names: Selector } | { readonly text: string };

function negated(isNegated: boolean, part: Filter): Filter {
  return isNegated ? { kind: "not", part } : part;
}

function valueOf(operand: Operand): string {
  return "text" in operand ? operand.text : operand.names.join(".");
}

/** A selector may be written as a JSON pointer too: `"/Meta/team"`. */
function selectorOf(operand: Operand, token: Token): Selector {
  if ("names" in operand) return operand.names;
  if (operand.text.startsWith("/")) {
    return operand.text
      .slice(1)
      .split("/")
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  throw fault(token.at, "is a value where the name of a field is expected");
}
