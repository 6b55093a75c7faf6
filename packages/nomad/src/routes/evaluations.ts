/** Evaluations and deployments. After https://developer.hashicorp.com/nomad/api-docs/evaluations and …/deployments. */
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Evaluation } from "@fractus/core/evaluation.ts";
import { isTerminal } from "@fractus/core/allocation.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import {
  type DeploymentChanged,
  failDeployment,
  pauseDeployment,
  promoteDeployment,
  setAllocationHealth,
} from "@fractus/control/commands/deployments.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { evaluated, meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { filterOf } from "../filter.ts";
import { listed } from "../listing.ts";
import { read, remove, type Route, write } from "../route.ts";
import { deploymentShape } from "../shape/deployment.ts";
import { evaluationShape } from "../shape/evaluation.ts";
import { listAllocations } from "./allocations.ts";
import { bodyOf } from "../fields.ts";

export const evaluationRoutes: readonly Route[] = [
  read("/evaluations", ({ state }) => state.evaluations.modifiedIndex, listEvaluations),
  read("/evaluations/count", ({ state }) => state.evaluations.modifiedIndex, countEvaluations),
  remove("/evaluations", deleteEvaluations),
  read("/evaluation/:id", evaluationChangedAt, showEvaluation),
  read("/evaluation/:id/allocations", ({ state }) => state.allocations.modifiedIndex, evaluationAllocations),
];

export const deploymentRoutes: readonly Route[] = [
  read("/deployments", ({ state }) => state.deployments.modifiedIndex, listDeployments),
  read("/deployment/:id", deploymentChangedAt, (call) => deploymentShape(call.state, deploymentIn(call))),
  read("/deployment/allocations/:id", ({ state }) => state.allocations.modifiedIndex, deploymentAllocations),
  write("/deployment/fail/:id", async (call) =>
    changed(await failDeployment(call.control, deploymentIn(call).id)),
  ),
  write("/deployment/pause/:id", pause),
  write("/deployment/promote/:id", promote),
  write("/deployment/allocation-health/:id", health),
];

function askedEvaluations(call: Call): Evaluation[] {
  const job = call.query("job");
  const status = call.query("status");
  return [...call.state.evaluations.values()].filter(
    (one) => call.lists(one.project) && (!job || one.jobId === job) && (!status || one.status === status),
  );
}

function listEvaluations(call: Call): Json[] {
  const { state } = call;
  return listed(call, {
    rows: askedEvaluations(call),
    idOf: (one) => one.id,
    createdAt: (one) => state.evaluations.entry(one.id)?.createdIndex ?? 0,
    shape: (one) => evaluationShape(state, one),
  });
}

function countEvaluations(call: Call): Json {
  const filter = call.query("filter");
  const passes = filter ? filterOf(filter) : () => true;
  const found = askedEvaluations(call).filter((one) => passes(evaluationShape(call.state, one)));
  return { Count: found.length, ...meta(call.state.index) };
}

/** Only those that are over, and whose allocations are. */
async function deleteEvaluations(call: Call): Promise<Json> {
  const { EvalIDs: ids, Filter: filter } = bodyOf(call, { EvalIDs: "texts", Filter: "text" });
  if (!ids?.length && !filter) throw new Fault(400, "must specify EvalIDs or Filter");
  const { state } = call;
  const passes = filter ? filterOf(filter) : () => false;
  const wanted = ids?.length
    ? ids.map((id) => evaluationIn(call, id))
    : [...state.evaluations.values()].filter(
        (one) => passes(evaluationShape(state, one)) && isOver(call, one),
      );
  const busy = wanted.find((one) => !isOver(call, one));
  if (busy) throw new Refusal("conflict", `eval ${busy.id} is not safe to delete`);
  await call.control.ledger.transact("collect", (draft) => {
    for (const { id } of wanted) draft.remove("evaluations", id);
  });
  return { Count: wanted.length, ...meta(state.index) };
}

function isOver({ state }: Call, one: Evaluation): boolean {
  if (one.status === "pending" || one.status === "blocked") return false;
  return state.allocations.by("evaluation", one.id).every(isTerminal);
}

function evaluationChangedAt(call: Call): number {
  const { evaluations } = call.state;
  return evaluations.entry(call.path("id"))?.modifiedIndex ?? evaluations.modifiedIndex;
}

/** @throws Refusal not-found, also for one that may not be seen */
function evaluationIn(call: Call, id = call.path("id")): Evaluation {
  const one = call.state.evaluations.get(id);
  if (!one || !call.sees(one.project)) throw new Refusal("not-found", `eval not found: ${id}`);
  return one;
}

function showEvaluation(call: Call): Json {
  return evaluationShape(call.state, evaluationIn(call), { hasRelated: call.flag("related") });
}

function evaluationAllocations(call: Call): Json[] {
  return listAllocations(call, call.state.allocations.by("evaluation", evaluationIn(call).id));
}

function listDeployments(call: Call): Json[] {
  const { state } = call;
  return listed(call, {
    rows: [...state.deployments.values()].filter((one) => call.lists(one.project)),
    idOf: (one) => one.id,
    createdAt: (one) => state.deployments.entry(one.id)?.createdIndex ?? 0,
    shape: (one) => deploymentShape(state, one),
  });
}

function deploymentChangedAt(call: Call): number {
  const { deployments } = call.state;
  return deployments.entry(call.path("id"))?.modifiedIndex ?? deployments.modifiedIndex;
}

/** @throws Refusal not-found, also for one that may not be seen */
function deploymentIn(call: Call): Deployment {
  const id = call.path("id");
  const one = call.state.deployments.get(id);
  if (!one || !call.sees(one.project)) throw new Refusal("not-found", `deployment not found: ${id}`);
  return one;
}

function deploymentAllocations(call: Call): Json[] {
  return listAllocations(call, call.state.allocations.by("deployment", deploymentIn(call).id));
}

async function pause(call: Call): Promise<Json> {
  const { Pause: isPaused } = bodyOf(call, { Pause: "flag" });
  const { id } = deploymentIn(call);
  return changed(await pauseDeployment(call.control, { id, isPaused: isPaused ?? false }));
}

async function promote(call: Call): Promise<Json> {
  const { All: isAll, Groups: groups } = bodyOf(call, { All: "flag", Groups: "texts" });
  const { id } = deploymentIn(call);
  if (!isAll && !groups?.length) throw new Fault(400, "must either promote all or specific task groups");
  if (isAll && groups?.length) throw new Fault(400, "cannot promote all and specific task groups");
  return changed(await promoteDeployment(call.control, { id, ...(groups?.length && { groups }) }));
}

async function health(call: Call): Promise<Json> {
  const { HealthyAllocationIDs: healthy, UnhealthyAllocationIDs: unhealthy } = bodyOf(call, {
    HealthyAllocationIDs: "texts",
    UnhealthyAllocationIDs: "texts",
  });
  const { id } = deploymentIn(call);
  if (!healthy?.length && !unhealthy?.length)
    throw new Fault(400, "must specify at least one healthy/unhealthy allocation ID");
  return changed(
    await setAllocationHealth(call.control, { id, healthy: healthy ?? [], unhealthy: unhealthy ?? [] }),
  );
}

function changed({ evaluationId, index, revertedVersion }: DeploymentChanged): Json {
  return {
    ...evaluated(evaluationId, index),
    DeploymentModifyIndex: index,
    RevertedJobVersion: revertedVersion ?? null,
  };
}
