import { parseExpression } from "./expression.ts";
import { Scanner, token } from "./scanner.ts";
import { parseHeredoc, parseQuoted } from "./template.ts";

/** A piece of text that is laid out as a whole: a token, a string with all that is in it, a comment. */
export interface Lexeme {
  /** One of `token`, or what is no token for the parser. */
  readonly kind: number | "newline" | "line-comment" | "block-comment";
  readonly text: string;
}

/**
 * The lexemes of a text that parses, with comments and newlines and without blanks. A newline that
 * ends a line comment follows it.
 */
export function lexemesOf(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  const scanner = new Scanner(text);
  scanner.advance();
  gap(text, 0, scanner.start, lexemes);
  while (scanner.kind !== token.end) {
    const { kind, start } = scanner;
    const end = endOf(scanner);
    const piece = text.slice(start, end);
    if (kind === token.newline) lineEnd(piece, lexemes);
    else lexemes.push({ kind, text: piece });
    scanner.newlines = true;
    scanner.moveTo(end);
    gap(text, end, scanner.start, lexemes);
  }
  return lexemes;
}

/** The end of the current token; of a string or heredoc, that of the whole. */
function endOf(scanner: Scanner): number {
  if (scanner.kind === token.quote) return parseQuoted(scanner, parseExpression).end;
  if (scanner.kind === token.heredoc) return parseHeredoc(scanner, parseExpression).end;
  return scanner.end;
}

function lineEnd(piece: string, lexemes: Lexeme[]): void {
  if (!/^\r?\n$/.test(piece)) lexemes.push({ kind: "line-comment", text: piece.trimEnd() });
  lexemes.push({ kind: "newline", text: "\n" });
}

const comments = /\/\*[^]*?\*\/|(?:#|\/\/)[^]*$/g;

/** Comments in the blank space between two tokens. */
function gap(text: string, start: number, end: number, lexemes: Lexeme[]): void {
  if (start === end) return;
  for (const [comment] of text.slice(start, end).matchAll(comments)) {
    lexemes.push({ kind: comment.startsWith("/*") ? "block-comment" : "line-comment", text: comment });
  }
}
