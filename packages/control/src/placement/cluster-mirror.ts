/**
 * The scheduler's cluster, kept in step with the state: it hears of every transaction, so that a
 * placement costs what it touches and not what there is.
 *
 * An instance holds its room from its placement until it is over or not wanted any more. Its node
 * lets the next one begin only when the room is really free.
 */
import { isTerminal, type Allocation } from "@fractus/core/allocation.ts";
import { groupOf } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import type { Ask } from "@fractus/scheduler/ask.ts";
import { Cluster } from "@fractus/scheduler/cluster.ts";
import { groupAsk, settledCopy } from "@fractus/scheduler/group-ask.ts";
import type { Committed } from "../state/ledger.ts";
import { jobId, type State } from "../state/state.ts";

export class ClusterMirror {
  readonly cluster = new Cluster();
  readonly #state: State;
  /** By job, version and group: all copies share one ask. */
  readonly #asks = new Map<string, Ask>();

  constructor(state: State) {
    this.#state = state;
    for (const node of state.nodes.values()) this.cluster.setNode(node);
    for (const allocation of state.allocations.values()) this.#enter(allocation);
  }

  /** Takes over what a transaction has changed. Who leaves goes first: a port may pass from one to the next. */
  follow({ changes }: Committed): void {
    for (const change of changes)
      if (change.table === "allocations" && !staysAsItIs(change)) this.#leave(change.id);
    for (const change of changes) {
      if (change.table === "nodes") {
        if (change.value) this.#setNode(change.value);
        else this.cluster.removeNode(change.id);
      } else if (change.table === "allocations") {
        if (change.value && !staysAsItIs(change)) this.#enter(change.value);
      } else if (change.table === "versions" && !change.value) {
        this.#forgetAsks(change.id);
      }
    }
  }

  /** A node that was forgotten and is back may still have what nobody has looked at since. */
  #setNode(node: Node): void {
    const isNew = this.cluster.nodes.numberOf(node.id) < 0;
    this.cluster.setNode(node);
    if (isNew) for (const one of this.#state.allocations.by("liveOnNode", node.id)) this.#enter(one);
  }

  #leave(id: string): void {
    const row = this.cluster.instances.rowOf(id);
    if (row !== undefined) this.cluster.remove(row);
  }

  #enter(allocation: Allocation): void {
    const { nodes, instances } = this.cluster;
    if (isTerminal(allocation) || nodes.numberOf(allocation.nodeId) < 0) return;
    if (instances.rowOf(allocation.id) !== undefined) return;
    const ask = this.#askOf(allocation);
    if (ask) this.cluster.add(settledCopy(ask, allocation));
  }

  #askOf({ project, jobId: id, jobVersion, group: name }: Allocation): Ask | undefined {
    const versionKey = `${jobId(project, id)}\n${jobVersion}`;
    const key = `${versionKey}\n${name}`;
    const known = this.#asks.get(key);
    if (known) return known;
    const job = this.#state.versions.get(versionKey)?.job;
    const group = job && groupOf(job, name);
    if (!group) return undefined;
    const ask = groupAsk(job, group);
    this.#asks.set(key, ask);
    return ask;
  }

  #forgetAsks(versionKey: string): void {
    for (const key of this.#asks.keys()) if (key.startsWith(`${versionKey}\n`)) this.#asks.delete(key);
  }
}

/** Most of what nodes report is of no account for the room that it takes. */
function staysAsItIs({ value, before }: { readonly value?: Allocation; readonly before?: unknown }): boolean {
  const known = before as Allocation | undefined;
  return (
    value !== undefined &&
    known !== undefined &&
    value.grant === known.grant &&
    value.nodeId === known.nodeId &&
    value.jobVersion === known.jobVersion &&
    isTerminal(value) === isTerminal(known)
  );
}
