import type { Dictionary, Indexes, UnixNanoseconds } from "./json.ts";

/** A variable in a list: everything but what it holds. */
export interface VariableStub extends Indexes {
  readonly Namespace: string;
  readonly Path: string;
  readonly CreateTime: UnixNanoseconds;
  readonly ModifyTime: UnixNanoseconds;
}

/** After https://developer.hashicorp.com/nomad/api-docs/variables. */
export interface Variable extends VariableStub {
  readonly Items: Dictionary<string>;
}
