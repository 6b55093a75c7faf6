import assert from "node:assert/strict";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { type Control, startControl } from "../control.ts";
import { authenticate } from "./authenticate.ts";
import { deletePolicy, putPolicy, putRole } from "./policies.ts";
import { bootstrapAcl, createToken, deleteToken, isAclEnforced, updateToken } from "./tokens.ts";

/** Its hours pass when a test says so; whoever sleeps sleeps until the signal. */
class HandClock implements Clock {
  ms = 1_700_000_000_000;
  nowMs() {
    return this.ms;
  }
  sleep(_delayMs: number, signal?: AbortSignal) {
    return new Promise<void>((_resolve, reject) => {
      const stop = () => reject(new Error("stopped"));
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }
}

const open = { isRequired: false };

async function withControl(run: (control: Control, clock: HandClock, stored: string[]) => Promise<void>) {
  const clock = new HandClock();
  const stored: string[] = [];
  let secrets = 0;
  const control = await startControl({
    store: {
      load: async () => ({ index: 0, rows: [] }),
      write: (changes) => void stored.push(JSON.stringify(changes)),
    },
    clock,
    dice: seededDice(1),
    newSecret: () => `secret-${++secrets}`,
    log: () => {},
  });
  try {
    await run(control, clock, stored);
  } finally {
    await control.close();
  }
}

const client = { name: "ci", type: "client", policies: ["readers"], roles: [], isGlobal: false } as const;

const isKind = (kind: Refusal["kind"]) => (error: unknown) => error instanceof Refusal && error.kind === kind;

function refuses(promise: Promise<unknown>, kind: Refusal["kind"]) {
  return assert.rejects(promise, isKind(kind));
}

/** Nobody is let in with this secret. */
function turnedAway(control: Control, secret: string) {
  assert.throws(() => authenticate(control, secret, open), isKind("forbidden"));
}

test("tokens: nothing is guarded until the first token is made, unless it is required", () =>
  withControl(async (control) => {
    assert.ok(authenticate(control, undefined, open).acl.isManagement);
    assert.ok(!authenticate(control, undefined, { isRequired: true }).acl.isManagement);
    const { secret } = await bootstrapAcl(control);
    assert.ok(isAclEnforced(control.state, open));
    assert.ok(!authenticate(control, undefined, open).acl.isManagement);
    assert.ok(authenticate(control, secret, open).acl.isManagement);
    await refuses(bootstrapAcl(control), "conflict");
    turnedAway(control, "guess");
  }));

test("tokens: a secret is nowhere in what is stored", () =>
  withControl(async (control, _clock, stored) => {
    const { secret } = await bootstrapAcl(control, "b5e12e70-0000-4000-8000-0000000000aa");
    const made = await createToken(control, client);
    assert.ok(!stored.join("").includes(secret) && !stored.join("").includes(made.secret));
    await withControl(async (other) => {
      await refuses(bootstrapAcl(other, "password"), "invalid");
    });
  }));

test("tokens: a client has what its policies and roles allow; the anonymous policy is for those without a token", () =>
  withControl(async (control) => {
    await bootstrapAcl(control);
    await putPolicy(control, {
      name: "readers",
      description: "",
      rules: 'namespace "default" { policy = "read" }',
    });
    await putPolicy(control, { name: "nodes", description: "", rules: 'node { policy = "read" }' });
    await putPolicy(control, { name: "anonymous", description: "", rules: 'agent { policy = "read" }' });
    const { role } = await putRole(control, { name: "watch", description: "", policies: ["nodes"] });
    const { secret, token } = await createToken(control, { ...client, roles: [role.id] });
    const { acl } = authenticate(control, secret, open);
    assert.ok(acl.allows("default", "read-job") && acl.allowsAt("node", "read"));
    assert.ok(!acl.allows("default", "submit-job") && !acl.allowsAt("agent", "read"));
    assert.ok(authenticate(control, undefined, open).acl.allowsAt("agent", "read"));
    await updateToken(control, token.accessorId, { ...client, policies: ["nodes"] });
    assert.ok(!authenticate(control, secret, open).acl.allows("default", "read-job"));
    await deletePolicy(control, "nodes");
    assert.ok(!authenticate(control, secret, open).acl.allowsAt("node", "read"));
  }));

test("tokens: a token ends with its time", () =>
  withControl(async (control, clock) => {
    await bootstrapAcl(control);
    const { secret } = await createToken(control, { ...client, expiresAtMs: clock.ms + 1000 });
    authenticate(control, secret, open);
    clock.ms += 1000;
    turnedAway(control, secret);
    await refuses(createToken(control, { ...client, expiresAtMs: clock.ms }), "invalid");
  }));

test("tokens: the last token that manages stays", () =>
  withControl(async (control) => {
    const first = await bootstrapAcl(control);
    await refuses(deleteToken(control, first.token.accessorId), "conflict");
    await refuses(updateToken(control, first.token.accessorId, client), "conflict");
    const manager = { name: "", type: "management", policies: [], roles: [], isGlobal: true } as const;
    await createToken(control, manager);
    await deleteToken(control, first.token.accessorId);
    turnedAway(control, first.secret);
  }));

test("tokens: what makes no sense is refused", () =>
  withControl(async (control) => {
    await refuses(createToken(control, client), "invalid");
    await bootstrapAcl(control);
    await refuses(createToken(control, { ...client, policies: [] }), "invalid");
    await refuses(createToken(control, { ...client, type: "management" }), "invalid");
    await refuses(createToken(control, { ...client, roles: ["nobody"] }), "not-found");
    await refuses(putPolicy(control, { name: "a b", description: "", rules: "node {}" }), "invalid");
    await refuses(putRole(control, { name: "r", description: "", policies: ["none"] }), "not-found");
  }));
