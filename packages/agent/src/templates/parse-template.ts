/**
 * Go's text/template grammar (https://pkg.go.dev/text/template): a hand-written parser that goes
 * down one function per construct.
 */
import type { Delimiters, Token } from "./lexer.ts";
import { tokenize } from "./lexer.ts";
import type { Command, Field, Node, Nodes, Operand, ParsedTemplate, Pipe } from "./syntax.ts";
import type { TemplateError, TemplateText } from "./template-error.ts";
import { errorAt } from "./template-error.ts";

export const defaultDelimiters: Delimiters = { left: "{{", right: "}}" };

/** Deeper nesting of actions or parentheses is refused, so that hostile text cannot exhaust the stack. */
const maxDepth = 200;
/** At one place. */
const maxVariables = 1000;

/** @param hasFunction which words may be called; any other is an error at once */
export function parseTemplate(
  source: TemplateText,
  options: { readonly delimiters: Delimiters; hasFunction(name: string): boolean },
): ParsedTemplate {
  return new Parser(source, options).parse();
}

class Parser {
  #source: TemplateText;
  #tokens: Token[];
  #at = 0;
  #depth = 0;
  #loops = 0;
  #variables = ["$"];
  #named = new Map<string, Nodes>();
  #hasFunction: (name: string) => boolean;

  constructor(
    source: TemplateText,
    options: { readonly delimiters: Delimiters; hasFunction(name: string): boolean },
  ) {
    this.#source = source;
    this.#tokens = tokenize(source, options.delimiters);
    this.#hasFunction = (name) => options.hasFunction(name);
  }

