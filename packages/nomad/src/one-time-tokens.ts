/**
 * Secrets that work once, for handing one's own token to a browser. They are kept in memory, for ten
 * minutes: after a restart one asks for another.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/acl/tokens#upsert-one-time-token
 */
import { Refusal } from "@fractus/core/refusal.ts";
import { digestOf } from "@fractus/control/acl/tokens.ts";
import type { Context } from "@fractus/control/context.ts";

/** Whom a secret stands for. */
export interface Lent {
  readonly accessorId: string;
  readonly secret: string;
}

const lastsMs = 600_000;

/** At most this many at a time; the oldest goes first. */
const most = 1000;

/** By the digest of the secret that is used once. */
const lentBy = new WeakMap<Context["state"], Map<string, Lent & { readonly expiresAtMs: number }>>();

function lentIn({ state, clock }: Pick<Context, "state" | "clock">) {
  const lent = lentBy.get(state) ?? new Map<string, Lent & { readonly expiresAtMs: number }>();
  lentBy.set(state, lent);
  for (const [key, { expiresAtMs }] of lent) if (expiresAtMs <= clock.nowMs()) lent.delete(key);
  return lent;
}

/** A new secret that may be exchanged once for what it stands for. */
export function secretOnce(
  context: Pick<Context, "state" | "clock" | "newSecret">,
  lent: Lent,
): { readonly once: string; readonly expiresAtMs: number } {
  const all = lentIn(context);
  const [oldest] = all.keys();
  if (all.size >= most && oldest !== undefined) all.delete(oldest);
  const once = context.newSecret();
  const expiresAtMs = context.clock.nowMs() + lastsMs;
  all.set(digestOf(once), { ...lent, expiresAtMs });
  return { once, expiresAtMs };
}

/** @throws Refusal forbidden for one that has been used, is over or never was */
export function exchangeOnce(context: Pick<Context, "state" | "clock">, once: string): Lent {
  const all = lentIn(context);
  const key = digestOf(once);
  const found = all.get(key);
  if (!found) throw new Refusal("forbidden", "Permission denied");
  all.delete(key);
  return found;
}
