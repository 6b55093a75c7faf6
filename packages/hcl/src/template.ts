/**
 * Quoted strings and heredocs: literal text, `${…}` interpolations and `%{…}` directives.
 *
 * A template is read twice. First into a flat row of pieces, on which `~` trims the neighbouring
 * literal and `<<-` takes away the common indentation; both work on the literals as they were cut,
 * one per line and one per lone `$` or `%`, and that is why those stay apart for a while. Then the
 * directives are nested and neighbouring literals joined.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Templates".
 */
import { heredocMarker, type Scanner, type SyntaxFault, syntaxFault, token } from "./scanner.ts";
import { suggest } from "./suggest.ts";
import type { Expression, Literal, Template, TemplatePart, TemplateWrap } from "./syntax.ts";
import {
  bareStyle,
  heredocStyle,
  invalidEncoding,
  leadingBlank,
  loneMarkEnd,
  quotedStyle,
  type Style,
  surrogateWithoutPartner,
  trimEnd,
  trimStart,
} from "./template-text.ts";
import { stringValue } from "./value.ts";

type ParseExpression = (scanner: Scanner) => Expression;

type Piece =
  | { kind: "text"; text: string; start: number; end: number }
  | { kind: "interpolation"; expression: Expression; start: number; end: number }
  | { kind: "if"; condition: Expression; start: number; end: number }
  | {
      kind: "for";
      keyName: string | undefined;
      valueName: string;
      collection: Expression;
      start: number;
      end: number;
    }
  | { kind: "else" | "endif" | "endfor" | "close"; start: number; end: number };

/** Parses from the opening quote, the scanner's current token, to behind the closing one. */
export function parseQuoted(scanner: Scanner, parseExpression: ParseExpression): Template | TemplateWrap {
  const start = scanner.start;
  const plain = plainQuotedEnd(scanner.text, scanner.position);
  if (plain >= 0) {
    const text = scanner.text.slice(scanner.position, plain);
    const literal = literalOf(text, scanner.position, plain);
    scanner.position = plain + 1;
    return { kind: "template", parts: [literal], start, end: plain + 1 };
  }
  const pieces = new PieceReader(scanner, parseExpression, quotedStyle).read();
  return assemble(pieces, start, scanner.position);
}

/** Parses from `<<NAME`, the scanner's current token, to behind the closing marker. */
export function parseHeredoc(scanner: Scanner, parseExpression: ParseExpression): Template | TemplateWrap {
  const start = scanner.start;
  const marker = heredocMarker(scanner.text, start)!;
  scanner.position = marker.contentStart;
  const pieces = new PieceReader(scanner, parseExpression, heredocStyle(marker.name, start)).read();
  if (marker.flush) takeCommonIndentation(pieces);
  return assemble(pieces, start, scanner.position);
}

/**
 * The text of a quoted label, from the opening quote to behind the closing one. It knows escapes but
 * no interpolation, and is taken as it is, without normalization.
 */
export function parseLabel(scanner: Scanner, parseExpression: ParseExpression): string {
  const { start } = scanner;
  const pieces = new PieceReader(scanner, parseExpression, quotedStyle).read();
  const texts = pieces.map((piece) =>
    piece.kind === "text" ? piece.text : piece.kind === "close" ? "" : undefined,
  );
  if (!texts.includes(undefined)) return texts.join("");
  const detail =
    "A label is plain text, without interpolation. A literal dollar sign before a brace is doubled.";
  throw syntaxFault("Invalid label", detail, { start, end: scanner.position });
}

/** Parses a whole text as a template: every character is literal but `${` and `%{`. */
export function parseBare(scanner: Scanner, parseExpression: ParseExpression): Template | TemplateWrap {
  const start = scanner.position;
  const pieces = new PieceReader(scanner, parseExpression, bareStyle).read();
  return assemble(pieces, start, scanner.position);
}

/** The closing quote of a string without escapes, interpolations or newlines, or -1. */
function plainQuotedEnd(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22) return index;
    if (unit === 0x5c || unit === 0x24 || unit === 0x25 || unit < 0x20 || isSurrogate(unit)) return -1;
  }
  return -1;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

class PieceReader {
  readonly #scanner: Scanner;
  readonly #parseExpression: ParseExpression;
  readonly #style: Style;
  readonly #pieces: Piece[] = [];
  #trimNext = false;

  constructor(scanner: Scanner, parseExpression: ParseExpression, style: Style) {
    this.#scanner = scanner;
    this.#parseExpression = parseExpression;
    this.#style = style;
  }

