/** Commands about allocations: what their nodes say of them, and what people want of one. */
import type { AllocationReport } from "@fractus/agent/control-link.ts";
import { isOver, isTerminal, isUnwanted, type Allocation } from "@fractus/core/allocation.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { instanceTransitions } from "@fractus/core/allocation.ts";
import { mayBecome } from "@fractus/core/transitions.ts";
import type { Context } from "../context.ts";
import type { Draft } from "../state/change.ts";
import { jobId } from "../state/state.ts";
import { newEvaluation } from "./new-evaluation.ts";

/** What one node says of its allocations. */
export interface NodeReports {
  readonly nodeId: string;
  readonly reports: readonly AllocationReport[];
}

/**
 * Takes over what nodes say of their allocations. A job is looked at when a copy of it has failed or
 * ended, or has come back from a node that did not answer.
 *
 * Reports about allocations that are gone, or of another node, are left out.
 *
 * @param told is asked at the transaction's turn: whatever has been said by then is written at once
 */
export function takeReports(context: Context, told: () => readonly NodeReports[]): Promise<void> {
  return context.ledger.transact("allocation-report", (draft) => {
    const toLookAt = new Map<string, "alloc-failure" | "reconnect">();
    for (const { nodeId, reports } of told())
      for (const report of reports) takeReport(context, draft, { nodeId, report, toLookAt });
    for (const [key, cause] of toLookAt) {
      const job = draft.get("jobs", key)?.job;
      if (job && !hasPending(draft, key)) draft.put("evaluations", newEvaluation(context, job, cause));
    }
  });
}

function takeReport(
  { clock }: Context,
  draft: Draft,
  news: {
    readonly nodeId: string;
    readonly report: AllocationReport;
    readonly toLookAt: Map<string, "alloc-failure" | "reconnect">;
  },
): void {
  const before = draft.get("allocations", news.report.allocationId);
  if (!before || before.nodeId !== news.nodeId) return;
  const after = reported(before, news.report, clock.nowMs());
  if (!after) return;
  draft.put("allocations", after);
  const key = jobId(after.project, after.jobId);
  const hasEnded = isOver(after) && !isOver(before);
  if (before.status === "unknown" || before.status === "lost") news.toLookAt.set(key, "reconnect");
  else if (hasEnded && needsLook(draft, after)) news.toLookAt.set(key, "alloc-failure");
  if (hasEnded) removeServices(draft, after.id);
}

/** The allocation as its node says it is; undefined if that is no news, or not possible any more. */
function reported(before: Allocation, report: AllocationReport, nowMs: number): Allocation | undefined {
  const { status, statusReason, tasks, checksPassSinceMs } = report;
  if (!mayBecome(instanceTransitions, { from: before.status, to: status })) return undefined;
  const isNews =
    before.status !== status ||
    JSON.stringify([before.statusReason, before.tasks, before.checksPassSinceMs]) !==
      JSON.stringify([statusReason, tasks, checksPassSinceMs]);
  if (!isNews) return undefined;
  const { checksPassSinceMs: _, statusReason: __, ...rest } = before;
  return {
    ...rest,
    status,
    tasks,
    modifiedAtMs: nowMs,
    ...(statusReason !== undefined && { statusReason }),
    ...(checksPassSinceMs !== undefined && { checksPassSinceMs }),
  };
}

/** What ended because it was told to is no news for the job, unless it ended otherwise than was wanted. */
function needsLook(draft: Draft, after: Allocation): boolean {
  const job = draft.get("jobs", jobId(after.project, after.jobId))?.job;
  if (!job || isUnwanted(after)) return false;
  return after.status === "failed" || job.type === "service" || job.type === "system";
}

function hasPending(draft: Draft, key: string): boolean {
  return draft.state.evaluations
    .by("job", key)
    .some(({ status, waitUntilMs }) => status === "pending" && waitUntilMs === undefined);
}

function removeServices(draft: Draft, allocationId: string): void {
  for (const id of draft.state.services.idsBy("allocation", allocationId)) draft.remove("services", id);
}

/**
 * Replaces a copy: it is stopped as soon as its substitute has a place.
 *
 * @throws Refusal not-found
 */
export function stopAllocation(
  context: Context,
  wish: { readonly id: string; readonly withoutReplacement?: boolean },
): Promise<{ readonly evaluationId: string; readonly index: number }> {
  return context.ledger.transact("allocation-transition", (draft) => {
    const one = allocationOf(context, wish.id);
    const job = draft.get("jobs", jobId(one.project, one.jobId))?.job;
    const asked = job ?? { project: one.project, id: one.jobId, type: "service" as const, priority: 50 };
    if (!isTerminal(one)) {
      const transition = {
        ...one.transition,
        migrate: true,
        ...(wish.withoutReplacement && { withoutReplacement: true }),
      };
      draft.put("allocations", { ...one, transition });
    }
    const evaluation = newEvaluation(context, asked, "alloc-stop");
    draft.put("evaluations", evaluation);
    return { evaluationId: evaluation.id, index: draft.index };
  });
}

/** Marks copies so that they are moved, and asks for a look at their jobs. */
export function migrateAllocations(context: Context, ids: readonly string[]): Promise<void> {
  return context.ledger.transact("allocation-transition", (draft) => {
    const keys = new Set<string>();
    for (const id of ids) {
      const one = draft.get("allocations", id);
      if (!one || isTerminal(one) || one.transition.migrate) continue;
      draft.put("allocations", { ...one, transition: { ...one.transition, migrate: true } });
      keys.add(jobId(one.project, one.jobId));
    }
    for (const key of keys) {
      const job = draft.get("jobs", key)?.job;
      if (job) draft.put("evaluations", newEvaluation(context, job, "node-drain"));
    }
  });
}

/** @throws Refusal not-found */
export function allocationOf({ state }: Pick<Context, "state">, id: string): Allocation {
  const allocation = state.allocations.get(id);
  if (!allocation) throw new Refusal("not-found", `alloc not found: ${id}`);
  return allocation;
}
