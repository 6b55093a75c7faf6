/**
 * The expressions of HCL2, by recursive descent with one token of look-ahead. Each function begins
 * with the scanner at the first token of its construct and leaves it at the first one behind.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Expressions".
 */
import { parseNumber } from "./number.ts";
import { type Scanner, syntaxFault, token } from "./scanner.ts";
import type {
  AnonymousSymbol,
  BinaryOperator,
  Expression,
  ObjectItem,
  RelativeTraversal,
  Step,
  Template,
  TemplateWrap,
  Traversal,
} from "./syntax.ts";
import { parseHeredoc, parseQuoted } from "./template.ts";
import { falseValue, nullValue, numberValue, stringValue, trueValue, type Value } from "./value.ts";

/** `condition ? whenTrue : whenFalse`, or anything that binds tighter. */
export function parseExpression(scanner: Scanner): Expression {
  scanner.enter();
  const { start } = scanner;
  const condition = parseBinary(scanner, 1);
  let result = condition;
  if (scanner.kind === token.question) {
    scanner.advance();
    const whenTrue = parseExpression(scanner);
    if (scanner.kind !== token.colon) {
      throw scanner.fault(
        "Missing second branch",
        "A colon and the value for the other case are expected here.",
      );
    }
    scanner.advance();
    const whenFalse = parseExpression(scanner);
    result = { kind: "conditional", condition, whenTrue, whenFalse, start, end: scanner.previousEnd };
  }
  scanner.leave();
  return result;
}

/** Operators by token, with how tightly they bind; all associate to the left. */
const operators: readonly (readonly [symbol: BinaryOperator, binding: number] | undefined)[] = (() => {
  const table: (readonly [BinaryOperator, number])[] = [];
  table[token.or] = ["||", 1];
  table[token.and] = ["&&", 2];
  table[token.equalTo] = ["==", 3];
  table[token.notEqualTo] = ["!=", 3];
  table[token.less] = ["<", 4];
  table[token.lessOrEqual] = ["<=", 4];
  table[token.greater] = [">", 4];
  table[token.greaterOrEqual] = [">=", 4];
  table[token.plus] = ["+", 5];
  table[token.minus] = ["-", 5];
  table[token.star] = ["*", 6];
  table[token.slash] = ["/", 6];
  table[token.percent] = ["%", 6];
  return table;
})();

function parseBinary(scanner: Scanner, binding: number): Expression {
  let left = parseOperand(scanner);
  for (;;) {
    const operator = operators[scanner.kind];
    if (!operator || operator[1] < binding) return left;
    scanner.advance();
    const right = parseBinary(scanner, operator[1] + 1);
    left = {
      kind: "binary",
      operator: operator[0],
      left,
      right,
      start: left.start,
      end: scanner.previousEnd,
    };
  }
}

function parseOperand(scanner: Scanner): Expression {
  return parseSteps(scanner, parseTerm(scanner));
}

function parseTerm(scanner: Scanner): Expression {
  scanner.count();
  switch (scanner.kind) {
    case token.quote:
      return parseTemplate(scanner, parseQuoted);
    case token.identifier:
      return parseName(scanner);
    case token.number:
      return parseNumberLiteral(scanner);
    case token.openBracket:
      return parseTupleOrFor(scanner);
    case token.openBrace:
      return parseObjectOrFor(scanner);
    case token.openParenthesis:
      return parseParenthesised(scanner);
    case token.heredoc:
      return parseTemplate(scanner, parseHeredoc);
    case token.minus:
    case token.not:
      return parseUnary(scanner);
    default:
      throw missingExpression(scanner);
  }
}

function missingExpression(scanner: Scanner) {
  const found = {
    [token.end]: "the file ends",
    [token.newline]: "the line ends",
    [token.ellipsis]: "three dots stand for something left out",
  }[scanner.kind];
  const detail = `A value is expected here, but ${found ?? `${scanner.quoted()} was found`}.`;
  return scanner.fault(scanner.kind === token.ellipsis ? "Incomplete fragment" : "Missing value", detail);
}

function parseTemplate(
  scanner: Scanner,
  parse: (scanner: Scanner, inner: typeof parseExpression) => Template | TemplateWrap,
): Expression {
  const { newlines } = scanner;
  const template = parse(scanner, parseExpression);
  scanner.newlines = newlines;
  scanner.moveTo(template.end);
  return template;
}

const keywords: ReadonlyMap<string, Value> = new Map([
  ["true", trueValue],
  ["false", falseValue],
  ["null", nullValue],
]);

