/**
 * The canonical layout of HCL2: two blanks for each level, the equals signs and the comments of
 * neighbouring lines in one column, one blank around operators. Lines stay lines, comments and the
 * insides of strings stay as they are, so the meaning cannot change; formatting twice changes
 * nothing the second time.
 *
 * The layout is the one that `hclfmt` and `nomad fmt` give.
 */
import type { Diagnostic } from "./diagnostic.ts";
import { hasErrors } from "./diagnostic.ts";
import { parseBody } from "./parse.ts";
import { lexemesOf, type Lexeme } from "./lexeme.ts";
import { token } from "./scanner.ts";

export interface Formatted {
  /** The text as it was if it cannot be parsed. */
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

export function formatText(text: string): Formatted {
  const { diagnostics } = parseBody(text, { fileName: "" });
  if (hasErrors(diagnostics)) return { text, diagnostics };
  const lines = splitLines(lexemesOf(text));
  indent(lines);
  align(lines);
  return { text: lines.map(render).join(""), diagnostics: [] };
}

/** A line in up to three columns: what comes first, from the equals sign on, and a comment. */
interface Line {
  readonly lead: string;
  /** Empty if the line has no equals sign that could be aligned. */
  readonly assign: string;
  readonly comment: string | undefined;
  /** How many more brackets it opens than it closes. */
  readonly net: number;
  /** Whether a newline ends the line; the last one may lack it. */
  readonly feed: boolean;
  indentation: number;
  /** Blanks before the equals sign and before the comment. */
  assignGap: number;
  commentGap: number;
}

function splitLines(lexemes: readonly Lexeme[]): Line[] {
  const lines: Line[] = [];
  let current: Lexeme[] = [];
  for (const lexeme of lexemes) {
    if (lexeme.kind === "newline") {
      lines.push(columnsOf(current, true));
      current = [];
    } else current.push(lexeme);
  }
  if (current.length > 0) lines.push(columnsOf(current, false));
  return lines;
}

function columnsOf(lexemes: Lexeme[], feed: boolean): Line {
  const last = lexemes.at(-1);
  const comment = lexemes.length > 1 && last?.kind === "line-comment" ? lexemes.pop() : undefined;
  const equal = lexemes.findIndex((lexeme, index) => index > 0 && lexeme.kind === token.equal);
  // A value that goes on over the next lines does not take part in the alignment.
  const isWhole = equal > 0 && netBrackets(lexemes.slice(equal)) === 0;
  const [lead, assign] = isWhole ? [lexemes.slice(0, equal), lexemes.slice(equal)] : [lexemes, []];
  return {
    lead: joinLexemes(lead),
    assign: joinLexemes(assign),
    comment: comment?.text.trimEnd(),
    net: netBrackets(lexemes),
    feed,
    indentation: 0,
    assignGap: 1,
    commentGap: 1,
  };
}

function netBrackets(lexemes: readonly Lexeme[]): number {
  return lexemes.reduce((sum, lexeme) => sum + bracketChange(lexeme), 0);
}

function bracketChange({ kind }: Lexeme): number {
  if (kind === token.openBrace || kind === token.openBracket || kind === token.openParenthesis) return 1;
  if (kind === token.closeBrace || kind === token.closeBracket || kind === token.closeParenthesis) return -1;
  return 0;
}

/** A line that opens brackets moves the next ones in by one level, however many it opens. */
function indent(lines: readonly Line[]): void {
  const levels: number[] = [];
  for (const line of lines) {
    const { net } = line;
    if (net < 0) close(levels, -net);
    line.indentation = line.lead !== "" ? 2 * levels.length : 0;
    if (net > 0) levels.push(net);
  }
}

function close(levels: number[], count: number): void {
  for (let open = count; open > 0 && levels.length > 0;) {
    const top = levels.pop() ?? 0;
    if (top > open) levels.push(top - open);
    open -= top;
  }
}

/** Neighbouring lines with a column have it at the same place. */
function align(lines: readonly Line[]): void {
  for (const chain of chains(lines, (line) => line.assign !== "")) {
    const widths = chain.map((line) => leadWidth(line));
    const widest = greatest(widths);
    for (const [index, line] of chain.entries()) line.assignGap = widest - widths[index] + 1;
  }
  for (const chain of chains(lines, (line) => line.comment !== undefined)) {
    const widths = chain.map((line) => leadWidth(line) + assignWidth(line));
    const widest = greatest(widths);
    for (const [index, line] of chain.entries()) line.commentGap = widest - widths[index] + 1;
  }
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((best, next) => Math.max(best, next), 0);
}

function chains(lines: readonly Line[], takesPart: (line: Line) => boolean): Line[][] {
  const all: Line[][] = [];
  let chain: Line[] = [];
  for (const line of lines) {
    if (takesPart(line)) chain.push(line);
    else if (chain.length > 0) {
      all.push(chain);
      chain = [];
    }
  }
  return chain.length > 0 ? [...all, chain] : all;
}

function leadWidth(line: Line): number {
  return line.indentation + widthOf(line.lead);
}

function assignWidth(line: Line): number {
  return line.assign === "" ? 0 : line.assignGap + widthOf(line.assign);
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- plain ASCII needs no segmenter
  if (/^[\u0000-\u007f]*$/.test(text)) return text.length;
  let width = 0;
  for (const _ of segmenter.segment(text)) width++;
  return width;
}

function render(line: Line): string {
  const lead = " ".repeat(line.indentation) + line.lead;
  const assign = line.assign === "" ? "" : " ".repeat(line.assignGap) + line.assign;
  const comment = line.comment === undefined ? "" : " ".repeat(line.commentGap) + line.comment;
  return lead + assign + comment + (line.feed ? "\n" : "");
}

function joinLexemes(lexemes: readonly Lexeme[]): string {
  let text = "";
  for (let index = 0; index < lexemes.length; index++) {
    const lexeme = lexemes[index];
    const after = lexemes[index + 1];
    text += lexeme.kind === "line-comment" ? lexeme.text.trimEnd() : lexeme.text;
    if (after && spaceBetween(lexemes[index - 1], lexeme, after)) text += " ";
  }
  return text;
}

/** Before these a minus is a sign, not a subtraction. */
const beforeSign = new Set<Lexeme["kind"]>([
  token.openParenthesis,
  token.openBrace,
  token.openBracket,
  token.equal,
  token.colon,
  token.comma,
  token.question,
  token.plus,
  token.star,
  token.slash,
  token.percent,
  token.minus,
  token.equalTo,
  token.notEqualTo,
  token.greater,
  token.greaterOrEqual,
  token.less,
  token.lessOrEqual,
  token.and,
  token.or,
  token.not,
]);

function spaceBetween(before: Lexeme | undefined, subject: Lexeme, after: Lexeme): boolean {
  const isName = subject.kind === token.identifier;
  if (isName && after.kind === token.openParenthesis) return false;
  if (subject.kind === token.doubleColon || after.kind === token.doubleColon) return false;
  if (subject.kind === token.dot || after.kind === token.dot) return false;
  if (after.kind === token.comma || after.kind === token.ellipsis) return false;
  if (subject.kind === token.comma) return true;
  if (isName && subject.text === "in" && before?.kind === token.identifier) return true;
  if (
    after.kind === token.openBracket &&
    (isName || subject.kind === token.number || bracketChange(subject) < 0)
  )
    return false;
  if (subject.kind === token.not) return false;
  if (subject.kind === token.minus) return before !== undefined && !beforeSign.has(before.kind);
  if (subject.kind === token.openBrace || after.kind === token.closeBrace) {
    return !(subject.kind === token.openBrace && after.kind === token.closeBrace);
  }
  return bracketChange(subject) <= 0 && bracketChange(after) >= 0;
}
