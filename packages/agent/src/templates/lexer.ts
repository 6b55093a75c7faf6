/**
 * Words of a template, after Go's text/template: https://pkg.go.dev/text/template
 *
 * Text between actions comes as one token; blanks inside an action only matter between a word and a
 * field (`$x .y` is two operands, `$x.y` one), so a token knows whether one stands before it.
 */
import { goString, runeLiteral } from "./go-literals.ts";
import type { TemplateText } from "./template-error.ts";
import { errorAt } from "./template-error.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "word"
  | "field"
  | "variable"
  | "string"
  | "integer"
  | "float"
  | "dot"
  | "sign"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** What is meant: of a string its contents, of a field its name, of an integer its decimal digits. */
  readonly text: string;
  readonly offset: number;
  readonly isAfterBlank: boolean;
}

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export function tokenize(source: TemplateText, delimiters: Delimiters): Token[] {
  const tokens: Token[] = [];
  const { text } = source;
  let at = 0;
  let trimsNext = false;
  while (at < text.length) {
    const found = text.indexOf(delimiters.left, at);
    const open = found < 0 ? text.length : found;
    const inside = open + delimiters.left.length;
    const trimsBefore = found >= 0 && /^-[ \t\r\n]/.test(text.slice(inside, inside + 2));
    let between = text.slice(at, open);
    if (trimsNext) between = between.replace(/^[ \t\r\n]+/, "");
    if (trimsBefore) between = trimRight(between);
    if (between) tokens.push({ kind: "text", text: between, offset: at, isAfterBlank: false });
    if (found < 0) break;
    const action = tokenizeAction(
      source,
      { from: trimsBefore ? inside + 1 : inside, open },
      delimiters,
      tokens,
    );
    at = action.end;
    trimsNext = action.trimsAfter;
  }
  tokens.push({ kind: "end", text: "", offset: text.length, isAfterBlank: false });
  return tokens;
}

/** `replace(/\s+$/)` would look at each blank anew: quadratic in a long run of blanks inside the text. */
function trimRight(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text[end - 1])) end--;
  return text.slice(0, end);
}

interface ActionEnd {
  readonly end: number;
  readonly trimsAfter: boolean;
}

function tokenizeAction(
  source: TemplateText,
  place: { readonly from: number; readonly open: number },
  delimiters: Delimiters,
  tokens: Token[],
): ActionEnd {
  const comment = skipComment(source, place, delimiters);
  if (comment) return comment;
  const push = (kind: TokenKind, text: string, offset: number, isAfterBlank: boolean) =>
    tokens.push({ kind, text, offset, isAfterBlank });
  push("open", delimiters.left, place.open, false);
  let at = place.from;
  for (;;) {
    const blanks = matchAt(/[ \t\r\n]*/y, source.text, at)[0].length;
    at += blanks;
    const end = actionEnd(source.text, at, { delimiters, isAfterBlank: blanks > 0 });
    if (end) {
      push("close", delimiters.right, at, blanks > 0);
      return end;
    }
    if (at >= source.text.length)
      throw errorAt(
        { source, offset: place.open },
        `the action is not closed: ${delimiters.right} is missing`,
      );
    const [kind, text, length] = readToken(source, at);
    push(kind, text, at, blanks > 0);
    at += length;
  }
}

function skipComment(
  source: TemplateText,
  place: { readonly from: number; readonly open: number },
  delimiters: Delimiters,
): ActionEnd | undefined {
  const start = matchAt(/\s*\/\*/y, source.text, place.from)[0];
  if (!start) return undefined;
  const close = source.text.indexOf("*/", place.from + start.length);
  if (close < 0) throw errorAt({ source, offset: place.open }, "the comment is not closed");
  const blanks = matchAt(/\s*/y, source.text, close + 2)[0].length;
  const end = actionEnd(source.text, close + 2 + blanks, { delimiters, isAfterBlank: blanks > 0 });
  if (!end)
    throw errorAt({ source, offset: close }, `a comment ends the action, but no ${delimiters.right} follows`);
  return end;
}

