import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import type { Failure } from "./place.ts";
import { nearestNode, type Remedy, remediesFor } from "./remedies.ts";
import { isShared } from "./ports.ts";
import { sentencesOf } from "./sentences.ts";
import { counted, listOf, verb } from "./wording.ts";

/** Why something has no node, for people. */
export interface Explanation {
  readonly headline: string;
  /** What the nodes have against it, one kind of reason in each. */
  readonly reasons: readonly string[];
  /** What would help, the smallest change first; each is enough to place at least one more copy. */
  readonly changes: readonly string[];
  /** Where the least would have to change, if no single change is enough. */
  readonly nearest?: string;
}

/**
 * Why copies were not placed: every reason of every node, gathered into sentences, and what would
 * help. Ask while those that were placed are on the cluster.
 */
export function explain(cluster: Cluster, ask: Ask, failure: Failure, placed: number): Explanation {
  const first = headline(ask, placed, placed + failure.unplaced);
  if (cluster.nodes.numbers().length === 0) {
    return { headline: first, reasons: ["There are no nodes."], changes: ["Let a node join."] };
  }
  const remedies = remediesFor(cluster, ask, failure);
  const nearest = remedies.length === 0 ? nearestText(ask, failure) : undefined;
  return {
    headline: first,
    reasons: sentencesOf(ask, failure.refusals),
    changes: [
      ...remedies.slice(0, 3).map((remedy) => remedyText(remedy, failure.unplaced)),
      ...moreNodes(ask, failure.unplaced, placed),
      ...(placed > 0 ? [`Set count = ${ask.count - failure.unplaced}, which fits.`] : []),
    ],
    ...(nearest !== undefined && { nearest }),
  };
}

/** The explanation as lines of text. */
export function explanationText({ headline: first, reasons, changes, nearest }: Explanation): string {
  const [smallest, ...others] = changes;
  return [
    first,
    ...reasons.map((reason) => `  - ${reason}`),
    ...(nearest ? [`  ${nearest}`] : []),
    ...(smallest ? [`  Smallest change: ${smallest}`] : []),
    ...others.map((change) => `  Or: ${change}`),
  ].join("\n");
}

function headline(ask: Ask, placed: number, total: number): string {
  const name = ask.group === "" ? `Server ${ask.name}` : ask.name;
  if (total === 1) return `${name} has no node.`;
  if (placed === 0) return `${name}: none of ${total} copies has a node.`;
  const missing = total - placed;
  return `${name}: ${placed} of ${total} copies ${verb(placed, { one: "has", many: "have" })} a node, ${missing} ${verb(missing, { one: "has", many: "have" })} none.`;
}

/** `Make b eligible again: then b has room for both.` */
function remedyText({ change, nodes, copies, eligible = 0 }: Remedy, unplaced: number): string {
  const has = verb(nodes.length, { one: "has", many: "have" });
  const more = eligible > nodes.length ? `${eligible} nodes would do, and ` : "";
  return `${change}: then ${more}${listOf(nodes)} ${has} room for ${copiesText(copies, unplaced)}.`;
}

function copiesText(copies: number, unplaced: number): string {
  if (unplaced === 1) return "it";
  if (copies < unplaced) return `${copies} of the ${unplaced}`;
  return unplaced === 2 ? "both" : `all ${unplaced}`;
}

function nearestText(ask: Ask, failure: Failure): string | undefined {
  const found = nearestNode(ask, failure.refusals);
  if (!found) return undefined;
  const changes = found.changes.map((change) => change[0].toLowerCase() + change.slice(1));
  return `No single change is enough. ${found.name} comes nearest, for which you would have to ${changes.join("; ")}.`;
}

/** More nodes help where a node can take only one copy. */
function moreNodes(ask: Ask, unplaced: number, placed: number): string[] {
  const why = oncePerNode(ask);
  if (why === undefined || (placed === 0 && ask.group !== "")) return [];
  const total = placed + unplaced;
  const need = total > 1 ? `, so ${total} copies need ${total} nodes` : "";
  return [`Add ${counted(unplaced, "node")}: ${why}${need}.`];
}

/** Why a node can take only one copy, if that is so. */
function oncePerNode(ask: Ask): string | undefined {
  const fixed = ask.ports.find((port) => port.static !== undefined && !isShared(port));
  if (fixed) return `a node has port ${fixed.static} only once`;
  if (ask.serverGroup?.policy === "anti-affinity") return "members of the server group are to be apart";
  return ask.distinctHosts ? "no node may have two copies" : undefined;
}
