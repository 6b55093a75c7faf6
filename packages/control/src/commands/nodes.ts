/** Commands about nodes: what their agents say of them, and what people want of them. */
import type { HeartbeatTerms, NodeFacts } from "@fractus/agent/control-link.ts";
import type { EvaluationCause } from "@fractus/core/evaluation.ts";
import type { Drain, Node } from "@fractus/core/node.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { isTerminal } from "@fractus/core/allocation.ts";
import type { Context } from "../context.ts";
import type { Draft } from "../state/change.ts";
import type { NodeEvent, NodeNotes } from "../state/records.ts";
import { jobId, type State } from "../state/state.ts";
import { newEvaluation } from "./new-evaluation.ts";

/** An agent says what its node is; the node is ready from now on. */
export async function registerNode(context: Context, facts: NodeFacts): Promise<HeartbeatTerms> {
  await context.ledger.transact("node-register", (draft) => {
    const known = draft.state.nodes.get(facts.id);
    refuseTakenName(draft.state, facts);
    const drain = known?.drain;
    const node: Node = {
      ...facts,
      status: "ready",
      isEligible: known?.isEligible ?? true,
      ...(drain && { drain }),
    };
    if (known && sameNode(known, node)) return;
    draft.put("nodes", node);
    if (!known) note(context, draft, node.id, { message: "Node registered", subsystem: "Cluster" });
    else if (known.status !== "ready")
      note(
        context,
        draft,
        node.id,
        { message: "Node re-registered", subsystem: "Cluster" },
        { statusReason: "", statusChangedAtMs: context.clock.nowMs() },
      );
    if (!known || known.status !== node.status || hasMoreRoom(known, node))
      lookAtJobsOn(context, draft, node, "node-update");
  });
  return heartbeatTerms(context);
}

function refuseTakenName(state: State, facts: NodeFacts): void {
  for (const other of state.nodes.by("name", facts.name)) {
    if (other.id === facts.id || other.status === "down") continue;
    throw new Refusal("conflict", `There is a node named "${facts.name}" already (${other.id}).`);
  }
}

function sameNode(a: Node, b: Node): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function hasMoreRoom(before: Node, after: Node): boolean {
  return JSON.stringify({ ...before, attributes: {} }) !== JSON.stringify({ ...after, attributes: {} });
}

/** Terms with a little chance in them, so that nodes do not all speak at once. */
export function heartbeatTerms({ terms, dice }: Context): HeartbeatTerms {
  return { ttlMs: Math.round(terms.heartbeatTtlMs * (1 + dice.roll() * 0.2)) };
}

/**
 * The node is there. One that was taken for gone is ready again.
 *
 * @throws Refusal not-found for a node that is not known: it has to register
 */
export async function heartbeat(context: Context, nodeId: string): Promise<HeartbeatTerms> {
  const node = context.state.nodes.get(nodeId);
  if (!node) throw new Refusal("not-found", `There is no node ${nodeId}.`);
  if (node.status !== "ready") {
    await setNodeStatus(context, {
      nodeId,
      status: "ready",
      reason: "",
      message: "Node heartbeat received again",
    });
  }
  return heartbeatTerms(context);
}

/** What is known of whether the node is there has changed: jobs that are concerned are looked at. */
export function setNodeStatus(
  context: Context,
  change: {
    readonly nodeId: string;
    readonly status: Node["status"];
    readonly reason: string;
    readonly message: string;
  },
): Promise<void> {
  return context.ledger.transact("node-status", (draft) => {
    const node = draft.state.nodes.get(change.nodeId);
    if (!node || node.status === change.status) return;
    const after = { ...node, status: change.status };
    draft.put("nodes", after);
    note(
      context,
      draft,
      node.id,
      { message: change.message, subsystem: "Cluster" },
      { statusReason: change.reason, statusChangedAtMs: context.clock.nowMs() },
    );
    lookAtJobsOn(context, draft, after, "node-update");
  });
}

/** One look at each job that has something on the node, and at each system job that may want to. */
function lookAtJobsOn(context: Context, draft: Draft, node: Node, cause: EvaluationCause): void {
  const keys = new Set<string>();
  for (const id of draft.state.allocations.idsBy("node", node.id)) {
    const one = draft.state.allocations.get(id)!;
    if (!isTerminal(one) || one.unknownSinceMs !== undefined) keys.add(jobId(one.project, one.jobId));
  }
  for (const { job } of draft.state.jobs.values()) {
    if ((job.type === "system" || job.type === "sysbatch") && !job.stopped)
      keys.add(jobId(job.project, job.id));
  }
  for (const key of keys) {
    const job = draft.get("jobs", key)?.job;
    if (job) draft.put("evaluations", newEvaluation(context, job, cause, { nodeId: node.id }));
  }
}

/**
 * Begins to empty a node, or with no strategy ceases to.
 *
 * @param wish.isEligible whether new work may come when the drain is taken back
 * @throws Refusal not-found
 */
