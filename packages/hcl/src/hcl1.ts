/**
 * HCL1, as job files were written in before Nomad 1.0: items end with a comma as well as with a
 * line, keys may be quoted, `key = { … }` is a block, and an interpolation is just text.
 *
 * After https://github.com/hashicorp/hcl/tree/hcl1 (README, "Syntax"). The tree is that of HCL2.
 */
import type { Diagnostic, Range } from "./diagnostic.ts";
import { excessOf, noBody } from "./file-size.ts";
import { parseNumber } from "./number.ts";
import type { ParsedBody, ParseOptions } from "./parse.ts";
import { heredocMarker, Scanner, SyntaxFault, syntaxFault, token } from "./scanner.ts";
import type { Attribute, Block, Body, Expression, Label, Literal, ObjectItem } from "./syntax.ts";
import { falseValue, numberValue, stringValue, trueValue, type Value } from "./value.ts";

/** What HCL2 would have written differently, and how to change it. */
export interface Edit extends Range {
  readonly replacement: string;
}

export interface ParsedHcl1 extends ParsedBody {
  /** Changes after which the text is HCL2, in order and without overlap. */
  readonly edits: readonly Edit[];
}

/** Parses a whole HCL1 file; stops at the first fault. Never throws. */
export function parseHcl1(text: string, { fileName }: ParseOptions): ParsedHcl1 {
  const excess = excessOf(text);
  if (excess) return { source: { name: fileName, text }, body: noBody, diagnostics: [excess], edits: [] };
  const parser = new Hcl1Parser(text);
  const diagnostics: Diagnostic[] = [];
  let body: Body = { attributes: [], blocks: [], start: 0, end: text.length };
  try {
    body = parser.parse();
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    diagnostics.push(error.diagnostic);
  }
  const source = { name: fileName, text };
  return { source, body, diagnostics, edits: parser.edits.toSorted((a, b) => a.start - b.start) };
}

class Hcl1Parser {
  readonly edits: Edit[] = [];
  readonly #scanner: Scanner;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  parse(): Body {
    this.#scanner.newlines = false;
    this.#scanner.advance();
    const body = this.#items(token.end);
    return { ...body, start: 0, end: this.#scanner.text.length };
  }

  /** Items up to the closing token, which stays current. */
  #items(close: number): { attributes: Attribute[]; blocks: Block[] } {
    const scanner = this.#scanner;
    const attributes = new Map<string, Attribute>();
    const blocks: Block[] = [];
    for (let isFirst = true; ; isFirst = false) {
      if (scanner.kind === close) return { attributes: [...attributes.values()], blocks };
      if (!isFirst && !this.#beginsLine()) this.#edit(scanner.start, scanner.start, "\n");
      this.#item(attributes, blocks);
      if (scanner.kind === token.comma) {
        this.#edit(scanner.start, scanner.end, "");
        scanner.advance();
      }
    }
  }

