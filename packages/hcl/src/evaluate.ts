/**
 * The values of expressions.
 *
 * An operation that fails leaves a diagnostic and yields the unknown value, which fits everywhere,
 * so that one evaluation shows all that is wrong. Both branches of a conditional are evaluated, for
 * the sake of their common type; what went wrong in the branch not taken is forgotten.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Work is bounded, by the effort
 * that the scope allows and by strings of two million characters, so that hostile input ends.
 */
import { getAttribute, getElement } from "./access.ts";
import { ConversionFault, convert } from "./convert.ts";
import type { Diagnostic, Range } from "./diagnostic.ts";
import { Effort, ExhaustionFault } from "./effort.ts";
import { extentOf, nodeLimit } from "./extent.ts";
import { EvaluationFault } from "./fault.ts";
import { type SpecialForm, textLimit } from "./function.ts";
import { type Given, invoke } from "./invoke.ts";
import { applyBinary, applyUnary } from "./operator.ts";
import { runtimeReference } from "./runtime-reference.ts";
import type { Scope } from "./scope.ts";
import { suggest } from "./suggest.ts";
import type * as syntax from "./syntax.ts";
import { typeOf, withoutOptional } from "./type.ts";
import { parseType } from "./type-expression.ts";
import { unify } from "./unify.ts";
import {
  anyType,
  boolType,
  boolValue,
  elementsOf,
  emptyTuple,
  isWhollyKnown,
  listValue,
  objectValue,
  stringType,
  stringValue,
  tupleValue,
  type Type,
  unknownValue,
  type Value,
} from "./value.ts";

export interface Evaluated {
  /** Unknown where there are errors. */
  readonly value: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** The value of an expression in a scope. Never throws. */
export function evaluate(expression: syntax.Expression, scope: Scope): Evaluated {
  const constant = constantOf(expression);
  if (constant) return { value: constant, diagnostics: noDiagnostics };
  const effort = scope.effort ?? new Effort();
  // To throw once more for each of many expressions would take longer than to evaluate them.
  if (effort.isReported) return { value: unknownValue, diagnostics: noDiagnostics };
  const evaluation = new Evaluation(scope, effort);
  try {
    return { value: evaluation.final(expression), diagnostics: evaluation.diagnostics };
  } catch (error) {
    if (!(error instanceof ExhaustionFault)) throw error;
    effort.isReported = true;
    const summary = "Evaluation goes too far";
    const { start, end } = expression;
    const diagnostic: Diagnostic = {
      severity: "error",
      summary,
      detail: error.message,
      range: { start, end },
    };
    return { value: unknownValue, diagnostics: [...evaluation.diagnostics, diagnostic] };
  }
}

const noDiagnostics: readonly Diagnostic[] = [];

/** Most arguments are plain text or a number, and need no evaluation. */
function constantOf(expression: syntax.Expression): Value | undefined {
  if (expression.kind === "literal") return expression.value;
  if (expression.kind !== "template" || expression.parts.length !== 1) return undefined;
  const [part] = expression.parts;
  return part.kind === "literal" ? part.value : undefined;
}

const diagnosticLimit = 100;
/** To look for what was meant takes time, which `try` may take again and again. */
const faultCost = 800;

/** A local name, as `for` introduces it. */
interface Local {
  readonly name: string;
  readonly value: Value;
  readonly outer: Local | undefined;
}

const unknownString: Value = { kind: "unknown", type: stringType };

class Evaluation {
  diagnostics: Diagnostic[] = [];
  readonly #scope: Scope;
  /** What the splats that are being evaluated stand at. */
  #items: Map<syntax.AnonymousSymbol, Value> | undefined;
  #locals: Local | undefined;
  readonly #effort: Effort;

  constructor(scope: Scope, effort: Effort) {
    this.#scope = scope;
    this.#effort = effort;
  }

  /** The value that others go on to work with. */
  final(expression: syntax.Expression): Value {
    return this.#bounded(this.value(expression));
  }

