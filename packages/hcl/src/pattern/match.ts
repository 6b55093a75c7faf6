/**
 * Matching by simulation of all alternatives at once, in the order of their preference: time grows
 * with the length of the text times that of the pattern and never faster.
 *
 * After Russ Cox, https://swtch.com/~rsc/regexp/regexp2.html ("Pike's implementation").
 */
import { type Assertion, type Node, parsePattern, PatternFault } from "./syntax.ts";

type Instruction =
  | { readonly kind: "class"; readonly matches: (codePoint: number) => boolean }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "save"; readonly slot: number }
  | { kind: "split"; first: number; second: number }
  | { kind: "jump"; target: number }
  | { readonly kind: "match" };

export interface Pattern {
  readonly program: readonly Instruction[];
  readonly groupNames: readonly string[];
}

/** Start and end of the match and of each group, in code points; -1 where a group took no part. */
export type Match = readonly number[];

const programLimit = 20_000;
/** What a step costs whoever pays for the search. */
const stepCost = 2;

/** Compiles a pattern, or throws a `PatternFault`; pays for the length of the program. */
export function compile(text: string, spend: (steps: number) => void): Pattern {
  const { node, groupNames } = parsePattern(text);
  const program: Instruction[] = [];
  const emit = (instruction: Instruction): number => {
    spend(1);
    if (program.length >= programLimit) throw new PatternFault("the pattern is too large");
    return program.push(instruction) - 1;
  };
  emit({ kind: "save", slot: 0 });
  compileNode(node, program, emit);
  emit({ kind: "save", slot: 1 });
  emit({ kind: "match" });
  return { program, groupNames };
}

function compileNode(node: Node, program: Instruction[], emit: (instruction: Instruction) => number): void {
  switch (node.kind) {
    case "class":
    case "assertion":
      emit(node);
      return;
    case "group":
      if (node.index !== undefined) emit({ kind: "save", slot: node.index * 2 });
      compileNode(node.body, program, emit);
      if (node.index !== undefined) emit({ kind: "save", slot: node.index * 2 + 1 });
      return;
    case "sequence":
      for (const part of node.parts) compileNode(part, program, emit);
      return;
    case "choice":
      return compileChoice(node.parts, program, emit);
    case "repeat":
      return compileRepeat(node, program, emit);
  }
}

function compileChoice(
  parts: readonly Node[],
  program: Instruction[],
  emit: (instruction: Instruction) => number,
): void {
  const jumps: (Instruction & { kind: "jump" })[] = [];
  for (const [index, part] of parts.entries()) {
    const split = { kind: "split" as const, first: 0, second: 0 };
    const isLast = index === parts.length - 1;
    if (!isLast) split.first = emit(split) + 1;
    compileNode(part, program, emit);
    if (isLast) continue;
    const jump = { kind: "jump" as const, target: 0 };
    split.second = emit(jump) + 1;
    jumps.push(jump);
  }
  for (const jump of jumps) jump.target = program.length;
}

function compileRepeat(
  node: Node & { kind: "repeat" },
  program: Instruction[],
  emit: (instruction: Instruction) => number,
): void {
  for (let count = 0; count < node.min; count++) compileNode(node.body, program, emit);
  const optional = Number.isFinite(node.max) ? node.max - node.min : 1;
  const splits: (Instruction & { kind: "split" })[] = [];
  let loop = 0;
  for (let count = 0; count < optional; count++) {
    const split = { kind: "split" as const, first: 0, second: 0 };
    loop = emit(split);
    splits.push(split);
    compileNode(node.body, program, emit);
  }
  if (!Number.isFinite(node.max)) emit({ kind: "jump", target: loop });
  for (const split of splits) {
    const inside = program.indexOf(split) + 1;
    [split.first, split.second] = node.greedy ? [inside, program.length] : [program.length, inside];
  }
}

/** An alternative under way: where it stands in the program, and what it has captured. */
interface Thread {
  readonly at: number;
  readonly captures: readonly number[];
}

/** Finds matches in one text, and pays for the steps that takes. */
export class Matcher {
  readonly #pattern: Pattern;
  readonly #points: readonly number[];
  readonly #spend: (steps: number) => void;

  constructor(pattern: Pattern, points: readonly number[], spend: (steps: number) => void) {
    this.#pattern = pattern;
    this.#points = points;
    this.#spend = spend;
  }

  /** The leftmost match from a position on; among several there, the one preferred by the pattern. */
  find(from: number): Match | undefined {
    let threads: Thread[] = [];
    let found: Match | undefined;
    const none = Array.from({ length: this.#pattern.groupNames.length * 2 }, () => -1);
    for (let position = from; position <= this.#points.length; position++) {
      const seen = new Set<number>();
      const current: Thread[] = [];
      for (const thread of threads) this.#follow(thread, position, seen, current);
      if (!found) this.#follow({ at: 0, captures: none }, position, seen, current);
      threads = [];
      for (const { at, captures } of current) {
        const instruction = this.#pattern.program[at];
        if (instruction.kind === "match") {
          found = captures;
          break;
        }
        const point = this.#points[position];
        if (instruction.kind === "class" && point !== undefined && instruction.matches(point))
          threads.push({ at: at + 1, captures });
      }
      if (found && threads.length === 0) break;
    }
    return found;
  }

  /** Goes on without consuming anything, up to the instructions that do, in order of preference. */
  #follow(start: Thread, position: number, seen: Set<number>, out: Thread[]): void {
    const stack: Thread[] = [start];
    for (let thread = stack.pop(); thread; thread = stack.pop()) {
      const { at, captures } = thread;
      if (seen.has(at)) continue;
      seen.add(at);
      this.#spend(stepCost);
      const instruction = this.#pattern.program[at];
      if (instruction.kind === "jump") stack.push({ at: instruction.target, captures });
      else if (instruction.kind === "split")
        stack.push({ at: instruction.second, captures }, { at: instruction.first, captures });
      else if (instruction.kind === "save")
        stack.push({ at: at + 1, captures: captures.with(instruction.slot, position) });
      else if (instruction.kind !== "assertion") out.push(thread);
      else if (this.#holds(instruction.assertion, position)) stack.push({ at: at + 1, captures });
    }
  }

  #holds(assertion: Assertion, position: number): boolean {
    const before = this.#points[position - 1];
    const after = this.#points[position];
    switch (assertion) {
      case "text-start":
        return before === undefined;
      case "text-end":
        return after === undefined;
      case "line-start":
        return before === undefined || before === 10;
      case "line-end":
        return after === undefined || after === 10;
      case "boundary":
        return isWord(before) !== isWord(after);
      default:
        return isWord(before) === isWord(after);
    }
  }
}

function isWord(point: number | undefined): boolean {
  return point !== undefined && /\w/.test(String.fromCodePoint(point));
}
