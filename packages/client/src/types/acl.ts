/** Tokens and policies. After https://developer.hashicorp.com/nomad/api-docs/acl. */
import type { Indexes, List, Nanoseconds } from "./json.ts";

export type TokenType = "client" | "management";

/** A token in a list: everything but the secret. */
export interface TokenStub extends Indexes {
  readonly AccessorID: string;
  readonly Name: string;
  readonly Type: TokenType;
  readonly Policies: List<string>;
  readonly Roles?: List<{ readonly ID: string; readonly Name: string }>;
  readonly Global: boolean;
  /** RFC 3339 */
  readonly CreateTime: string;
  readonly ExpirationTime?: string | null;
}

export interface Token extends TokenStub {
  readonly SecretID: string;
}

/** A token as it is asked for. */
export interface TokenRequest {
  readonly AccessorID?: string;
  readonly Name: string;
  readonly Type: TokenType;
  readonly Policies?: readonly string[];
  readonly Global?: boolean;
  readonly ExpirationTTL?: Nanoseconds;
}

export interface PolicyStub extends Indexes {
  readonly Name: string;
  readonly Description: string;
}

export interface Policy extends PolicyStub {
  /** The text of the policy, HCL. */
  readonly Rules: string;
}
