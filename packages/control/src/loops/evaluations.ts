/**
 * Looks at the jobs that somebody has asked a look for, the most important first; among equals the one that
 * has waited longest. When room has come free, those that wait for room are looked at again: of many that ask
 * for the same, the first that still finds none speaks for all.
 */
import type { Evaluation } from "@fractus/core/evaluation.ts";
import { isTerminal } from "@fractus/core/allocation.ts";
import { isTemplate, type Job } from "@fractus/core/job.ts";
import { groupAsk } from "@fractus/scheduler/group-ask.ts";
import { newEvaluation } from "../commands/new-evaluation.ts";
import type { Context } from "../context.ts";
import { carryOutEvaluation, lookAt } from "../placement/evaluate-job.ts";
import type { Committed } from "../state/ledger.ts";
import type { Draft } from "../state/change.ts";
import { jobId, settingsOf } from "../state/state.ts";

const atOnce = 64;
const retryMs = 60_000;

export class EvaluationLoop {
  readonly #context: Context;
  #roomMayHaveCome = true;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether a transaction gives this loop something to do. */
  concerns({ changes }: Committed): boolean {
    let isConcerned = false;
    for (const change of changes) {
      if (change.table === "evaluations")
        isConcerned ||= change.value?.status === "pending" || change.value?.status === "blocked";
      else if (change.table === "nodes" || change.table === "settings")
        this.#roomMayHaveCome = isConcerned = true;
      else if (change.table === "allocations" && (!change.value || isTerminal(change.value)))
        this.#roomMayHaveCome = isConcerned = true;
    }
    return isConcerned;
  }

  async step(): Promise<number | undefined> {
    if (settingsOf(this.#context.state).isPaused) return undefined;
    for (;;) {
      const { due, nextMs } = this.#pending();
      if (due.length === 0 && !this.#roomMayHaveCome) return nextMs;
      for (const evaluation of due.slice(0, atOnce)) await this.#process(evaluation);
      if (due.length <= atOnce && this.#roomMayHaveCome) await this.#retryBlocked();
    }
  }

  #pending(): { readonly due: Evaluation[]; readonly nextMs: number | undefined } {
    const { state, clock } = this.#context;
    const nowMs = clock.nowMs();
    const due: Evaluation[] = [];
    let nextMs: number | undefined;
    for (const one of state.evaluations.by("status", "pending")) {
      if ((one.waitUntilMs ?? 0) <= nowMs) due.push(one);
      else nextMs = Math.min(nextMs ?? Infinity, one.waitUntilMs ?? Infinity);
    }
    const indexOf = (one: Evaluation) => state.evaluations.entry(one.id)!.createdIndex;
    return { due: due.toSorted((a, b) => b.priority - a.priority || indexOf(a) - indexOf(b)), nextMs };
  }

  async #process({ id }: Evaluation): Promise<void> {
    const { ledger, log } = this.#context;
    try {
      await ledger.transact("plan", (draft) => {
        const evaluation = draft.state.evaluations.get(id);
        if (evaluation?.status === "pending") this.#carryOut(draft, evaluation);
      });
    } catch (error) {
      log("an evaluation failed", {
        evaluation: id,
        error: String(error instanceof Error ? error.stack : error),
      });
      await ledger.transact("evaluation", (draft) => this.#fail(draft, id, error));
    }
  }

  #carryOut(draft: Draft, evaluation: Evaluation): void {
    const { blocked, evaluation: after } = carryOutEvaluation(this.#context, draft, evaluation);
    const key = jobId(evaluation.project, evaluation.jobId);
    const waits = blocked?.id ?? (after.status === "blocked" ? after.id : undefined);
    for (const id of draft.state.evaluations.idsBy("job", key)) {
      const other = draft.get("evaluations", id)!;
      if (other.status !== "blocked" || id === waits || id === evaluation.id) continue;
      const statusReason =
        waits === undefined ? "job has a place for all" : `evaluation ${waits} waits in its stead`;
      draft.put("evaluations", {
        ...other,
        status: "canceled",
        statusReason,
        modifiedAtMs: this.#context.clock.nowMs(),
      });
    }
  }

  #fail(draft: Draft, id: string, error: unknown): void {
    const evaluation = draft.state.evaluations.get(id);
    if (!evaluation || (evaluation.status !== "pending" && evaluation.status !== "blocked")) return;
    const nowMs = this.#context.clock.nowMs();
    const job = { ...evaluation, id: evaluation.jobId };
    const waitUntilMs = nowMs + retryMs;
    const next = newEvaluation(this.#context, job, "failed-follow-up", { previousId: id, waitUntilMs });
    const statusReason = error instanceof Error ? error.message : String(error);
    draft.put("evaluations", {
      ...evaluation,
      status: "failed",
      statusReason,
      nextId: next.id,
      modifiedAtMs: nowMs,
    });
    draft.put("evaluations", next);
  }

  async #retryBlocked(): Promise<void> {
    this.#roomMayHaveCome = false;
    const { state, ledger } = this.#context;
    const indexOf = (one: Evaluation) => state.evaluations.entry(one.id)!.createdIndex;
    const waiting = state.evaluations.by("status", "blocked");
    const hopeless = new Set<string>();
    for (const { id } of waiting.toSorted((a, b) => b.priority - a.priority || indexOf(a) - indexOf(b))) {
      await ledger.transact("plan", (draft) => {
        const evaluation = draft.state.evaluations.get(id);
        if (evaluation?.status !== "blocked") return;
        const want = this.#wantOf(evaluation);
        if (want !== undefined && hopeless.has(want)) return;
        if (this.#helps(evaluation)) this.#carryOut(draft, evaluation);
        else if (want !== undefined) hopeless.add(want);
      });
    }
  }

  /** Whether a look at it now would change anything. */
  #helps(evaluation: Evaluation): boolean {
    const { changes, failures } = lookAt(this.#context, evaluation);
    return failures.size === 0 || changes.allocations.length > 0 || changes.deployments.length > 0;
  }

  /** The same text for jobs that ask for the same; undefined where it depends on what else the job has. */
  #wantOf({ project, jobId: id }: Evaluation): string | undefined {
    const job = this.#context.state.jobs.get(jobId(project, id))?.job;
    if (!job || isTemplate(job)) return undefined;
    const known = wants.get(job);
    if (known !== undefined) return known;
    const asks = job.groups.map((group) => groupAsk(job, group));
    if (asks.some((ask) => ask.distinctHosts !== undefined || ask.distinctProperties.length > 0))
      return undefined;
    const want = JSON.stringify(asks.map(({ job: _job, name: _name, count: _count, ...rest }) => rest));
    wants.set(job, want);
    return want;
  }
}

const wants = new WeakMap<Job, string>();
