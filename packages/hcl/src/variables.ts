/**
 * Input variables and locals: the `variable`, `variables` and `locals` blocks of a file, and the
 * values that come from outside.
 *
 * A variable's value is the last of: its default, NOMAD_VAR_name of the environment, the variable
 * files in order, the -var flags. It is converted to the type of the variable and then checked by
 * its validations. One without a value is an error, and so is a value from a file or flag without
 * a variable; the environment may hold others' variables.
 *
 * After https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables.
 */
import { ConversionFault, convert } from "./convert.ts";
import type { Diagnostic, Range, Source } from "./diagnostic.ts";
import { hasErrors } from "./diagnostic.ts";
import { Effort } from "./effort.ts";
import { evaluate } from "./evaluate.ts";
import type { FunctionTable } from "./function.ts";
import { decodeJson } from "./functions/json.ts";
import { evaluateLocals } from "./locals.ts";
import { parseBody, parseExpression } from "./parse.ts";
import { referencesIn } from "./references.ts";
import { isIdentifier } from "./scanner.ts";
import type { Scope } from "./scope.ts";
import { suggest } from "./suggest.ts";
import type { Attribute, Block, Body, Expression } from "./syntax.ts";
import { parseType } from "./type-expression.ts";
import { typeOf } from "./type.ts";
import {
  boolType,
  objectValue,
  stringType,
  stringValue,
  type Type,
  unknownValue,
  type Value,
} from "./value.ts";

export interface Variable {
  readonly name: string;
  /** What values are converted to; that of the default if none is declared. */
  readonly type: Type | undefined;
  readonly default: Value | undefined;
  readonly description: string;
  /** The value is not to be shown. */
  readonly isSensitive: boolean;
  readonly validations: readonly Validation[];
  readonly range: Range;
}

export interface Validation {
  readonly condition: Expression;
  readonly message: string;
}

/** Values from outside, in ascending order of precedence. */
export interface VariableInputs {
  /** The environment; only the names that begin with NOMAD_VAR_ count. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** HCL, or JSON if the first character is a brace. */
  readonly files?: readonly Source[];
  /** `name=value`, or the two apart. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface VariableOptions extends VariableInputs {
  readonly functions: FunctionTable;
  /** The text of the file, for references that are left to the runtime. */
  readonly text: string;
  /** Values without a variable are passed over instead of refused. */
  readonly lenient?: boolean;
}

export interface ResolvedVariables {
  readonly variables: readonly Variable[];
  /** `var` and `local`, the functions, and runtime references. For the rest of the file. */
  readonly scope: Scope;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the blocks of a file and gives every variable and local its value. */
export function resolveVariables(body: Body, options: VariableOptions): ResolvedVariables {
  const effort = new Effort();
  const resolution = new Resolution(options, effort);
  for (const block of body.blocks) {
    if (block.type === "variable") resolution.declareBlock(block);
    if (block.type === "variables")
      for (const attribute of block.body.attributes) resolution.declareAttribute(attribute);
  }
  resolution.collect();
  const input = objectValue(resolution.settle());
  const locals = body.blocks
    .filter((block) => block.type === "locals")
    .flatMap((block) => block.body.attributes);
  const base = { functions: options.functions, runtimeText: options.text, effort };
  const { value, diagnostics } = evaluateLocals(locals, { ...base, variables: new Map([["var", input]]) });
  const scope = {
    ...base,
    variables: new Map<string, Value>([
      ["var", input],
      ["local", value],
    ]),
  };
  const { variables } = resolution;
  return { variables, scope, diagnostics: [...resolution.diagnostics, ...diagnostics] };
}

/** A value given to a variable, and where it was given. */
interface Assignment {
  readonly value: Value;
  readonly range: Range;
  readonly source: Source | undefined;
}

class Resolution {
  readonly diagnostics: Diagnostic[] = [];
  readonly #variables = new Map<string, Variable>();
  readonly #assigned = new Map<string, Assignment>();
  readonly #options: VariableOptions;
  /** Defaults and values from outside are constants. */
  readonly #constants: Scope;

  constructor(options: VariableOptions, effort: Effort) {
    this.#options = options;
    this.#constants = { variables: new Map(), functions: new Map(), effort };
  }

  get variables(): Variable[] {
    return [...this.#variables.values()];
  }

  #error(
    summary: string,
    detail: string,
    { start, end }: Range,
    more: { source?: Source; suggestion?: string } = {},
  ): void {
    this.diagnostics.push({ severity: "error", summary, detail, range: { start, end }, ...more });
  }

