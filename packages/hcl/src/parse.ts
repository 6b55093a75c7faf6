/**
 * The structure of HCL2: bodies, arguments and blocks.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Structural Elements".
 * Agreement with the reference implementation is on what is accepted and on the values; the
 * wording and the number of diagnostics are our own.
 *
 * A fault ends the item it is in. Parsing goes on with the next item, so that one run shows several
 * faults; after twenty it stops. The cost is linear in the text for each fault, whatever the text.
 */
import type { Diagnostic, Range, Source } from "./diagnostic.ts";
import { parseExpression as parseInner } from "./expression.ts";
import { excessOf, noBody } from "./file-size.ts";
import { resume } from "./recovery.ts";
import { Scanner, SyntaxFault, token } from "./scanner.ts";
import type { Attribute, Block, Body, Expression, Label } from "./syntax.ts";
import { parseBare, parseLabel } from "./template.ts";

export interface ParseOptions {
  /** What diagnostics call the file. */
  readonly fileName: string;
}

export interface ParsedBody {
  /** The file as it was read; what `renderDiagnostic` takes. */
  readonly source: Source;
  /** What could be read; whole if there are no errors. */
  readonly body: Body;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a whole HCL2 file. Never throws. */
export function parseBody(text: string, { fileName }: ParseOptions): ParsedBody {
  const source = { name: fileName, text };
  const excess = excessOf(text);
  if (excess) return { source, body: noBody, diagnostics: [excess] };
  return { source, ...new BodyParser(text).parse() };
}

export interface ParsedExpression {
  readonly expression: Expression | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a text that is one expression, in which newlines do not count. Never throws. */
export function parseExpression(text: string): ParsedExpression {
  return parseWhole(text, (scanner) => {
    scanner.newlines = false;
    scanner.advance();
    const expression = parseInner(scanner);
    if (scanner.kind === token.end) return expression;
    throw scanner.fault("Text after the expression", "The expression ends here, but more text follows.");
  });
}

/** Parses a text as if it stood between quotes, but without escapes: `${` and `%{` are special. */
export function parseTemplate(text: string): ParsedExpression {
  return parseWhole(text, (scanner) => parseBare(scanner, parseInner));
}

function parseWhole(text: string, parse: (scanner: Scanner) => Expression): ParsedExpression {
  const excess = excessOf(text);
  if (excess) return { expression: undefined, diagnostics: [excess] };
  try {
    return { expression: parse(new Scanner(text)), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { expression: undefined, diagnostics: [error.diagnostic] };
  }
}

const faultLimit = 20;

type BlockHeader = Pick<Block, "type" | "labels">;

class BodyParser {
  readonly #scanner: Scanner;
  readonly #diagnostics: Diagnostic[] = [];
  /** The blocks around the current item, outermost first. */
  readonly #path: BlockHeader[] = [];
  readonly #names = new NameRegister();

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  parse(): Omit<ParsedBody, "source"> {
    const attributes: Attribute[] = [];
    const blocks: Block[] = [];
    try {
      this.#scanner.advance();
      this.#items(token.end, attributes, blocks);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      this.#diagnostics.push(error.diagnostic);
    }
    const body = { attributes, blocks, start: 0, end: this.#scanner.text.length };
    return { body, diagnostics: this.#diagnostics };
  }

  /** Reads items up to the closing token, which stays current. */
  #items(close: number, attributes: Attribute[], blocks: Block[]): void {
    const scanner = this.#scanner;
    for (;;) {
      while (scanner.kind === token.newline) scanner.advance();
      if (scanner.kind === close) return;
      if (scanner.kind === token.end) throw this.#unclosedBlock();
      const { start, depth } = scanner;
      try {
        this.#item(attributes, blocks);
      } catch (error) {
        this.#recover(error, start, depth);
      }
    }
  }

  #recover(error: unknown, start: number, depth: number): void {
    if (!(error instanceof SyntaxFault) || error.final) throw error;
    this.#report(error.diagnostic);
    this.#scanner.depth = depth;
    this.#scanner.newlines = true;
    this.#scanner.moveTo(resume(this.#scanner.text, start, error.diagnostic.range.start));
  }

  #report(diagnostic: Diagnostic): void {
    if (this.#diagnostics.push(diagnostic) >= faultLimit) throw tooMany(diagnostic.range);
  }

  #item(attributes: Attribute[], blocks: Block[]): void {
    const scanner = this.#scanner;
    scanner.count();
    if (scanner.kind !== token.identifier) throw this.#notAnItem();
    const name = scanner.word();
    const nameRange = scanner.range();
    scanner.advance();
    if (scanner.kind === token.equal) {
      const attribute = this.#attribute(name, nameRange);
      this.#endOfItem("argument");
      if (this.#names.add(attributes, name)) attributes.push(attribute);
      else this.#duplicate(nameRange);
    } else if (
      scanner.kind === token.quote ||
      scanner.kind === token.openBrace ||
      scanner.kind === token.identifier
    ) {
      blocks.push(this.#block(name, nameRange));
      this.#endOfItem("block");
    } else throw notContinued(scanner);
  }

  #attribute(name: string, nameRange: Range): Attribute {
    this.#scanner.advance();
    const expression = parseInner(this.#scanner);
    return { name, nameRange, expression, start: nameRange.start, end: this.#scanner.previousEnd };
  }

  #duplicate(range: Range): void {
    const detail = "This argument is already set in this block. Each argument may be set once.";
    this.#report({ severity: "error", summary: "Argument set twice", detail, range });
  }

  #block(type: string, typeRange: Range): Block {
    const scanner = this.#scanner;
    const labels: Label[] = [];
    while (scanner.kind !== token.openBrace) labels.push(readLabel(scanner));
    this.#path.push({ type, labels });
    scanner.enter();
    const body = this.#blockBody();
    scanner.leave();
    this.#path.pop();
    return { type, typeRange, labels, body, start: typeRange.start, end: scanner.previousEnd };
  }

  #blockBody(): Body {
    const scanner = this.#scanner;
    const { end: start } = scanner;
    const attributes: Attribute[] = [];
    const blocks: Block[] = [];
    scanner.advance();
    if (scanner.kind === token.newline || scanner.kind === token.closeBrace || scanner.kind === token.end) {
      this.#items(token.closeBrace, attributes, blocks);
    } else attributes.push(this.#singleArgument());
    const { start: end } = scanner;
    scanner.advance();
    return { attributes, blocks, start, end };
  }

  /** `type { name = value }` on one line. */
  #singleArgument(): Attribute {
    const scanner = this.#scanner;
    if (scanner.kind !== token.identifier) throw this.#notAnItem();
    const name = scanner.word();
    const nameRange = scanner.range();
    scanner.advance();
    if (scanner.kind !== token.equal) {
      const detail =
        "A block on one line can hold one argument only. Put each nested block on lines of its own.";
      throw scanner.fault("Invalid block on one line", detail);
    }
    const attribute = this.#attribute(name, nameRange);
    if (scanner.kind === token.closeBrace) return attribute;
    const detail =
      "A block on one line holds one argument, and its closing brace stands on the same line. Put several arguments on a line each, between { and }.";
    throw scanner.kind === token.end
      ? this.#unclosedBlock()
      : scanner.fault("Invalid block on one line", detail);
  }

  #endOfItem(what: string): void {
    const scanner = this.#scanner;
    if (scanner.kind === token.newline) scanner.advance();
    else if (scanner.kind === token.comma) {
      const detail = `An ${what} ends with its line; the comma belongs to HCL1. Remove it.`.replace(
        "An block",
        "A block",
      );
      throw scanner.fault(`Unexpected comma after ${what}`, detail);
    } else if (scanner.kind !== token.end) {
      const detail = `The ${what} is complete, so a new line is expected here, but ${scanner.quoted()} was found.`;
      throw scanner.fault(`Missing newline after ${what}`, detail);
    }
  }

