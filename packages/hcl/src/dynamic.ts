/**
 * `dynamic` blocks: one block for each element of a collection.
 *
 * ```hcl
 * dynamic "port" {
 *   for_each = var.ports
 *   iterator = each          # otherwise "port", the label
 *   labels   = [each.key]
 *   content { static = each.value }
 * }
 * ```
 *
 * After https://github.com/hashicorp/hcl/blob/main/ext/dynblock/README.md.
 */
import { convertible } from "./convert.ts";
import type { Diagnostic, Range } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { type Scope, scopeWith } from "./scope.ts";
import type { Block, Body, Expression, Label } from "./syntax.ts";
import { elementsOf, objectValue, stringType, type Value } from "./value.ts";

export interface ExpandedBody {
  readonly body: Body;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The body with its dynamic blocks replaced, at any depth. What stands inside a generated block has
 * been evaluated: its expressions are literals, at the places where the originals stand, so that
 * nobody else needs to know about iterators.
 */
export function expandDynamic(body: Body, scope: Scope): ExpandedBody {
  const expansion = new Expansion();
  return { body: expansion.body(body, scope, false), diagnostics: expansion.diagnostics };
}

const generatedLimit = 10_000;

class Expansion {
  readonly diagnostics: Diagnostic[] = [];
  #generated = 0;

  /** @param inside a generated block, where expressions must be evaluated now */
  body(body: Body, scope: Scope, inside: boolean): Body {
    if (!inside && !hasDynamic(body)) return body;
    const blocks = body.blocks.flatMap((block) =>
      block.type === "dynamic"
        ? this.#dynamic(block, scope)
        : [{ ...block, body: this.body(block.body, scope, inside) }],
    );
    if (!inside) return { ...body, blocks };
    if (!this.#affords(scope, body)) return { ...body, attributes: [], blocks: [] };
    const attributes = body.attributes.map((attribute) => ({
      ...attribute,
      expression: this.#literal(attribute.expression, scope),
    }));
    return { ...body, attributes, blocks };
  }

  /** What stands inside is made anew for each generated block, so even constants have their price. */
  #affords({ effort }: Scope, body: Body): boolean {
    if (effort?.affords(4 * (1 + body.attributes.length)) ?? true) return true;
    if (effort && !effort.isReported) {
      effort.isReported = true;
      this.#error("The blocks would hold more than can be worked with.", body);
    }
    return false;
  }

  #literal(expression: Expression, scope: Scope): Expression {
    const { start, end } = expression;
    return { kind: "literal", value: this.#value(expression, scope), start, end };
  }

  #value(expression: Expression, scope: Scope): Value {
    const { value, diagnostics } = evaluate(expression, scope);
    this.diagnostics.push(...diagnostics);
    return value;
  }

  #error(detail: string, { start, end }: Range): undefined {
    this.diagnostics.push({
      severity: "error",
      summary: "Invalid dynamic block",
      detail,
      range: { start, end },
    });
    return undefined;
  }

  #dynamic(block: Block, scope: Scope): Block[] {
    const template = this.#template(block);
    if (!template) return [];
    const elements = this.#elements(template.forEach, scope);
    return (elements ?? []).flatMap(([key, value]) => {
      if (++this.#generated > generatedLimit) return [];
      const inner = scopeWith(scope, [
        [
          template.iterator,
          objectValue([
            ["key", key],
            ["value", value],
          ]),
        ],
      ]);
      return this.#generate(template, block, inner);
    });
  }

  #generate(template: Template, block: Block, scope: Scope): Block[] {
    const labels = template.labels ? this.#labels(template.labels, scope) : [];
    if (!labels) return [];
    const { type, typeRange, content } = template;
    const body = this.body(content.body, scope, true);
    return [{ type, typeRange, labels, body, start: block.start, end: block.end }];
  }

  #template(block: Block): Template | undefined {
    const argument = (name: string) => block.body.attributes.find((attribute) => attribute.name === name);
    const [label, ...more] = block.labels;
    const unknown = block.body.attributes.find(
      ({ name }) => !["for_each", "iterator", "labels"].includes(name),
    );
    const [content, ...others] = block.body.blocks.toSorted(
      (a, b) => Number(b.type === "content") - Number(a.type === "content"),
    );
    const forEach = argument("for_each")?.expression;
    if (!label || more.length > 0)
      return this.#error(
        "A dynamic block has one label: the type of the blocks to be made.",
        block.typeRange,
      );
    if (unknown)
      return this.#error("A dynamic block knows for_each, iterator and labels only.", unknown.nameRange);
    if (!forEach) return this.#error("The argument for_each is missing.", block.typeRange);
    if (content?.type !== "content" || others.length > 0)
      return this.#error("A dynamic block holds exactly one content block.", block.typeRange);
    const iterator = argument("iterator")?.expression;
    if (iterator && (iterator.kind !== "traversal" || iterator.steps.length > 0))
      return this.#error("The iterator is a plain name.", iterator);
    return {
      type: label.text,
      typeRange: label,
      forEach,
      iterator: iterator?.root ?? label.text,
      labels: argument("labels")?.expression,
      content,
    };
  }

  #elements(expression: Expression, scope: Scope): (readonly [Value, Value])[] | undefined {
    const { value, diagnostics } = evaluate(expression, scope);
    this.diagnostics.push(...diagnostics);
    if (diagnostics.length > 0) return undefined;
    if (value.kind === "null") return this.#error("The value of for_each must not be null.", expression);
    const elements = elementsOf(value);
    if (!elements)
      return this.#error("The value of for_each must be a list, set, tuple, map or object.", expression);
    if (this.#generated + elements.length > generatedLimit)
      return this.#error(`More than ${generatedLimit} blocks would be made.`, expression);
    return elements;
  }

  #labels(expression: Expression, scope: Scope): Label[] | undefined {
    if (expression.kind !== "tuple") return this.#error("The labels are a list of strings.", expression);
    const labels: Label[] = [];
    for (const item of expression.items) {
      const value = this.#value(item, scope);
      const text = value.kind === "unknown" ? undefined : convertible(value, stringType);
      if (text?.kind !== "string") return this.#error("A label is a string, and not null.", item);
      labels.push({ text: text.value, start: item.start, end: item.end });
    }
    return labels;
  }
}

interface Template {
  readonly type: string;
  readonly typeRange: Range;
  readonly forEach: Expression;
  readonly iterator: string;
  readonly labels: Expression | undefined;
  readonly content: Block;
}

function hasDynamic(body: Body): boolean {
  return body.blocks.some((block) => block.type === "dynamic" || hasDynamic(block.body));
}