function parseName(scanner: Scanner): Expression {
  const root = scanner.word();
  const rootRange = scanner.range();
  scanner.advance();
  if (scanner.kind === token.openParenthesis || scanner.kind === token.doubleColon) {
    return parseCall(scanner, root, rootRange);
  }
  const value = keywords.get(root);
  if (value) return { kind: "literal", value, ...rootRange };
  return { kind: "traversal", root, rootRange, steps: [], ...rootRange };
}

function parseNumberLiteral(scanner: Scanner): Expression {
  const range = scanner.range();
  const value = readNumber(scanner);
  return { kind: "literal", value, ...range };
}

function readNumber(scanner: Scanner): Value {
  const value = parseNumber(scanner.word());
  if (!value) throw scanner.fault("Invalid number", `${scanner.quoted()} is not a number, or too large.`);
  scanner.advance();
  return numberValue(value);
}

function parseUnary(scanner: Scanner): Expression {
  const { start } = scanner;
  const operator = scanner.kind === token.minus ? "-" : "!";
  scanner.enter();
  scanner.advance();
  const operand = parseOperand(scanner);
  scanner.leave();
  return { kind: "unary", operator, operand, start, end: scanner.previousEnd };
}

/** Runs a part of the grammar that decides for itself whether newlines count. */
function within<Result>(
  scanner: Scanner,
  newlines: boolean,
  parse: () => Result,
  close: number,
  what: string,
): Result {
  const outer = scanner.newlines;
  scanner.newlines = newlines;
  scanner.advance();
  const result = parse();
  if (scanner.kind !== close) throw unclosed(scanner, what);
  scanner.newlines = outer;
  scanner.advance();
  return result;
}

function unclosed(scanner: Scanner, what: string) {
  const found =
    scanner.kind === token.end
      ? "the file ends"
      : scanner.kind === token.newline
        ? "the line ends"
        : `${scanner.quoted()} was found`;
  return scanner.fault(
    `Unclosed ${what.split(" ").at(-1)}`,
    `The end of ${what} is expected here, but ${found}.`,
  );
}

function parseParenthesised(scanner: Scanner): Expression {
  const { start } = scanner;
  const expression = within(
    scanner,
    false,
    () => parseExpression(scanner),
    token.closeParenthesis,
    "the parentheses",
  );
  return { kind: "parenthesised", expression, start, end: scanner.previousEnd };
}

function parseCall(scanner: Scanner, first: string, { start }: { start: number }): Expression {
  let name = first;
  while (scanner.kind === token.doubleColon) {
    scanner.count();
    scanner.advance();
    if (scanner.kind !== token.identifier)
      throw scanner.fault("Missing function name", "A name is expected after the two colons.");
    name += `::${scanner.word()}`;
    scanner.advance();
  }
  const nameRange = { start, end: scanner.previousEnd };
  if (scanner.kind !== token.openParenthesis) {
    throw scanner.fault(
      "Missing arguments",
      "A parenthesis with the arguments is expected after the name of a function.",
    );
  }
  const call = within(scanner, false, () => parseArguments(scanner), token.closeParenthesis, "the arguments");
  return { kind: "call", name, nameRange, ...call, start, end: scanner.previousEnd };
}

function parseArguments(scanner: Scanner): { arguments: Expression[]; expandFinal: boolean } {
  const list: Expression[] = [];
  while (scanner.kind !== token.closeParenthesis) {
    list.push(parseExpression(scanner));
    if (scanner.kind === token.ellipsis) {
      scanner.advance();
      return { arguments: list, expandFinal: true };
    }
    if (scanner.kind !== token.comma) break;
    scanner.advance();
  }
  return { arguments: list, expandFinal: false };
}

function parseTupleOrFor(scanner: Scanner): Expression {
  const { start } = scanner;
  const parse = () => (scanner.isWord("for") ? parseFor(scanner, start, false) : parseItems(scanner));
  const inner = within(scanner, false, parse, token.closeBracket, "the list");
  const end = scanner.previousEnd;
  return Array.isArray(inner) ? { kind: "tuple", items: inner, start, end } : { ...inner, start, end };
}

function parseItems(scanner: Scanner): Expression[] {
  const items: Expression[] = [];
  while (scanner.kind !== token.closeBracket) {
    items.push(parseExpression(scanner));
    if (scanner.kind !== token.comma) {
      if (scanner.kind !== token.closeBracket) throw missingSeparator(scanner, "a comma", "]");
      return items;
    }
    scanner.advance();
  }
  return items;
}

