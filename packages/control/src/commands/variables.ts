/** Variables: items by name at a path of a project, for people and for the templates of tasks. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "../context.ts";
import { newIdFrom } from "../placement/new-id.ts";
import type { Draft } from "../state/change.ts";
import type { Variable } from "../state/records.ts";
import { jobId } from "../state/state.ts";

/** What was written, or the variable that stands in the way of a compare-and-set. */
export type VariableOutcome =
  | { readonly variable: Variable; readonly index: number }
  | { readonly conflict: Variable | undefined; readonly index: number };

/** All items of one variable together have at most this many bytes. */
export const maxVariableBytes = 64 * 1024;

export interface VariablePlace {
  readonly project: string;
  readonly path: string;
}

/**
 * Writes a variable.
 *
 * @param wish.checkIndex only if its last change was at this index; 0: only if it is not there
 * @param wish.lockId of whoever holds its lock
 * @throws Refusal invalid for a path or items that cannot be kept, not-found for the project,
 *   conflict when somebody else holds its lock
 */
export function putVariable(
  context: Context,
  wish: VariablePlace & {
    readonly items: Readonly<Record<string, string>>;
    readonly checkIndex?: number;
    readonly lockId?: string;
  },
): Promise<VariableOutcome> {
  refuseBadVariable(wish);
  return context.ledger.transact("variable", (draft): VariableOutcome => {
    if (!draft.state.projects.get(wish.project))
      throw new Refusal("not-found", `There is no namespace "${wish.project}".`);
    const known = draft.state.variables.get(jobId(wish.project, wish.path));
    if (!holds(draft, wish)) return { conflict: known, index: draft.state.index };
    refuseLocked(known, wish.lockId);
    const nowMs = context.clock.nowMs();
    const { project, path, items } = wish;
    const lock = known?.lock;
    const variable = {
      project,
      path,
      items,
      createdAtMs: known?.createdAtMs ?? nowMs,
      modifiedAtMs: nowMs,
      ...(lock && { lock }),
    };
    draft.put("variables", variable);
    return { variable, index: draft.index };
  });
}

/** Removes a variable; harmless if it is not there. */
export function deleteVariable(
  context: Context,
  wish: VariablePlace & { readonly checkIndex?: number },
): Promise<{ readonly conflict?: Variable; readonly index: number }> {
  return context.ledger.transact("variable", (draft) => {
    const known = draft.state.variables.get(jobId(wish.project, wish.path));
    if (!holds(draft, wish)) return { index: draft.state.index, ...(known && { conflict: known }) };
    refuseLocked(known, undefined);
    if (known) draft.remove("variables", jobId(wish.project, wish.path));
    return { index: known ? draft.index : draft.state.index };
  });
}

/** Takes the lock of a variable; it lasts until it is released or its time is over. @throws Refusal conflict, invalid */
export function acquireLock(
  context: Context,
  wish: VariablePlace & {
    readonly items?: Readonly<Record<string, string>>;
    readonly ttlMs: number;
    readonly delayMs: number;
  },
): Promise<{ readonly variable: Variable; readonly index: number }> {
  if (wish.ttlMs < 10_000 || wish.ttlMs > 86_400_000)
    throw new Refusal("invalid", "The TTL of a lock is between 10 seconds and a day.");
  return context.ledger.transact("variable", (draft) => {
    const nowMs = context.clock.nowMs();
    const known = draft.state.variables.get(jobId(wish.project, wish.path));
    if (known?.lock && known.lock.expiresAtMs + known.lock.delayMs > nowMs)
      throw new Refusal("conflict", "the lock is held by somebody else");
    const lock = {
      id: newIdFrom(context.dice),
      ttlMs: wish.ttlMs,
      delayMs: wish.delayMs,
      expiresAtMs: nowMs + wish.ttlMs,
    };
    const { project, path } = wish;
    const variable = {
      project,
      path,
      items: wish.items ?? known?.items ?? {},
      createdAtMs: known?.createdAtMs ?? nowMs,
      modifiedAtMs: nowMs,
      lock,
    };
    draft.put("variables", variable);
    return { variable, index: draft.index };
  });
}

/** @throws Refusal not-found, conflict if the lock is not held under this id */
export function renewLock(
  context: Context,
  wish: VariablePlace & { readonly lockId: string },
): Promise<{ readonly variable: Variable; readonly index: number }> {
  return context.ledger.transact("variable", (draft) => {
    const known = heldVariable(context, draft, wish);
    const variable = {
      ...known,
      lock: { ...known.lock!, expiresAtMs: context.clock.nowMs() + known.lock!.ttlMs },
    };
    draft.put("variables", variable);
    return { variable, index: draft.index };
  });
}

/** @throws Refusal not-found, conflict if the lock is not held under this id */
export function releaseLock(
  context: Context,
  wish: VariablePlace & { readonly lockId: string },
): Promise<{ readonly variable: Variable; readonly index: number }> {
  return context.ledger.transact("variable", (draft) => {
    const { lock: _, ...variable } = heldVariable(context, draft, wish);
    draft.put("variables", variable);
    return { variable, index: draft.index };
  });
}

function heldVariable(
  context: Context,
  draft: Draft,
  wish: VariablePlace & { readonly lockId: string },
): Variable {
  const known = draft.state.variables.get(jobId(wish.project, wish.path));
  if (!known) throw new Refusal("not-found", `variable "${wish.path}" not found`);
  if (known.lock?.id !== wish.lockId || known.lock.expiresAtMs <= context.clock.nowMs())
    throw new Refusal("conflict", "the lock is not held under this id");
  return known;
}

function holds(
  draft: Draft,
  { project, path, checkIndex }: VariablePlace & { readonly checkIndex?: number },
): boolean {
  if (checkIndex === undefined) return true;
  return (draft.state.variables.entry(jobId(project, path))?.modifiedIndex ?? 0) === checkIndex;
}

function refuseLocked(known: Variable | undefined, lockId: string | undefined): void {
  if (known?.lock && known.lock.id !== lockId)
    throw new Refusal("conflict", "the variable is locked by somebody else");
}

function refuseBadVariable({
  path,
  items,
}: VariablePlace & { readonly items: Readonly<Record<string, string>> }): void {
  if (!/^[A-Za-z0-9\-_~/]{1,128}$/.test(path) || path.startsWith("/") || path.endsWith("/")) {
    throw new Refusal(
      "invalid",
      `invalid path "${path}": use letters, digits, -, _, ~ and /, at most 128 of them`,
    );
  }
  if (/^nomad(\/|$)/.test(path) && !/^nomad\/(jobs|job-templates)(\/|$)/.test(path)) {
    throw new Refusal(
      "invalid",
      'only paths at "nomad/jobs" and "nomad/job-templates" and below are valid under the top-level "nomad" path',
    );
  }
  if (Object.keys(items).length === 0) throw new Refusal("invalid", "empty variables are invalid");
  const bytes = Object.entries(items).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxVariableBytes)
    throw new Refusal("invalid", `variables are limited to 64KiB in total size, this one has ${bytes} bytes`);
}