function actionEnd(
  text: string,
  at: number,
  how: { readonly delimiters: Delimiters; readonly isAfterBlank: boolean },
): ActionEnd | undefined {
  const { right } = how.delimiters;
  if (how.isAfterBlank && text[at] === "-" && text.startsWith(right, at + 1))
    return { end: at + 1 + right.length, trimsAfter: true };
  return text.startsWith(right, at) ? { end: at + right.length, trimsAfter: false } : undefined;
}

const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:[0-9][0-9_]*(\.[0-9_]*)?|(\.[0-9][0-9_]*))([eE][+-]?[0-9]+)?)/y;

function readToken(source: TemplateText, at: number): [TokenKind, string, number] {
  const { text } = source;
  const fail = (message: string) => errorAt({ source, offset: at }, message);
  const first = text[at];
  if (first === '"' || first === "`" || first === "'") return readQuoted(source, at);
  const digits = /[0-9]|[+-]?\.?[0-9]/y;
  if (matchAt(digits, text, at)[0]) return readNumber(source, at);
  const variable = matchAt(/\$[\p{L}_\p{Nd}]*/uy, text, at)[0];
  if (variable) return ["variable", variable, variable.length];
  const field = matchAt(/\.[\p{L}_][\p{L}_\p{Nd}]*/uy, text, at)[0];
  if (field) return ["field", field.slice(1), field.length];
  const word = matchAt(/[\p{L}_][\p{L}_\p{Nd}]*/uy, text, at)[0];
  if (word) return ["word", word, word.length];
  if (first === ".") return ["dot", ".", 1];
  if (text.startsWith(":=", at)) return ["sign", ":=", 2];
  if ("=|(),".includes(first)) return ["sign", first, 1];
  throw fail(`${JSON.stringify(first)} makes no sense here`);
}

function readNumber(source: TemplateText, at: number): [TokenKind, string, number] {
  const [whole, ...parts] = matchAt(number, source.text, at);
  const next = source.text[at + whole.length] ?? "";
  if (!whole || /[\p{L}_\p{Nd}.]/u.test(next)) throw errorAt({ source, offset: at }, "this is no number");
  const digits = whole.replaceAll("_", "");
  if (parts.some((part) => part !== undefined)) return ["float", String(Number(digits)), whole.length];
  const sign = /^[+-]/.exec(digits)?.[0] ?? "";
  const bare = digits.slice(sign.length);
  const octal = /^0[0-9]/.test(bare) ? `0o${bare.slice(1)}` : bare;
  try {
    const value = BigInt(octal) * (sign === "-" ? -1n : 1n);
    if (BigInt.asIntN(64, value) === value) return ["integer", String(value), whole.length];
  } catch {
    // Digits that the base does not have.
  }
  throw errorAt({ source, offset: at }, `${whole} is no whole number of 64 bits`);
}

function readQuoted(source: TemplateText, at: number): [TokenKind, string, number] {
  const { text } = source;
  const quote = text[at];
  const pattern =
    quote === "`" ? /`[^`]*`/y : quote === '"' ? /"(?:[^"\\\n]|\\[^\n])*"/y : /'(?:[^'\\\n]|\\[^\n])+'/y;
  const whole = matchAt(pattern, text, at)[0];
  const fail = (message: string) => errorAt({ source, offset: at }, message);
  if (!whole) throw fail(`the quote ${quote} is not closed`);
  if (quote === "`") return ["string", whole.slice(1, -1).replaceAll("\r", ""), whole.length];
  const value = goString(whole.slice(1, -1));
  if (value === undefined) throw fail(`${whole} holds an escape that does not exist`);
  if (quote === '"') return ["string", value, whole.length];
  const rune = runeLiteral(value);
  if (rune === undefined) throw fail(`${whole} is not one character`);
  return ["integer", String(rune), whole.length];
}

/** The match that begins exactly at `at`, or an empty one. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | [string] {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? [""];
}