export function drainNode(
  context: Context,
  wish: {
    readonly nodeId: string;
    readonly drain?: Drain;
    readonly isEligible?: boolean;
    readonly meta?: Readonly<Record<string, string>>;
    readonly accessorId?: string;
  },
): Promise<number> {
  return context.ledger.transact("node-drain", (draft) => {
    const { drain: before, ...node } = nodeOf(draft.state, wish.nodeId);
    const isEligible = wish.drain ? false : (wish.isEligible ?? node.isEligible);
    const after: Node = { ...node, isEligible, ...(wish.drain && { drain: wish.drain }) };
    draft.put("nodes", after);
    const message = wish.drain ? "Node drain strategy set" : "Node drain strategy unset";
    const notes = notesOf(draft, node.id);
    const nowMs = context.clock.nowMs();
    const started = wish.drain
      ? { startedAtMs: nowMs, status: "draining" as const }
      : before && { startedAtMs: notes.lastDrain?.startedAtMs ?? nowMs, status: "canceled" as const };
    const lastDrain = started && {
      ...started,
      updatedAtMs: nowMs,
      accessorId: wish.accessorId ?? "",
      meta: wish.meta ?? {},
    };
    note(context, draft, node.id, { message, subsystem: "Drain" }, lastDrain && { lastDrain });
    if (!wish.drain) lookAtJobsOn(context, draft, after, "node-update");
    return draft.index;
  });
}

/** The drains that are over end; their nodes take no new work until somebody says so. */
export function finishDrains(context: Context, nodeIds: readonly string[]): Promise<void> {
  return context.ledger.transact("node-drain", (draft) => {
    for (const id of nodeIds) {
      const known = draft.state.nodes.get(id);
      if (!known?.drain) continue;
      const { drain: _, ...node } = known;
      draft.put("nodes", node);
      const before = notesOf(draft, id).lastDrain;
      const lastDrain = before && {
        ...before,
        status: "complete" as const,
        updatedAtMs: context.clock.nowMs(),
      };
      note(
        context,
        draft,
        id,
        { message: "Node drain complete", subsystem: "Drain" },
        lastDrain && { lastDrain },
      );
    }
  });
}

/** @throws Refusal not-found; invalid while the node is drained */
export function setEligibility(
  context: Context,
  wish: { readonly nodeId: string; readonly isEligible: boolean },
): Promise<number> {
  return context.ledger.transact("node-eligibility", (draft) => {
    const node = nodeOf(draft.state, wish.nodeId);
    if (node.drain && wish.isEligible)
      throw new Refusal(
        "invalid",
        "can not set node's scheduling eligibility to eligible while it is draining",
      );
    if (node.isEligible === wish.isEligible) return draft.state.index;
    const after = { ...node, isEligible: wish.isEligible };
    draft.put("nodes", after);
    const message = `Node marked as ${wish.isEligible ? "eligible" : "ineligible"} for scheduling`;
    note(context, draft, node.id, { message, subsystem: "Cluster" });
    if (wish.isEligible) lookAtJobsOn(context, draft, after, "node-update");
    return draft.index;
  });
}

/** Asks for a look at every job that is concerned. @throws Refusal not-found */
export function evaluateNode(
  context: Context,
  nodeId: string,
): Promise<{ readonly index: number; readonly evaluationIds: readonly string[] }> {
  return context.ledger.transact("evaluation", (draft) => {
    lookAtJobsOn(context, draft, nodeOf(draft.state, nodeId), "node-update");
    return { index: draft.index, evaluationIds: draft.changes().map((change) => change.id) };
  });
}

/** Forgets a node; what ran there is lost. @throws Refusal not-found */
export function purgeNode(
  context: Context,
  nodeId: string,
): Promise<{ readonly index: number; readonly evaluationIds: readonly string[] }> {
  return context.ledger.transact("node-purge", (draft) => {
    const node = nodeOf(draft.state, nodeId);
    lookAtJobsOn(context, draft, node, "node-update");
    const evaluationIds = draft.changes().map((change) => change.id);
    draft.remove("nodes", nodeId);
    draft.remove("nodeNotes", nodeId);
    return { index: draft.index, evaluationIds };
  });
}

/** @throws Refusal not-found */
export function nodeOf(state: State, id: string): Node {
  const node = state.nodes.get(id);
  if (!node) throw new Refusal("not-found", `node "${id}" not found`);
  return node;
}

function notesOf(draft: Draft, nodeId: string): NodeNotes {
  return draft.get("nodeNotes", nodeId) ?? { nodeId, events: [], statusChangedAtMs: 0 };
}

function note(
  context: Context,
  draft: Draft,
  nodeId: string,
  event: Pick<NodeEvent, "message" | "subsystem">,
  more: Partial<NodeNotes> = {},
): void {
  const notes = notesOf(draft, nodeId);
  const events = [...notes.events, { ...event, details: {}, atMs: context.clock.nowMs() }].slice(-10);
  draft.put("nodeNotes", { ...notes, ...more, events });
}