  read(): Piece[] {
    const scanner = this.#scanner;
    let lineStart = true;
    for (;;) {
      const close = this.#style.close(scanner, lineStart);
      if (close) {
        this.#pieces.push({ kind: "close", start: close.from, end: close.to });
        scanner.position = close.to;
        return this.#pieces;
      }
      if (scanner.position >= scanner.text.length) throw this.#style.unterminated(scanner.position);
      lineStart = this.#piece();
    }
  }

  /** Reads one piece; true if a line of the template begins behind it. */
  #piece(): boolean {
    const { text, position } = this.#scanner;
    this.#scanner.count();
    const unit = text.charCodeAt(position);
    if (unit !== 0x24 && unit !== 0x25) return this.#text(this.#style.run(text, position));
    if (text.charCodeAt(position + 1) === 0x7b) {
      if (unit === 0x24) this.#interpolation();
      else this.#directive();
      return false;
    }
    const escaped = text.charCodeAt(position + 1) === unit && text.charCodeAt(position + 2) === 0x7b;
    if (escaped) return this.#text(position + (text.charCodeAt(position + 3) === 0x7e ? 4 : 3));
    return this.#text(loneMarkEnd(text, position, this.#style));
  }

  #text(end: number): boolean {
    const { text, position } = this.#scanner;
    if (end === position) throw this.#style.unterminated(position);
    const raw = text.slice(position, end);
    const lone = surrogateWithoutPartner(raw);
    if (lone >= 0) throw invalidEncoding(position + lone);
    const meaning = isEscapedMark(raw) ? raw.slice(1) : this.#style.unescape(raw, position);
    const trimmed = this.#trimNext ? trimStart(meaning) : meaning;
    this.#trimNext = false;
    this.#pieces.push({ kind: "text", text: trimmed, start: position, end });
    this.#scanner.position = end;
    return raw.endsWith("\n");
  }

  #interpolation(): void {
    const start = this.#open();
    this.#scanner.advance();
    const expression = this.#parseExpression(this.#scanner);
    const end = this.#close("the interpolation");
    this.#pieces.push({ kind: "interpolation", expression, start, end });
  }

  #directive(): void {
    const scanner = this.#scanner;
    const start = this.#open();
    scanner.advance();
    const word = scanner.kind === token.identifier ? scanner.word() : "";
    const range = scanner.range();
    if (word === "")
      throw scanner.fault(
        "Invalid template directive",
        "One of if, else, endif, for and endfor is expected after %{.",
      );
    scanner.advance();
    if (word === "if") {
      const condition = this.#parseExpression(scanner);
      this.#pieces.push({ kind: "if", condition, start, end: this.#close("the directive") });
    } else if (word === "for") this.#for(start);
    else if (word === "else" || word === "endif" || word === "endfor") {
      this.#pieces.push({ kind: word, start, end: this.#close("the directive") });
    } else {
      const suggestion = suggest(word, ["if", "else", "endif", "for", "endfor"]);
      throw syntaxFault(
        "Invalid template directive",
        `There is no directive named "${word}".`,
        range,
        suggestion,
      );
    }
  }

  #for(start: number): void {
    const scanner = this.#scanner;
    let keyName: string | undefined;
    let valueName = nameIn(scanner);
    if (scanner.kind === token.comma) {
      scanner.advance();
      keyName = valueName;
      valueName = nameIn(scanner);
    }
    if (!scanner.isWord("in"))
      throw scanner.fault("Invalid for directive", "The keyword in is expected after the names.");
    scanner.advance();
    const collection = this.#parseExpression(scanner);
    this.#pieces.push({
      kind: "for",
      keyName,
      valueName,
      collection,
      start,
      end: this.#close("the directive"),
    });
  }

  /** Steps over `${` or `%{`; a tilde there trims the text before. */
  #open(): number {
    const scanner = this.#scanner;
    const start = scanner.position;
    const trims = scanner.text.charCodeAt(start + 2) === 0x7e;
    const before = this.#pieces.at(-1);
    if (trims && before?.kind === "text") before.text = trimEnd(before.text);
    this.#trimNext = false;
    scanner.position = start + (trims ? 3 : 2);
    scanner.newlines = false;
    scanner.enter();
    return start;
  }

  #close(what: string): number {
    const scanner = this.#scanner;
    if (scanner.kind !== token.closeBrace && scanner.kind !== token.closeTrim) {
      throw scanner.fault(
        "Missing closing brace",
        `A closing brace is expected here to end ${what}. If the text belongs to another language, such as a shell script, write $\${ instead of \${ and %%{ instead of %{.`,
      );
    }
    this.#trimNext = scanner.kind === token.closeTrim;
    scanner.position = scanner.end;
    scanner.leave();
    return scanner.end;
  }
}

