/**
 * Job files in the JSON syntax of HCL2: `{"job": {"NAME": {"group": {"NAME": { … }}}}}`. What is a
 * block and what an attribute is not told apart by the text, so the schema decides.
 *
 * After https://github.com/hashicorp/hcl/blob/main/json/spec.md. Such a text is read as an
 * expression, of whose syntax JSON is a part: the strings in it are templates there, too.
 */
import { parseExpression } from "../parse.ts";
import type { Attribute, Block, Body, Expression, Label, ObjectExpression } from "../syntax.ts";
import type { BlockSchema } from "./schema/block.ts";
import { jobFile } from "./schema/file.ts";

/** The body of the file; undefined if the text is something else, such as the API's JSON. */
export function readJsonBody(text: string): Body | undefined {
  if (!/^\s*\{[^]*"job"\s*:/.test(text)) return undefined;
  const { expression } = parseExpression(text);
  if (expression?.kind !== "object" || !members(expression).some(({ name }) => name === "job"))
    return undefined;
  return bodyOf(jobFile, expression);
}

interface Member {
  readonly name: string;
  readonly key: Expression;
  readonly value: Expression;
}

function members(object: ObjectExpression): readonly Member[] {
  return object.items.flatMap(({ key, value }) => {
    const name = textOf(key);
    return name === undefined ? [] : [{ name, key, value }];
  });
}

function textOf(expression: Expression): string | undefined {
  const [part] =
    expression.kind === "template" && expression.parts.length < 2 ? expression.parts : [expression];
  return part?.kind === "literal" && part.value.kind === "string"
    ? part.value.value
    : part === undefined
      ? ""
      : undefined;
}

function bodyOf(schema: BlockSchema, object: ObjectExpression): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const member of members(object)) {
    const made = schema.free ? undefined : blocksOf(schema, member);
    if (made) blocks.push(...made);
    else if (member.name !== "//") attributes.push(attributeOf(member));
  }
  return { attributes, blocks, start: object.start, end: object.end };
}

function attributeOf({ name, key, value }: Member): Attribute {
  // The type of a variable is written as a text.
  const type = name === "type" ? textOf(value) : undefined;
  const parsed =
    type !== undefined && /^(?:any|string|number|bool|(?:list|set|map|object|tuple)\b.*)$/s.test(type);
  const expression = parsed ? (parseExpression(type).expression ?? value) : value;
  return { name, nameRange: key, expression, start: key.start, end: value.end };
}

/** The blocks that a member stands for; undefined if it is an attribute. */
function blocksOf(schema: BlockSchema, { name, key, value }: Member): readonly Block[] | undefined {
  if (name === "dynamic") return dynamicBlocks(schema, key, value);
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
  if (field?.kind !== "block") return undefined;
  const make = (label: Label | undefined, inner: ObjectExpression): Block => ({
    type: name,
    typeRange: key,
    labels: label ? [label] : [],
    body: bodyOf(field.block, inner),
    start: key.start,
    end: inner.end,
  });
  if (!field.block.label) return objectsIn(value)?.map((inner) => make(undefined, inner));
  return objectsIn(value)?.flatMap((outer) =>
    members(outer).flatMap((member) => {
      const label = { text: member.name, start: member.key.start, end: member.key.end };
      return (objectsIn(member.value) ?? []).map((inner) => make(label, inner));
    }),
  );
}

function dynamicBlocks(
  schema: BlockSchema,
  key: Expression,
  value: Expression,
): readonly Block[] | undefined {
  return objectsIn(value)?.flatMap((outer) =>
    members(outer).flatMap((member) => {
      const field = Object.hasOwn(schema.fields, member.name) ? schema.fields[member.name] : undefined;
      const label = { text: member.name, start: member.key.start, end: member.key.end };
      const inside: BlockSchema = field?.kind === "block" ? withContent(field.block) : schema;
      return (objectsIn(member.value) ?? []).map((inner) => ({
        type: "dynamic",
        typeRange: key,
        labels: [label],
        body: bodyOf(inside, inner),
        start: key.start,
        end: inner.end,
      }));
    }),
  );
}

/** What stands in a dynamic block, as far as the shape matters. */
function withContent(block: BlockSchema): BlockSchema {
  const { label: _label, ...unlabelled } = block;
  const content = {
    kind: "block",
    json: "content",
    occurs: "one",
    block: unlabelled,
    required: true,
    filled: [],
    folded: false,
  } as const;
  return { page: block.page, doc: block.doc, fields: { content } };
}

/** The object that an expression is, or the objects in a list. */
function objectsIn(value: Expression): readonly ObjectExpression[] | undefined {
  const items = value.kind === "tuple" ? value.items : [value];
  return items.every((item) => item.kind === "object") ? items : undefined;
}
