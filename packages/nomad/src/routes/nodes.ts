/** Nodes and their pools. After https://developer.hashicorp.com/nomad/api-docs/nodes. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Drain } from "@fractus/core/node.ts";
import {
  drainNode,
  evaluateNode,
  nodeOf,
  purgeNode,
  setEligibility,
} from "@fractus/control/commands/nodes.ts";
import { deletePool, putPool } from "@fractus/control/commands/projects.ts";
import type { Json, NodePool } from "@fractus/control/state/records.ts";
import { meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { listed } from "../listing.ts";
import { read, remove, type Route, write } from "../route.ts";
import { allocationShape } from "../shape/allocation.ts";
import { jobStub } from "../shape/job.ts";
import { nodeShape, nodeStub } from "../shape/node.ts";
import { poolShape } from "../shape/nouns.ts";
import { milliseconds } from "../units.ts";
import { bodyOf, fieldsOf, type Taken } from "../fields.ts";

export const nodeRoutes: readonly Route[] = [
  read(
    "/nodes",
    ({ state }) => state.nodes.modifiedIndex,
    (call) => nodesIn(call),
  ),
  read("/node/:id", nodeChangedAt, (call) => nodeShape(call.state, nodeOf(call.state, call.path("id")))),
  read("/node/:id/allocations", nodeAllocationsChangedAt, nodeAllocations),
  write("/node/:id/drain", drain),
  write("/node/:id/eligibility", eligibility),
  write("/node/:id/evaluate", evaluate),
  write("/node/:id/purge", purge),
  read("/node/pools", ({ state }) => state.pools.modifiedIndex, listPools),
  write("/node/pools", put),
  read(
    "/node/pool/:name",
    ({ state }) => state.pools.modifiedIndex,
    (call) => poolShape(call.state, poolOf(call)),
  ),
  write("/node/pool/:name", put),
  remove("/node/pool/:name", removePool),
  read("/node/pool/:name/jobs", ({ state }) => state.jobs.modifiedIndex, jobsOfPool),
  read("/node/pool/:name/nodes", ({ state }) => state.nodes.modifiedIndex, nodesOfPool),
  read("/volumes", ({ state }) => state.nodes.modifiedIndex, hostVolumes),
];

function nodesIn(call: Call, pool?: string): Json[] {
  const { state } = call;
  const options = { hasResources: call.flag("resources"), hasOs: call.flag("os") };
  return listed(call, {
    rows: [...state.nodes.values()].filter(
      (node) => pool === undefined || pool === "all" || node.pool === pool,
    ),
    idOf: (node) => node.id,
    shape: (node) => nodeStub(state, node, options),
    whole: (node) => ({ ...nodeStub(state, node, options), ...nodeShape(state, node) }),
  });
}

/** Of a node that is not there, the last change of any. What is noted about it counts as well. */
function nodeChangedAt(call: Call): number {
  const { nodes, nodeNotes } = call.state;
  const own = nodes.entry(call.path("id"));
  if (!own) return nodes.modifiedIndex;
  return Math.max(own.modifiedIndex, nodeNotes.entry(call.path("id"))?.modifiedIndex ?? 0);
}

function nodeAllocationsChangedAt(call: Call): number {
  const { allocations } = call.state;
  let last = 0;
  for (const id of allocations.idsBy("node", call.path("id")))
    last = Math.max(last, allocations.entry(id)!.modifiedIndex);
  return last || allocations.modifiedIndex;
}

function nodeAllocations(call: Call): Json[] {
  const { state } = call;
  const rows = state.allocations.by("node", nodeOf(state, call.path("id")).id);
  return rows
    .filter((one) => call.acl.allows(one.project, "read-job"))
    .map((one) => allocationShape(state, one));
}

const drainRequest = { DrainSpec: "object", MarkEligible: "flag", Meta: "map" } as const;

const drainFields = { Deadline: "number", IgnoreSystemJobs: "flag" } as const;

async function drain(call: Call): Promise<Json> {
  const { DrainSpec: spec, MarkEligible: isEligible, Meta: notes } = bodyOf(call, drainRequest);
  const index = await drainNode(call.control, {
    nodeId: call.path("id"),
    ...(spec && { drain: drainFrom(fieldsOf(spec, drainFields), call.clock.nowMs()) }),
    ...(isEligible !== undefined && { isEligible }),
    ...(notes && { meta: notes }),
    ...(call.bearer.token && { accessorId: call.bearer.token.accessorId }),
  });
  return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: 0, ...meta(index) };
}

