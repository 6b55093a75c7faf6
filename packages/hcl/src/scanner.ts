/**
 * The tokens of HCL2 outside of templates, one at a time. The parser looks at the current token and
 * asks for the next; inside a template it moves `position` along by itself (see `template.ts`).
 *
 * Newlines are tokens only where they end something: `newlines` says whether they count. Changing
 * it takes effect with the next token, so a parser sets it before it steps over a bracket.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Lexical Elements".
 */
import type { Diagnostic, Range } from "./diagnostic.ts";

type TokenName =
  | "end"
  | "newline"
  | "identifier"
  | "number"
  | "openBrace"
  | "closeBrace"
  | "openBracket"
  | "closeBracket"
  | "openParenthesis"
  | "closeParenthesis"
  | "quote"
  | "heredoc"
  | "equal"
  | "colon"
  | "comma"
  | "dot"
  | "ellipsis"
  | "question"
  | "arrow"
  | "star"
  | "slash"
  | "percent"
  | "plus"
  | "minus"
  | "not"
  | "and"
  | "or"
  | "equalTo"
  | "notEqualTo"
  | "less"
  | "lessOrEqual"
  | "greater"
  | "greaterOrEqual"
  | "closeTrim"
  | "doubleColon"
  | "invalid";

/** The kinds of token. Plain numbers, because the parser compares them more than anything else. */
export const token: Readonly<Record<TokenName, number>> = {
  end: 0,
  newline: 1,
  identifier: 2,
  number: 3,
  openBrace: 4,
  closeBrace: 5,
  openBracket: 6,
  closeBracket: 7,
  openParenthesis: 8,
  closeParenthesis: 9,
  quote: 10,
  heredoc: 11,
  equal: 12,
  colon: 13,
  comma: 14,
  dot: 15,
  ellipsis: 16,
  question: 17,
  arrow: 18,
  star: 19,
  slash: 20,
  percent: 21,
  plus: 22,
  minus: 23,
  not: 24,
  and: 25,
  or: 26,
  equalTo: 27,
  notEqualTo: 28,
  less: 29,
  lessOrEqual: 30,
  greater: 31,
  greaterOrEqual: 32,
  closeTrim: 33,
  doubleColon: 34,
  invalid: 35,
};

/** What stops the parser: it becomes a diagnostic. A `final` one ends the whole parse. */
export class SyntaxFault extends Error {
  readonly diagnostic: Diagnostic;
  readonly final: boolean;

  constructor(diagnostic: Diagnostic, final = false) {
    super(diagnostic.summary);
    this.diagnostic = diagnostic;
    this.final = final;
  }
}

export function syntaxFault(summary: string, detail: string, range: Range, suggestion?: string): SyntaxFault {
  const { start, end } = range;
  return new SyntaxFault({
    severity: "error",
    summary,
    detail,
    range: { start, end },
    ...(suggestion !== undefined && { suggestion }),
  });
}

/** Deep enough for anything written by hand or by a sane program, and far from the end of the stack. */
const depthLimit = 250;

/** Some ten times what a job file of the largest size that Nomad accepts could hold. */
const countLimit = 300_000;

