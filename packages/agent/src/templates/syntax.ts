/** What a template is made of once it is parsed. */
import type { TemplateText } from "./template-error.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | { readonly kind: "if" | "with"; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes }
  | { readonly kind: "range"; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes }
  | { readonly kind: "template"; readonly name: string; readonly pipe?: Pipe; readonly offset: number }
  | { readonly kind: "break" | "continue" };

export type Nodes = readonly Node[];

/** `$a, $b := first | second arg`. */
export interface Pipe {
  readonly offset: number;
  readonly variables: readonly string[];
  /** `=`: the variable is there already. */
  readonly isAssignment: boolean;
  /** Its variables are bound to each entry, rather than to the whole. */
  readonly isRange: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly offset: number;
  /** The first is what is called, where there are others. */
  readonly operands: readonly Operand[];
}

export type Operand = { readonly offset: number; readonly fields: readonly Field[] } & (
  | { readonly kind: "literal"; readonly value: string | bigint | number | boolean | null }
  | { readonly kind: "dot" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe }
);

export interface Field {
  readonly name: string;
  readonly offset: number;
}

export interface ParsedTemplate {
  readonly source: TemplateText;
  readonly main: Nodes;
  /** What `define` and `block` gave a name. */
  readonly named: ReadonlyMap<string, Nodes>;
}
