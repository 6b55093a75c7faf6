/**
 * Who may do what: tokens, and the policies and roles they have. A secret is told once, when its token
 * is made; what is kept is its digest.
 *
 * As long as there is no token, nothing is guarded: whoever reaches the cloud may do everything. The
 * first token is made by `bootstrapAcl`; from then on rights count.
 */
import { createHash } from "node:crypto";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "../context.ts";
import { newIdFrom } from "../placement/new-id.ts";
import type { Draft } from "../state/change.ts";
import type { Token } from "../state/records.ts";
import type { State } from "../state/state.ts";

/** A token with the secret that nobody will be told again. */
export interface NewToken {
  readonly token: Token;
  readonly secret: string;
  readonly index: number;
}

export interface TokenWish {
  readonly name: string;
  readonly type: Token["type"];
  readonly policies: readonly string[];
  /** Ids. */
  readonly roles: readonly string[];
  readonly isGlobal: boolean;
  readonly expiresAtMs?: number;
}

/** SHA-256 in hexadecimal. */
export function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whether rights count: they have been required, or somebody has begun to give them. */
export function isAclEnforced(state: State, settings: { readonly isRequired: boolean }): boolean {
  return settings.isRequired || state.tokens.size > 0;
}

/**
 * Makes the first token, which may do everything.
 *
 * @param secret  chosen by the caller; without it a new one
 * @throws Refusal invalid for a secret that is easily guessed; conflict when there are tokens already
 */
export async function bootstrapAcl(context: Context, secret?: string): Promise<NewToken> {
  if (secret !== undefined && !/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(secret))
    throw new Refusal("invalid", "The secret for the bootstrap is to be a UUID.");
  return context.ledger.transact("acl", (draft) => {
    if (draft.state.tokens.size > 0) throw new Refusal("conflict", "ACL bootstrap already done");
    const wish: TokenWish = {
      name: "Bootstrap Token",
      type: "management",
      policies: [],
      roles: [],
      isGlobal: true,
    };
    return writeToken(context, draft, wish, secret);
  });
}

/** @throws Refusal invalid for a token that makes no sense, not-found for a policy or role that is not there */
export function createToken(context: Context, wish: TokenWish): Promise<NewToken> {
  return context.ledger.transact("acl", (draft) => {
    if (draft.state.tokens.size === 0)
      throw new Refusal("invalid", "ACL has not been bootstrapped: make the first token with bootstrap.");
    refuseBadToken(context, draft, wish);
    return writeToken(context, draft, wish);
  });
}

function writeToken(context: Context, draft: Draft, wish: TokenWish, chosen?: string): NewToken {
  const secret = chosen ?? context.newSecret();
  const token: Token = {
    accessorId: newIdFrom(context.dice),
    secretDigest: digestOf(secret),
    name: wish.name,
    type: wish.type,
    policies: [...new Set(wish.policies)],
    roles: [...new Set(wish.roles)],
    isGlobal: wish.isGlobal,
    createdAtMs: context.clock.nowMs(),
    ...(wish.expiresAtMs !== undefined && { expiresAtMs: wish.expiresAtMs }),
  };
  draft.put("tokens", token);
  return { token, secret, index: draft.index };
}

/** Changes what a token is called and may do; its secret and its time stay. @throws Refusal not-found, invalid */
export function updateToken(
  context: Context,
  accessorId: string,
  wish: TokenWish,
): Promise<{ readonly token: Token; readonly index: number }> {
  return context.ledger.transact("acl", (draft) => {
    const known = tokenOf(draft.state, accessorId);
    refuseBadToken(context, draft, { ...wish, expiresAtMs: undefined });
    if (wish.type !== "management") refuseLastManager(draft.state, known);
    const { name, type, policies, roles } = wish;
    const token: Token = { ...known, name, type, policies: [...policies], roles: [...roles] };
    draft.put("tokens", token);
    return { token, index: draft.index };
  });
}

/** @throws Refusal not-found; conflict for the last one that may manage for good */
export function deleteToken(context: Context, accessorId: string): Promise<number> {
  return context.ledger.transact("acl", (draft) => {
    refuseLastManager(draft.state, tokenOf(draft.state, accessorId));
    draft.remove("tokens", accessorId);
    return draft.index;
  });
}

/** Without a token that manages nobody could give rights any more, and without any token nothing would be guarded. */
function refuseLastManager(state: State, going: Token): void {
  const manages = (one: Token) => one.type === "management" && one.expiresAtMs === undefined;
  if (!manages(going)) return;
  for (const other of state.tokens.values())
    if (other.accessorId !== going.accessorId && manages(other)) return;
  throw new Refusal("conflict", "This is the last management token: make another one before it goes.");
}

function refuseBadToken(context: Context, draft: Draft, wish: TokenWish): void {
  if (wish.name.length > 256) throw new Refusal("invalid", "token name too long");
  if (wish.type !== "client" && wish.type !== "management")
    throw new Refusal("invalid", "token type must be client or management");
  const hasRights = wish.policies.length + wish.roles.length > 0;
  if (wish.type === "client" && !hasRights)
    throw new Refusal("invalid", "client token missing policies or roles");
  if (wish.type === "management" && hasRights)
    throw new Refusal("invalid", "management token cannot be associated with policies or roles");
  if (wish.expiresAtMs !== undefined && wish.expiresAtMs <= context.clock.nowMs())
    throw new Refusal("invalid", "expiration time is in the past");
  for (const id of wish.roles)
    if (!draft.state.roles.get(id)) throw new Refusal("not-found", `cannot find role ${id}`);
}

/** @throws Refusal not-found */
export function tokenOf(state: State, accessorId: string): Token {
  const token = state.tokens.get(accessorId);
  if (!token) throw new Refusal("not-found", "ACL token not found");
  return token;
}
