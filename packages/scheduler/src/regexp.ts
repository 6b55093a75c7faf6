/**
 * Regular expressions of job files: RE2's syntax (https://github.com/google/re2/wiki/Syntax) without
 * Unicode classes, found anywhere in the text, in time proportional to text × pattern. The patterns
 * come from strangers, and a backtracking engine can be made to run for years.
 *
 * The pattern is parsed into a tree, the tree becomes a program of small steps, and all threads of
 * the program walk over the text together (https://swtch.com/~rsc/regexp/regexp2.html).
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const program = programs.get(pattern) ?? remember(pattern);
  return program !== undefined && run(program, text);
}

/** What is wrong with a pattern, or `undefined` if it can be used. */
export function patternFault(pattern: string): string | undefined {
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternFault) return error.message;
    throw error;
  }
}

class PatternFault extends Error {}

type Tree =
  | { readonly kind: "one"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "at"; readonly holds: Position }
  | { readonly kind: "all"; readonly parts: readonly Tree[] }
  | { readonly kind: "any"; readonly branches: readonly Tree[] }
  | { readonly kind: "repeat"; readonly part: Tree; readonly low: number; readonly high: number };

type Position = (before: string | undefined, after: string | undefined) => boolean;

type Step =
  | { readonly kind: "one"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "at"; readonly holds: Position }
  | { readonly kind: "split"; readonly to: number[] }
  | { readonly kind: "match" };

const mostSteps = 10_000;
const mostRemembered = 1000;
const programs = new Map<string, readonly Step[]>();

function remember(pattern: string): readonly Step[] | undefined {
  if (patternFault(pattern) !== undefined) return undefined;
  if (programs.size >= mostRemembered) programs.clear();
  const program = compile(pattern);
  programs.set(pattern, program);
  return program;
}

function compile(pattern: string): readonly Step[] {
  const program: Step[] = [];
  emit(parse(pattern), program);
  add(program, { kind: "match" });
  return program;
}

function add(program: Step[], step: Step): number {
  if (program.length >= mostSteps) throw new PatternFault("it is too large");
  return program.push(step) - 1;
}

function emit(tree: Tree, program: Step[]): void {
  switch (tree.kind) {
    case "one":
    case "at":
      add(program, tree);
      return;
    case "all":
      for (const part of tree.parts) emit(part, program);
      return;
    case "any":
      return emitBranches(tree.branches, program);
    case "repeat":
      return emitRepeat(tree.part, tree.low, tree.high, program);
  }
}

function emitBranches(branches: readonly Tree[], program: Step[]): void {
  const fork: number[] = [];
  add(program, { kind: "split", to: fork });
  const exits = branches.map((branch) => {
    fork.push(program.length);
    emit(branch, program);
    const to: number[] = [];
    add(program, { kind: "split", to });
    return to;
  });
  for (const exit of exits) exit.push(program.length);
}

function emitRepeat(part: Tree, low: number, high: number, program: Step[]): void {
  for (let i = 0; i < low; i++) emit(part, program);
  if (high === Infinity) {
    const loop: number[] = [];
    const start = add(program, { kind: "split", to: loop });
    loop.push(program.length);
    emit(part, program);
    add(program, { kind: "split", to: [start] });
    loop.push(program.length);
    return;
  }
  const skips: number[][] = [];
  for (let i = low; i < high; i++) {
    const to: number[] = [program.length + 1];
    add(program, { kind: "split", to });
    skips.push(to);
    emit(part, program);
  }
  for (const skip of skips) skip.push(program.length);
}

function run(program: readonly Step[], text: string): boolean {
  const characters = Array.from(text);
  let threads: number[] = [];
  for (let at = 0; at <= characters.length; at++) {
    const seen = new Uint8Array(program.length);
    const waiting: number[] = [];
    const reach = [...threads, 0];
    for (let next = reach.pop(); next !== undefined; next = reach.pop()) {
      if (seen[next]) continue;
      seen[next] = 1;
      const step = program[next];
      if (step.kind === "match") return true;
      if (step.kind === "split") reach.push(...step.to);
      else if (step.kind === "one") waiting.push(next);
      else if (step.holds(characters[at - 1], characters[at])) reach.push(next + 1);
    }
    threads = waiting.filter((index) => accepts(program[index], characters[at])).map((index) => index + 1);
  }
  return false;
}

function accepts(step: Step, character: string | undefined): boolean {
  return step.kind === "one" && character !== undefined && step.accepts(character);
}

