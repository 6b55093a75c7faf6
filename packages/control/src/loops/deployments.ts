/** Watches over the deployments that are under way, those of which something has changed or whose time has come. */
import { isActive } from "@fractus/core/deployment.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { watchDeployment } from "@fractus/scheduler/reconcile/deployment-watch.ts";
import { watchInput } from "../commands/deployments.ts";
import { writeRevert } from "../commands/jobs.ts";
import { newEvaluation } from "../commands/new-evaluation.ts";
import type { Context } from "../context.ts";
import type { Committed } from "../state/ledger.ts";

export class DeploymentLoop {
  readonly #context: Context;
  /** When each deployment is to be looked at. */
  readonly #dueMs = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
    for (const status of ["running", "paused", "pending"]) {
      for (const id of context.state.deployments.idsBy("status", status)) this.#dueMs.set(id, 0);
    }
  }

  concerns({ changes }: Committed): boolean {
    let isConcerned = false;
    for (const change of changes) {
      const id =
        change.table === "deployments"
          ? change.id
          : change.table === "allocations"
            ? change.value?.deploymentId
            : undefined;
      if (id === undefined) continue;
      this.#dueMs.set(id, 0);
      isConcerned = true;
    }
    return isConcerned;
  }

  async step(): Promise<number | undefined> {
    const nowMs = this.#context.clock.nowMs();
    const due = [...this.#dueMs.keys()].filter((id) => this.#dueMs.get(id)! <= nowMs);
    for (const id of due) {
      this.#dueMs.delete(id);
      const wakeAtMs = await this.#watch(id).catch((error: unknown) => {
        this.#dueMs.set(id, 0);
        throw error;
      });
      if (wakeAtMs !== undefined && !this.#dueMs.has(id)) this.#dueMs.set(id, wakeAtMs);
    }
    return this.#dueMs.size > 0 ? Math.min(...this.#dueMs.values()) : undefined;
  }

  async #watch(id: string): Promise<number | undefined> {
    const { ledger, clock, state, log } = this.#context;
    const known = state.deployments.get(id);
    if (!known || !isActive(known)) return undefined;
    return ledger.transact("deployment-status", (draft) => {
      const deployment = draft.state.deployments.get(id);
      if (!deployment || !isActive(deployment)) return undefined;
      const input = watchInput(draft.state, deployment, clock.nowMs());
      if (!input) return undefined;
      const step = watchDeployment(input);
      if (step.deployment !== deployment) draft.put("deployments", step.deployment);
      for (const one of step.allocations) draft.put("allocations", one);
      const { project, id: jobName } = input.job;
      if (step.revertTo !== undefined) {
        try {
          writeRevert(this.#context, draft, { project, id: jobName, version: step.revertTo });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          log("a job could not go back to an earlier version", { job: jobName, reason: error.message });
        }
      }
      if (step.needsEvaluation)
        draft.put(
          "evaluations",
          newEvaluation(this.#context, input.job, "deployment-watcher", { deploymentId: id }),
        );
      return step.wakeAtMs;
    });
  }
}
