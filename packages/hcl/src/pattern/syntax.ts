/**
 * Regular expressions in the syntax of RE2: no backreferences and no look-around, and so no pattern
 * that takes exponential time. https://github.com/google/re2/wiki/Syntax
 */

export type Node =
  | { readonly kind: "class"; readonly matches: (codePoint: number) => boolean }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "group"; readonly index: number | undefined; readonly body: Node }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | {
      readonly kind: "repeat";
      readonly body: Node;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    };

export type Assertion = "text-start" | "text-end" | "line-start" | "line-end" | "boundary" | "no-boundary";

export interface ParsedPattern {
  readonly node: Node;
  /** The names of the groups by index; unnamed ones have an empty name. */
  readonly groupNames: readonly string[];
}

/** A pattern that is not valid, or asks for what RE2 does not do. */
export class PatternFault extends Error {}

export function parsePattern(text: string): ParsedPattern {
  const parser = new PatternParser(text);
  return { node: parser.parse(), groupNames: parser.groupNames };
}

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

const depthLimit = 200;
const repeatLimit = 1000;

type Test = (codePoint: number) => boolean;

class PatternParser {
  readonly groupNames: string[] = [""];
  readonly #points: readonly string[];
  #position = 0;
  #flags: Flags = { i: false, m: false, s: false, U: false };
  #depth = 0;

  constructor(text: string) {
    this.#points = Array.from(text);
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#position < this.#points.length) throw new PatternFault("unexpected )");
    return node;
  }