export class Scanner {
  readonly text: string;
  /** Where the next token will be looked for. */
  position = 0;
  kind: number = token.end;
  start = 0;
  end = 0;
  /** The end of the token before the current one. */
  previousEnd = 0;
  newlines = true;
  #depth = 0;
  #count = 0;

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === 0xfeff) this.position = 1;
  }

  /** Makes the next token the current one. */
  advance(): void {
    this.previousEnd = this.end;
    this.kind = this.#scan();
    this.end = this.position;
  }

  /** Goes back to an offset and reads the token there. */
  moveTo(offset: number): void {
    this.end = offset;
    this.position = offset;
    this.advance();
  }

  /** The text of the current token. */
  word(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Whether nothing separates the current token from the one before. */
  isAdjacent(): boolean {
    return this.start === this.previousEnd;
  }

  /** The current token as a message can quote it. */
  quoted(): string {
    const word = this.word();
    return word.length > 40 ? `"${word.slice(0, 40)}…"` : `"${word}"`;
  }

  isWord(word: string): boolean {
    return (
      this.kind === token.identifier &&
      this.end - this.start === word.length &&
      this.text.startsWith(word, this.start)
    );
  }

  range(): Range {
    return { start: this.start, end: this.end };
  }

  fault(summary: string, detail: string, suggestion?: string): SyntaxFault {
    return invalidToken(this) ?? syntaxFault(summary, detail, this.range(), suggestion);
  }

  enter(): void {
    if (++this.#depth > depthLimit) {
      throw this.#limit("Nested too deeply", `Nothing may be nested more than ${depthLimit} levels deep.`);
    }
  }

  /** Called for everything that becomes a node of the tree, so that there is an end to it. */
  count(): void {
    if (++this.#count > countLimit) {
      throw this.#limit(
        "File too large",
        `A file may hold ${countLimit} values, arguments and lines of text, not more.`,
      );
    }
  }

  #limit(summary: string, detail: string): SyntaxFault {
    return new SyntaxFault({ severity: "error", summary, detail, range: this.range() }, true);
  }

  leave(): void {
    this.#depth--;
  }

  get depth(): number {
    return this.#depth;
  }

  set depth(depth: number) {
    this.#depth = depth;
  }

  #scan(): number {
    this.#skipBlank();
    this.start = this.position;
    if (this.position >= this.text.length) return token.end;
    const unit = this.text.charCodeAt(this.position);
    if (isAsciiWordStart(unit)) return this.#identifier();
    if (unit === 0x22) return this.#take(1, token.quote);
    if (unit >= 0x30 && unit <= 0x39) return this.#number();
    if (unit === 0x0a || unit === 0x0d) return this.#newline(unit);
    if (unit === 0x23 || unit === 0x2f) return this.#commentOrSlash(unit);
    if (unit >= 0x80) return this.#unicode();
    return this.#symbol(unit);
  }

  /** Blanks and block comments, and newlines and line comments too where they do not count. */
  #skipBlank(): void {
    const text = this.text;
    for (;;) {
      const unit = text.charCodeAt(this.position);
      if (unit === 0x20 || unit === 0x09) this.position++;
      else if (unit === 0x2f && text.charCodeAt(this.position + 1) === 0x2a) {
        const close = text.indexOf("*/", this.position + 2);
        if (close < 0) return;
        this.position = close + 2;
      } else if (this.newlines) return;
      else if (unit === 0x0a) this.position++;
      else if (unit === 0x0d && text.charCodeAt(this.position + 1) === 0x0a) this.position += 2;
      else if (unit === 0x23 || (unit === 0x2f && text.charCodeAt(this.position + 1) === 0x2f))
        this.#skipLine();
      else return;
    }
  }

  #skipLine(): void {
    const feed = this.text.indexOf("\n", this.position);
    this.position = feed < 0 ? this.text.length : feed + 1;
  }

  #newline(unit: number): number {
    if (unit === 0x0a) return this.#take(1, token.newline);
    if (this.text.charCodeAt(this.position + 1) === 0x0a) return this.#take(2, token.newline);
    return this.#take(1, token.invalid);
  }

  /** A line comment includes its newline and stands for it; the last line may lack one. */
  #commentOrSlash(unit: number): number {
    if (unit === 0x2f && this.text.charCodeAt(this.position + 1) !== 0x2f) return this.#take(1, token.slash);
    this.#skipLine();
    return this.text.charCodeAt(this.position - 1) === 0x0a ? token.newline : this.#scan();
  }

  #identifier(): number {
    const text = this.text;
    let position = this.position + 1;
    while (isAsciiWordPart(text.charCodeAt(position))) position++;
    if (text.charCodeAt(position) >= 0x80) position = unicodeWordEnd(text, position);
    this.position = position;
    return token.identifier;
  }

  /** Digits, points and exponents as they come; whether that is one number is decided later. */
  #number(): number {
    const text = this.text;
    let position = this.position + 1;
    let end = position;
    for (;;) {
      const unit = text.charCodeAt(position);
      if (unit >= 0x30 && unit <= 0x39) end = ++position;
      else if (unit === 0x2e) position++;
      else if (unit === 0x65 || unit === 0x45) {
        const sign = text.charCodeAt(position + 1);
        const digit = sign === 0x2b || sign === 0x2d ? position + 2 : position + 1;
        const next = text.charCodeAt(digit);
        if (!(next >= 0x30 && next <= 0x39)) break;
        end = position = digit + 1;
      } else break;
    }
    this.position = end;
    return token.number;
  }

  #unicode(): number {
    const end = unicodeWordEnd(this.text, this.position, wordStart);
    if (end > this.position) {
      this.position = unicodeWordEnd(this.text, end);
      return token.identifier;
    }
    return this.#take(this.text.codePointAt(this.position)! > 0xffff ? 2 : 1, token.invalid);
  }

  #symbol(unit: number): number {
    const next = this.text.charCodeAt(this.position + 1);
    if (unit === 0x3c && next === 0x3c && heredocMarker(this.text, this.position))
      return this.#take(2, token.heredoc);
    if (unit === 0x2e && next === 0x2e && this.text.charCodeAt(this.position + 2) === 0x2e) {
      return this.#take(3, token.ellipsis);
    }
    const pair = pairs.get(unit * 128 + next);
    if (pair !== undefined) return this.#take(2, pair);
    return this.#take(1, singles.get(unit) ?? token.invalid);
  }

  #take(length: number, kind: number): number {
    this.position += length;
    return kind;
  }
}