function isEscapedMark(raw: string): boolean {
  return raw.startsWith("$${") || raw.startsWith("%%{");
}

function nameIn(scanner: Scanner): string {
  if (scanner.kind !== token.identifier)
    throw scanner.fault("Invalid for directive", "A name is expected here.");
  const name = scanner.word();
  scanner.advance();
  return name;
}

/**
 * Takes as many blanks from every line as all lines that are not blank begin with. Only literal
 * text counts and is cut: a line that begins with an interpolation has no indentation.
 */
function takeCommonIndentation(pieces: Piece[]): void {
  let common = Number.POSITIVE_INFINITY;
  const firsts: (Piece & { kind: "text" })[] = [];
  let lineStart = true;
  for (const piece of pieces) {
    if (lineStart) {
      if (piece.kind === "close") break;
      const indentation = piece.kind === "text" ? indentationOf(piece.text) : 0;
      if (indentation !== undefined) {
        common = Math.min(common, indentation);
        if (piece.kind === "text") firsts.push(piece);
      }
    }
    lineStart = piece.kind === "text" ? piece.text.endsWith("\n") : false;
  }
  for (const piece of firsts) piece.text = piece.text.slice(common);
}

/** The number of blanks a line begins with; undefined if there is nothing else on it. */
function indentationOf(line: string): number | undefined {
  const blank = leadingBlank.exec(line)?.[0].length ?? 0;
  return blank === line.length && line.endsWith("\n") ? undefined : blank;
}

function assemble(pieces: readonly Piece[], start: number, end: number): Template | TemplateWrap {
  const [first] = pieces;
  if (pieces.length === 2 && first.kind === "interpolation") {
    return { kind: "template-wrap", expression: first.expression, start, end };
  }
  const nesting = new Nesting(pieces);
  const parts = nesting.parts("close");
  return { kind: "template", parts: parts.length > 0 ? parts : [literalOf("", start, start)], start, end };
}

/** The second reading: directives that open take everything up to the one that closes them. */
class Nesting {
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Parts up to one of the closing pieces, which is left to be read. */
  parts(...closing: Piece["kind"][]): TemplatePart[] {
    const parts: TemplatePart[] = [];
    for (;;) {
      const piece = this.#pieces[this.#next];
      if (closing.includes(piece.kind)) return parts;
      this.#next++;
      if (piece.kind === "text") parts.push(this.#literal(piece));
      else if (piece.kind === "interpolation") parts.push(piece.expression);
      else if (piece.kind === "if") parts.push(this.#if(piece));
      else if (piece.kind === "for") parts.push(this.#for(piece));
      else throw unbalanced(piece, closing);
    }
  }

  #literal(first: Piece & { kind: "text" }): Literal {
    const texts = [first.text];
    let { end } = first;
    for (let piece = this.#pieces[this.#next]; piece.kind === "text"; piece = this.#pieces[++this.#next]) {
      texts.push(piece.text);
      end = piece.end;
    }
    return literalOf(texts.join(""), first.start, end);
  }

  #if(opening: Piece & { kind: "if" }): TemplatePart {
    const whenTrue = this.parts("else", "endif");
    const closing = this.#pieces[this.#next++];
    const whenFalse = closing.kind === "else" ? this.parts("endif") : [];
    const { end } = closing.kind === "else" ? this.#pieces[this.#next++] : closing;
    return {
      kind: "template-if",
      condition: opening.condition,
      whenTrue,
      whenFalse,
      start: opening.start,
      end,
    };
  }

  #for(opening: Piece & { kind: "for" }): TemplatePart {
    const { keyName, valueName, collection, start } = opening;
    const parts = this.parts("endfor");
    const { end } = this.#pieces[this.#next++];
    return { kind: "template-for", keyName, valueName, collection, parts, start, end };
  }
}

function unbalanced(piece: Piece, expected: readonly string[]): SyntaxFault {
  const found = piece.kind === "close" ? "the end of the template" : `%{${piece.kind}}`;
  const wanted = expected.filter((name) => name !== "close").map((name) => `%{${name}}`);
  const detail =
    wanted.length > 0
      ? `Expected ${wanted.join(" or ")}, but found ${found}.`
      : `Nothing was opened that ${found} could close.`;
  return syntaxFault("Unbalanced template directives", detail, piece);
}

function literalOf(text: string, start: number, end: number): Literal {
  return { kind: "literal", value: stringValue(text), start, end };
}
