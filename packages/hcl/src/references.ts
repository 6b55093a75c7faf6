import type { Expression, TemplatePart, Traversal } from "./syntax.ts";

/**
 * The references in an expression to names from outside of it: not those that a `for` around them
 * introduces. In the order of the source.
 */
export function referencesIn(expression: Expression): Traversal[] {
  const found: Traversal[] = [];
  collect(expression, new Set(), found);
  return found;
}

function collect(part: TemplatePart, bound: ReadonlySet<string>, found: Traversal[]): void {
  const visit = (...parts: (TemplatePart | undefined)[]) => {
    for (const each of parts) if (each) collect(each, bound, found);
  };
  switch (part.kind) {
    case "traversal":
      if (!bound.has(part.root)) found.push(part);
      return;
    case "literal":
    case "anonymous-symbol":
      return;
    case "template":
      return visit(...part.parts);
    case "template-wrap":
    case "parenthesised":
      return visit(part.expression);
    case "relative-traversal":
      return visit(part.source);
    case "index":
      return visit(part.collection, part.key);
    case "splat":
      return visit(part.source, part.each);
    case "call":
      return visit(...part.arguments);
    case "conditional":
      return visit(part.condition, part.whenTrue, part.whenFalse);
    case "binary":
      return collectChain(part, visit);
    case "unary":
      return visit(part.operand);
    case "tuple":
      return visit(...part.items);
    case "object":
      return visit(...part.items.flatMap(({ key, value }) => [key, value]));
    case "template-if":
      return visit(part.condition, ...part.whenTrue, ...part.whenFalse);
    case "for-tuple":
    case "for-object":
    case "template-for":
      return collectLoop(part, bound, found);
  }
}

/** Long chains nest to the left and are walked without recursion. */
function collectChain(chain: Expression & { kind: "binary" }, visit: (...parts: Expression[]) => void): void {
  const operands: Expression[] = [];
  let left: Expression = chain;
  for (; left.kind === "binary"; left = left.left) operands.push(left.right);
  visit(left, ...operands.toReversed());
}

function collectLoop(
  loop: TemplatePart & { kind: "for-tuple" | "for-object" | "template-for" },
  bound: ReadonlySet<string>,
  found: Traversal[],
): void {
  collect(loop.collection, bound, found);
  const inner = new Set([...bound, loop.valueName, ...(loop.keyName === undefined ? [] : [loop.keyName])]);
  const parts: (TemplatePart | undefined)[] =
    loop.kind === "template-for"
      ? [...loop.parts]
      : [loop.kind === "for-object" ? loop.key : undefined, loop.value, loop.condition];
  for (const part of parts) if (part) collect(part, inner, found);
}