  value(expression: syntax.Expression): Value {
    this.#effort.spend(1);
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "template":
        return this.#template(expression.parts);
      case "template-wrap":
      case "parenthesised":
        return this.value(expression.expression);
      case "traversal":
        return this.#traversal(expression);
      case "relative-traversal":
        return this.#walk(this.value(expression.source), expression.steps);
      case "index":
        return this.#index(expression);
      case "splat":
        return this.#splat(expression);
      case "anonymous-symbol":
        return this.#items?.get(expression) ?? unknownValue;
      case "call":
        return this.#bounded(this.#call(expression));
      case "conditional":
        return this.#conditional(expression);
      case "binary":
        return this.#binary(expression);
      case "unary":
        return this.#unary(expression);
      case "tuple":
        return this.#bounded(tupleValue(expression.items.map((item) => this.value(item))));
      case "object":
        return this.#bounded(this.#object(expression));
      case "for-tuple":
        return this.#bounded(this.#forTuple(expression));
      default:
        return this.#bounded(this.#forObject(expression));
    }
  }

  /** The value, once its size has been paid for. */
  #bounded(value: Value): Value {
    const extent = extentOf(value);
    this.#effort.spend(Math.min(extent, nodeLimit));
    if (extent < Infinity) return value;
    throw new ExhaustionFault("A value would arise that is too large or nested too deeply.");
  }

  #report(summary: string, detail: string, { start, end }: Range, suggestion?: string): Value {
    this.#effort.spend(faultCost);
    if (this.diagnostics.length < diagnosticLimit) {
      this.diagnostics.push({
        severity: "error",
        summary,
        detail,
        range: { start, end },
        ...(suggestion !== undefined && { suggestion }),
      });
    }
    return unknownValue;
  }

  /** Does something that may fault, and reports the fault at a place. */
  #attempt(range: Range, action: () => Value): Value {
    try {
      return action();
    } catch (error) {
      if (error instanceof EvaluationFault)
        return this.#report(error.summary, error.message, range, error.suggestion);
      if (error instanceof ConversionFault)
        return this.#report("Invalid value", `This value does not fit: ${error.message}.`, range);
      throw error;
    }
  }

  /** Runs something aside; its diagnostics are the caller's to keep or drop. */
  #aside<Result>(action: () => Result): { result: Result; diagnostics: Diagnostic[] } {
    const kept = this.diagnostics;
    this.diagnostics = [];
    const result = action();
    const { diagnostics } = this;
    this.diagnostics = kept;
    return { result, diagnostics };
  }

  #template(parts: readonly syntax.TemplatePart[]): Value {
    if (parts.length === 1 && parts[0].kind === "literal") return parts[0].value;
    const before = this.diagnostics.length;
    const texts: string[] = [];
    let isKnown = true;
    for (const part of parts) {
      const text = this.#partText(part);
      if (text === undefined) isKnown = false;
      else texts.push(text);
    }
    if (!isKnown || this.diagnostics.length > before) return unknownString;
    return this.#bounded(stringValue(joined(texts)));
  }

  /** The text of one part; undefined if it is unknown or faulty. */
  #partText(part: syntax.TemplatePart): string | undefined {
    const value = this.#partValue(part);
    if (value.kind === "string") return value.value;
    if (value.kind === "null") {
      this.#report("Invalid template value", "A null value cannot be part of a text.", part);
      return undefined;
    }
    if (value.kind === "unknown") return undefined;
    const text = this.#attempt(part, () => convert(value, stringType));
    return text.kind === "string" ? text.value : undefined;
  }

  #partValue(part: syntax.TemplatePart): Value {
    if (part.kind === "template-if") {
      const branch = (parts: readonly syntax.TemplatePart[]) => () => this.#template(parts);
      return this.#choose(part.condition, branch(part.whenTrue), branch(part.whenFalse), part);
    }
    if (part.kind === "template-for") {
      const results = this.#loop(part, undefined, () => this.#template(part.parts));
      if (!results || results.some((value) => value.kind !== "string")) return unknownString;
      return stringValue(joined(results.map((value) => (value.kind === "string" ? value.value : ""))));
    }
    return this.value(part);
  }

  #traversal(expression: syntax.Traversal): Value {
    const root = this.#local(expression.root) ?? this.#scope.variables.get(expression.root);
    if (root) return this.#walk(root, expression.steps);
    if (this.#scope.runtimeText !== undefined)
      return stringValue(runtimeReference(this.#scope.runtimeText, expression));
    const names = [...this.#scope.variables.keys()];
    const detail =
      names.length === 0
        ? "Variables may not be used here."
        : `There is no variable named "${expression.root}".`;
    return this.#report("Unknown variable", detail, expression.rootRange, suggest(expression.root, names));
  }

  #local(name: string): Value | undefined {
    for (let local = this.#locals; local; local = local.outer) if (local.name === name) return local.value;
    return undefined;
  }

  #walk(source: Value, steps: readonly syntax.Step[]): Value {
    let value = source;
    for (const step of steps) {
      const before = this.diagnostics.length;
      const from = value;
      value = this.#attempt(step, () =>
        step.kind === "attribute" ? getAttribute(from, step.name) : getElement(from, step.key),
      );
      if (this.diagnostics.length > before) return unknownValue;
    }
    return value;
  }

  #index(expression: syntax.Index): Value {
    const collection = this.value(expression.collection);
    const key = this.value(expression.key);
    return this.#attempt(expression, () => getElement(collection, key));
  }

  /** Anything but a list, set or tuple is taken for a list of one, and null for an empty one. */
  #splat(expression: syntax.Splat): Value {
    const before = this.diagnostics.length;
    const source = this.#bounded(this.value(expression.source));
    if (this.diagnostics.length > before) return unknownValue;
    const type = typeOf(source).kind;
    const isSequence = type === "list" || type === "set" || type === "tuple";
    if (source.kind === "null" && isSequence)
      return this.#report("Splat of null", "A null list has no elements.", expression.source);
    if (source.kind === "null") return emptyTuple;
    if (source.kind === "unknown") return unknownValue;
    if (source.kind !== "list" && source.kind !== "set" && source.kind !== "tuple") {
      return tupleValue([this.#each(expression, source)]);
    }
    const items = source.items.map((item) => this.#each(expression, item));
    if (source.kind === "tuple") return tupleValue(items);
    const element =
      items.length > 0
        ? typeOf(items[0])
        : typeOf(this.#each(expression, { kind: "unknown", type: source.element }));
    return listValue(element, items);
  }

  #each(expression: syntax.Splat, item: Value): Value {
    this.#items ??= new Map();
    this.#items.set(expression.item, item);
    const result = this.value(expression.each);
    this.#items.delete(expression.item);
    return result;
  }

  #conditional({ condition, whenTrue, whenFalse, ...range }: syntax.Conditional): Value {
    return this.#choose(
      condition,
      () => this.value(whenTrue),
      () => this.value(whenFalse),
      range,
    );
  }

  #choose(condition: syntax.Expression, whenTrue: () => Value, whenFalse: () => Value, range: Range): Value {
    const first = this.#aside(whenTrue);
    const second = this.#aside(whenFalse);
    for (const { result } of [first, second]) this.#bounded(result);
    const type = commonType(first.result, second.result);
    if (!type) {
      const detail = "Both branches must have one type, or types that convert to one another.";
      return this.#report("Inconsistent branches", detail, range);
    }
    const decision = this.#condition(condition);
    if (!decision) return { kind: "unknown", type };
    const chosen = decision.value ? first : second;
    this.diagnostics.push(...chosen.diagnostics);
    return this.#attempt(range, () => convert(chosen.result, type));
  }

  /** A condition's value; undefined if it is unknown or faulty. */
  #condition(expression: syntax.Expression): (Value & { kind: "bool" }) | undefined {
    const value = this.value(expression);
    if (value.kind === "null") {
      this.#report("Null condition", "A condition is true or false, not null.", expression);
      return undefined;
    }
    const decision = this.#attempt(expression, () => convert(value, boolType));
    return decision.kind === "bool" ? decision : undefined;
  }

  /** Long chains nest to the left; they are walked down first, so that no stack is needed for them. */
  #binary(expression: syntax.Binary): Value {
    const chain: syntax.Binary[] = [];
    let left: syntax.Expression = expression;
    for (; left.kind === "binary"; left = left.left) chain.push(left);
    let value = this.value(left);
    for (const operation of chain.toReversed()) {
      const before = this.diagnostics.length;
      const a = value;
      const b = this.value(operation.right);
      if (!isSimple(a) && !isSimple(b)) for (const side of [a, b]) this.#bounded(side);
      value =
        this.diagnostics.length > before
          ? unknownValue
          : this.#attempt(operation, () => applyBinary(operation.operator, a, b));
      this.#effort.spend(1);
    }
    return value;
  }

  #unary(expression: syntax.Unary): Value {
    const value = this.value(expression.operand);
    return this.#attempt(expression, () => applyUnary(expression.operator, value));
  }

  #object(expression: syntax.ObjectExpression): Value {
    const entries = new Map<string, Value>();
    let isKnown = true;
    for (const item of expression.items) {
      const key = this.#key(item);
      const value = this.value(item.value);
      if (key === undefined) isKnown = false;
      else entries.set(key, value);
    }
    return isKnown ? objectValue(entries) : unknownValue;
  }

  #key({ key, bare }: syntax.ObjectItem): string | undefined {
    if (!bare && key.kind === "traversal" && key.steps.length > 0) {
      const detail = "Put a reference in parentheses, or a name with points in it in quotes.";
      this.#report("Ambiguous key", detail, key);
      return undefined;
    }
    return this.#keyText(this.value(key), key);
  }

  #keyText(value: Value, range: Range): string | undefined {
    if (value.kind === "null") {
      this.#report("Null key", "The key of an object must not be null.", range);
      return undefined;
    }
    const text = this.#attempt(range, () => convert(value, stringType));
    return text.kind === "string" ? text.value : undefined;
  }

  #forTuple(expression: syntax.ForTuple): Value {
    const values = this.#loop(expression, expression.condition, () => this.value(expression.value));
    return values ? tupleValue(values) : unknownValue;
  }

  #forObject(expression: syntax.ForObject): Value {
    const groups = new Map<string, Value[]>();
    let isKnown = true;
    const results = this.#loop(expression, expression.condition, () => {
      const key = this.#keyText(this.value(expression.key), expression.key);
      const value = this.value(expression.value);
      if (key === undefined) isKnown = false;
      else this.#gather(groups, key, value, expression);
      return value;
    });
    if (!results || !isKnown) return unknownValue;
    return objectValue(
      [...groups].map(([key, values]) => [key, expression.group ? tupleValue(values) : values[0]]),
    );
  }

  #gather(groups: Map<string, Value[]>, key: string, value: Value, expression: syntax.ForObject): void {
    const group = groups.get(key);
    if (!group) groups.set(key, [value]);
    else if (expression.group) group.push(value);
    else {
      const detail = `Two items have the key "${key}". To gather them into a list, write ... behind the value.`;
      this.#report("Duplicate key", detail, expression.key);
    }
  }

  /** One result for each element that the condition lets through; undefined if that is unknown. */
  #loop(
    loop: syntax.ForTuple | syntax.ForObject | syntax.TemplateFor,
    condition: syntax.Expression | undefined,
    body: () => Value,
  ): Value[] | undefined {
    const collection = this.value(loop.collection);
    const elements = this.#elements(collection, loop.collection);
    if (!elements) return undefined;
    const outer = this.#locals;
    const results: Value[] = [];
    let isKnown = true;
    for (const [key, element] of elements) {
      this.#locals = {
        name: loop.valueName,
        value: element,
        outer: loop.keyName === undefined ? outer : { name: loop.keyName, value: key, outer },
      };
      const passes = condition ? this.#condition(condition)?.value : true;
      if (passes === undefined) isKnown = false;
      else if (passes) results.push(body());
    }
    this.#locals = outer;
    return isKnown ? results : undefined;
  }

  #elements(collection: Value, range: Range): (readonly [Value, Value])[] | undefined {
    if (collection.kind === "null")
      this.#report("Loop over null", "A null value has no elements to go through.", range);
    else if (collection.kind !== "unknown" || isPrimitiveKind(collection.type)) {
      const elements = elementsOf(collection);
      if (elements) return elements;
      this.#report(
        "Loop over a single value",
        `A ${typeOf(collection).kind} has no elements to go through.`,
        range,
      );
    }
    return undefined;
  }

  #call(expression: syntax.Call): Value {
    const called = this.#scope.functions.get(expression.name);
    if (!called) {
      const detail = `There is no function named "${expression.name}".`;
      return this.#report(
        "Unknown function",
        detail,
        expression.nameRange,
        suggest(expression.name, this.#scope.functions.keys()),
      );
    }
    if ("special" in called) return this.#special(called, expression);
    const values = this.#argumentValues(expression);
    if (!values) return unknownValue;
    for (const { value } of values) this.#bounded(value);
    const spend = (steps: number) => this.#effort.spend(steps);
    return invoke(called, values, { call: expression, report: (...fault) => this.#report(...fault), spend });
  }

  /** The argument values, with the last one spread out if `...` follows it. */
  #argumentValues(expression: syntax.Call): Given[] | undefined {
    const values = expression.arguments.map((argument) => ({
      value: this.value(argument),
      range: argument as Range,
    }));
    if (!expression.expandFinal) return values;
    const last = values.pop();
    if (!last) return undefined;
    if (last.value.kind === "list" || last.value.kind === "tuple" || last.value.kind === "set") {
      return [...values, ...last.value.items.map((value) => ({ value, range: last.range }))];
    }
    if (last.value.kind !== "unknown")
      this.#report("Invalid argument", "Before ... a list, set or tuple is expected.", last.range);
    return undefined;
  }

  #special(form: SpecialForm, expression: syntax.Call): Value {
    if (form.special === "convert") return this.#convert(expression);
    const all = expression.arguments.map((argument) => () => this.#aside(() => this.value(argument)));
    if (form.special === "can") {
      if (all.length !== 1)
        return this.#report("Wrong number of arguments", "can takes one expression.", expression);
      const { result, diagnostics } = all[0]();
      if (diagnostics.length > 0) return boolValue(false);
      return isWhollyKnown(result) ? boolValue(true) : { kind: "unknown", type: boolType };
    }
    return this.#try(all, expression);
  }

  #try(
    attempts: readonly (() => { result: Value; diagnostics: Diagnostic[] })[],
    expression: syntax.Call,
  ): Value {
    const reasons: string[] = [];
    for (const attempt of attempts) {
      const { result, diagnostics } = attempt();
      if (diagnostics.length === 0) return isWhollyKnown(result) ? result : unknownValue;
      reasons.push(diagnostics[0].detail);
    }
    const detail =
      reasons.length === 0
        ? "try takes at least one expression."
        : `None of the expressions has a value. ${reasons.join(" ")}`;
    return this.#report("Nothing succeeded", detail, expression);
  }

  #convert(expression: syntax.Call): Value {
    if (expression.arguments.length !== 2) {
      return this.#report("Wrong number of arguments", "convert takes a value and a type.", expression);
    }
    const [given, wanted] = expression.arguments;
    const value = this.#bounded(this.value(given));
    const { type, diagnostics } = parseType(wanted);
    this.diagnostics.push(...diagnostics);
    return type ? this.#attempt(given, () => convert(value, type)) : unknownValue;
  }
}

function joined(texts: readonly string[]): string {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > textLimit)
    throw new ExhaustionFault(`A text of more than ${textLimit} characters would arise.`);
  return texts.join("");
}

/** What is compared and computed with in one step. */
function isSimple({ kind }: Value): boolean {
  return kind === "number" || kind === "bool" || kind === "null" || kind === "unknown";
}

function isPrimitiveKind(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

/** The type both branches of a conditional convert to; a bare null fits in with any other. */
function commonType(first: Value, second: Value): Type | undefined {
  const [a, b] = [typeOf(first), typeOf(second)];
  if (first.kind === "null" && a.kind === "any") return withoutOptional(b);
  if (second.kind === "null" && b.kind === "any") return withoutOptional(a);
  return a.kind === "any" || b.kind === "any" ? anyType : unify([a, b]);
}