/** `<<NAME` or `<<-NAME` and the end of the line. */
export interface HeredocMarker {
  readonly name: string;
  /** `<<-`: the indentation that all lines share is taken away. */
  readonly flush: boolean;
  /** Where the first line of the content begins. */
  readonly contentStart: number;
}

const markerPattern = /<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;

export function heredocMarker(text: string, offset: number): HeredocMarker | undefined {
  markerPattern.lastIndex = offset;
  const match = markerPattern.exec(text);
  return match
    ? { name: match[2], flush: match[1] === "-", contentStart: markerPattern.lastIndex }
    : undefined;
}

const wordStart = /[\p{ID_Start}_]/uy;
const wordParts = /[\p{ID_Continue}-]+/uy;
const wholeWord = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** Whether a text may stand as a name without quotes. */
export function isIdentifier(text: string): boolean {
  return wholeWord.test(text);
}

function unicodeWordEnd(text: string, offset: number, pattern = wordParts): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

function isAsciiWordStart(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f;
}

function isAsciiWordPart(unit: number): boolean {
  return isAsciiWordStart(unit) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d;
}

const singles = new Map<number, number>(
  Object.entries({
    "{": token.openBrace,
    "}": token.closeBrace,
    "[": token.openBracket,
    "]": token.closeBracket,
    "(": token.openParenthesis,
    ")": token.closeParenthesis,
    "=": token.equal,
    ":": token.colon,
    ",": token.comma,
    ".": token.dot,
    "?": token.question,
    "*": token.star,
    "/": token.slash,
    "%": token.percent,
    "+": token.plus,
    "-": token.minus,
    "!": token.not,
    "<": token.less,
    ">": token.greater,
  }).map(([symbol, kind]) => [symbol.charCodeAt(0), kind]),
);

const pairs = new Map<number, number>(
  Object.entries({
    "==": token.equalTo,
    "!=": token.notEqualTo,
    "<=": token.lessOrEqual,
    ">=": token.greaterOrEqual,
    "&&": token.and,
    "||": token.or,
    "=>": token.arrow,
    "::": token.doubleColon,
    "~}": token.closeTrim,
  }).map(([symbol, kind]) => [symbol.charCodeAt(0) * 128 + symbol.charCodeAt(1), kind]),
);

/** Characters that HCL has no use for, with what their author may have meant. */
const advice: ReadonlyMap<string, readonly [string, string?]> = new Map([
  ["'", ["Text stands between double quotes, not single ones.", '"']],
  ["“", ["Curly quotes come from word processors; text stands between straight double quotes.", '"']],
  ["”", ["Curly quotes come from word processors; text stands between straight double quotes.", '"']],
  ["`", ["Text of several lines is written as a heredoc, between <<EOT and EOT."]],
  [";", ["Arguments and blocks end with the line; items of a list are separated by commas."]],
  ["&", ["There are no operations on bits; the logical and is written with two of them.", "&&"]],
  ["|", ["There are no operations on bits; the logical or is written with two of them.", "||"]],
  ["^", ["There are no operations on bits."]],
  ["~", ["There are no operations on bits; the logical not is an exclamation mark.", "!"]],
  ["\r", ["A carriage return must be followed by a line feed."]],
]);

function invalidToken(scanner: Scanner): SyntaxFault | undefined {
  if (scanner.kind !== token.invalid) return undefined;
  const character = scanner.word();
  const [detail, suggestion] = advice.get(character) ?? ["This character has no meaning here."];
  return syntaxFault("Invalid character", detail, scanner.range(), suggestion);
}
