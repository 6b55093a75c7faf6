/**
 * Type constraints as they are written: `list(object({ name = string, port = optional(number) }))`.
 *
 * After https://github.com/hashicorp/hcl/blob/main/ext/typeexpr/README.md.
 */
import type { Diagnostic, Range } from "./diagnostic.ts";
import { suggest } from "./suggest.ts";
import type { Call, Expression } from "./syntax.ts";
import { objectType } from "./type.ts";
import { anyType, boolType, numberType, stringType, type Type } from "./value.ts";

export interface ParsedType {
  readonly type: Type | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The type that an expression names. It is read, not evaluated. */
export function parseType(expression: Expression): ParsedType {
  try {
    return { type: read(expression), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof TypeFault)) throw error;
    return { type: undefined, diagnostics: [error.diagnostic] };
  }
}

class TypeFault extends Error {
  readonly diagnostic: Diagnostic;

  constructor(detail: string, { start, end }: Range, suggestion?: string) {
    super(detail);
    const diagnostic: Diagnostic = {
      severity: "error",
      summary: "Invalid type",
      detail,
      range: { start, end },
    };
    this.diagnostic = suggestion === undefined ? diagnostic : { ...diagnostic, suggestion };
  }
}

const words: ReadonlyMap<string, Type> = new Map([
  ["any", anyType],
  ["string", stringType],
  ["number", numberType],
  ["bool", boolType],
]);

const constructors = ["list", "set", "map", "object", "tuple"];

function read(expression: Expression): Type {
  if (expression.kind === "traversal" && expression.steps.length === 0)
    return readWord(expression.root, expression);
  if (expression.kind === "call" && !expression.expandFinal) return readCall(expression);
  throw new TypeFault("A type is expected: a word like string, or list(string) and the like.", expression);
}

function readWord(word: string, range: Range): Type {
  const type = words.get(word);
  if (type) return type;
  if (constructors.includes(word)) {
    const example =
      word === "object"
        ? "object({ name = string })"
        : word === "tuple"
          ? "tuple([string, number])"
          : `${word}(string)`;
    throw new TypeFault(`The type ${word} needs to be told of what.`, range, example);
  }
  throw new TypeFault(
    `There is no type named "${word}".`,
    range,
    suggest(word, [...words.keys(), ...constructors]),
  );
}

function readCall(call: Call): Type {
  const [argument, ...more] = call.arguments;
  if (!argument || more.length > 0) throw new TypeFault(`${call.name} takes one argument.`, call);
  switch (call.name) {
    case "list":
    case "set":
    case "map":
      return { kind: call.name, element: read(argument) };
    case "object":
      return readObject(argument);
    case "tuple":
      if (argument.kind !== "tuple")
        throw new TypeFault("tuple takes a list of types: tuple([string, number]).", argument);
      return { kind: "tuple", elements: argument.items.map(read) };
    default:
      throw new TypeFault(
        `There is no type named "${call.name}".`,
        call.nameRange,
        suggest(call.name, constructors),
      );
  }
}

function readObject(argument: Expression): Type {
  if (argument.kind !== "object")
    throw new TypeFault("object takes its attributes in braces: object({ name = string }).", argument);
  const attributes: [string, Type][] = [];
  const optional: string[] = [];
  for (const item of argument.items) {
    const name =
      item.bare && item.key.kind === "literal" && item.key.value.kind === "string"
        ? item.key.value.value
        : undefined;
    if (name === undefined) throw new TypeFault("The name of an attribute is a plain word.", item.key);
    const { value } = item;
    if (value.kind === "call" && value.name === "optional" && value.arguments.length === 1) {
      optional.push(name);
      attributes.push([name, read(value.arguments[0])]);
    } else attributes.push([name, read(value)]);
  }
  return objectType(attributes, optional);
}