  /** Whether the current token is the first of its line. */
  #beginsLine(): boolean {
    const { text, previousEnd, start } = this.#scanner;
    for (let at = previousEnd; at < start; at++) if (text.charCodeAt(at) === 0x0a) return true;
    return false;
  }

  #edit(start: number, end: number, replacement: string): void {
    this.edits.push({ start, end, replacement });
  }

  #item(attributes: Map<string, Attribute>, blocks: Block[]): void {
    const scanner = this.#scanner;
    const { start } = scanner;
    const keys = this.#keys();
    const [first] = keys;
    if (scanner.kind === token.openBrace) return void blocks.push(this.#block(keys, start));
    if (scanner.kind !== token.equal)
      throw scanner.fault(
        "Argument or block expected",
        "An equals sign or an opening brace is expected here.",
      );
    scanner.advance();
    if (keys.length > 1)
      throw syntaxFault("Invalid argument", "An argument has one name; only blocks have labels.", keys[1]);
    this.#unquote(first);
    if (scanner.kind === token.openBrace) {
      const editsBefore = this.edits.length;
      const block = this.#block(keys, start);
      // As the value of an argument the braces are an object in HCL2, where all this is allowed.
      this.edits.length = editsBefore;
      blocks.push(block);
      return;
    }
    const expression = this.#value();
    attributes.delete(first.text);
    attributes.set(first.text, {
      name: first.text,
      nameRange: first,
      expression,
      start,
      end: scanner.previousEnd,
    });
  }

  #unquote(key: Label): void {
    if (this.#scanner.text[key.start] === '"') this.#edit(key.start, key.end, key.text);
  }

  /** One key or several: names, dotted names, or strings. */
  #keys(): Label[] {
    const scanner = this.#scanner;
    const keys: Label[] = [];
    while (scanner.kind === token.quote || (scanner.kind === token.identifier && !isBool(scanner))) {
      const { start } = scanner;
      scanner.count();
      const text = scanner.kind === token.quote ? this.#string() : this.#dottedName();
      keys.push({ text, start, end: scanner.previousEnd });
    }
    if (keys.length === 0)
      throw scanner.fault(
        "Argument or block expected",
        `A name is expected here, but ${scanner.quoted()} was found.`,
      );
    return keys;
  }

  #dottedName(): string {
    const scanner = this.#scanner;
    const { start } = scanner;
    scanner.advance();
    while (
      scanner.start === scanner.previousEnd &&
      (scanner.kind === token.dot || scanner.kind === token.identifier || scanner.kind === token.number)
    )
      scanner.advance();
    return scanner.text.slice(start, scanner.previousEnd);
  }

  #block([type, ...labels]: readonly Label[], start: number): Block {
    const scanner = this.#scanner;
    this.#unquote(type);
    scanner.enter();
    const bodyStart = scanner.end;
    scanner.advance();
    const opensLine = this.#beginsLine();
    const firstStart = scanner.start;
    const items = this.#items(token.closeBrace);
    const count = items.attributes.length + items.blocks.length;
    if (!opensLine && (count > 1 || items.blocks.length > 0)) this.#edit(firstStart, firstStart, "\n");
    if (count > 0 && (opensLine || count > 1 || items.blocks.length > 0)) this.#closeOnOwnLine();
    const end = scanner.start;
    scanner.advance();
    scanner.leave();
    const body = { ...items, start: bodyStart, end };
    return { type: type.text, typeRange: type, labels, body, start, end: scanner.previousEnd };
  }

  /** HCL2 wants the closing brace of a block of several lines on a line of its own. */
  #closeOnOwnLine(): void {
    const { text, start } = this.#scanner;
    const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    if (line.trim() !== "") this.#edit(start, start, "\n");
  }

  #value(): Expression {
    const scanner = this.#scanner;
    const { start } = scanner;
    scanner.count();
    switch (scanner.kind) {
      case token.quote:
        return this.#literal(stringValue(this.#string()), start);
      case token.heredoc:
        return this.#literal(stringValue(this.#heredoc()), start);
      case token.number:
      case token.minus:
        return this.#literal(this.#number(), start);
      case token.identifier:
        return this.#literal(this.#bool(), start);
      case token.openBracket:
        return this.#list();
      case token.openBrace:
        return this.#object();
      default:
        throw scanner.fault("Missing value", "A string, number, bool, list or object is expected here.");
    }
  }

  #literal(value: Value, start: number): Literal {
    return { kind: "literal", value, start, end: this.#scanner.previousEnd };
  }

  #number(): Value {
    const scanner = this.#scanner;
    const { start } = scanner;
    if (scanner.kind === token.minus) scanner.advance();
    scanner.advance();
    const isHexadecimal = scanner.isAdjacent() && /^x[0-9a-f]+$/i.test(scanner.word());
    if (isHexadecimal) scanner.advance();
    const text = scanner.text.slice(start, scanner.previousEnd);
    const value = parseNumber(/^-?0[xX][0-9a-fA-F]+$/.test(text) ? String(Number(text)) : text);
    if (value) return numberValue(value);
    throw syntaxFault("Invalid number", `${text} is not a number.`, { start, end: scanner.previousEnd });
  }

  #bool(): Value {
    const word = this.#scanner.word();
    if (word !== "true" && word !== "false") {
      throw this.#scanner.fault(
        "Invalid value",
        `HCL1 knows no expressions, so ${this.#scanner.quoted()} has no meaning here; text stands in quotes.`,
      );
    }
    this.#scanner.advance();
    return word === "true" ? trueValue : falseValue;
  }

  #list(): Expression {
    const scanner = this.#scanner;
    const { start } = scanner;
    const items: Expression[] = [];
    this.#bracketed(() => {
      while (scanner.kind !== token.closeBracket) {
        items.push(this.#value());
        if (scanner.kind === token.comma) scanner.advance();
        else if (scanner.kind !== token.closeBracket)
          throw scanner.fault("Missing separator", "A comma or the closing bracket is expected here.");
      }
    });
    return { kind: "tuple", items, start, end: scanner.previousEnd };
  }

  /** An object inside a list. */
  #object(): Expression {
    const scanner = this.#scanner;
    const { start } = scanner;
    const items: ObjectItem[] = [];
    this.#bracketed(() => {
      while (scanner.kind !== token.closeBrace) {
        items.push(this.#objectItem());
        if (scanner.kind === token.comma) scanner.advance();
      }
    });
    return { kind: "object", items, start, end: scanner.previousEnd };
  }

  #objectItem(): ObjectItem {
    const scanner = this.#scanner;
    const [key, ...more] = this.#keys();
    if (more.length > 0)
      throw syntaxFault("Invalid argument", "An argument has one name; only blocks have labels.", more[0]);
    if (scanner.kind === token.equal) scanner.advance();
    else if (scanner.kind !== token.openBrace)
      throw scanner.fault("Missing value of a key", "An equals sign is expected after the key.");
    const literal: Literal = {
      kind: "literal",
      value: stringValue(key.text),
      start: key.start,
      end: key.end,
    };
    return { key: literal, bare: true, value: this.#value() };
  }

  #bracketed(read: () => void): void {
    this.#scanner.enter();
    this.#scanner.advance();
    read();
    this.#scanner.advance();
    this.#scanner.leave();
  }

  /** The text of a string; interpolations stay as they are, quotes and all. */
  #string(): string {
    const scanner = this.#scanner;
    const { text, start } = scanner;
    const raw: string[] = [];
    let position = start + 1;
    for (;;) {
      const part = stringPart(text, position, start);
      if (part.end === position) break;
      scanner.count();
      raw.push(part.text);
      position = part.end;
    }
    scanner.moveTo(position + 1);
    return raw.join("");
  }

  #heredoc(): string {
    const scanner = this.#scanner;
    const { text, start } = scanner;
    const marker = heredocMarker(text, start)!;
    const lines: string[] = [];
    for (let position = marker.contentStart; position < text.length;) {
      const feed = text.indexOf("\n", position);
      const end = feed < 0 ? text.length : feed;
      const line = text.slice(position, end).replace(/\r$/, "");
      if (line.trim() === marker.name) {
        scanner.moveTo(position + line.length);
        return (marker.flush ? flushed(lines) : lines).map((each) => `${each}\n`).join("");
      }
      lines.push(line);
      scanner.count();
      position = end + 1;
    }
    throw syntaxFault(
      "Unterminated heredoc",
      `No line consists of the closing marker ${marker.name} alone.`,
      { start, end: marker.contentStart },
    );
  }
}

