/** Allocations, and what their nodes say of them. After https://developer.hashicorp.com/nomad/api-docs/allocations. */
import type { CheckResult } from "@fractus/agent/agent-access.ts";
import type { Allocation } from "@fractus/core/allocation.ts";
import { stopAllocation } from "@fractus/control/commands/allocations.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import { evaluated } from "../answer.ts";
import type { Call } from "../call.ts";
import { listed } from "../listing.ts";
import { ask, read, type Route, write } from "../route.ts";
import { allocationShape, allocationStub, bareAllocation } from "../shape/allocation.ts";
import { serviceShape } from "../shape/nouns.ts";

export const allocationRoutes: readonly Route[] = [
  read("/allocations", ({ state }) => state.allocations.modifiedIndex, list),
  read("/allocation/:id", changedAt, (call) => allocationShape(call.state, call.allocation())),
  write("/allocation/:id/stop", stop),
  ask("/allocation/:id/checks", checks),
  ask("/client/allocation/:id/checks", checks),
  read("/allocation/:id/services", ({ state }) => state.services.modifiedIndex, services),
  ask("/allocation/:id/isolation", isolation),
];

function list(call: Call): Json[] {
  const options = {
    hasResources: call.flag("resources"),
    hasTaskStates: call.query("task_states") === undefined || call.flag("task_states"),
  };
  return listAllocations(
    call,
    [...call.state.allocations.values()].filter((one) => call.lists(one.project)),
    options,
  );
}

/** In the order in which they came into being. */
export function listAllocations(
  call: Call,
  rows: readonly Allocation[],
  options: { readonly hasResources?: boolean; readonly hasTaskStates?: boolean } = {},
): Json[] {
  const { state } = call;
  return listed(call, {
    rows,
    idOf: (one) => one.id,
    createdAt: (one) => state.allocations.entry(one.id)?.createdIndex ?? 0,
    shape: (one) => allocationStub(state, one, options),
    whole: (one) => ({ ...allocationStub(state, one), ...bareAllocation(state, one) }),
  });
}

function changedAt(call: Call): number {
  const { allocations } = call.state;
  return allocations.entry(call.path("id"))?.modifiedIndex ?? allocations.modifiedIndex;
}

async function stop(call: Call): Promise<Json> {
  const { id } = call.allocation();
  const { evaluationId, index } = await stopAllocation(call.control, { id });
  return evaluated(evaluationId, index);
}

/** By the check's id. */
async function checks(call: Call): Promise<Json> {
  const allocation = call.allocation();
  const results = await call.agentOf(allocation).checks(allocation.id);
  return Object.fromEntries(results.map((result) => [result.id, checkShape(result)]));
}

function checkShape(result: CheckResult): Json {
  return {
    ID: result.id,
    Check: result.name,
    Group: result.group,
    Task: result.task ?? "",
    Service: result.service,
    Mode: result.mode,
    Status: result.status,
    StatusCode: result.statusCode ?? 0,
    Output: result.output,
    Timestamp: Math.floor(result.atMs / 1000),
  };
}

function services(call: Call): Json[] {
  const allocation = call.allocation();
  return servicesOf(call.state, allocation.id);
}

function servicesOf(state: State, allocationId: string): Json[] {
  return state.services.by("allocation", allocationId).map((one) => serviceShape(state, one));
}

/** By task: what separates it from the machine, and what does not. An extension of Nomad's API. */
async function isolation(call: Call): Promise<Json> {
  const allocation = call.allocation();
  const claims = await call.agentOf(allocation).isolation(allocation.id);
  const entries = Object.entries(claims).map(([task, list]) => [
    task,
    list.map(({ aspect, holds, words }) => ({ Aspect: aspect, Holds: holds, Words: words })),
  ]);
  return Object.fromEntries(entries) as Json;
}