  #peek(offset = 0): string | undefined {
    return this.#points[this.#position + offset];
  }

  #eat(text: string): boolean {
    const points = Array.from(text);
    if (points.some((point, index) => this.#peek(index) !== point)) return false;
    this.#position += points.length;
    return true;
  }

  #next(): string {
    const point = this.#points[this.#position++];
    if (point === undefined) throw new PatternFault("unexpected end of pattern");
    return point;
  }

  #choice(): Node {
    if (++this.#depth > depthLimit) throw new PatternFault("nested too deeply");
    const outer = this.#flags;
    const parts = [this.#sequence()];
    while (this.#eat("|")) parts.push(this.#sequence());
    this.#flags = outer;
    this.#depth--;
    return parts.length === 1 ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (
      let point = this.#peek();
      point !== undefined && point !== "|" && point !== ")";
      point = this.#peek()
    ) {
      if (this.#eat("\\Q")) parts.push(...this.#quoted());
      else {
        const term = this.#term();
        if (term) parts.push(this.#repeated(term));
      }
    }
    return { kind: "sequence", parts };
  }

  #quoted(): Node[] {
    const parts: Node[] = [];
    while (this.#position < this.#points.length && !this.#eat("\\E")) parts.push(this.#literal(this.#next()));
    return parts;
  }

  #repeated(term: Node): Node {
    let node = term;
    let times = 0;
    for (let count = this.#count(); count; count = this.#count()) {
      if (++times > 1) throw new PatternFault("invalid nested repetition operator");
      const lazy = this.#eat("?");
      node = { kind: "repeat", body: node, min: count[0], max: count[1], greedy: lazy === this.#flags.U };
    }
    return node;
  }

  #count(): readonly [min: number, max: number] | undefined {
    if (this.#eat("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#eat("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#eat("?")) return [0, 1];
    const match = /^\{(\d{1,5})(,(\d{0,5}))?\}/.exec(
      this.#points.slice(this.#position, this.#position + 16).join(""),
    );
    if (!match) return undefined;
    this.#position += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > repeatLimit || (Number.isFinite(max) && max > repeatLimit) || min > max)
      throw new PatternFault("invalid repeat count");
    return [min, max];
  }

  /** One term; undefined for a change of flags, which matches nothing by itself. */
  #term(): Node | undefined {
    const point = this.#next();
    switch (point) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "class", matches: this.#folded(this.#class()) };
      case ".":
        return { kind: "class", matches: this.#flags.s ? () => true : (one) => one !== 10 };
      case "^":
        return { kind: "assertion", assertion: this.#flags.m ? "line-start" : "text-start" };
      case "$":
        return { kind: "assertion", assertion: this.#flags.m ? "line-end" : "text-end" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw new PatternFault(`missing argument to repetition operator: ${point}`);
      default:
        return this.#literal(point);
    }
  }

  #group(): Node | undefined {
    if (!this.#eat("?")) return this.#capture("");
    if (
      this.#eat("P<") ||
      (this.#peek() === "<" && this.#peek(1) !== "=" && this.#peek(1) !== "!" && this.#eat("<"))
    ) {
      return this.#capture(this.#groupName());
    }
    const flags = this.#readFlags();
    if (this.#eat(")")) {
      this.#flags = flags;
      return undefined;
    }
    if (!this.#eat(":")) throw new PatternFault("look-around and other (?…) groups are not supported");
    const outer = this.#flags;
    this.#flags = flags;
    const body = this.#choice();
    this.#flags = outer;
    return this.#closed({ kind: "group", index: undefined, body });
  }

  #groupName(): string {
    let name = "";
    for (let point = this.#next(); point !== ">"; point = this.#next()) name += point;
    if (!/^\w+$/.test(name)) throw new PatternFault(`invalid group name "${name}"`);
    return name;
  }

  #capture(name: string): Node {
    const index = this.groupNames.push(name) - 1;
    return this.#closed({ kind: "group", index, body: this.#choice() });
  }

  #closed(group: Node): Node {
    if (!this.#eat(")")) throw new PatternFault("missing closing )");
    return group;
  }

  #readFlags(): Flags {
    let flags = this.#flags;
    let value = true;
    for (let point = this.#peek(); point !== undefined && "imsU-".includes(point); point = this.#peek()) {
      this.#position++;
      if (point === "-") value = false;
      else flags = { ...flags, [point]: value };
    }
    return flags;
  }

  #literal(point: string): Node {
    const code = point.codePointAt(0) ?? 0;
    return { kind: "class", matches: this.#folded((one) => one === code) };
  }

  /** Without regard to case: a code point counts if it or one of its other cases does. */
  #folded(test: Test): Test {
    if (!this.#flags.i) return test;
    return (one) => {
      const text = String.fromCodePoint(one);
      const cases = [text, text.toLowerCase(), text.toUpperCase()];
      return cases.some((each) => test(each.codePointAt(0) ?? 0));
    };
  }

  #escape(): Node {
    const assertions: Readonly<Record<string, Assertion>> = {
      A: "text-start",
      z: "text-end",
      b: "boundary",
      B: "no-boundary",
    };
    const point = this.#peek() ?? "";
    if (Object.hasOwn(assertions, point)) {
      this.#position++;
      return { kind: "assertion", assertion: assertions[point] };
    }
    if (point === "C") throw new PatternFault("\\C is not supported");
    return { kind: "class", matches: this.#folded(this.#escapedClass() ?? equals(this.#escapedPoint())) };
  }

  /** `\d`, `\pL` and their like; undefined if the escape means one code point. */
  #escapedClass(): Test | undefined {
    const point = this.#peek() ?? "";
    const perl = perlClasses[point.toLowerCase()];
    if (perl && /[dws]/i.test(point)) {
      this.#position++;
      return point === point.toLowerCase() ? perl : not(perl);
    }
    if (point !== "p" && point !== "P") return undefined;
    this.#position++;
    return this.#property(point === "P");
  }

  #property(isNegated: boolean): Test {
    let name = this.#next();
    if (name === "{") {
      name = "";
      for (let point = this.#next(); point !== "}"; point = this.#next()) name += point;
    }
    const inverted = name.startsWith("^") !== isNegated;
    const test = propertyTest(name.replace("^", ""));
    return inverted ? not(test) : test;
  }

  #escapedPoint(): number {
    const point = this.#next();
    const simple: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
    if (Object.hasOwn(simple, point)) return simple[point];
    if (point === "x") return this.#hexadecimal();
    if (/[0-7]/.test(point)) return this.#octal(point);
    if (/[0-9A-Za-z]/.test(point)) throw new PatternFault(`invalid escape sequence: \\${point}`);
    return point.codePointAt(0) ?? 0;
  }

  #hexadecimal(): number {
    let digits = "";
    if (this.#eat("{")) for (let point = this.#next(); point !== "}"; point = this.#next()) digits += point;
    else digits = this.#next() + this.#next();
    const value = Number.parseInt(digits, 16);
    if (!/^[0-9a-fA-F]+$/.test(digits) || value > 0x10ffff)
      throw new PatternFault("invalid escape sequence: \\x");
    return value;
  }

  #octal(first: string): number {
    let digits = first;
    while (digits.length < 3 && /[0-7]/.test(this.#peek() ?? "")) digits += this.#next();
    if (first !== "0" && digits.length < 2) throw new PatternFault("backreferences are not supported");
    return Number.parseInt(digits, 8);
  }

  #class(): Test {
    const isNegated = this.#eat("^");
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) tests.push(this.#classItem());
    this.#position++;
    const any: Test = (one) => tests.some((test) => test(one));
    return isNegated ? not(any) : any;
  }

  #classItem(): Test {
    const posix = /^\[:(\^?)(\w+):\]/.exec(this.#points.slice(this.#position, this.#position + 14).join(""));
    if (posix) {
      const test = posixClasses[posix[2]];
      if (!test) throw new PatternFault(`invalid character class: ${posix[0]}`);
      this.#position += posix[0].length;
      return posix[1] ? not(test) : test;
    }
    const low = this.#classPoint();
    if (typeof low !== "number") return low;
    if (this.#peek() !== "-" || this.#peek(1) === "]") return equals(low);
    this.#position++;
    const high = this.#classPoint();
    if (typeof high !== "number" || high < low) throw new PatternFault("invalid character class range");
    return (one) => one >= low && one <= high;
  }

  #classPoint(): number | Test {
    if (!this.#eat("\\")) return this.#next().codePointAt(0) ?? 0;
    return this.#escapedClass() ?? this.#escapedPoint();
  }
}

function equals(code: number): Test {
  return (one) => one === code;
}

function not(test: Test): Test {
  return (one) => !test(one);
}

function asciiTest(pattern: RegExp): Test {
  const members = new Set(
    Array.from({ length: 128 }, (_, code) => code).filter((code) => pattern.test(String.fromCharCode(code))),
  );
  return (one) => members.has(one);
}

const perlClasses: Readonly<Record<string, Test>> = {
  d: asciiTest(/\d/),
  w: asciiTest(/\w/),
  s: asciiTest(/[\t\n\f\r ]/),
};

const posixClasses: Readonly<Record<string, Test>> = {
  alnum: asciiTest(/[0-9A-Za-z]/),
  alpha: asciiTest(/[A-Za-z]/),
  ascii: (one) => one < 128,
  blank: asciiTest(/[\t ]/),
  // oxlint-disable-next-line no-control-regex -- the class of control characters
  cntrl: asciiTest(/[\u0000-\u001f\u007f]/),
  digit: asciiTest(/\d/),
  graph: asciiTest(/[!-~]/),
  lower: asciiTest(/[a-z]/),
  print: asciiTest(/[ -~]/),
  punct: asciiTest(/[!-/:-@[-`{-~]/),
  space: asciiTest(/[\t\n\v\f\r ]/),
  upper: asciiTest(/[A-Z]/),
  word: asciiTest(/\w/),
  xdigit: asciiTest(/[0-9A-Fa-f]/),
};

/** A general category (`L`, `Lu`) or a script (`Greek`). */
function propertyTest(name: string): Test {
  if (!/^\w+$/.test(name)) throw new PatternFault(`invalid character class: \\p{${name}}`);
  if (name === "Any") return () => true;
  const property = name.length <= 2 ? name : `Script=${name}`;
  try {
    const pattern = new RegExp(`\\p{${property}}`, "u");
    return (one) => pattern.test(String.fromCodePoint(one));
  } catch {
    throw new PatternFault(`invalid character class: \\p{${name}}`);
  }
}
