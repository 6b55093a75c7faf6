/**
 * Where in a job file somebody is typing. The text before the cursor is walked over roughly, by its
 * quotes, comments and braces, because it is rarely whole.
 */

/** A block around the cursor. */
export interface Frame {
  readonly type: string;
  /** In a task: the driver, if it was named before the cursor. */
  driver: string | undefined;
  /** Names of attributes and blocks before the cursor. */
  readonly present: Set<string>;
}

export interface Typing {
  readonly path: readonly Frame[];
  /** At the name of an attribute or block, at the value of an attribute, or somewhere else. */
  readonly where: "name" | "value" | "elsewhere";
  /** The attribute whose value is being typed. */
  readonly attribute: string;
  /** What is typed of the word so far, without a quote. */
  readonly word: string;
  /** Where the word begins, its quote included. */
  readonly wordStart: number;
  /** Names that stand in the block already, before and behind the cursor. */
  readonly present: ReadonlySet<string>;
}

const pieces =
  /"(?:[^"\\\n]|\\.)*(?:"|$)|#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|<<-?(\w+)\n[^]*?(?:\n\s*\1(?!\w)|$)|[A-Za-z_][\w-]*|[{}=\n[\]]/g;

/** Walks over the text up to an offset. Linear in the text. */
export function tokensBefore(text: string, offset: number): Typing {
  const before = text.slice(0, offset);
  const root: Frame = { type: "", driver: undefined, present: new Set() };
  const frames: Frame[] = [root];
  let line: string[] = [];
  let last: { readonly token: string; readonly start: number } | undefined;
  for (const { 0: token, index } of before.matchAll(pieces)) {
    last = { token, start: index };
    if (token === "\n") {
      finishLine(line, frames);
      line = [];
    } else if (token === "{" && !line.includes("=")) {
      const type = line[0] ?? "";
      frames.at(-1)?.present.add(type);
      frames.push({
        type: type === "dynamic" ? unquoted(line[1] ?? "") : type,
        driver: undefined,
        present: new Set(),
      });
      line = [];
    } else if (token === "}" && !line.includes("=") && frames.length > 1) {
      finishLine(line, frames);
      frames.pop();
      line = [];
    } else line.push(token);
  }
  return describe(text, offset, frames, line, last);
}

function finishLine(line: readonly string[], frames: readonly Frame[]): void {
  const [name, equals, value] = line;
  if (equals !== "=") return;
  const frame = frames.at(-1);
  frame?.present.add(name);
  if (frame && name === "driver" && value !== undefined) frame.driver = unquoted(value);
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, "");
}

type Last = { readonly token: string; readonly start: number } | undefined;

function describe(
  text: string,
  offset: number,
  frames: readonly Frame[],
  line: readonly string[],
  last: Last,
): Typing {
  const isInWord =
    last !== undefined && last.start + last.token.length === offset && /^["A-Za-z_]/.test(last.token);
  const token = isInWord ? last.token : "";
  const isClosed = /^"[^]*"$/.test(token) && token.length > 1;
  const isComment =
    last !== undefined && /^(?:#|\/[/*])/.test(last.token) && last.start + last.token.length === offset;
  const words = isInWord ? line.slice(0, -1) : line;
  const where = isComment || isClosed || last?.token.startsWith("<<") === true ? "elsewhere" : placeOf(words);
  const present = new Set([...(frames.at(-1)?.present ?? []), ...namesBehind(text, offset)]);
  return {
    path: frames.slice(1),
    where,
    attribute: words[0] ?? "",
    word: unquoted(token),
    wordStart: offset - token.length,
    present,
  };
}

function placeOf(words: readonly string[]): Typing["where"] {
  if (words.length === 0) return "name";
  return words.length === 2 && words[1] === "=" ? "value" : "elsewhere";
}

/** Names at the beginning of lines behind the cursor, until the block ends. */
function namesBehind(text: string, offset: number): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const line of text.slice(offset).split("\n").slice(1)) {
    const [, name] = /^\s*([A-Za-z_][\w-]*)\s*(?:=|\{|")/.exec(line) ?? [];
    if (depth === 0 && name !== undefined) names.push(name);
    depth += (line.match(/\{/g)?.length ?? 0) - (line.match(/\}/g)?.length ?? 0);
    if (depth < 0) break;
  }
  return names;
}
