/** The quoted and the block scalars of YAML. */

/** A text that is not YAML, or asks for what is not supported. */
export class YamlFault extends Error {}

export interface ReadText {
  readonly text: string;
  /** Behind the scalar. */
  readonly end: number;
}

/** Reads from an opening quote; line ends inside fold to blanks. */
export function readQuoted(text: string, start: number): ReadText {
  const pattern = text[start] === '"' ? /"((?:[^"\\]|\\[^])*)"/y : /'((?:[^']|'')*)'/y;
  pattern.lastIndex = start;
  const match = pattern.exec(text);
  if (!match) throw new YamlFault("a closing quote is missing");
  const end = pattern.lastIndex;
  if (text[start] === "'") return { text: fold(match[1]).replaceAll("''", "'"), end };
  return { text: unescape(fold(match[1].replace(/\\[ \t]*\n[ \t]*/g, ""))), end };
}

function fold(text: string): string {
  return text.replace(
    /[ \t]*\n((?:[ \t]*\n)*)[ \t]*/g,
    (_, blank: string) => "\n".repeat(blank.split("\n").length - 1) || " ",
  );
}

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\u0007",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\u001b",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
};

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/gu,
    (_, byte?: string, short?: string, long?: string, simple?: string) => {
      if (simple === undefined) return codePoint(Number.parseInt(byte ?? short ?? long ?? "", 16));
      if (!Object.hasOwn(escapes, simple)) throw new YamlFault(`unknown escape sequence \\${simple}`);
      return escapes[simple];
    },
  );
}

function codePoint(value: number): string {
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
    throw new YamlFault("there is no such character");
  return String.fromCodePoint(value);
}

/** Reads from `|` or `>`; the content is indented more than `parent`. */
export function readBlockScalar(text: string, start: number, parent: number): ReadText {
  const header = /[|>](?:([1-9])([+-]?)|([+-])([1-9])?)?[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
  header.lastIndex = start;
  const match = header.exec(text);
  if (!match) throw new YamlFault("the head of a block scalar is malformed");
  const hint = match[1] ?? match[4];
  const chomping = match[2] || match[3] || "";
  const { lines, end } = indentedLines(
    text,
    header.lastIndex,
    parent,
    hint === undefined ? undefined : Math.max(parent, 0) + Number(hint),
  );
  const body = text[start] === "|" ? lines.join("\n") : foldLines(lines);
  return { text: chomp(body, chomping, lines.length > 0), end };
}

function indentedLines(
  text: string,
  start: number,
  parent: number,
  given: number | undefined,
): { lines: string[]; end: number } {
  const lines: string[] = [];
  let indentation = given;
  let position = start;
  while (position < text.length) {
    const feed = text.indexOf("\n", position);
    const lineEnd = feed < 0 ? text.length : feed;
    const line = text.slice(position, lineEnd);
    const depth = line.length - line.replace(/^ +/, "").length;
    const isBlank = depth === line.length;
    if (!isBlank && indentation === undefined) indentation = Math.max(depth, parent + 1);
    if (!isBlank && depth < (indentation ?? 0)) break;
    lines.push(line.slice(indentation ?? line.length));
    position = feed < 0 ? text.length : feed + 1;
  }
  return { lines, end: position };
}

/** Line ends between lines of text become blanks; those around more indented lines stay. */
function foldLines(lines: readonly string[]): string {
  let folded = "";
  let feeds = 0;
  let before: string | undefined;
  for (const line of lines) {
    if (line === "") {
      feeds++;
      continue;
    }
    const keeps = before === undefined || /^[ \t]/.test(before) || /^[ \t]/.test(line);
    folded +=
      before === undefined
        ? "\n".repeat(feeds)
        : keeps
          ? "\n".repeat(feeds + 1)
          : feeds === 0
            ? " "
            : "\n".repeat(feeds);
    folded += line;
    feeds = 0;
    before = line;
  }
  return folded + "\n".repeat(feeds);
}

function chomp(body: string, chomping: string, hasLines: boolean): string {
  const content = body.replace(/\n+$/, "");
  if (chomping === "-") return content;
  if (chomping === "+") return hasLines ? `${body}\n` : body;
  return content === "" ? "" : `${content}\n`;
}