  #notAnItem(): SyntaxFault {
    const scanner = this.#scanner;
    if (scanner.kind === token.ellipsis) return this.#fragment();
    if (scanner.kind === token.quote) {
      const detail = "The name of an argument is written without quotes; in quotes it belongs to HCL1.";
      return scanner.fault("Quoted argument name", detail);
    }
    if (scanner.kind === token.closeBrace) {
      return scanner.fault("Unexpected closing brace", "There is no block left that this brace could close.");
    }
    return scanner.fault(
      "Argument or block expected",
      `An argument or a block is expected here, but ${scanner.quoted()} was found.`,
    );
  }

  #fragment(): SyntaxFault {
    const where = this.#path.length === 0 ? "the file" : this.#place();
    const detail = `The three dots stand for text that was left out, so this is a fragment of a file, not a whole one. What is missing is the rest of ${where}: put the arguments and blocks that belong there in place of the dots.`;
    return this.#scanner.fault("Incomplete fragment", detail);
  }

  /** `task "nginx" in group "webserver" in job "example2"`. */
  #place(): string {
    const headers = this.#path.map(({ type, labels }) =>
      [type, ...labels.map((label) => `"${label.text}"`)].join(" "),
    );
    return headers.toReversed().join(" in ");
  }

  #unclosedBlock(): SyntaxFault {
    const detail = `The file ends inside ${this.#place()}: a closing brace is missing, here or further up.`;
    const { start, end } = this.#scanner;
    return new SyntaxFault(
      { severity: "error", summary: "Unclosed block", detail, range: { start, end } },
      true,
    );
  }
}

/** Tells whether a name is new among the arguments of a body: by looking, and by a set if there are many. */
class NameRegister {
  readonly #sets = new WeakMap<readonly Attribute[], Set<string>>();

  add(attributes: readonly Attribute[], name: string): boolean {
    if (attributes.length < 12) return !attributes.some((attribute) => attribute.name === name);
    const names = this.#sets.get(attributes) ?? new Set(attributes.map((attribute) => attribute.name));
    this.#sets.set(attributes, names);
    return names.size < names.add(name).size;
  }
}

function readLabel(scanner: Scanner): Label {
  const { start } = scanner;
  scanner.count();
  if (scanner.kind === token.identifier) {
    const text = scanner.word();
    scanner.advance();
    return { text, start, end: scanner.previousEnd };
  }
  if (scanner.kind !== token.quote) throw badHeader(scanner);
  const text = parseLabel(scanner, parseInner);
  const end = scanner.position;
  scanner.newlines = true;
  scanner.moveTo(end);
  return { text, start, end };
}

function badHeader(scanner: Scanner): SyntaxFault {
  const detail =
    scanner.kind === token.newline
      ? "The opening brace of a block stands on the line of its type and labels."
      : scanner.kind === token.equal
        ? "An equals sign makes an argument; between the type of a block and its brace there are labels only."
        : "A label or the opening brace of the block is expected here.";
  return scanner.fault("Invalid block", detail);
}

function notContinued(scanner: Scanner): SyntaxFault {
  const detail = "After a name either an equals sign and a value is expected, or a block in braces.";
  return scanner.fault("Argument or block expected", detail);
}

function tooMany(range: Range): SyntaxFault {
  const detail = `The rest of the file was not read after ${faultLimit} errors.`;
  return new SyntaxFault({ severity: "error", summary: "Too many errors", detail, range }, true);
}

export { isIdentifier } from "./scanner.ts";