interface Flags {
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly dotTakesNewline: boolean;
}

/** Where the parser stands: the characters, how far it has read, and the flags that hold there. */
interface Reader {
  readonly characters: readonly string[];
  at: number;
  flags: Flags;
  depth: number;
}

function parse(pattern: string): Tree {
  const flags = { ignoresCase: false, isMultiline: false, dotTakesNewline: false };
  const reader: Reader = { characters: Array.from(pattern), at: 0, flags, depth: 0 };
  const tree = parseBranches(reader);
  if (reader.at < reader.characters.length) throw new PatternFault("a `)` too many");
  return tree;
}

function parseBranches(reader: Reader): Tree {
  const branches = [parseSequence(reader)];
  while (take(reader, "|")) branches.push(parseSequence(reader));
  return branches.length === 1 ? branches[0] : { kind: "any", branches };
}

function parseSequence(reader: Reader): Tree {
  const parts: Tree[] = [];
  for (let next = peek(reader); next !== undefined && next !== "|" && next !== ")"; next = peek(reader)) {
    parts.push(parseRepeats(reader, parseAtom(reader)));
  }
  return { kind: "all", parts };
}

function parseRepeats(reader: Reader, part: Tree): Tree {
  const range = parseCount(reader);
  if (range === undefined) return part;
  take(reader, "?");
  if (parseCount(reader) !== undefined) throw new PatternFault("two repetitions in a row");
  return { kind: "repeat", part, ...range };
}

function parseCount(reader: Reader): { readonly low: number; readonly high: number } | undefined {
  if (take(reader, "*")) return { low: 0, high: Infinity };
  if (take(reader, "+")) return { low: 1, high: Infinity };
  if (take(reader, "?")) return { low: 0, high: 1 };
  const match = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(
    reader.characters.slice(reader.at, reader.at + 12).join(""),
  );
  if (!match) return undefined;
  reader.at += match[0].length;
  const low = Number(match[1]);
  const high = match[2] === "" ? low : match[3] === "" ? Infinity : Number(match[3]);
  if (low > 1000 || (high !== Infinity && high > 1000) || high < low) {
    throw new PatternFault(`${match[0]} is no repetition`);
  }
  return { low, high };
}

function parseAtom(reader: Reader): Tree {
  const character = reader.characters[reader.at++];
  switch (character) {
    case "(":
      return parseGroup(reader);
    case "[":
      return { kind: "one", accepts: parseClass(reader) };
    case ".":
      return { kind: "one", accepts: reader.flags.dotTakesNewline ? () => true : (next) => next !== "\n" };
    case "^":
      return { kind: "at", holds: reader.flags.isMultiline ? isLineStart : isTextStart };
    case "$":
      return { kind: "at", holds: reader.flags.isMultiline ? isLineEnd : isTextEnd };
    case "\\":
      return parseEscape(reader);
    case "*":
    case "+":
    case "?":
      throw new PatternFault(`nothing for \`${character}\` to repeat`);
    default:
      return { kind: "one", accepts: literal(character, reader.flags) };
  }
}

function parseGroup(reader: Reader): Tree {
  const outer = reader.flags;
  if (++reader.depth > 100) throw new PatternFault("it is nested too deeply");
  const head = /^\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?([:)]))/.exec(
    reader.characters.slice(reader.at, reader.at + 64).join(""),
  );
  if (peek(reader) === "?" && !head) throw new PatternFault("an unknown kind of group");
  if (head) reader.at += head[0].length;
  if (head?.[3]) reader.flags = flagsAfter(reader.flags, head[1], head[2] ?? "");
  reader.depth -= Number(head?.[3] === ")");
  if (head?.[3] === ")") return { kind: "all", parts: [] };
  const tree = parseBranches(reader);
  if (!take(reader, ")")) throw new PatternFault("a `(` is not closed");
  reader.flags = outer;
  reader.depth -= 1;
  return tree;
}

function flagsAfter(flags: Flags, on: string, off: string): Flags {
  const value = (letter: string, before: boolean) =>
    off.includes(letter) ? false : before || on.includes(letter);
  return {
    ignoresCase: value("i", flags.ignoresCase),
    isMultiline: value("m", flags.isMultiline),
    dotTakesNewline: value("s", flags.dotTakesNewline),
  };
}