/** `<<-` takes away the indentation that all lines share; blank lines do not count. */
function flushed(lines: readonly string[]): string[] {
  const depths = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const common = depths.length === 0 ? 0 : Math.min(...depths.slice(0, 10_000));
  return lines.map((line) => line.slice(Math.min(common, line.length - line.trimStart().length)));
}

function isBool(scanner: Scanner): boolean {
  return scanner.isWord("true") || scanner.isWord("false");
}

const plainRun = /[^"\\$\r\n]+|\$(?!\{)/y;
const escapeSequence =
  /\\(?:([abfnrtv\\"'])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;
const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The next part of a string from a position on; empty at the closing quote. */
function stringPart(text: string, position: number, start: number): { text: string; end: number } {
  if (text[position] === '"') return { text: "", end: position };
  if (text.startsWith("${", position)) {
    const end = interpolationEnd(text, position);
    if (end !== undefined) return { text: text.slice(position, end), end };
  }
  plainRun.lastIndex = position;
  if (plainRun.test(text)) return { text: text.slice(position, plainRun.lastIndex), end: plainRun.lastIndex };
  escapeSequence.lastIndex = position;
  const match = escapeSequence.exec(text);
  const codePoint = match && Number.parseInt(match[2] ?? match[3] ?? match[4] ?? "0", 16);
  if (match && codePoint !== null && codePoint <= 0x10ffff) {
    const [, simple, , , , octal] = match;
    const meaning = simple
      ? (simpleEscapes[simple] ?? simple)
      : String.fromCodePoint(octal ? Number.parseInt(octal, 8) : codePoint);
    return { text: meaning, end: escapeSequence.lastIndex };
  }
  const what =
    text[position] === "\\"
      ? "This escape sequence is not known."
      : "The closing quote is missing on this line.";
  throw syntaxFault("Invalid string", what, { start, end: Math.min(position + 1, text.length) });
}

/** Behind the brace that closes an interpolation. */
function interpolationEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "{") depth++;
    else if (text[index] === "}" && --depth === 0) return index + 1;
  }
  return undefined;
}
