/** Policies, and roles that gather several of them. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "../context.ts";
import { newIdFrom } from "../placement/new-id.ts";
import type { Policy, Role } from "../state/records.ts";
import { parsePolicyRules } from "./policy-rules.ts";

/** Writes a policy. @throws Refusal invalid for a name or rules that cannot be used */
export async function putPolicy(context: Context, policy: Policy): Promise<number> {
  if (!/^[a-zA-Z0-9-]{1,128}$/.test(policy.name))
    throw new Refusal("invalid", `invalid name "${policy.name}": letters, digits and -, at most 128 of them`);
  if (policy.description.length > 256) throw new Refusal("invalid", "description longer than 256");
  parsePolicyRules(policy.rules);
  return context.ledger.transact("acl", (draft) => {
    draft.put("policies", policy);
    return draft.index;
  });
}

/** Tokens that have it keep its name, and nothing by it. @throws Refusal not-found */
export function deletePolicy(context: Context, name: string): Promise<number> {
  return context.ledger.transact("acl", (draft) => {
    if (!draft.state.policies.get(name)) throw new Refusal("not-found", "ACL policy not found");
    draft.remove("policies", name);
    return draft.index;
  });
}

/**
 * Makes a role, or changes the one with that id.
 *
 * @throws Refusal invalid for a name that is none or is taken, not-found for a role or policy
 */
export function putRole(
  context: Context,
  wish: Omit<Role, "id"> & { readonly id?: string },
): Promise<{ readonly role: Role; readonly index: number }> {
  return context.ledger.transact("acl", (draft) => {
    const { state } = draft;
    if (!/^[a-zA-Z0-9-]{1,128}$/.test(wish.name))
      throw new Refusal("invalid", `invalid name "${wish.name}": letters, digits and -, at most 128 of them`);
    if (wish.policies.length === 0) throw new Refusal("invalid", "at least one policy should be specified");
    for (const name of wish.policies)
      if (!state.policies.get(name)) throw new Refusal("not-found", `cannot find policy ${name}`);
    if (wish.id !== undefined && !state.roles.get(wish.id))
      throw new Refusal("not-found", "ACL role not found");
    for (const other of state.roles.values())
      if (other.name === wish.name && other.id !== wish.id)
        throw new Refusal("invalid", `role with name ${wish.name} already exists`);
    const role: Role = { ...wish, id: wish.id ?? newIdFrom(context.dice) };
    draft.put("roles", role);
    return { role, index: draft.index };
  });
}

/** @throws Refusal not-found */
export function deleteRole(context: Context, id: string): Promise<number> {
  return context.ledger.transact("acl", (draft) => {
    if (!draft.state.roles.get(id)) throw new Refusal("not-found", "ACL role not found");
    draft.remove("roles", id);
    return draft.index;
  });
}
