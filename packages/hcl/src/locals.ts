import type { Diagnostic } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { referencesIn } from "./references.ts";
import type { Scope } from "./scope.ts";
import type { Attribute } from "./syntax.ts";
import { objectValue, unknownValue, type Value } from "./value.ts";

/**
 * The values of locals, which may refer to one another in any order. A circle is an error that
 * names its members.
 */
export function evaluateLocals(
  attributes: readonly Attribute[],
  scope: Scope,
): { value: Value; diagnostics: readonly Diagnostic[] } {
  const settling = new Settling(attributes, scope);
  for (const name of settling.names()) settling.settle(name);
  return { value: objectValue(settling.values), diagnostics: settling.diagnostics };
}

class Settling {
  readonly values = new Map<string, Value>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #attributes = new Map<string, Attribute>();
  readonly #scope: Scope;
  /** The locals whose values wait for one another, in the order in which they do. */
  readonly #path = new Set<string>();

  constructor(attributes: readonly Attribute[], scope: Scope) {
    this.#scope = scope;
    for (const attribute of attributes) {
      if (this.#attributes.has(attribute.name))
        this.#error("Local set twice", `There is a local "${attribute.name}" already.`, attribute);
      else this.#attributes.set(attribute.name, attribute);
    }
  }

  names(): string[] {
    return [...this.#attributes.keys()];
  }

  settle(name: string): void {
    const attribute = this.#attributes.get(name);
    if (!attribute || this.values.has(name)) return;
    if (this.#path.has(name)) return this.#circle(name, attribute);
    this.#path.add(name);
    if (this.#path.size > depthLimit)
      this.#error("Locals nested too deeply", `The local "${name}" depends on too many others.`, attribute);
    else for (const needed of neededBy(attribute)) this.settle(needed);
    this.#path.delete(name);
    if (!this.values.has(name)) this.#evaluate(attribute);
  }

  #evaluate(attribute: Attribute): void {
    const variables = new Map(this.#scope.variables).set("local", objectValue(this.#valuesFor(attribute)));
    const { value, diagnostics } = evaluate(attribute.expression, { ...this.#scope, variables });
    this.diagnostics.push(...diagnostics);
    this.values.set(attribute.name, value);
  }

  /** The locals it names; all there are when it uses `local` as a whole, or names one that is not there. */
  #valuesFor(attribute: Attribute): Map<string, Value> {
    const needed = neededBy(attribute);
    const uses = referencesIn(attribute.expression).filter(({ root }) => root === "local").length;
    const isComplete = needed.length === uses && needed.every((name) => this.values.has(name));
    if (!isComplete) {
      const isAffordable = this.#scope.effort?.affords(this.values.size / 2) ?? true;
      return new Map(isAffordable ? this.values : []);
    }
    return new Map(needed.map((name) => [name, this.values.get(name)!]));
  }

  #circle(name: string, attribute: Attribute): void {
    const path = [...this.#path];
    const circle = path.slice(path.indexOf(name));
    const members = [...circle, name].map((each) => `local.${each}`);
    this.#error("Circle of locals", `Each of these needs the next: ${members.join(", ")}.`, attribute);
    for (const member of circle) this.values.set(member, unknownValue);
  }

  #error(summary: string, detail: string, { nameRange }: Attribute): void {
    this.diagnostics.push({ severity: "error", summary, detail, range: nameRange });
  }
}

const depthLimit = 1000;

function neededBy(attribute: Attribute): string[] {
  return referencesIn(attribute.expression).flatMap(({ root, steps: [step] }) => {
    if (root !== "local" || !step) return [];
    if (step.kind === "attribute") return [step.name];
    return step.key.kind === "string" ? [step.key.value] : [];
  });
}
