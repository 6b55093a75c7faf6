/**
 * Runs a parsed template, after Go's text/template. It cannot hang: every step and every piece of text
 * it makes is paid from one budget.
 */
import type { Budget } from "./budget.ts";
import type { Command, Field, Node, Nodes, Operand, ParsedTemplate, Pipe } from "./syntax.ts";
import type { TemplateText } from "./template-error.ts";
import { errorAt, TemplateError } from "./template-error.ts";
import type { Method, Value } from "./values.ts";
import { isList, isMap, isTrue, Items, printValue, sortedEntries, Struct, typeName } from "./values.ts";

/** One that a template may call. What it throws is reported with the place of the call. */
export type TemplateFunction = (args: readonly Value[], context: CallContext) => Value;

export interface CallContext {
  readonly budget: Budget;
  /** What another template makes of a value: `executeTemplate`. */
  execute(name: string, dot: Value): string;
}

export interface EvaluateOptions {
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  readonly budget: Budget;
  /** A map without the key that is asked for is an error, instead of printing `<no value>`. */
  readonly failsOnMissingKey: boolean;
}

const maxCallDepth = 100;
const lazyFunctions = new Set(["and", "or"]);
/** They take a part of a value without looking at the rest. */
const shallowFunctions = new Set(
  "index len slice not sprig_first sprig_last sprig_get sprig_hasKey".split(" "),
);

/** What the template prints. @throws TemplateError only */
export function evaluate(template: ParsedTemplate, options: EvaluateOptions): string {
  return new Run(template, options).text(template.main, null);
}

interface Variable {
  readonly name: string;
  value: Value;
}

type Flow = "next" | "break" | "continue";

class Run {
  #source: TemplateText;
  #named: ReadonlyMap<string, Nodes>;
  #options: EvaluateOptions;
  #output: string[] = [];
  #variables: Variable[] = [];
  #depth = 0;

  constructor(template: ParsedTemplate, options: EvaluateOptions) {
    this.#source = template.source;
    this.#named = template.named;
    this.#options = options;
  }

