/**
 * The syntax tree of HCL, the same for HCL1 and HCL2. Every node is a `Range` (UTF-16 offsets into
 * the text it was read from), so a node can be handed to a diagnostic as it stands.
 *
 * After https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
 */
import type { Range } from "./diagnostic.ts";
import type { Value } from "./value.ts";

/** What stands between two braces, or in a whole file. Items keep their order in the source. */
export interface Body extends Range {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

/** `name = expression`. */
export interface Attribute extends Range {
  readonly name: string;
  readonly nameRange: Range;
  readonly expression: Expression;
}

/** `type "label" label { … }`. */
export interface Block extends Range {
  readonly type: string;
  readonly typeRange: Range;
  readonly labels: readonly Label[];
  readonly body: Body;
}

/** A block label; `text` is the value, the range includes the quotes if it has any. */
export interface Label extends Range {
  readonly text: string;
}

export type Expression =
  | Literal
  | Template
  | TemplateWrap
  | Traversal
  | RelativeTraversal
  | Index
  | Splat
  | AnonymousSymbol
  | Call
  | Conditional
  | Binary
  | Unary
  | Tuple
  | ObjectExpression
  | ForTuple
  | ForObject
  | Parenthesised;

/** A number, `true`, `false`, `null`, or the constant text of a template. */
export interface Literal extends Range {
  readonly kind: "literal";
  readonly value: Value;
}

/** A quoted string or heredoc; an interpolation is a part that is not a literal. */
export interface Template extends Range {
  readonly kind: "template";
  readonly parts: readonly TemplatePart[];
}

/** `"${expression}"` and nothing else: the value keeps the type of the expression. */
export interface TemplateWrap extends Range {
  readonly kind: "template-wrap";
  readonly expression: Expression;
}

export type TemplatePart = Expression | TemplateIf | TemplateFor;

/** `%{if c}…%{else}…%{endif}`. */
export interface TemplateIf extends Range {
  readonly kind: "template-if";
  readonly condition: Expression;
  readonly whenTrue: readonly TemplatePart[];
  readonly whenFalse: readonly TemplatePart[];
}

/** `%{for k, v in c}…%{endfor}`. */
export interface TemplateFor extends Range {
  readonly kind: "template-for";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly parts: readonly TemplatePart[];
}

/** `root.a["b"][0]`: a variable and the steps into it that are known without evaluation. */
export interface Traversal extends Range {
  readonly kind: "traversal";
  readonly root: string;
  readonly rootRange: Range;
  readonly steps: readonly Step[];
}

/** Steps into the value of any other expression: `f(x).a`. */
export interface RelativeTraversal extends Range {
  readonly kind: "relative-traversal";
  readonly source: Expression;
  readonly steps: readonly Step[];
}

/** `.name`, or `["name"]`, `[0]` and the legacy `.0`. */
export type Step = AttributeStep | IndexStep;

export interface AttributeStep extends Range {
  readonly kind: "attribute";
  readonly name: string;
}

export interface IndexStep extends Range {
  readonly kind: "index";
  /** A string or a number. */
  readonly key: Value;
}

/** `collection[key]` with a key that has to be evaluated. */
export interface Index extends Range {
  readonly kind: "index";
  readonly collection: Expression;
  readonly key: Expression;
}

/** `source[*]…` or `source.*…`; `each` is evaluated for every element, which is the `item`. */
export interface Splat extends Range {
  readonly kind: "splat";
  readonly source: Expression;
  readonly each: Expression;
  readonly item: AnonymousSymbol;
}

/** The element under consideration inside a splat. It has no name and no text of its own. */
export interface AnonymousSymbol extends Range {
  readonly kind: "anonymous-symbol";
}

/** `name(a, b...)`. */
export interface Call extends Range {
  readonly kind: "call";
  readonly name: string;
  readonly nameRange: Range;
  readonly arguments: readonly Expression[];
  /** The last argument is followed by `...`: its elements are the remaining arguments. */
  readonly expandFinal: boolean;
}

export interface Conditional extends Range {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

export type BinaryOperator =
  | "||" | "&&" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "+" | "-" | "*" | "/" | "%"; // prettier-ignore

export interface Binary extends Range {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Unary extends Range {
  readonly kind: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expression;
}

export interface Tuple extends Range {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
}

export interface ObjectExpression extends Range {
  readonly kind: "object";
  readonly items: readonly ObjectItem[];
}

/** A bare identifier as key is its own name: then `key` is a literal and `bare` is true. */
export interface ObjectItem {
  readonly key: Expression;
  readonly bare: boolean;
  readonly value: Expression;
}

/** `[for k, v in c : value if condition]`. */
export interface ForTuple extends Range {
  readonly kind: "for-tuple";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly value: Expression;
  readonly condition: Expression | undefined;
}

/** `{for k, v in c : key => value... if condition}`. */
export interface ForObject extends Range {
  readonly kind: "for-object";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly key: Expression;
  readonly value: Expression;
  /** `...` after the value: values with one key are gathered into a tuple. */
  readonly group: boolean;
  readonly condition: Expression | undefined;
}

export interface Parenthesised extends Range {
  readonly kind: "parenthesised";
  readonly expression: Expression;
}
