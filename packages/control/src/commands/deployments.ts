/** Commands about deployments: promote, pause, resume, fail, and to say how a copy fares. */
import type { Deployment } from "@fractus/core/deployment.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import {
  failByHand,
  pause,
  promote,
  watchDeployment,
  withHealth,
  type WatchInput,
} from "@fractus/scheduler/reconcile/deployment-watch.ts";
import type { Context } from "../context.ts";
import type { Draft } from "../state/change.ts";
import { jobId, type State } from "../state/state.ts";
import { writeRevert } from "./jobs.ts";
import { newEvaluation } from "./new-evaluation.ts";

export interface DeploymentChanged {
  readonly index: number;
  readonly evaluationId: string;
  readonly revertedVersion?: number;
}

/** Everything that is known about a deployment; undefined if its job or version is gone. */
export function watchInput(state: State, deployment: Deployment, nowMs: number): WatchInput | undefined {
  const key = jobId(deployment.project, deployment.jobId);
  const job = state.versions.get(`${key}\n${deployment.jobVersion}`)?.job;
  if (!job) return undefined;
  const allocations = state.allocations.by("deployment", deployment.id);
  const passing = allocations.flatMap((one) =>
    one.checksPassSinceMs === undefined ? [] : [[one.id, one.checksPassSinceMs] as const],
  );
  return {
    deployment,
    job,
    versions: state.versions.by("job", key).map((record) => record.job),
    allocations,
    checksPassSinceMs: new Map(passing),
    nowMs,
  };
}

/**
 * Makes canaries the new standard.
 *
 * @param wish.groups absent: all of them
 * @throws Refusal not-found; conflict when it is over or canaries are not healthy
 */
export function promoteDeployment(
  context: Context,
  wish: { readonly id: string; readonly groups?: readonly string[] },
): Promise<DeploymentChanged> {
  return change(context, wish.id, "deployment-promotion", ({ deployment, allocations, nowMs }) => ({
    deployment: promote(deployment, { allocations, nowMs, ...(wish.groups && { groups: wish.groups }) }),
  }));
}

/** @throws Refusal not-found; conflict when it is over */
export function pauseDeployment(
  context: Context,
  wish: { readonly id: string; readonly isPaused: boolean },
): Promise<DeploymentChanged> {
  return change(context, wish.id, "deployment-status", ({ deployment, nowMs }) => ({
    deployment: pause(deployment, { isPaused: wish.isPaused, nowMs }),
  }));
}

/** @throws Refusal not-found; conflict when it is over */
export function failDeployment(context: Context, id: string): Promise<DeploymentChanged> {
  return change(context, id, "deployment-status", (input) => failByHand(input));
}

/** Says how copies fare, where nobody else does. @throws Refusal not-found, conflict */
export function setAllocationHealth(
  context: Context,
  wish: { readonly id: string; readonly healthy: readonly string[]; readonly unhealthy: readonly string[] },
): Promise<DeploymentChanged> {
  return change(context, wish.id, "deployment-health", (input, draft) => {
    const known = new Map(input.allocations.map((one) => [one.id, one]));
    for (const [ids, isHealthy] of [
      [wish.healthy, true],
      [wish.unhealthy, false],
    ] as const) {
      for (const id of ids) {
        const one = known.get(id);
        if (!one) throw new Refusal("not-found", `alloc not found in deployment: ${id}`);
        known.set(id, withHealth(one, { isHealthy, nowMs: input.nowMs }));
      }
    }
    for (const one of known.values()) draft.put("allocations", one);
    return watchDeployment({ ...input, allocations: [...known.values()] });
  });
}

function change(
  context: Context,
  id: string,
  kind: "deployment-promotion" | "deployment-status" | "deployment-health",
  act: (
    input: WatchInput,
    draft: Draft,
  ) => {
    readonly deployment: Deployment;
    readonly allocations?: WatchInput["allocations"];
    readonly revertTo?: number;
  },
): Promise<DeploymentChanged> {
  return context.ledger.transact(kind, (draft) => {
    const deployment = deploymentOf(draft.state, id);
    const input = watchInput(draft.state, deployment, context.clock.nowMs());
    if (!input) throw new Refusal("not-found", `The job of deployment "${id}" is gone.`);
    const step = act(input, draft);
    draft.put("deployments", step.deployment);
    for (const one of step.allocations ?? []) draft.put("allocations", one);
    const { project, id: jobName } = input.job;
    if (step.revertTo !== undefined)
      writeRevert(context, draft, { project, id: jobName, version: step.revertTo });
    const evaluation = newEvaluation(context, input.job, "deployment-watcher", { deploymentId: id });
    draft.put("evaluations", evaluation);
    return {
      index: draft.index,
      evaluationId: evaluation.id,
      ...(step.revertTo !== undefined && { revertedVersion: step.revertTo }),
    };
  });
}

/** @throws Refusal not-found */
export function deploymentOf(state: State, id: string): Deployment {
  const deployment = state.deployments.get(id);
  if (!deployment) throw new Refusal("not-found", `deployment not found: ${id}`);
  return deployment;
}
