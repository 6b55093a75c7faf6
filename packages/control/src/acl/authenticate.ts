/** From the secret that came with a request to what its bearer may do. */
import type { Clock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Policy, Token } from "../state/records.ts";
import type { State } from "../state/state.ts";
import { type Acl, aclOf, managementAcl } from "./acl.ts";
import { parsePolicyRules, type PolicyRules } from "./policy-rules.ts";
import { digestOf, isAclEnforced } from "./tokens.ts";

/** Who is asking. Without a token it is anybody. */
export interface Bearer {
  readonly acl: Acl;
  readonly token?: Token;
  /** Names of the policies that count. */
  readonly policies: readonly string[];
}

/** The policy of this name counts for those who have no token. */
export const anonymousPolicy = "anonymous";

/**
 * Whose the secret is, and what may be done with it.
 *
 * @param secret  absent or empty: nobody's
 * @throws Refusal forbidden for a secret that is no token's, or whose time is over
 */
export function authenticate(
  { state, clock }: { readonly state: State; readonly clock: Clock },
  secret: string | undefined,
  settings: { readonly isRequired: boolean },
): Bearer {
  if (!isAclEnforced(state, settings)) return { acl: managementAcl, policies: [] };
  if (secret === undefined || secret === "") return bearerOf(state, [anonymousPolicy]);
  const [token] = state.tokens.by("digest", digestOf(secret));
  if (!token) throw new Refusal("forbidden", "ACL token not found");
  if (token.expiresAtMs !== undefined && token.expiresAtMs <= clock.nowMs())
    throw new Refusal("forbidden", "ACL token expired");
  if (token.type === "management") return { acl: managementAcl, token, policies: [] };
  return { ...bearerOf(state, policiesOf(state, token)), token };
}

/** The names of a token's policies, those of its roles included. */
export function policiesOf(state: State, token: Token): string[] {
  const ofRoles = token.roles.flatMap((id) => state.roles.get(id)?.policies ?? []);
  return [...new Set([...token.policies, ...ofRoles])];
}

function bearerOf(state: State, names: readonly string[]): Bearer {
  const policies = names.flatMap((name) => state.policies.get(name) ?? []);
  return { acl: aclOf(policies.map(rulesOf)), policies: policies.map((policy) => policy.name) };
}

/** Policies do not change, they are replaced: each is read once. */
const known = new WeakMap<Policy, PolicyRules>();

function rulesOf(policy: Policy): PolicyRules {
  let rules = known.get(policy);
  if (!rules) known.set(policy, (rules = parsePolicyRules(policy.rules)));
  return rules;
}
