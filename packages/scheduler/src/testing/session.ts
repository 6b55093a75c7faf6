/** A cloud of several jobs for tests: it evaluates, commits, and lets everything that is placed run. */
import { isOver, type Allocation } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Evaluation, EvaluationCause } from "@fractus/core/evaluation.ts";
import type { Job } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { Cluster } from "../cluster.ts";
import { type Evaluated, evaluate } from "../evaluate.ts";
import { commit } from "../plan.ts";
import { register } from "../reconcile/versions.ts";
import { nodeWith } from "./build.ts";

export class Session {
  readonly cluster = new Cluster();
  readonly versions = new Map<string, Map<number, Job>>();
  readonly jobs = new Map<string, Job>();
  readonly allocations = new Map<string, Allocation>();
  readonly deployments = new Map<string, Deployment>();
  blocked: Evaluation[] = [];
  nowMs = 1_000_000;
  #lastId = 0;

  constructor(nodes: readonly (Partial<Node> & { readonly id: string })[]) {
    for (const node of nodes) this.cluster.setNode(nodeWith(node));
  }

  /** Submits a job without looking at it. */
  submit(job: Job): Job {
    const stored = register(this.jobs.get(job.id), job, { index: this.#next(), nowMs: this.nowMs });
    this.jobs.set(job.id, stored);
    this.versions.set(
      job.id,
      (this.versions.get(job.id) ?? new Map<number, Job>()).set(stored.version, stored),
    );
    return stored;
  }

  /** What looking at a job would do, changing nothing. */
  plan(jobId: string, evaluation: Evaluation = this.evaluation(jobId, "job-register")): Evaluated {
    return evaluate({
      evaluation,
      job: this.jobs.get(jobId),
      versions: this.versions.get(jobId) ?? new Map<number, Job>(),
      allocations: this.copies(jobId),
      deployment: this.deployments.get(jobId),
      cluster: this.cluster,
      nowMs: this.nowMs,
      newId: () => `id${this.#next()}`,
    });
  }

  /** Looks at a job, carries the plan out and lets it run. */
  run(jobId: string, evaluation?: Evaluation): Evaluated {
    const outcome = this.plan(jobId, evaluation);
    const { rejected } = commit(this.cluster, outcome.plan);
    if (rejected.length > 0)
      throw new Error(`The plan does not hold on ${rejected.map(({ name }) => name).join(", ")}.`);
    for (const one of outcome.changes.allocations) this.allocations.set(one.id, started(one, this.nowMs));
    for (const one of outcome.changes.deployments) this.deployments.set(jobId, one);
    for (const { instanceId, byId } of outcome.evicted) this.#evict(instanceId, byId);
    this.blocked = this.blocked.filter((one) => one.jobId !== jobId);
    if (outcome.blocked) this.blocked.push(outcome.blocked);
    if (outcome.evaluation.status === "blocked") this.blocked.push(outcome.evaluation);
    return outcome;
  }

  evaluation(jobId: string, cause: EvaluationCause): Evaluation {
    const job = this.jobs.get(jobId);
    return {
      id: `id${this.#next()}`,
      project: "default",
      jobId,
      type: job?.type ?? "service",
      priority: job?.priority ?? 50,
      cause,
      status: "pending",
      createdAtMs: this.nowMs,
      modifiedAtMs: this.nowMs,
    };
  }

  copies(jobId: string): Allocation[] {
    return [...this.allocations.values()].filter((one) => one.jobId === jobId);
  }

  /** `web[0]@n1 web[1]@n2`: what is wanted of a job and runs, in the order of names. */
  where(jobId: string): string {
    const running = this.copies(jobId).filter((one) => one.desired === "run" && !isOver(one));
    const names = running.map(({ name, nodeId }) => `${name.slice(jobId.length + 1)}@${nodeId}`);
    return names.sort().join(" ");
  }

  setNode(id: string, change: Partial<Node>): void {
    const number = this.cluster.nodes.numberOf(id);
    this.cluster.setNode(nodeWith({ ...(number < 0 ? {} : this.cluster.nodes.at(number)), ...change, id }));
  }

  #evict(id: string, byId: string): void {
    const victim = this.allocations.get(id);
    if (victim) this.allocations.set(id, { ...victim, desired: "evict", preemptedBy: byId });
  }

  #next(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function started(allocation: Allocation, nowMs: number): Allocation {
  if (allocation.status !== "pending" || allocation.desired !== "run") return allocation;
  const tasks = Object.keys(allocation.grant.tasks).map((name) => [
    name,
    { status: "running", failed: false, restarts: 0, startedAtMs: nowMs },
  ]);
  return { ...allocation, status: "running", tasks: Object.fromEntries(tasks) as Allocation["tasks"] };
}