function missingSeparator(scanner: Scanner, separator: string, close: string) {
  const found = scanner.kind === token.end ? "the file ends" : `${scanner.quoted()} was found`;
  return scanner.fault(
    "Missing separator",
    `Either ${separator} or the closing ${close} is expected here, but ${found}.`,
  );
}

function parseObjectOrFor(scanner: Scanner): Expression {
  const { start, end: inside, newlines: outer } = scanner;
  scanner.newlines = false;
  scanner.advance();
  const isFor = scanner.isWord("for");
  scanner.newlines = outer;
  scanner.start = start;
  scanner.position = inside;
  scanner.end = inside;
  const parse = () => (isFor ? parseFor(scanner, start, true) : parseObjectItems(scanner));
  const inner = within(scanner, !isFor, parse, token.closeBrace, "the object");
  const end = scanner.previousEnd;
  return Array.isArray(inner) ? { kind: "object", items: inner, start, end } : { ...inner, start, end };
}

function parseObjectItems(scanner: Scanner): ObjectItem[] {
  const items: ObjectItem[] = [];
  for (;;) {
    while (scanner.kind === token.newline) scanner.advance();
    if (scanner.kind === token.closeBrace) return items;
    items.push(parseObjectItem(scanner));
    if (scanner.kind === token.comma || scanner.kind === token.newline) scanner.advance();
    else if (scanner.kind !== token.closeBrace) throw missingSeparator(scanner, "a comma or a new line", "}");
  }
}

function parseObjectItem(scanner: Scanner): ObjectItem {
  const key = parseExpression(scanner);
  if (scanner.kind !== token.equal && scanner.kind !== token.colon) {
    const detail =
      "An equals sign and a value are expected after the key. A key with points or blanks in it is written in quotes.";
    throw scanner.fault("Missing value of a key", detail);
  }
  scanner.advance();
  return { ...keyOf(key), value: parseExpression(scanner) };
}

/** A bare word is a name, even true and null; anything else is an expression. */
function keyOf(key: Expression): { key: Expression; bare: boolean } {
  const word =
    key.kind === "traversal" && key.steps.length === 0
      ? key.root
      : key.kind === "literal" && key.value.kind !== "number"
        ? keywordOf(key.value)
        : undefined;
  if (word === undefined) return { key, bare: false };
  return { key: { kind: "literal", value: stringValue(word), start: key.start, end: key.end }, bare: true };
}

function keywordOf(value: Value): string {
  return value.kind === "bool" ? String(value.value) : "null";
}

type For = Extract<Expression, { kind: "for-tuple" | "for-object" }>;

function parseFor(scanner: Scanner, start: number, isObject: boolean): For {
  const { keyName, valueName } = parseForNames(scanner);
  const collection = parseExpression(scanner);
  if (scanner.kind !== token.colon)
    throw scanner.fault("Invalid for expression", "A colon is expected after the collection.");
  scanner.advance();
  const first = parseExpression(scanner);
  const second = scanner.kind === token.arrow ? (scanner.advance(), parseExpression(scanner)) : undefined;
  if (isObject !== (second !== undefined)) throw wrongResult(first, isObject);
  const group = scanner.kind === token.ellipsis;
  if (group && !isObject)
    throw scanner.fault("Invalid for expression", "Grouping with ... is for objects, in { and }.");
  if (group) scanner.advance();
  const condition = scanner.isWord("if") ? (scanner.advance(), parseExpression(scanner)) : undefined;
  const common = { keyName, valueName, collection, condition, start, end: scanner.previousEnd };
  if (second) return { kind: "for-object", key: first, value: second, group, ...common };
  return { kind: "for-tuple", value: first, ...common };
}

function parseForNames(scanner: Scanner): { keyName: string | undefined; valueName: string } {
  scanner.advance();
  let keyName: string | undefined;
  let valueName = parseForName(scanner);
  if (scanner.kind === token.comma) {
    scanner.advance();
    keyName = valueName;
    valueName = parseForName(scanner);
  }
  if (!scanner.isWord("in"))
    throw scanner.fault("Invalid for expression", "The keyword in is expected after the names.");
  scanner.advance();
  return { keyName, valueName };
}

function parseForName(scanner: Scanner): string {
  if (scanner.kind !== token.identifier)
    throw scanner.fault("Invalid for expression", "A name is expected after for.");
  const name = scanner.word();
  scanner.advance();
  return name;
}

