/** What agents are told and may say, as control answers it: `ControlLink` by plain calls. */
import type {
  AllocationReport,
  Assignment,
  Assignments,
  ControlLink,
  HeartbeatTerms,
  NodeFacts,
} from "@fractus/agent/control-link.ts";
import type { Allocation } from "@fractus/core/allocation.ts";
import { type NodeReports, takeReports } from "./commands/allocations.ts";
import { heartbeat, registerNode } from "./commands/nodes.ts";
import { servicesNamed, setServices } from "./commands/services.ts";
import type { Context } from "./context.ts";
import type { HeartbeatLoop } from "./loops/nodes.ts";
import { Turns } from "./loops/turns.ts";
import type { Committed } from "./state/ledger.ts";
import { jobId } from "./state/state.ts";

const longestWaitMs = 60_000;

/** Without a reason of our own, each abort would make an exception with a stack. */
const woken = new Error("woken");

/** As long as jobs wait for a look, telling nodes of their news takes no more than a fifth of the time. */
const restsWhilePlacing = 4;

/** Reports that go into one transaction; a batch is closed when it has more. */
const mostReports = 5_000;

interface ReportBatch {
  readonly told: NodeReports[];
  readonly written: Promise<void>;
  count: number;
}

export class AgentLink implements ControlLink {
  readonly #context: Context;
  readonly #heartbeats: Pick<HeartbeatLoop, "heard">;
  /** By node: the last transaction in which somebody else than the node itself changed its list. */
  readonly #changedIndex = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Nodes hear of changes in turn: each answer costs as much as the node has. */
  readonly #turns: Turns;
  readonly #firstIndex: number;
  #open: ReportBatch | undefined;
  #sharedIndex: number;
  readonly #sharedWaiting = new Set<() => void>();

  constructor(context: Context, heartbeats: Pick<HeartbeatLoop, "heard">) {
    this.#context = context;
    this.#heartbeats = heartbeats;
    this.#turns = new Turns(context.clock, () => (this.#isPlacing() ? restsWhilePlacing : 0));
    this.#firstIndex = context.state.index;
    this.#sharedIndex = context.state.index;
  }

  /** Takes notice of a transaction. */
  follow({ kind, index, changes }: Committed): void {
    let isShared = false;
    const nodes = new Set<string>();
    for (const change of changes) {
      if (change.table === "services" || change.table === "variables") isShared = true;
      if (change.table !== "allocations" || (kind === "allocation-report" && change.value)) continue;
      const allocation = change.value ?? (change.before as Allocation | undefined);
      if (allocation) nodes.add(allocation.nodeId);
    }
    for (const nodeId of nodes) {
      this.#changedIndex.set(nodeId, index);
      if (this.#waiting.has(nodeId)) this.#turns.take(nodeId, () => release(this.#waiting.get(nodeId)));
    }
    if (isShared) {
      this.#sharedIndex = index;
      release(this.#sharedWaiting);
    }
  }

  async register(node: NodeFacts): Promise<HeartbeatTerms> {
    const terms = await registerNode(this.#context, node);
    this.#heartbeats.heard(node.id, terms.ttlMs);
    return terms;
  }

  async heartbeat(nodeId: string): Promise<HeartbeatTerms> {
    const terms = await heartbeat(this.#context, nodeId);
    this.#heartbeats.heard(nodeId, terms.ttlMs);
    return terms;
  }

  async assignments(nodeId: string, afterIndex: number, signal?: AbortSignal): Promise<Assignments> {
    const isNews = this.#nodeIndex(nodeId) > afterIndex;
    if (!isNews || this.#turns.isBusy) {
      const waiting = this.#waitingOn(nodeId);
      if (isNews) this.#turns.take(nodeId, () => release(waiting));
      await this.#wait(waiting, signal);
    }
    return { index: this.#nodeIndex(nodeId), list: this.#assigned(nodeId) };
  }

  #isPlacing(): boolean {
    return this.#context.state.evaluations.idsBy("status", "pending").size > 0;
  }

  #waitingOn(nodeId: string): Set<() => void> {
    let waiting = this.#waiting.get(nodeId);
    if (!waiting) this.#waiting.set(nodeId, (waiting = new Set()));
    return waiting;
  }

  #assigned(nodeId: string): Assignment[] {
    const { allocations, versions } = this.#context.state;
    const list: Assignment[] = [];
    for (const allocation of allocations.by("node", nodeId)) {
      const { project, jobId: id, jobVersion } = allocation;
      const job = versions.get(`${jobId(project, id)}\n${jobVersion}`)?.job;
      if (job) list.push({ allocation, job });
    }
    return list;
  }

  #nodeIndex(nodeId: string): number {
    return this.#changedIndex.get(nodeId) ?? this.#firstIndex;
  }

  async #wait(waiting: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
    const end = new AbortController();
    const stop = () => end.abort(woken);
    waiting.add(stop);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    await this.#context.clock.sleep(longestWaitMs, end.signal).catch(() => {});
    signal?.removeEventListener("abort", stop);
    waiting.delete(stop);
  }

  /**
   * A node that says something is there, even if it was taken for gone. What nodes say while others are being
   * written down is written together, since each write waits for the disk.
   */
  async report(nodeId: string, reports: readonly AllocationReport[]): Promise<void> {
    const node = this.#context.state.nodes.get(nodeId);
    if (node && node.status !== "ready") await this.heartbeat(nodeId);
    const open = this.#open && this.#open.count < mostReports ? this.#open : this.#beginBatch();
    open.told.push({ nodeId, reports });
    open.count += reports.length;
    await open.written;
  }

  #beginBatch(): ReportBatch {
    const told: NodeReports[] = [];
    const written = takeReports(this.#context, () => {
      if (this.#open === batch) this.#open = undefined;
      return told;
    });
    const batch: ReportBatch = { told, written, count: 0 };
    this.#open = batch;
    return batch;
  }

  setServices: ControlLink["setServices"] = (allocationId, services) =>
    setServices(this.#context, allocationId, services);

  services: ControlLink["services"] = async (project, name) => servicesNamed(this.#context, project, name);

  variable: ControlLink["variable"] = async (project, path) => {
    return isForJobs(path) ? this.#context.state.variables.get(jobId(project, path))?.items : undefined;
  };

  variablePaths: ControlLink["variablePaths"] = async (project, prefix) => {
    const paths = this.#context.state.variables.by("project", project).map(({ path }) => path);
    return paths.filter((path) => path.startsWith(prefix) && isForJobs(path)).toSorted();
  };

  async changed(afterIndex: number, signal?: AbortSignal): Promise<number> {
    if (this.#sharedIndex <= afterIndex) await this.#wait(this.#sharedWaiting, signal);
    return this.#sharedIndex;
  }
}

/** Tasks read what lies at `nomad/jobs` and below, as https://developer.hashicorp.com/nomad/docs/concepts/variables says of them. */
function isForJobs(path: string): boolean {
  return path === "nomad/jobs" || path.startsWith("nomad/jobs/");
}

function release(waiting: Set<() => void> | undefined): void {
  if (!waiting) return;
  const all = [...waiting];
  waiting.clear();
  for (const wake of all) wake();
}
