/** A stretch of source text: UTF-16 offsets, `end` exclusive. Every syntax node is one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where an offset lies for a person: both numbers count from 1, columns count code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** A few words without a full stop: what kind of thing is wrong. */
  readonly summary: string;
  /** Whole sentences: what was found, what was expected. */
  readonly detail: string;
  readonly range: Range;
  /** What the author most likely meant, as text that could be typed. */
  readonly suggestion?: string;
  /** The text that the range lies in, if it is not the one being read: a file of variables, say. */
  readonly source?: Source;
}

/** A named text, as diagnostics quote it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/**
 * The position of an offset. Ranges hold offsets only, because a file that is in order never needs
 * a line number; this walks the text once.
 */
export function positionAt(text: string, offset: number): Position {
  const at = Math.max(0, Math.min(offset, text.length));
  let line = 1;
  let lineStart = 0;
  for (let next = text.indexOf("\n"); next >= 0 && next < at; next = text.indexOf("\n", next + 1)) {
    line++;
    lineStart = next + 1;
  }
  return { line, column: codePointsIn(text, lineStart, at) + 1, offset: at };
}

/**
 * A diagnostic as a terminal shows it: severity and summary, `file:line:column`, the line itself
 * with the range underlined, then the detail and the suggestion. Long lines are cut to a window
 * around the range. Ends without a line feed.
 */
export function renderDiagnostic(read: Source, diagnostic: Diagnostic): string {
  const source = diagnostic.source ?? read;
  const position = positionAt(source.text, diagnostic.range.start);
  const gutter = " ".repeat(String(position.line).length);
  const { line, underline } = quote(source.text, position.offset, diagnostic.range.end);
  const heading = `${diagnostic.severity === "error" ? "Error" : "Warning"}: ${diagnostic.summary}`;
  const parts = [
    heading,
    `${gutter}--> ${source.name}:${position.line}:${position.column}`,
    `${gutter} |`,
    `${position.line} | ${line}`,
    `${gutter} | ${underline}`,
    diagnostic.detail,
  ];
  if (diagnostic.suggestion !== undefined) parts.push(`Did you mean ${diagnostic.suggestion}?`);
  return parts.join("\n");
}

const windowWidth = 120;

function quote(text: string, start: number, end: number): { line: string; underline: string } {
  const lineStart = start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1;
  const feed = text.indexOf("\n", start);
  const lineEnd = feed < 0 ? text.length : feed;
  const from = start - lineStart > windowWidth ? start - windowWidth / 2 : lineStart;
  const to = Math.min(lineEnd, from + windowWidth * 2);
  const lead = codePointsIn(text, from, start);
  const width = Math.max(1, codePointsIn(text, start, Math.min(end, to)));
  return { line: printable(text.slice(from, to)), underline: " ".repeat(lead) + "^".repeat(width) };
}

/** Control characters would move the underline or the terminal; each becomes one blank. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ").trimEnd();
}

function codePointsIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}