function wrongResult(first: Expression, isObject: boolean) {
  const detail = isObject
    ? "Between { and } each item needs a key, an arrow and a value: key => value."
    : "Between [ and ] an item is a value only; key => value belongs between { and }.";
  return syntaxFault("Invalid for expression", detail, first);
}

/** `.name`, `.0`, `.*`, `[key]` and `[*]` behind a term, as many as there are. */
function parseSteps(scanner: Scanner, term: Expression): Expression {
  let result = term;
  const { depth } = scanner;
  for (;;) {
    if (scanner.kind !== token.dot && scanner.kind !== token.openBracket) break;
    scanner.count();
    if (scanner.kind === token.dot) result = parseDot(scanner, result);
    else result = parseBracket(scanner, result);
    // Splats and computed keys nest to the left, without recursion here but with it later.
    if (result.kind !== "traversal" && result.kind !== "relative-traversal") scanner.enter();
  }
  scanner.depth = depth;
  return result;
}

function parseDot(scanner: Scanner, source: Expression): Expression {
  const { start } = scanner;
  scanner.advance();
  if (scanner.kind === token.star) {
    const end = scanner.end;
    scanner.advance();
    return parseAttributeSplat(scanner, source, { kind: "anonymous-symbol", start, end });
  }
  return extend(source, parseDotStep(scanner, start));
}

/** What follows a point: a name, or a whole number as in older HIL. */
function parseDotStep(scanner: Scanner, start: number): Step {
  if (scanner.kind === token.identifier) {
    const name = scanner.word();
    scanner.advance();
    return { kind: "attribute", name, start, end: scanner.previousEnd };
  }
  if (scanner.kind !== token.number)
    throw scanner.fault("Invalid attribute name", "A name is expected after the point.");
  const [first, second] = scanner.word().split(".");
  if (second !== undefined) {
    throw scanner.fault(
      "Invalid index",
      "Two indexes in a row are written in brackets.",
      `[${first}][${second}]`,
    );
  }
  const key = readNumber(scanner);
  return { kind: "index", key, start, end: scanner.previousEnd };
}

/** `.*` takes only names and numbers along; what follows in brackets applies to the whole result. */
function parseAttributeSplat(scanner: Scanner, source: Expression, item: AnonymousSymbol): Expression {
  const steps: Step[] = [];
  while (scanner.kind === token.dot) {
    const { start } = scanner;
    scanner.advance();
    if (scanner.kind === token.star)
      throw scanner.fault("Nested splat", "A second .* is not allowed; use [*] instead.");
    steps.push(parseDotStep(scanner, start));
  }
  const end = scanner.previousEnd;
  const each: Expression =
    steps.length === 0
      ? item
      : { kind: "relative-traversal", source: item, steps, start: steps[0].start, end };
  return { kind: "splat", source, each, item, start: source.start, end };
}

function parseBracket(scanner: Scanner, source: Expression): Expression {
  const { start, newlines } = scanner;
  const { position } = scanner;
  scanner.advance();
  if (scanner.kind === token.star) return parseFullSplat(scanner, source, start);
  scanner.newlines = false;
  scanner.moveTo(position);
  const key = parseExpression(scanner);
  if (scanner.kind !== token.closeBracket) throw unclosed(scanner, "the index");
  scanner.newlines = newlines;
  scanner.advance();
  const end = scanner.previousEnd;
  const constant = constantKey(key);
  if (constant) return extend(source, { kind: "index", key: constant, start, end });
  return { kind: "index", collection: source, key, start: source.start, end };
}

/** `[*]` takes everything along that follows. */
function parseFullSplat(scanner: Scanner, source: Expression, start: number): Expression {
  scanner.advance();
  if (scanner.kind !== token.closeBracket) throw unclosed(scanner, "the splat");
  const item: AnonymousSymbol = { kind: "anonymous-symbol", start, end: scanner.end };
  scanner.advance();
  scanner.enter();
  const each = parseSteps(scanner, item);
  scanner.leave();
  return { kind: "splat", source, each, item, start: source.start, end: scanner.previousEnd };
}

function constantKey(key: Expression): Value | undefined {
  if (key.kind === "literal") return key.value;
  if (key.kind !== "template" || key.parts.length !== 1) return undefined;
  return key.parts[0].kind === "literal" ? key.parts[0].value : undefined;
}

function extend(source: Expression, step: Step): Traversal | RelativeTraversal {
  if (source.kind === "traversal" || source.kind === "relative-traversal") {
    (source.steps as Step[]).push(step);
    (source as { end: number }).end = step.end;
    return source;
  }
  return { kind: "relative-traversal", source, steps: [step], start: source.start, end: step.end };
}
