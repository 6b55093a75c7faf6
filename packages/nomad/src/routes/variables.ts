/** Variables. After https://developer.hashicorp.com/nomad/api-docs/variables. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { VariableCapability } from "@fractus/control/acl/capabilities.ts";
import {
  acquireLock,
  deleteVariable,
  putVariable,
  releaseLock,
  renewLock,
  type VariablePlace,
} from "@fractus/control/commands/variables.ts";
import type { Json, Variable } from "@fractus/control/state/records.ts";
import { jobId } from "@fractus/control/state/state.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { listed } from "../listing.ts";
import { durationMs } from "../query-text.ts";
import { read, remove, type Route, write } from "../route.ts";
import { lockedVariableShape, variableShape, variableStub } from "../shape/nouns.ts";
import { bodyOf, fieldsOf, type Taken } from "../fields.ts";

export const variableRoutes: readonly Route[] = [
  read("/vars", ({ state }) => state.variables.modifiedIndex, list),
  read("/var/*", changedAt, show),
  write("/var/*", put),
  remove("/var/*", removeVariable),
];

/** Those that the caller may list; what they hold is left out. */
function list(call: Call): Json[] {
  const { state, acl, namespace } = call;
  return listed(call, {
    rows: [...state.variables.values()].filter(
      ({ project, path }) =>
        (namespace === "*" || project === namespace) && acl.allowsVariable(project, path, "list"),
    ),
    idOf: (one) => one.path,
    shape: (one) => variableStub(state, one),
  });
}

function placeOf(call: Call): VariablePlace {
  return { project: call.namespace, path: call.path("*") };
}

function changedAt(call: Call): number {
  const { project, path } = placeOf(call);
  const { variables } = call.state;
  return variables.entry(jobId(project, path))?.modifiedIndex ?? variables.modifiedIndex;
}

/** @throws Refusal forbidden */
function need(call: Call, capability: VariableCapability): VariablePlace {
  const place = placeOf(call);
  if (!call.acl.allowsVariable(place.project, place.path, capability))
    throw new Refusal("forbidden", "Permission denied");
  return place;
}

function show(call: Call): Json {
  const { project, path } = need(call, "read");
  const variable = call.state.variables.get(jobId(project, path));
  if (!variable) throw new Refusal("not-found", "variable not found");
  return readable(call, variable);
}

const putRequest = { Items: "map", Namespace: "text", Path: "text", Lock: "object" } as const;

const lockFields = { ID: "text", TTL: "text", LockDelay: "text" } as const;

async function put(call: Call): Promise<Json> {
  const place = need(call, "write");
  const { Items: items, Lock: sent, Path: path, Namespace: namespace } = bodyOf(call, putRequest);
  const lock = fieldsOf(sent, lockFields);
  if (path !== undefined && path !== "" && path !== place.path)
    throw new Fault(400, "the path of the variable does not match that of the request");
  if (namespace && namespace !== place.project)
    throw new Fault(400, "the namespace of the variable does not match that of the request");
  if (call.query("lock-acquire") !== undefined) return acquire(call, place, items, lock);
  if (call.query("lock-renew") !== undefined)
    return held(call, await renewLock(call.control, { ...place, lockId: lock.ID ?? "" }));
  if (call.query("lock-release") !== undefined)
    return readable(call, (await releaseLock(call.control, { ...place, lockId: lock.ID ?? "" })).variable);
  const checkIndex = call.number("cas");
  const outcome = await putVariable(call.control, {
    ...place,
    items: items ?? {},
    ...(checkIndex !== undefined && { checkIndex }),
    ...(lock.ID && { lockId: lock.ID }),
  });
  if ("variable" in outcome) return readable(call, outcome.variable);
  return answerConflict(call, place, outcome.conflict);
}

async function acquire(
  call: Call,
  place: VariablePlace,
  items: Readonly<Record<string, string>> | undefined,
  lock: Taken<typeof lockFields>,
): Promise<Json> {
  const locked = await acquireLock(call.control, {
    ...place,
    ...(items && { items }),
    ttlMs: durationMs("TTL", lock.TTL || "15s"),
    delayMs: durationMs("LockDelay", lock.LockDelay || "15s"),
  });
  return held(call, locked);
}

function held(call: Call, { variable }: { readonly variable: Variable }): Json {
  return lockedVariableShape(call.state, variable);
}

async function removeVariable(call: Call): Promise<Json | undefined> {
  const place = need(call, "destroy");
  const checkIndex = call.number("cas");
  const outcome = await deleteVariable(call.control, {
    ...place,
    ...(checkIndex !== undefined && { checkIndex }),
  });
  if (checkIndex !== undefined && outcome.conflict) return answerConflict(call, place, outcome.conflict);
  return undefined;
}

/** The variable that is there instead; without what it holds, if the caller may not read it. */
function answerConflict(call: Call, { project, path }: VariablePlace, found: Variable | undefined): Json {
  void call.reply.code(409);
  const nobody = { Namespace: project, Path: path, Items: {}, CreateIndex: 0, ModifyIndex: 0 };
  return found ? readable(call, found) : { ...nobody, CreateTime: 0, ModifyTime: 0 };
}

function readable(call: Call, variable: Variable): Json {
  const mayRead = call.acl.allowsVariable(variable.project, variable.path, "read");
  const shape = variableShape(call.state, variable);
  return mayRead ? shape : { ...shape, Items: null };
}
