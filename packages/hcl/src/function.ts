import type { Type, Value } from "./value.ts";

/** A function that expressions can call. */
export interface HclFunction {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Takes all arguments beyond the parameters. */
  readonly rest?: Parameter;
  /**
   * Computes the result from arguments that have been converted to the types of their parameters.
   * Throws a `FunctionFault` for arguments that will not do.
   */
  readonly call: (...values: readonly Value[]) => Value;
  /** Is called instead of `call` where the work is not plain from the arguments: it pays as it goes. */
  readonly metered?: (spend: Spend, ...values: readonly Value[]) => Value;
}

/** Pays for steps of work, see `Effort`; throws when there is nothing left. */
export type Spend = (steps: number) => void;

/** No string may grow longer, wherever it comes from. */
export const textLimit = 2_000_000;

/** To be called before a string of this many characters is made. */
export function checkLength(length: number): void {
  if (length > textLimit) throw new FunctionFault("the result is too long");
}

/** `try`, `can` and `convert`: functions that look at their arguments before they have values. */
export interface SpecialForm {
  readonly name: string;
  readonly special: "try" | "can" | "convert";
}

export interface Parameter {
  readonly name: string;
  /** Arguments are converted to it before the call. */
  readonly type: Type;
  /** Null is refused unless this is set. */
  readonly allowNull?: boolean;
  /** With an unknown argument the result is unknown, unless this is set. */
  readonly allowUnknown?: boolean;
}

export type FunctionTable = ReadonlyMap<string, HclFunction | SpecialForm>;

/** Arguments that a function cannot work with; the message is a phrase without a full stop. */
export class FunctionFault extends Error {
  /** The offending argument, if it is one. */
  readonly argument: number | undefined;

  constructor(message: string, argument?: number) {
    super(message);
    this.argument = argument;
  }
}

export function parameter(name: string, type: Type, options: Partial<Parameter> = {}): Parameter {
  return { name, type, ...options };
}