  parse(): ParsedTemplate {
    const { nodes, ending } = this.#nodes([]);
    if (ending) throw this.#fail(ending, `{{${ending.text}}} without anything that it would end`);
    return { source: this.#source, main: nodes, named: this.#named };
  }

  /** Nodes up to one of the words `endings`, which is taken as well, or to the end of the text. */
  #nodes(endings: readonly string[]): { nodes: Node[]; ending?: Token } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === "end") {
        if (endings.length > 0) throw this.#fail(token, "{{end}} is missing");
        return { nodes };
      }
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = this.#peek();
      if (word.kind === "word" && (word.text === "end" || word.text === "else")) {
        this.#take();
        if (!endings.includes(word.text)) throw this.#fail(word, `{{${word.text}}} has no place here`);
        return { nodes, ending: word };
      }
      const node = this.#nested(() => this.#action());
      if (node) nodes.push(node);
    }
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) throw this.#fail(this.#peek(), "this is nested too deeply");
    const result = parse();
    this.#depth--;
    return result;
  }

  /** What follows an opening delimiter. A definition leaves nothing where it stands. */
  #action(): Node | undefined {
    const token = this.#peek();
    if (token.kind === "word") {
      switch (token.text) {
        case "if":
        case "with":
        case "range":
          this.#take();
          return this.#control(token.text);
        case "define":
          this.#take();
          return this.#define(token);
        case "block":
        case "template":
          this.#take();
          return this.#template(token);
        case "break":
        case "continue":
          this.#take();
          if (this.#loops === 0) throw this.#fail(token, `{{${token.text}}} outside of a range`);
          this.#close();
          return { kind: token.text };
      }
    }
    const pipe = this.#pipe("close");
    this.#close();
    return { kind: "action", pipe };
  }

  #control(kind: "if" | "with" | "range"): Node {
    const scope = this.#variables.length;
    const pipe = this.#pipe("close", kind === "range");
    this.#close();
    if (kind === "range") this.#loops++;
    const { nodes, ending } = this.#nodes(["end", "else"]);
    if (kind === "range") this.#loops--;
    const otherwise = ending?.text === "else" ? this.#otherwise(kind) : this.#ended();
    this.#variables.length = scope;
    return { kind, pipe, body: nodes, otherwise };
  }

  #ended(): Nodes {
    this.#close();
    return [];
  }

  /** After `else`: its body, or for `else if` and `else with` what stands in its place. */
  #otherwise(kind: "if" | "with" | "range"): Nodes {
    const next = this.#peek();
    if (next.kind === "word" && next.text === kind && kind !== "range") {
      this.#take();
      return [this.#nested(() => this.#control(kind))];
    }
    this.#close();
    const { nodes } = this.#nodes(["end"]);
    this.#close();
    return nodes;
  }

  #define(word: Token): undefined {
    if (this.#depth > 1) throw this.#fail(word, "{{define}} must stand at the top of a template");
    const name = this.#name(word);
    this.#close();
    this.#named.set(name, this.#body());
  }

  #template(word: Token): Node {
    const name = this.#name(word);
    const pipe = this.#peek().kind === "close" ? undefined : this.#pipe("close");
    if (word.text === "block" && !pipe) throw this.#fail(word, "{{block}} needs a value");
    this.#close();
    if (word.text === "block") this.#named.set(name, this.#body());
    return { kind: "template", name, pipe, offset: word.offset };
  }

  /** A body of its own: it sees no variables and no loop from around it. */
  #body(): Nodes {
    const [variables, loops] = [this.#variables, this.#loops];
    this.#variables = ["$"];
    this.#loops = 0;
    const { nodes } = this.#nodes(["end"]);
    this.#close();
    this.#variables = variables;
    this.#loops = loops;
    return nodes;
  }

  #name(word: Token): string {
    const name = this.#take();
    if (name.kind !== "string") throw this.#fail(name, `{{${word.text}}} needs a name in quotes`);
    return name.text;
  }

  /** Up to, not including, a closing delimiter or `)`. */
  #pipe(end: "close" | ")", isRange = false): Pipe {
    const { offset } = this.#peek();
    const { names, isAssignment } = this.#declaration(isRange);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command(end));
      if (!this.#isSign("|")) break;
      this.#take();
    }
    for (const { operands } of commands.slice(1)) this.#checkCallable(operands[0]);
    if (!isAssignment) this.#variables.push(...names);
    if (this.#variables.length > maxVariables) throw this.#fail({ offset }, "there are too many variables");
    return { offset, variables: names, isAssignment, isRange, commands };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  #declaration(isRange: boolean): { names: string[]; isAssignment: boolean } {
    const [first, sign, second, last] = this.#tokens.slice(this.#at, this.#at + 4);
    const isPair = isRange && sign?.text === "," && second?.kind === "variable";
    const operator = isPair ? last : sign;
    const isDeclaration = first.kind === "variable" && operator?.kind === "sign";
    if (!isDeclaration || (operator.text !== ":=" && operator.text !== "="))
      return { names: [], isAssignment: false };
    const names = isPair ? [first.text, second.text] : [first.text];
    this.#at += isPair ? 4 : 2;
    const isAssignment = operator.text === "=";
    if (isAssignment) for (const token of isPair ? [first, second] : [first]) this.#checkVariable(token);
    return { names, isAssignment };
  }

  #command(end: "close" | ")"): Command {
    const { offset } = this.#peek();
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "close" || this.#isSign("|") || this.#isSign(")")) {
        if (token.text === ")" && end !== ")") throw this.#fail(token, "a ) too many");
        if (token.kind === "close" && end === ")") throw this.#fail(token, "a ) is missing");
        break;
      }
      if (operands.length > 0 && !token.isAfterBlank)
        throw this.#fail(token, "a blank is missing between two values");
      operands.push(this.#nested(() => this.#operand()));
    }
    if (operands.length === 0) throw this.#fail(this.#peek(), "a value is missing");
    if (operands.length > 1 && operands[0].kind === "literal")
      throw this.#fail({ offset }, "a literal takes no arguments");
    return { offset, operands };
  }

  #operand(): Operand {
    const token = this.#take();
    const { offset } = token;
    switch (token.kind) {
      case "string":
        return this.#literal(offset, token.text);
      case "integer":
        return this.#literal(offset, BigInt(token.text));
      case "float":
        return this.#literal(offset, Number(token.text));
      case "dot":
        return { kind: "dot", offset, fields: [] };
      case "field":
        return { kind: "dot", offset, fields: [{ name: token.text, offset }, ...this.#fields()] };
      case "variable":
        this.#checkVariable(token);
        return { kind: "variable", name: token.text, offset, fields: this.#fields() };
      case "word":
        return this.#word(token);
    }
    if (token.text !== "(") throw this.#fail(token, `${JSON.stringify(token.text)} is no value`);
    const pipe = this.#pipe(")");
    if (!this.#isSign(")")) throw this.#fail(this.#peek(), "a ) is missing");
    this.#take();
    return { kind: "pipe", pipe, offset, fields: this.#fields() };
  }

  #word(token: Token): Operand {
    const { offset, text } = token;
    if (text === "true" || text === "false") return this.#literal(offset, text === "true");
    if (text === "nil") return this.#literal(offset, null);
    if (!this.#hasFunction(text)) throw this.#fail(token, `there is no function ${JSON.stringify(text)}`);
    return { kind: "function", name: text, offset, fields: this.#fields() };
  }

  #literal(offset: number, value: string | bigint | number | boolean | null): Operand {
    const next = this.#peek();
    if (next.kind === "field" && !next.isAfterBlank) throw this.#fail(next, "a literal has no fields");
    return { kind: "literal", value, offset, fields: [] };
  }

  /** `.a.b`, without blanks. */
  #fields(): Field[] {
    const fields: Field[] = [];
    for (let token = this.#peek(); token.kind === "field" && !token.isAfterBlank; token = this.#peek()) {
      this.#take();
      fields.push({ name: token.text, offset: token.offset });
    }
    return fields;
  }

  #checkVariable(token: Token): void {
    if (!this.#variables.includes(token.text))
      throw this.#fail(token, `the variable ${token.text} is not declared`);
  }

  #checkCallable(operand: Operand): void {
    if (operand.kind !== "function" && operand.fields.length === 0)
      throw this.#fail(operand, "what stands after | must be a function");
  }

  #close(): void {
    const token = this.#take();
    if (token.kind !== "close")
      throw this.#fail(token, `${JSON.stringify(token.text)} is more than this action takes`);
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token.kind === "sign" && token.text === text;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #fail({ offset }: { readonly offset: number }, message: string): TemplateError {
    return errorAt({ source: this.#source, offset }, message);
  }
}
