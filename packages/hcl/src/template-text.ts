/** The literal text of templates: how far it goes, what its escapes mean, where its template ends. */
import { type Scanner, SyntaxFault, syntaxFault } from "./scanner.ts";

/** How one kind of template ends, and what its literal text means. */
export interface Style {
  /** If the template ends at `position`: where its closing mark begins and ends. */
  readonly close: (scanner: Scanner, lineStart: boolean) => { from: number; to: number } | undefined;
  /** The end of the run of literal text that begins at `position`. */
  readonly run: (text: string, position: number) => number;
  readonly unescape: (raw: string, start: number) => string;
  readonly unterminated: (at: number) => SyntaxFault;
}

const heredocRun = /[^$%\r\n]*(?:\r?\n)?/y;
const bareRun = /[^$%\n]*\n?/y;

/** Up to a dollar or percent sign, the closing quote, or the end of the line; escapes are stepped over. */
function quotedRunEnd(text: string, position: number): number {
  for (let index = position; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x24 || unit === 0x25 || unit === 0x0a || unit === 0x0d) return index;
    if (unit !== 0x5c) continue;
    const escaped = text.charCodeAt(index + 1);
    if (Number.isNaN(escaped) || escaped === 0x0a || escaped === 0x0d) return index;
    index++;
  }
  return text.length;
}

function runEnd(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

export const quotedStyle: Style = {
  close: ({ text, position }) =>
    text.charCodeAt(position) === 0x22 ? { from: position, to: position + 1 } : undefined,
  run: quotedRunEnd,
  unescape: unescapeQuoted,
  unterminated: (at) =>
    syntaxFault(
      "Unterminated string",
      "The closing quote is missing on this line. Text of several lines is written with \\n, or as a heredoc between <<EOT and EOT.",
      { start: at, end: at },
    ),
};

export function heredocStyle(name: string, start: number): Style {
  return {
    close: ({ text, position }, lineStart) => (lineStart ? closingMarker(text, position, name) : undefined),
    run: (text, position) => runEnd(heredocRun, text, position),
    unescape: (raw) => raw,
    unterminated: () => unterminatedHeredoc(name, start),
  };
}

/** The rest of the file belongs to it, so there is nothing to go on with. */
function unterminatedHeredoc(name: string, start: number): SyntaxFault {
  const detail = `No line consists of the closing marker ${name} alone, followed by a newline.`;
  const range = { start, end: start + 2 + name.length };
  return new SyntaxFault({ severity: "error", summary: "Unterminated heredoc", detail, range }, true);
}

export const bareStyle: Style = {
  close: ({ text, position }) => (position >= text.length ? { from: position, to: position } : undefined),
  run: (text, position) => runEnd(bareRun, text, position),
  unescape: (raw) => raw,
  unterminated: (at) => syntaxFault("Invalid template", "The template ends here.", { start: at, end: at }),
};

/** The marker must be alone on its line but for blanks, and the line must end with a newline. */
function closingMarker(
  text: string,
  position: number,
  name: string,
): { from: number; to: number } | undefined {
  let from = position;
  while (isBlank(text.charCodeAt(from))) from++;
  if (!text.startsWith(name, from)) return undefined;
  let after = from + name.length;
  while (isBlank(text.charCodeAt(after)) && !startsNewline(text, after)) after++;
  return startsNewline(text, after) ? { from, to: after } : undefined;
}

function startsNewline(text: string, position: number): boolean {
  const unit = text.charCodeAt(position);
  return unit === 0x0a || (unit === 0x0d && text.charCodeAt(position + 1) === 0x0a);
}

const blankPattern = /[\t\v\f \u0085\p{Zs}\u2028\u2029]/u;

/** White space within a line, of all of Unicode. */
function isBlank(unit: number): boolean {
  if (unit === 0x20 || unit === 0x09) return true;
  if (unit === 0x0b || unit === 0x0c) return true;
  return unit >= 0x80 && blankPattern.test(String.fromCharCode(unit));
}

/** A dollar or percent sign that opens nothing is a literal of its own; in a heredoc, with its newline. */
export function loneMarkEnd(text: string, position: number, style: Style): number {
  if (style === quotedStyle || !startsNewline(text, position + 1)) return position + 1;
  return text.charCodeAt(position + 1) === 0x0a ? position + 2 : position + 3;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

function unescapeQuoted(raw: string, start: number): string {
  let escape = raw.indexOf("\\");
  if (escape < 0) return raw;
  const parts: string[] = [];
  let position = 0;
  for (; escape >= 0; escape = raw.indexOf("\\", position)) {
    parts.push(raw.slice(position, escape));
    const selector = raw[escape + 1];
    const length = selector === "u" ? 6 : selector === "U" ? 10 : 2;
    parts.push(length === 2 ? simpleEscape(raw, escape, start) : codePointEscape(raw, escape, length, start));
    position = escape + length;
  }
  return parts.join("") + raw.slice(position);
}

function simpleEscape(raw: string, escape: number, start: number): string {
  const meaning = escapes[raw[escape + 1]];
  if (meaning !== undefined) return meaning;
  const character = String.fromCodePoint(raw.codePointAt(escape + 1) ?? 0);
  throw invalidEscape(`There is no escape sequence \\${character}.`, start + escape, 1 + character.length);
}

function codePointEscape(raw: string, escape: number, length: number, start: number): string {
  const digits = raw.slice(escape + 2, escape + length);
  if (digits.length !== length - 2 || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw invalidEscape(
      "Four hexadecimal digits are expected after \\u, eight after \\U.",
      start + escape,
      2,
    );
  }
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    throw invalidEscape("There is no such character.", start + escape, length);
  }
  return String.fromCodePoint(codePoint);
}

function invalidEscape(detail: string, start: number, length: number): SyntaxFault {
  return syntaxFault(
    "Invalid escape sequence",
    detail,
    { start, end: start + length },
    "\\\\ for a backslash",
  );
}

export function surrogateWithoutPartner(text: string): number {
  return text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
}

export function invalidEncoding(at: number): SyntaxFault {
  return syntaxFault("Invalid encoding", "Half of a character is missing here; files are encoded in UTF-8.", {
    start: at,
    end: at + 1,
  });
}

export const leadingBlank = /^[\s\u0085]+/u;
const trailingBlank = /[\s\u0085]+$/u;

export function trimStart(text: string): string {
  return text.replace(leadingBlank, "");
}

export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0x20 || trailingBlank.test(text[end - 1]))) end--;
  return text.slice(0, end);
}
