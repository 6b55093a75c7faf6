import type { Effort } from "./effort.ts";
import type { FunctionTable } from "./function.ts";
import type { Value } from "./value.ts";

/** What an expression can refer to. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Value>;
  readonly functions: FunctionTable;
  /**
   * The source text, if references to anything that is not a variable are left for later: then
   * `${attr.kernel.name}` evaluates to that very text, which the scheduler or the node replaces.
   * Without it such a reference is an error.
   */
  readonly runtimeText?: string;
  /** What the expressions of the file may cost together; without it each has a budget of its own. */
  readonly effort?: Effort;
}

/** A scope in which some names mean something else, as inside `for` and `dynamic`. */
export function scopeWith(scope: Scope, names: Iterable<readonly [string, Value]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...names]) };
}