function parseEscape(reader: Reader): Tree {
  const letter = reader.characters[reader.at++];
  if (letter === undefined) throw new PatternFault("it ends in a backslash");
  const position = positions[letter];
  if (position) return { kind: "at", holds: position };
  const shorthand = shorthands[letter];
  if (shorthand) return { kind: "one", accepts: shorthand };
  return { kind: "one", accepts: literal(escaped(reader, letter), reader.flags) };
}

/** The character that `\n`, `\x41`, `\x{1F600}` or `\.` stands for; the letter is already read. */
function escaped(reader: Reader, letter: string): string {
  const control = controls[letter];
  if (control !== undefined) return control;
  if (letter === "x") {
    const match = /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))/.exec(
      reader.characters.slice(reader.at, reader.at + 8).join(""),
    );
    const code = match ? Number.parseInt(match[1] ?? match[2], 16) : Infinity;
    if (!match || code > 0x10ffff) throw new PatternFault("`\\x` without a character's number");
    reader.at += match[0].length;
    return String.fromCodePoint(code);
  }
  if (/[a-zA-Z0-9]/.test(letter)) throw new PatternFault(`\`\\${letter}\` is unknown`);
  return letter;
}

function parseClass(reader: Reader): (character: string) => boolean {
  const isNegated = take(reader, "^");
  const members: ((character: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || peek(reader) !== "]"; isFirst = false) {
    members.push(parseMember(reader));
  }
  reader.at++;
  const isMember = (character: string) => members.some((accept) => accept(character));
  const accept = reader.flags.ignoresCase
    ? (character: string) => isMember(character.toLowerCase()) || isMember(character.toUpperCase())
    : isMember;
  return isNegated ? (character) => !accept(character) : accept;
}

function parseMember(reader: Reader): (character: string) => boolean {
  const named = /^\[:(\^?)(\w+):\]/.exec(reader.characters.slice(reader.at, reader.at + 12).join(""));
  const posix = named && posixClasses[named[2]];
  if (posix) {
    reader.at += named[0].length;
    return (character) => posix.test(character) !== (named[1] === "^");
  }
  const low = memberCharacter(reader);
  if (typeof low !== "string") return low;
  if (peek(reader) !== "-" || reader.characters[reader.at + 1] === "]") return (next) => next === low;
  reader.at++;
  const high = memberCharacter(reader);
  if (typeof high !== "string" || codeOf(high) < codeOf(low))
    throw new PatternFault("a range runs backwards");
  return (next) => codeOf(next) >= codeOf(low) && codeOf(next) <= codeOf(high);
}

function memberCharacter(reader: Reader): string | ((character: string) => boolean) {
  const character = reader.characters[reader.at++];
  if (character === undefined) throw new PatternFault("a `[` is not closed");
  if (character !== "\\") return character;
  const letter = reader.characters[reader.at++];
  if (letter === undefined) throw new PatternFault("a `[` is not closed");
  return shorthands[letter] ?? escaped(reader, letter);
}

function literal(wanted: string, flags: Flags): (character: string) => boolean {
  if (!flags.ignoresCase) return (character) => character === wanted;
  const folded = wanted.toLowerCase();
  return (character) => character.toLowerCase() === folded;
}

function peek(reader: Reader): string | undefined {
  return reader.characters[reader.at];
}

function take(reader: Reader, character: string): boolean {
  if (peek(reader) !== character) return false;
  reader.at++;
  return true;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

const isWord = (character: string | undefined) => character !== undefined && /^\w$/.test(character);
const isTextStart: Position = (before) => before === undefined;
const isTextEnd: Position = (_before, after) => after === undefined;
const isLineStart: Position = (before) => before === undefined || before === "\n";
const isLineEnd: Position = (_before, after) => after === undefined || after === "\n";

const positions: Readonly<Record<string, Position | undefined>> = {
  A: isTextStart,
  z: isTextEnd,
  b: (before, after) => isWord(before) !== isWord(after),
  B: (before, after) => isWord(before) === isWord(after),
};

const shorthands: Readonly<Record<string, ((character: string) => boolean) | undefined>> = {
  d: (character) => /^\d$/.test(character),
  D: (character) => !/^\d$/.test(character),
  w: (character) => isWord(character),
  W: (character) => !isWord(character),
  s: (character) => /^[\t\n\f\r ]$/.test(character),
  S: (character) => !/^[\t\n\f\r ]$/.test(character),
};

const controls: Readonly<Record<string, string | undefined>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\u0007",
};

const posixClasses: Readonly<Record<string, RegExp | undefined>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  word: /\w/,
  xdigit: /[0-9A-Fa-f]/,
};