  /** What nodes print by themselves: with variables and an output of their own. */
  text(nodes: Nodes, dot: Value): string {
    const [output, variables] = [this.#output, this.#variables];
    this.#output = [];
    this.#variables = [{ name: "$", value: dot }];
    this.#walk(nodes, dot);
    const text = this.#output.join("");
    this.#output = output;
    this.#variables = variables;
    return text;
  }

  #walk(nodes: Nodes, dot: Value): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== "next") return flow;
    }
    return "next";
  }

  #node(node: Node, dot: Value): Flow {
    this.#options.budget.spend(1);
    switch (node.kind) {
      case "text":
        this.#print(node.text);
        return "next";
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length > 0) return "next";
        this.#options.budget.visit(value);
        this.#print(value === null ? "<no value>" : printValue(value));
        return "next";
      }
      case "template":
        this.#call(node, dot);
        return "next";
      case "break":
      case "continue":
        return node.kind;
    }
    const scope = this.#variables.length;
    const flow = this.#control(node, dot);
    this.#variables.length = scope;
    return flow;
  }

  #control(node: Extract<Node, { pipe: Pipe; body: Nodes }>, dot: Value): Flow {
    const value = this.#pipe(node.pipe, dot);
    if (node.kind === "range") return this.#range(node, value, dot);
    if (isTrue(value)) return this.#walk(node.body, node.kind === "with" ? value : dot);
    return this.#walk(node.otherwise, dot);
  }

  #range(node: Extract<Node, { kind: "range" | "if" | "with" }>, value: Value, dot: Value): Flow {
    const { pipe } = node;
    let isEmpty = true;
    for (const [index, item] of this.#entries(value, pipe)) {
      isEmpty = false;
      this.#options.budget.spend(1);
      const scope = this.#variables.length;
      const [first, second] = pipe.variables;
      if (second !== undefined) this.#bind(pipe, first, index);
      if (first !== undefined) this.#bind(pipe, second ?? first, item);
      const flow = this.#walk(node.body, item);
      this.#variables.length = scope;
      if (flow === "break") break;
    }
    return isEmpty ? this.#walk(node.otherwise, dot) : "next";
  }

  *#entries(value: Value, { offset }: Pipe): Generator<readonly [Value, Value]> {
    if (value === null) return;
    if (typeof value === "bigint") for (let i = 0n; i < value; i++) yield [i, i];
    else if (isList(value)) for (const [index, item] of value.entries()) yield [BigInt(index), item];
    else if (isMap(value)) yield* sortedEntries(value);
    else throw this.#fail(offset, `range cannot go over ${typeName(value)}`);
  }

  #call(node: Extract<Node, { kind: "template" }>, dot: Value): void {
    const argument = node.pipe ? this.#pipe(node.pipe, dot) : null;
    this.#print(this.#execute(node.name, argument, node.offset));
  }

  #execute(name: string, dot: Value, offset: number): string {
    const nodes = this.#named.get(name);
    if (!nodes) throw this.#fail(offset, `there is no template ${JSON.stringify(name)}`);
    if (++this.#depth > maxCallDepth) throw this.#fail(offset, "templates call each other too deeply");
    const text = this.text(nodes, dot);
    this.#depth--;
    return text;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    this.#options.budget.spend(1);
    let value: Value = null;
    for (const [index, command] of pipe.commands.entries())
      value = this.#command(command, dot, index > 0 ? [value] : []);
    if (pipe.variables.length === 1 && !pipe.isRange) this.#bind(pipe, pipe.variables[0], value);
    return value;
  }

  #bind(pipe: Pipe, name: string, value: Value): void {
    if (!pipe.isAssignment) this.#variables.push({ name, value });
    else this.#variable(name, pipe.offset).value = value;
  }

  #variable(name: string, offset: number): Variable {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (!variable) throw this.#fail(offset, `the variable ${name} is not declared`);
    return variable;
  }

  /** @param last what came through the pipe: the last argument */
  #command({ operands }: Command, dot: Value, last: readonly Value[]): Value {
    const [head, ...rest] = operands;
    const isCall = rest.length > 0 || last.length > 0;
    if (head.kind === "function" && head.fields.length === 0)
      return this.#callFunction(head, rest, { dot, last });
    const value = this.#operand(head, dot);
    if (typeof value === "function")
      return this.#callMethod(value, head.offset, [
        ...rest.map((operand) => this.#value(operand, dot)),
        ...last,
      ]);
    if (isCall) throw this.#fail(head.offset, `${typeName(value)} is no function and takes no arguments`);
    return value;
  }

  #callFunction(
    head: Operand & { readonly kind: "function" },
    rest: readonly Operand[],
    { dot, last }: { readonly dot: Value; readonly last: readonly Value[] },
  ): Value {
    if (lazyFunctions.has(head.name)) return this.#lazy(head, rest, { dot, last });
    const args = [...rest.map((operand) => this.#value(operand, dot)), ...last];
    const call = this.#options.functions.get(head.name);
    if (!call) throw this.#fail(head.offset, `there is no function ${JSON.stringify(head.name)}`);
    const context: CallContext = {
      budget: this.#options.budget,
      execute: (name, value) => this.#execute(name, value, head.offset),
    };
    const looksDeep = !shallowFunctions.has(head.name);
    return this.#guarded(
      head.offset,
      () => call(args, context),
      looksDeep ? args : args.filter((value) => typeof value === "string"),
    );
  }

  #callMethod(method: Method, offset: number, args: readonly Value[]): Value {
    return this.#guarded(offset, () => method(args), args);
  }

  /** `and` and `or` look at no more arguments than they need. */
  #lazy(
    head: Operand & { readonly kind: "function" },
    rest: readonly Operand[],
    { dot, last }: { readonly dot: Value; readonly last: readonly Value[] },
  ): Value {
    if (rest.length + last.length === 0) throw this.#fail(head.offset, `${head.name} needs an argument`);
    let value: Value = null;
    for (const operand of rest) {
      value = this.#value(operand, dot);
      if (isTrue(value) === (head.name === "or")) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  /** Has the arguments and the answer paid for, and says where it went wrong. */
  #guarded(offset: number, call: () => Value, args: readonly Value[] = []): Value {
    const { budget } = this.#options;
    for (const value of args) budget.visit(value);
    try {
      const answer = call();
      budget.pay(answer);
      return answer;
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      if (error instanceof FunctionError) throw this.#fail(offset, error.message);
      throw error;
    }
  }

  /** An operand as an argument: a function or method stands for what it answers. */
  #value(operand: Operand, dot: Value): Value {
    this.#options.budget.spend(1);
    return this.#command({ offset: operand.offset, operands: [operand] }, dot, []);
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case "literal":
        return operand.value;
      case "dot":
        return this.#fields(dot, operand.fields);
      case "variable":
        return this.#fields(this.#variable(operand.name, operand.offset).value, operand.fields);
      case "pipe":
        return this.#fields(this.#pipe(operand.pipe, dot), operand.fields);
    }
    return this.#fields(this.#callFunction(operand, [], { dot, last: [] }), operand.fields);
  }

  #fields(value: Value, fields: readonly Field[]): Value {
    let result = value;
    for (const [index, field] of fields.entries()) {
      if (index > 0 && typeof result === "function") {
        result = this.#callMethod(result, field.offset, []);
      }
      result = this.#field(result, field);
    }
    return result;
  }

  #field(value: Value, { name, offset }: Field): Value {
    if (value instanceof Struct) {
      const field = value.fields.get(name);
      if (field !== undefined) return field;
      throw this.#fail(offset, `${value.name} has no field ${name}`);
    }
    if (value instanceof Items && value.methods.has(name)) return value.methods.get(name) ?? null;
    if (isMap(value)) {
      const entry = value.get(name);
      if (entry !== undefined) return entry;
      if (this.#options.failsOnMissingKey)
        throw this.#fail(offset, `the map has no entry for ${JSON.stringify(name)}`);
      return value instanceof Items ? "" : null;
    }
    if (value === null) throw this.#fail(offset, `there is nothing to take the field ${name} of`);
    throw this.#fail(offset, `${typeName(value)} has no field ${name}`);
  }

  #print(text: string): void {
    this.#options.budget.pay(text);
    this.#options.budget.addOutput(text.length);
    this.#output.push(text);
  }

  #fail(offset: number, message: string): TemplateError {
    return errorAt({ source: this.#source, offset }, message);
  }
}

/** What a template function throws when its arguments will not do. */
export class FunctionError extends Error {}
