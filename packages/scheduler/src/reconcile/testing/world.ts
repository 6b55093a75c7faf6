/**
 * A tiny cloud for property tests: one job, a handful of nodes, and time that passes only when
 * nothing else happens.
 *
 * One round looks at the job (reconcile, place, write), lets each node take a step with what runs on
 * it, and lets the watchers of deployments and drains take theirs. `settle` repeats rounds until one
 * changes nothing and nobody waits for a time to come.
 */
import { isOver, type Allocation, type TaskState } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Job } from "@fractus/core/job.ts";
import { carryOut, type Place } from "../carry-out.ts";
import type { Decision, NodeCondition, Placement, ReconcileInput } from "../decision.ts";
import { watchDeployment } from "../deployment-watch.ts";
import { drain } from "../drain.ts";
import { reconcile } from "../reconcile.ts";
import { register } from "../versions.ts";
import { sampleGrant } from "./samples.ts";

export type Placer = (world: World, placement: Placement) => Place | undefined;

export interface WorldNode extends NodeCondition {
  /** How many copies it has room for. */
  readonly slots: number;
  readonly drain?: {
    readonly startedAtMs: number;
    readonly forceAtMs?: number;
    readonly ignoresSystemJobs: boolean;
  };
}

export class World {
  nowMs = 1_000_000;
  job: Job;
  readonly versions = new Map<number, Job>();
  readonly nodes = new Map<string, WorldNode>();
  readonly allocations = new Map<string, Allocation>();
  readonly deployments: Deployment[] = [];
  /** Allocations that fail at their node's next step. */
  readonly doomed = new Set<string>();
  /** Versions whose copies never get well. */
  readonly brokenVersions = new Set<number>();
  /** Called with each decision before it is carried out. */
  onDecision: (input: ReconcileInput, decision: Decision) => void = () => {};
  /** Called when a decision has been carried out. */
  onEvaluated: () => void = () => {};
  /** What the present evaluation has placed so far. */
  readonly #claims: { readonly nodeId: string; readonly placement: Placement }[] = [];
  readonly #appointments: number[] = [];
  readonly #placer: Placer;
  #wakes: number[] = [];
  #lastId = 0;
  #index = 1;

  constructor(job: Job, nodes: Readonly<Record<string, Partial<WorldNode>>>, placer: Placer = naivePlacer) {
    this.job = job;
    this.versions.set(job.version, job);
    this.#placer = placer;
    for (const [id, node] of Object.entries(nodes)) this.setNode(id, node);
  }

  get deployment(): Deployment | undefined {
    return this.deployments.at(-1);
  }

  setNode(id: string, change: Partial<WorldNode>): void {
    const sound = {
      status: "ready",
      isDraining: false,
      isEligible: true,
      isInReach: true,
      slots: 100,
    } as const;
    this.nodes.set(id, { ...sound, ...this.nodes.get(id), ...change });
  }

