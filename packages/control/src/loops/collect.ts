/**
 * Forgets what is over: evaluations with their allocations, jobs, deployments and nodes, each after a
 * time of its own; or, when it is forced, at once.
 */
import { instanceTransitions, isOver, isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import { type Deployment, isActive } from "@fractus/core/deployment.ts";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import { isTemplate } from "@fractus/core/job.ts";
import { isFinal } from "@fractus/core/transitions.ts";
import type { Context } from "../context.ts";
import { newestDeployment } from "../placement/evaluate-job.ts";
import type { Draft } from "../state/change.ts";
import { jobId } from "../state/state.ts";

/** One round; harmless at any time. */
export function collect(context: Context, { isForced }: { readonly isForced: boolean }): Promise<void> {
  return context.ledger.transact("collect", (draft) => {
    const round = new Round(context, draft, isForced);
    round.evaluations();
    round.deployments();
    round.jobs();
    round.versions();
    round.nodes();
  });
}

class Round {
  readonly #context: Context;
  readonly #draft: Draft;
  readonly #isForced: boolean;

  constructor(context: Context, draft: Draft, isForced: boolean) {
    this.#context = context;
    this.#draft = draft;
    this.#isForced = isForced;
  }

  /** An evaluation goes with its allocations, when all of them are over and nobody needs them any more. */
  evaluations(): void {
    const { state } = this.#draft;
    for (const evaluation of state.evaluations.values()) {
      if (evaluation.status === "pending" || evaluation.status === "blocked") continue;
      const { batchEvaluationKeptMs, evaluationKeptMs } = this.#context.terms;
      const isBatch = evaluation.type === "batch" || evaluation.type === "sysbatch";
      if (!this.#isOld(evaluation.modifiedAtMs, isBatch ? batchEvaluationKeptMs : evaluationKeptMs)) continue;
      const allocations = state.allocations.by("evaluation", evaluation.id);
      if (!allocations.every((one) => this.#isDone(one, evaluation))) continue;
      for (const one of allocations) this.#removeAllocation(one);
      this.#draft.remove("evaluations", evaluation.id);
    }
  }

  #isDone(one: Allocation, evaluation: Evaluation): boolean {
    if (!isOver(one)) return false;
    const { state } = this.#draft;
    const job = state.jobs.get(jobId(one.project, one.jobId))?.job;
    if (!job || job.stopped || job.status === "dead") return true;
    const isBatch = evaluation.type === "batch" || evaluation.type === "sysbatch";
    if (isBatch) return false;
    return isTerminal(one) && (one.nextId !== undefined || one.status !== "failed" || one.desired !== "run");
  }

  #removeAllocation(one: Allocation): void {
    this.#draft.remove("allocations", one.id);
    for (const id of this.#draft.state.services.idsBy("allocation", one.id))
      this.#draft.remove("services", id);
  }

  deployments(): void {
    for (const one of this.#draft.state.deployments.values()) {
      if (isActive(one) || !this.#isOld(one.modifiedAtMs, this.#context.terms.deploymentKeptMs)) continue;
      const hasLive = this.#draft.state.allocations
        .by("deployment", one.id)
        .some((member) => !isTerminal(member));
      if (!hasLive && !this.#isVerdict(one)) this.#draft.remove("deployments", one.id);
    }
  }

  /** It says how the present version of a job has fared that is still wanted: without it, that would be tried again. */
  #isVerdict({ id, project, jobId: name, jobVersion }: Deployment): boolean {
    const key = jobId(project, name);
    const job = this.#draft.state.jobs.get(key)?.job;
    if (!job || job.stopped || job.version !== jobVersion) return false;
    return newestDeployment(this.#draft.state, key)?.id === id;
  }

  /** A dead job goes with all that belonged to it. */
  jobs(): void {
    const { state } = this.#draft;
    for (const { job } of state.jobs.values()) {
      if (job.status !== "dead" || (isTemplate(job) && !job.stopped)) continue;
      if (!this.#isOld(job.submittedAtMs, this.#context.terms.jobKeptMs)) continue;
      const key = jobId(job.project, job.id);
      const isBusy =
        [...state.allocations.idsBy("job", key)].some((id) => this.#draft.get("allocations", id)) ||
        [...state.evaluations.idsBy("job", key)].some((id) => this.#draft.get("evaluations", id));
      if (isBusy && !this.#isForgettable(key)) continue;
      for (const one of state.allocations.by("job", key)) this.#removeAllocation(one);
      for (const id of state.evaluations.idsBy("job", key)) this.#draft.remove("evaluations", id);
      for (const id of state.deployments.idsBy("job", key)) this.#draft.remove("deployments", id);
      for (const id of state.versions.idsBy("job", key)) this.#draft.remove("versions", id);
      for (const table of ["jobs", "summaries", "launches"] as const) this.#draft.remove(table, key);
    }
  }

  /** Everything of the job is over, and long enough ago. */
  #isForgettable(key: string): boolean {
    const { state } = this.#draft;
    const { jobKeptMs } = this.#context.terms;
    return (
      state.allocations
        .by("job", key)
        .every((one) => isOver(one) && this.#isOld(one.modifiedAtMs, jobKeptMs)) &&
      state.evaluations
        .by("job", key)
        .every((one) => one.status !== "pending" && this.#isOld(one.modifiedAtMs, jobKeptMs))
    );
  }

  /** What is left of jobs that were forgotten while copies of them still ran. */
  versions(): void {
    const { state } = this.#draft;
    for (const { job } of state.versions.values()) {
      const key = jobId(job.project, job.id);
      if (this.#draft.get("jobs", key)) continue;
      const isNeeded = state.allocations
        .by("job", key)
        .some((one) => one.jobVersion === job.version && !isFinal(instanceTransitions, one.status));
      if (!isNeeded) this.#draft.remove("versions", `${key}\n${job.version}`);
    }
  }

  nodes(): void {
    const { state } = this.#draft;
    for (const node of state.nodes.values()) {
      const changedAtMs = state.nodeNotes.get(node.id)?.statusChangedAtMs ?? 0;
      if (node.status !== "down" || !this.#isOld(changedAtMs, this.#context.terms.nodeKeptMs)) continue;
      if (state.allocations.by("node", node.id).some((one) => !isTerminal(one))) continue;
      this.#draft.remove("nodes", node.id);
      this.#draft.remove("nodeNotes", node.id);
    }
  }

  #isOld(atMs: number, keptMs: number): boolean {
    return this.#isForced || atMs + keptMs <= this.#context.clock.nowMs();
  }
}
