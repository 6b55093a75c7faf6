/** Tokens, policies and roles. After https://developer.hashicorp.com/nomad/api-docs/acl. */
import { Refusal } from "@fractus/core/refusal.ts";
import { deletePolicy, deleteRole, putPolicy, putRole } from "@fractus/control/acl/policies.ts";
import { policiesOf } from "@fractus/control/acl/authenticate.ts";
import {
  bootstrapAcl,
  createToken,
  deleteToken,
  isAclEnforced,
  type NewToken,
  tokenOf,
  type TokenWish,
  updateToken,
} from "@fractus/control/acl/tokens.ts";
import type { Json, Token } from "@fractus/control/state/records.ts";
import { meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { secretIn } from "../call.ts";
import { Fault } from "../fault.ts";
import { listed } from "../listing.ts";
import { exchangeOnce, secretOnce } from "../one-time-tokens.ts";
import { ask, read, remove, type Route, write } from "../route.ts";
import { policyShape, policyStub, roleShape, tokenShape } from "../shape/nouns.ts";
import { milliseconds, timeText } from "../units.ts";
import { bodyOf, fieldsOf, type Taken } from "../fields.ts";

export const aclRoutes: readonly Route[] = [
  write("/acl/bootstrap", bootstrap),
  read("/acl/tokens", ({ state }) => state.tokens.modifiedIndex, listTokens),
  write("/acl/token", create),
  ask("/acl/token/self", self),
  write("/acl/token/onetime", oneTime),
  write("/acl/token/onetime/exchange", exchange),
  read("/acl/token/:accessor", ({ state }) => state.tokens.modifiedIndex, showToken),
  write("/acl/token/:accessor", update),
  remove("/acl/token/:accessor", async (call) =>
    meta(await deleteToken(call.control, call.path("accessor"))),
  ),
  read("/acl/policies", ({ state }) => state.policies.modifiedIndex, listPolicies),
  read("/acl/policy/self", ({ state }) => state.policies.modifiedIndex, ownPolicies),
  read("/acl/policy/:name", ({ state }) => state.policies.modifiedIndex, showPolicy),
  write("/acl/policy/:name", writePolicy),
  remove("/acl/policy/:name", async (call) => meta(await deletePolicy(call.control, call.path("name")))),
  read("/acl/roles", ({ state }) => state.roles.modifiedIndex, listRoles),
  write("/acl/role", writeRole),
  read("/acl/role/name/:name", ({ state }) => state.roles.modifiedIndex, showRoleNamed),
  read("/acl/role/:id", ({ state }) => state.roles.modifiedIndex, showRole),
  write("/acl/role/:id", writeRole),
  remove("/acl/role/:id", async (call) => meta(await deleteRole(call.control, call.path("id")))),
];

/** The one answer in which a secret is told. */
function told(call: Call, { token, secret, index }: NewToken): Json {
  return { ...tokenShape(call.state, token), SecretID: secret, ...meta(index) };
}

async function bootstrap(call: Call): Promise<Json> {
  const { BootstrapSecret: secret } = bodyOf(call, { BootstrapSecret: "text" });
  return told(call, await bootstrapAcl(call.control, secret || undefined));
}

function listTokens(call: Call): Json[] {
  const isGlobal = call.query("global") === undefined ? undefined : call.flag("global");
  return listed(call, {
    rows: [...call.state.tokens.values()].filter(
      (one) => isGlobal === undefined || one.isGlobal === isGlobal,
    ),
    idOf: (one) => one.accessorId,
    shape: (one) => tokenShape(call.state, one),
  });
}

const tokenRequest = {
  AccessorID: "text",
  Name: "text",
  Type: "text",
  Policies: "texts",
  Roles: "objects",
  Global: "flag",
  ExpirationTTL: "number",
  ExpirationTime: "text",
} as const;

function wishIn(call: Call): TokenWish {
  const json = bodyOf(call, tokenRequest);
  const expiresAtMs = expiryOf(call, json);
  return {
    name: json.Name ?? "",
    type: (json.Type ?? "client") as Token["type"],
    policies: json.Policies ?? [],
    roles: (json.Roles ?? []).map((one) => {
      const { ID, Name } = fieldsOf(one, { ID: "text", Name: "text" });
      return ID || roleNamed(call, Name ?? "").id;
    }),
    isGlobal: json.Global ?? false,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

function expiryOf(call: Call, json: Taken<typeof tokenRequest>): number | undefined {
  if (json.ExpirationTTL !== undefined && json.ExpirationTTL > 0)
    return call.clock.nowMs() + milliseconds(json.ExpirationTTL);
  if (!json.ExpirationTime) return undefined;
  const atMs = Date.parse(json.ExpirationTime);
  if (Number.isNaN(atMs)) throw new Fault(400, "ExpirationTime is no time of RFC 3339");
  return atMs;
}

async function create(call: Call): Promise<Json> {
  if (bodyOf(call, tokenRequest).AccessorID)
    throw new Fault(400, "Cannot specify an accessor ID for a new token");
  return told(call, await createToken(call.control, wishIn(call)));
}

async function update(call: Call): Promise<Json> {
  const named = bodyOf(call, tokenRequest).AccessorID;
  const accessor = call.path("accessor");
  if (named && named !== accessor) throw new Fault(400, "Accessor ID does not match that of the path");
  const { token, index } = await updateToken(call.control, accessor, wishIn(call));
  return { ...tokenShape(call.state, token), ...meta(index) };
}

/** Everybody may see their own token; the secret is that of the request. */
function self(call: Call): Json {
  const { token } = call.bearer;
  if (token) return { ...tokenShape(call.state, token), SecretID: secretIn(call.request) ?? "" };
  if (!isAclEnforced(call.state, call.door.acl)) throw new Fault(400, "ACL support disabled");
  return {
    AccessorID: "anonymous",
    SecretID: "",
    Name: "Anonymous Token",
    Type: "client",
    Policies: ["anonymous"],
    Roles: null,
    Global: false,
    CreateTime: timeText(undefined),
    ExpirationTime: null,
    CreateIndex: 0,
    ModifyIndex: 0,
  };
}

function showToken(call: Call): Json {
  const accessor = call.path("accessor");
  if (!call.acl.isManagement && call.bearer.token?.accessorId !== accessor)
    throw new Refusal("forbidden", "Permission denied");
  return tokenShape(call.state, tokenOf(call.state, accessor));
}

/** A secret to be used once, within ten minutes, by whoever is given it: it stands for the caller's. */
function oneTime(call: Call): Json {
  const { token } = call.bearer;
  const secret = secretIn(call.request);
  if (!token || !secret) throw new Refusal("forbidden", "Permission denied");
  const { once, expiresAtMs } = secretOnce(call.control, { accessorId: token.accessorId, secret });
  return {
    OneTimeToken: {
      OneTimeSecretID: once,
      AccessorID: token.accessorId,
      ExpiresAt: timeText(expiresAtMs),
      CreateIndex: 0,
      ModifyIndex: 0,
    },
    ...meta(call.state.index),
  };
}

function exchange(call: Call): Json {
  const { OneTimeSecretID: once } = bodyOf(call, { OneTimeSecretID: "text" });
  const { accessorId, secret } = exchangeOnce(call.control, once ?? "");
  const token = tokenOf(call.state, accessorId);
  return { Token: { ...tokenShape(call.state, token), SecretID: secret }, ...meta(call.state.index) };
}

/** Names of the policies whose text the caller may see; undefined for all. */
function seenPolicies({ acl, bearer, state }: Call): ReadonlySet<string> | undefined {
  if (acl.isManagement) return undefined;
  return new Set(bearer.token ? policiesOf(state, bearer.token) : bearer.policies);
}

function listPolicies(call: Call): Json[] {
  const seen = seenPolicies(call);
  return listed(call, {
    rows: [...call.state.policies.values()].filter(({ name }) => seen?.has(name) ?? true),
    idOf: ({ name }) => name,
    shape: (policy) => policyStub(call.state, policy),
  });
}

function ownPolicies(call: Call): Json[] {
  const seen = seenPolicies(call);
  return [...call.state.policies.values()]
    .filter(({ name }) => seen?.has(name) ?? true)
    .map((policy) => policyShape(call.state, policy));
}

function showPolicy(call: Call): Json {
  const name = call.path("name");
  const policy = call.state.policies.get(name);
  if (!policy || !(seenPolicies(call)?.has(name) ?? true))
    throw new Refusal("not-found", "ACL policy not found");
  return policyShape(call.state, policy);
}

async function writePolicy(call: Call): Promise<Json> {
  const json = bodyOf(call, { Name: "text", Description: "text", Rules: "text" });
  const name = call.path("name");
  if (json.Name && json.Name !== name) throw new Fault(400, "ACL policy name does not match request path");
  const index = await putPolicy(call.control, {
    name,
    description: json.Description ?? "",
    rules: json.Rules ?? "",
  });
  return meta(index);
}

function listRoles(call: Call): Json[] {
  const own = call.acl.isManagement ? undefined : new Set(call.bearer.token?.roles ?? []);
  return listed(call, {
    rows: [...call.state.roles.values()].filter(({ id }) => own?.has(id) ?? true),
    idOf: ({ id }) => id,
    shape: (role) => roleShape(call.state, role),
  });
}

/** @throws Refusal not-found, also for one that may not be seen */
function roleNamed(call: Call, name: string) {
  for (const role of call.state.roles.values()) if (role.name === name) return visible(call, role);
  throw new Refusal("not-found", "ACL role not found");
}

function visible<Role extends { readonly id: string }>(call: Call, role: Role): Role {
  if (!call.acl.isManagement && !call.bearer.token?.roles.includes(role.id))
    throw new Refusal("not-found", "ACL role not found");
  return role;
}

function showRoleNamed(call: Call): Json {
  return roleShape(call.state, roleNamed(call, call.path("name")));
}

function showRole(call: Call): Json {
  const role = call.state.roles.get(call.path("id"));
  if (!role) throw new Refusal("not-found", "ACL role not found");
  return roleShape(call.state, visible(call, role));
}

async function writeRole(call: Call): Promise<Json> {
  const json = bodyOf(call, { Name: "text", Description: "text", Policies: "objects" });
  const id = call.path("id");
  const { role, index } = await putRole(call.control, {
    name: json.Name ?? "",
    description: json.Description ?? "",
    policies: (json.Policies ?? []).map((policy) => fieldsOf(policy, { Name: "text" }).Name ?? ""),
    ...(id !== "" && { id }),
  });
  return { ...roleShape(call.state, role), ...meta(index) };
}