  register(change: Partial<Job>): void {
    this.#index += 1;
    this.job = register(this.job, { ...this.job, ...change }, { index: this.#index, nowMs: this.nowMs });
    this.versions.set(this.job.version, this.job);
  }

  update(id: string, change: Partial<Allocation>): void {
    const allocation = this.allocations.get(id);
    if (allocation) this.allocations.set(id, { ...allocation, ...change, modifiedAtMs: this.nowMs });
  }

  setDeployment(deployment: Deployment): void {
    const at = this.deployments.findIndex((one) => one.id === deployment.id);
    if (at < 0) this.deployments.push(deployment);
    else this.deployments[at] = deployment;
  }

  /** Runs rounds until nothing changes any more, and says how many it took; throws after `limit`. */
  settle(limit = 300): number {
    for (let round = 1; round <= limit; round++) {
      if (this.round() || this.#sleep()) continue;
      return round;
    }
    throw new Error(`The world has not settled after ${limit} rounds.`);
  }

  /** One round; whether it changed anything. */
  round(): boolean {
    this.#wakes = [];
    const isEvaluated = this.evaluate();
    this.onEvaluated();
    const isTicked = this.#tick();
    const isWatched = this.#watch();
    const isDrained = this.#drain();
    return isEvaluated || isTicked || isWatched || isDrained;
  }

  /** Looks at the job once; whether anything was written. */
  evaluate(): boolean {
    const input: ReconcileInput = {
      job: this.job,
      jobId: this.job.id,
      versions: this.versions,
      allocations: [...this.allocations.values()],
      deployment: this.deployment,
      nodes: this.nodes,
      evaluationId: "now",
      newDeploymentId: this.#newId("d"),
      nowMs: this.nowMs,
    };
    const decision = reconcile(input);
    this.onDecision(input, decision);
    this.#claims.splice(0);
    const changes = carryOut(input, decision, {
      placeAll: (placements) => new Map(placements.flatMap((one) => this.#claim(one))),
      newId: () => this.#newId("a"),
    });
    this.#claims.splice(0);
    for (const one of changes.allocations) this.allocations.set(one.id, one);
    for (const one of changes.deployments) this.setDeployment(one);
    for (const one of changes.evaluations) this.#appointments.push(one.waitUntilMs ?? this.nowMs);
    if (changes.stableVersion !== undefined) this.#markStable(changes.stableVersion);
    return changes.allocations.length + changes.deployments.length > 0;
  }

  /** How many copies a node holds, without those that this placement and earlier ones replace. */
  used(nodeId: string, placement?: Placement): number {
    const updates = [...this.#claims.map((claim) => claim.placement), ...(placement ? [placement] : [])];
    const freed = new Set(updates.filter((one) => one.isUpdate).map((one) => one.previous?.id));
    const holds = (one: Allocation) => one.nodeId === nodeId && !isOver(one) && !freed.has(one.id);
    const claimed = this.#claims.filter((claim) => claim.nodeId === nodeId).length;
    return [...this.allocations.values()].filter(holds).length + claimed;
  }

  #claim(placement: Placement): [Placement, Place][] {
    const place = this.#placer(this, placement);
    if (!place) return [];
    this.#claims.push({ nodeId: place.nodeId, placement });
    return [[placement, place]];
  }

  #newId(kind: string): string {
    this.#lastId += 1;
    return `${kind}${String(this.#lastId).padStart(6, "0")}`;
  }

  #markStable(version: number): void {
    const job = this.versions.get(version);
    if (!job) return;
    this.versions.set(version, { ...job, stable: true });
    if (this.job.version === version) this.job = { ...this.job, stable: true };
  }

  /** Nodes that answer take a step with each allocation. */
  #tick(): boolean {
    let isChanged = false;
    for (const allocation of this.allocations.values()) {
      if (this.nodes.get(allocation.nodeId)?.status !== "ready") continue;
      const after = this.#tickOne(allocation);
      if (after === allocation) continue;
      this.allocations.set(after.id, { ...after, modifiedAtMs: this.nowMs });
      isChanged = true;
    }
    return isChanged;
  }

  #tickOne(allocation: Allocation): Allocation {
    const { status, desired } = allocation;
    if (status === "complete" || status === "failed") return allocation;
    if (desired !== "run")
      return {
        ...allocation,
        status: "complete",
        tasks: this.#tasks(allocation, "dead", { wasKilled: true }),
      };
    if (this.doomed.delete(allocation.id) || this.brokenVersions.has(allocation.jobVersion)) {
      return { ...allocation, status: "failed", tasks: this.#tasks(allocation, "dead", { failed: true }) };
    }
    if (this.job.type === "batch" || this.job.type === "sysbatch") {
      const isDone = status === "running";
      const tasks = this.#tasks(allocation, isDone ? "dead" : "running");
      return { ...allocation, status: isDone ? "complete" : "running", tasks };
    }
    if (status === "running") return allocation;
    const tasks = status === "pending" ? this.#tasks(allocation, "running") : allocation.tasks;
    return { ...allocation, status: "running", tasks };
  }

  #tasks(
    allocation: Allocation,
    status: TaskState["status"],
    end: { failed?: boolean; wasKilled?: boolean } = {},
  ): Record<string, TaskState> {
    const names = this.versions
      .get(allocation.jobVersion)
      ?.groups.find((one) => one.name === allocation.group)?.tasks;
    const finishedAtMs = status === "dead" ? this.nowMs : undefined;
    const startedAtMs = allocation.tasks[names?.[0].name ?? ""]?.startedAtMs ?? this.nowMs;
    return Object.fromEntries(
      (names ?? []).map(({ name }) => [
        name,
        { status, failed: false, ...end, restarts: 0, startedAtMs, finishedAtMs },
      ]),
    );
  }

  #watch(): boolean {
    const { deployment } = this;
    const job = deployment && this.versions.get(deployment.jobVersion);
    if (!deployment || !job) return false;
    const step = watchDeployment({
      deployment,
      job,
      versions: [...this.versions.values()],
      allocations: [...this.allocations.values()],
      checksPassSinceMs: new Map(),
      nowMs: this.nowMs,
    });
    if (step.wakeAtMs !== undefined) this.#wakes.push(step.wakeAtMs);
    for (const one of step.allocations) this.allocations.set(one.id, one);
    if (step.deployment !== deployment) this.setDeployment(step.deployment);
    const target = step.revertTo === undefined ? undefined : this.versions.get(step.revertTo);
    if (target) this.register({ ...target, stable: false });
    return step.needsEvaluation;
  }

  #drain(): boolean {
    const drains = [...this.nodes].flatMap(([nodeId, node]) => (node.drain ? { nodeId, ...node.drain } : []));
    const step = drain({
      drains,
      jobs: [this.job],
      allocations: [...this.allocations.values()],
      nowMs: this.nowMs,
    });
    if (step.wakeAtMs !== undefined) this.#wakes.push(step.wakeAtMs);
    for (const { id, transition } of step.migrate)
      this.update(id, { transition: { ...transition, migrate: true } });
    for (const id of step.doneNodeIds)
      this.setNode(id, { drain: undefined, isDraining: false, isEligible: false });
    return step.migrate.length + step.doneNodeIds.length > 0;
  }

  /** Goes to the next time that somebody waits for, if there is one. */
  #sleep(): boolean {
    const waits = [...this.#wakes, ...this.#appointments].filter((atMs) => atMs > this.nowMs);
    if (waits.length === 0) return false;
    this.nowMs = Math.min(...waits);
    return true;
  }
}

/** The node with the most room, if any has some; of equals the lowest id. */
export function naivePlacer(world: World, placement: Placement): Place | undefined {
  const room = (id: string) => (world.nodes.get(id)?.slots ?? 0) - world.used(id, placement);
  const fits = ([id, node]: [string, WorldNode]) =>
    node.status === "ready" &&
    node.isEligible &&
    !node.isDraining &&
    node.isInReach &&
    (placement.nodeId === undefined || placement.nodeId === id) &&
    room(id) > 0;
  const ids = [...world.nodes].filter(fits).map(([id]) => id);
  const best = ids.sort((a, b) => room(b) - room(a) || (a < b ? -1 : 1)).at(0);
  return best === undefined ? undefined : { nodeId: best, grant: sampleGrant };
}