  declareBlock(block: Block): void {
    const [label, ...more] = block.labels;
    if (!label || more.length > 0)
      return this.#error("Invalid variable", "A variable block has one label, its name.", block.typeRange);
    if (!isIdentifier(label.text))
      this.#error(
        "Invalid variable name",
        "A name consists of letters, digits, - and _, and does not begin with a digit.",
        label,
      );
    this.#checkNames(block.body);
    const expressionOf = (name: string) =>
      block.body.attributes.find((attribute) => attribute.name === name)?.expression;
    const type = this.#type(expressionOf("type"));
    const initial = expressionOf("default");
    const value = initial && this.#initial(initial, type);
    this.#declare({
      name: label.text,
      type: type ?? (value && typeOf(value)),
      default: value,
      description: this.#text(expressionOf("description")) ?? "",
      isSensitive: this.#flag(expressionOf("sensitive")),
      validations: block.body.blocks.flatMap((inner) => this.#validation(inner, label.text)),
      range: { start: block.start, end: label.end },
    });
  }

  /** `variables { name = default }`. */
  declareAttribute({ name, nameRange, expression }: Attribute): void {
    const value = this.#initial(expression, undefined);
    const type = typeOf(value);
    this.#declare({
      name,
      type,
      default: value,
      description: "",
      isSensitive: false,
      validations: [],
      range: nameRange,
    });
  }

  #declare(variable: Variable): void {
    if (this.#variables.has(variable.name)) {
      return this.#error(
        "Variable declared twice",
        `There is a variable "${variable.name}" already.`,
        variable.range,
      );
    }
    this.#variables.set(variable.name, variable);
  }

  #checkNames(body: Body): void {
    const known = ["type", "default", "description", "sensitive"];
    for (const { name, nameRange } of body.attributes) {
      if (known.includes(name)) continue;
      const suggestion = suggest(name, known);
      this.#error(
        "Unknown argument",
        `A variable has no argument "${name}".`,
        nameRange,
        suggestion === undefined ? {} : { suggestion },
      );
    }
  }

  #type(expression: Expression | undefined): Type | undefined {
    if (!expression) return undefined;
    const { type, diagnostics } = parseType(expression);
    this.diagnostics.push(...diagnostics);
    return type;
  }

  /** Defaults may call no functions and refer to nothing. */
  #initial(expression: Expression, type: Type | undefined): Value {
    const { value, diagnostics } = evaluate(expression, this.#constants);
    this.diagnostics.push(...diagnostics);
    return diagnostics.length > 0
      ? unknownValue
      : this.#convert(value, type, expression, undefined, "The default");
  }

  #convert(
    value: Value,
    type: Type | undefined,
    range: Range,
    source: Source | undefined,
    what: string,
  ): Value {
    if (!type) return value;
    try {
      return convert(value, type);
    } catch (error) {
      if (!(error instanceof ConversionFault)) throw error;
      const detail = `${what} does not fit the type of the variable: ${error.message}.`;
      this.#error("Invalid value for variable", detail, range, source && { source });
      return unknownValue;
    }
  }

  #text(expression: Expression | undefined): string | undefined {
    if (!expression) return undefined;
    const value = this.#initial(expression, stringType);
    return value.kind === "string" ? value.value : undefined;
  }

  #flag(expression: Expression | undefined): boolean {
    if (!expression) return false;
    const value = this.#initial(expression, boolType);
    return value.kind === "bool" && value.value;
  }

  #validation(block: Block, name: string): Validation[] {
    const argument = (wanted: string) =>
      block.body.attributes.find((attribute) => attribute.name === wanted)?.expression;
    const condition = argument("condition");
    const message = this.#text(argument("error_message"));
    if (block.type !== "validation" || !condition || message === undefined) {
      const detail =
        "Inside a variable there are validation blocks only, each with a condition and an error_message.";
      this.#error("Invalid validation", detail, block.typeRange);
      return [];
    }
    for (const reference of referencesIn(condition)) {
      const [step] = reference.steps;
      if (reference.root === "var" && step?.kind === "attribute" && step.name === name) continue;
      this.#error("Invalid validation", `The condition can refer to var.${name} only.`, reference);
      return [];
    }
    return [{ condition, message }];
  }

  /** Takes in the values from outside, those of higher precedence last. */
  collect(): void {
    const { environment = {}, files = [], flags = {} } = this.#options;
    for (const variable of this.variables) {
      const text = environment[`NOMAD_VAR_${variable.name}`];
      if (text !== undefined) this.#assignText(variable, text, `NOMAD_VAR_${variable.name}`);
    }
    for (const file of files) this.#collectFile(file);
    for (const [name, text] of Object.entries(flags)) {
      const variable = this.#variables.get(name);
      if (variable) this.#assignText(variable, text, `-var ${name}`);
      else this.#undeclared(name, { start: 0, end: text.length }, { name: `-var ${name}`, text });
    }
  }

  /** Strings and numbers are taken as they are, anything else is an expression. */
  #assignText(variable: Variable, text: string, name: string): void {
    const source = { name, text };
    const range = { start: 0, end: text.length };
    const isPlain = !variable.type || variable.type.kind === "string" || variable.type.kind === "number";
    const value = isPlain ? stringValue(text) : this.#constant(parseExpression(text), source);
    if (value) this.#assign(variable, { value, range, source });
  }

  #constant(
    parsed: { expression: Expression | undefined; diagnostics: readonly Diagnostic[] },
    source: Source,
  ): Value | undefined {
    const { value, diagnostics } = parsed.expression
      ? evaluate(parsed.expression, this.#constants)
      : { value: undefined, diagnostics: [] };
    const all = [...parsed.diagnostics, ...diagnostics];
    this.diagnostics.push(...all.map((diagnostic) => ({ ...diagnostic, source })));
    return hasErrors(all) ? undefined : value;
  }

  #collectFile(source: Source): void {
    if (source.text.trimStart().startsWith("{")) return this.#collectJson(source);
    const { body, diagnostics } = parseBody(source.text, { fileName: source.name });
    this.diagnostics.push(...diagnostics.map((diagnostic) => ({ ...diagnostic, source })));
    for (const { typeRange } of body.blocks) {
      this.#error(
        "Invalid variable file",
        "A file of variables holds arguments only, no blocks.",
        typeRange,
        { source },
      );
    }
    for (const { name, nameRange, expression } of body.attributes) {
      const value = this.#constant({ expression, diagnostics: [] }, source);
      const variable = this.#variables.get(name);
      if (!variable) this.#undeclared(name, nameRange, source);
      else if (value) this.#assign(variable, { value, range: expression, source });
    }
  }

  #collectJson(source: Source): void {
    const range = { start: 0, end: source.text.length };
    const value = this.#readJson(source, range);
    for (const [name, item] of value?.kind === "object" ? value.entries : []) {
      const variable = this.#variables.get(name);
      if (variable) this.#assign(variable, { value: item, range, source });
      else this.#undeclared(name, range, source);
    }
  }

  #readJson(source: Source, range: Range): Value | undefined {
    try {
      return decodeJson(source.text);
    } catch (error) {
      this.#error("Invalid variable file", `The file cannot be read: ${(error as Error).message}.`, range, {
        source,
      });
      return undefined;
    }
  }

  #undeclared(name: string, range: Range, source: Source): void {
    if (this.#options.lenient) return;
    const suggestion = suggest(name, this.#variables.keys());
    const detail = `A value is given for "${name}", but the file declares no such variable.`;
    this.#error("Undeclared variable", detail, range, {
      source,
      ...(suggestion !== undefined && { suggestion }),
    });
  }

  #assign(variable: Variable, { value, range, source }: Assignment): void {
    const converted = this.#convert(value, variable.type, range, source, "The value");
    this.#assigned.set(variable.name, { value: converted, range, source });
  }

  /** The final values, validated. */
  settle(): [string, Value][] {
    return this.variables.map((variable) => {
      const assignment = this.#assigned.get(variable.name);
      const value = assignment?.value ?? variable.default;
      if (value) this.#validate(variable, value, assignment);
      else {
        const detail = `The variable "${variable.name}" has neither a value nor a default. Set it with -var ${variable.name}=…, in a variable file, or as NOMAD_VAR_${variable.name}.`;
        this.#error("Unset variable", detail, variable.range);
      }
      return [variable.name, value ?? unknownValue];
    });
  }

  #validate(variable: Variable, value: Value, assignment: Assignment | undefined): void {
    const scope: Scope = {
      variables: new Map([["var", objectValue([[variable.name, value]])]]),
      functions: this.#options.functions,
      effort: this.#constants.effort,
    };
    for (const { condition, message } of variable.validations) {
      const result = evaluate(condition, scope);
      this.diagnostics.push(...result.diagnostics);
      if (result.diagnostics.length > 0 || result.value.kind === "unknown") continue;
      const passed = this.#convert(result.value, boolType, condition, undefined, "The condition");
      if (passed.kind !== "bool" || passed.value) continue;
      const { range = variable.range, source } = assignment ?? {};
      this.#error("Invalid value for variable", `${variable.name}: ${message}`, range, source && { source });
    }
  }
}
