/** Objects read as bodies: HCL1 writes blocks as `name = { … }` and as lists of these, too. */
import type { Attribute, Body, Expression, ObjectExpression } from "../syntax.ts";

/** The body that an object expression with plain keys stands for. */
export function bodyOfObject(expression: Expression): Body | undefined {
  if (expression.kind === "parenthesised") return bodyOfObject(expression.expression);
  return expression.kind === "object" ? bodyOf(expression) : undefined;
}

/** The bodies of an object, or of each object in a list. */
export function bodiesOfValue(expression: Expression): readonly Body[] | undefined {
  const items = expression.kind === "tuple" ? expression.items : [expression];
  const bodies = items.map(bodyOfObject);
  return bodies.every((body) => body !== undefined) ? bodies : undefined;
}

function bodyOf(object: ObjectExpression): Body | undefined {
  const attributes: Attribute[] = [];
  for (const { key, value } of object.items) {
    const name = plainKey(key);
    if (name === undefined) return undefined;
    attributes.push({ name, nameRange: key, expression: value, start: key.start, end: value.end });
  }
  return { attributes, blocks: [], start: object.start, end: object.end };
}

function plainKey(key: Expression): string | undefined {
  if (key.kind === "literal" && key.value.kind === "string") return key.value.value;
  if (key.kind !== "template" || key.parts.length > 1) return undefined;
  const [part] = key.parts;
  return part?.kind === "literal" && part.value.kind === "string" ? part.value.value : undefined;
}