/** A deadline of 0 never comes, a negative one has passed already. */
function drainFrom(spec: Taken<typeof drainFields>, nowMs: number): Drain {
  const deadlineMs = milliseconds(spec.Deadline ?? 0);
  const isForced = (spec.Deadline ?? 0) < 0;
  return {
    startedAtMs: nowMs,
    ignoresSystemJobs: spec.IgnoreSystemJobs ?? false,
    ...((isForced || deadlineMs > 0) && { forceAtMs: isForced ? nowMs : nowMs + deadlineMs }),
  };
}

async function eligibility(call: Call): Promise<Json> {
  const { Eligibility: word } = bodyOf(call, { Eligibility: "text" });
  if (word !== "eligible" && word !== "ineligible")
    throw new Fault(
      400,
      `invalid scheduling eligibility ${JSON.stringify(word)}: use eligible or ineligible`,
    );
  const index = await setEligibility(call.control, {
    nodeId: call.path("id"),
    isEligible: word === "eligible",
  });
  return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: 0, ...meta(index) };
}

async function evaluate(call: Call): Promise<Json> {
  const { index, evaluationIds } = await evaluateNode(call.control, call.path("id"));
  return looked(index, evaluationIds);
}

async function purge(call: Call): Promise<Json> {
  const { index, evaluationIds } = await purgeNode(call.control, call.path("id"));
  return looked(index, evaluationIds);
}

function looked(index: number, ids: readonly string[]): Json {
  return {
    HeartbeatTTL: 0,
    EvalIDs: ids.length > 0 ? ids : null,
    EvalCreateIndex: ids.length > 0 ? index : 0,
    NodeModifyIndex: index,
    ...meta(index),
  };
}

function listPools(call: Call): Json[] {
  const { state, acl } = call;
  return listed(call, {
    rows: [...state.pools.values()].filter((pool) => acl.allowsPool(pool.name, "read")),
    idOf: (pool) => pool.name,
    shape: (pool) => poolShape(state, pool),
  });
}

/** @throws Refusal not-found, also for a pool that may not be seen */
function poolOf(call: Call): NodePool {
  const name = call.path("name");
  const pool = call.state.pools.get(name);
  if (!pool || !call.acl.allowsPool(name, "read"))
    throw new Refusal("not-found", `node pool "${name}" not found`);
  return pool;
}

async function put(call: Call): Promise<Json> {
  const json = bodyOf(call, { Name: "text", Description: "text", Meta: "map" });
  const name = json.Name ?? call.path("name");
  if (call.path("name") !== "" && name !== call.path("name"))
    throw new Fault(400, "Node pool name in the path does not match that of the body");
  requirePool(call, name);
  const index = await putPool(call.control, {
    name,
    description: json.Description ?? "",
    meta: json.Meta ?? {},
  });
  return meta(index);
}

async function removePool(call: Call): Promise<Json> {
  requirePool(call, call.path("name"));
  return meta(await deletePool(call.control, call.path("name")));
}

function requirePool({ acl }: Call, name: string): void {
  if (!acl.allowsPool(name, "write")) throw new Refusal("forbidden", "Permission denied");
}

function jobsOfPool(call: Call): Json[] {
  const pool = poolOf(call);
  const { state, acl, namespace } = call;
  const isAsked = (project: string) => namespace === "*" || project === namespace;
  return listed(call, {
    rows: [...state.jobs.values()].filter(
      ({ job }) => job.pool === pool.name && isAsked(job.project) && acl.allows(job.project, "list-jobs"),
    ),
    idOf: ({ job }) => job.id,
    shape: (one) => jobStub(state, one, { hasMeta: call.flag("meta") }),
  });
}

function nodesOfPool(call: Call): Json[] {
  const pool = poolOf(call);
  if (!call.acl.allowsAt("node", "read")) throw new Refusal("forbidden", "Permission denied");
  return nodesIn(call, pool.name);
}

/** Host volumes, as the nodes declare them; there are no others. */
function hostVolumes(call: Call): Json[] {
  const { state } = call;
  const type = call.query("type") ?? "host";
  if (type !== "host") return [];
  const rows = [...state.nodes.values()].flatMap((node) =>
    Object.entries(node.hostVolumes).map(([name, volume]) => ({ node, name, volume })),
  );
  return listed(call, {
    rows,
    idOf: ({ node, name }) => `${node.id}/${name}`,
    shape: ({ node, name, volume }) => ({
      ID: `${node.id}/${name}`,
      Name: name,
      Namespace: "default",
      PluginID: "",
      NodeID: node.id,
      NodePool: node.pool,
      CapacityBytes: 0,
      State: node.status === "ready" ? "ready" : "unavailable",
      ReadOnly: volume.isReadOnly,
      CreateIndex: state.nodes.entry(node.id)?.createdIndex ?? 0,
      ModifyIndex: state.nodes.entry(node.id)?.modifiedIndex ?? 0,
      CreateTime: 0,
      ModifyTime: 0,
    }),
  });
}
