/**
 * Looks at a job: decides what is to be done (reconcile), finds places for it (seat), and says what
 * is to be written and what is to become of the evaluation.
 *
 *     pending ──▶ complete    what has a place is in the plan
 *                    └──▶ a blocked evaluation waits for room for the rest
 *     blocked ──▶ blocked     it was looked at again and there still is no room
 *
 * Nothing is changed by it: the cluster is as before, and the plan is for `commit` to carry out.
 */
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Evaluation, PlacementMetrics } from "@fractus/core/evaluation.ts";
import type { Job } from "@fractus/core/job.ts";
import type { Ask } from "./ask.ts";
import type { Cluster, SettledInstance } from "./cluster.ts";
import { Company } from "./company.ts";
import { eligibility } from "./eligibility.ts";
import { feasibleNodes, reasonsAgainst } from "./feasible.ts";
import { type AskOf, rememberedAsks, settledCopy } from "./group-ask.ts";
import { metricsOf } from "./metrics.ts";
import { outranked } from "./outranked.ts";
import type { Plan } from "./plan.ts";
import type { Reason } from "./reason.ts";
import { carryOut, type Changes } from "./reconcile/carry-out.ts";
import type { Decision, NodeCondition, ReconcileInput } from "./reconcile/decision.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import type { Algorithm } from "./score.ts";
import { type GroupFailure, seat, type Seating } from "./seat.ts";

export interface EvaluateInput {
  readonly evaluation: Evaluation;
  /** Absent when the job is gone. */
  readonly job?: Job;
  readonly versions: ReadonlyMap<number, Job>;
  readonly allocations: readonly Allocation[];
  readonly deployment?: Deployment;
  /** Nodes and everything that runs on them, this job's allocations included. */
  readonly cluster: Cluster;
  readonly nowMs: number;
  /** Chance, for the ids of what comes into being. */
  readonly newId: () => string;
  readonly algorithm?: Algorithm;
  /** Whether less important instances may be evicted; only for system jobs, if not given. */
  readonly mayEvict?: boolean;
}

export interface Evaluated {
  readonly decision: Decision;
  /** Records to write, if the plan is carried out in full. */
  readonly changes: Changes;
  readonly plan: Plan;
  /** The evaluation as it becomes. */
  readonly evaluation: Evaluation;
  /** The new evaluation that waits for room. */
  readonly blocked?: Evaluation;
  /** By group name: why copies found no place, for `explain`. */
  readonly failures: ReadonlyMap<string, GroupFailure>;
  /** Instances that have to make room, and the allocation they make it for. */
  readonly evicted: readonly Eviction[];
}

export interface Eviction {
  readonly instanceId: string;
  readonly job: string;
  readonly byId: string;
}

/** One look at a job. The same input has the same outcome, but for the ids. */
export function evaluate(input: EvaluateInput): Evaluated {
  const askOf = rememberedAsks((version) =>
    input.job?.version === version ? input.job : input.versions.get(version),
  );
  const known = knownOf(input, askOf);
  const decision = reconcile(known);
  let seating: Seating = { places: new Map(), evicted: new Map(), failures: new Map() };
  let metrics: Record<string, PlacementMetrics> = {};
  const options = { algorithm: input.algorithm, mayEvict: input.mayEvict ?? input.job?.type === "system" };
  const changes = carryOut(known, decision, {
    newId: input.newId,
    placeAll(placements) {
      input.cluster.attempt(() => {
        for (const { allocation } of decision.stops) removeFrom(input.cluster, allocation);
        seating = seat(input.cluster, placements, { askOf, options });
        metrics = Object.fromEntries(
          [...seating.failures].map(([name, one]) => [name, metricsOf(input.cluster, one)]),
        );
        return false;
      });
      return seating.places;
    },
  });
  const evicted = evictionsOf(changes, seating);
  const plan = planOf(input, { decision, changes, evicted, askOf });
  const { failures } = seating;
  const desired = withPreemptions(decision.desired, seating);
  return {
    decision: { ...decision, desired },
    changes,
    plan,
    evicted,
    failures,
    ...conclude(input, { failures, metrics, changes }),
  };
}

function removeFrom(cluster: Cluster, allocation: Allocation): void {
  const row = cluster.instances.rowOf(allocation.id);
  if (row !== undefined) cluster.remove(row);
}

function knownOf(input: EvaluateInput, askOf: AskOf): ReconcileInput {
  const { job, evaluation, cluster } = input;
  return {
    job,
    jobId: evaluation.jobId,
    versions: input.versions,
    allocations: input.allocations,
    deployment: input.deployment,
    nodes: nodeConditions(input),
    evaluationId: evaluation.id,
    newDeploymentId: input.newId(),
    nowMs: input.nowMs,
    ...(job && {
      mayStay: stayRule(cluster, job, askOf),
      outranked: rankRule(input, job, askOf),
      suits: suitRule(cluster, job, askOf),
    }),
  };
}

/** Of system jobs all nodes matter, of others those on which something of theirs is. */
function nodeConditions({ cluster, job, allocations }: EvaluateInput): Map<string, NodeCondition> {
  const isEverywhere = job?.type === "system" || job?.type === "sysbatch";
  const used = () => [...new Set(allocations.map((one) => cluster.nodes.numberOf(one.nodeId)))];
  const numbers = isEverywhere ? cluster.nodes.numbers() : used().filter((number) => number >= 0);
  const zones = job?.zones.map(patternOf) ?? [/^/];
  return new Map(
    numbers.map((number) => {
      const { id, status, isEligible, drain, zone, pool } = cluster.nodes.at(number);
      const isInPool = job === undefined || job.pool === "all" || job.pool === pool;
      const isInReach = isInPool && zones.some((pattern) => pattern.test(zone));
      return [id, { status, isEligible, isDraining: drain !== undefined, isInReach }];
    }),
  );
}

/** `*` stands for any number of characters. */
function patternOf(zone: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&");
  return new RegExp(`^${zone.split("*").map(literal).join(".*")}$`);
}

/** What rules a node out for good, rather than for the time being. */
const lasting: ReadonlySet<Reason["kind"]> = new Set([
  "zone",
  "pool",
  "constraint",
  "driver-missing",
  "device-missing",
  "network-mode",
  "host-network",
  "volume-missing",
  "volume-read-only",
]);

/** A copy stays if its node still suits the changed group; whether it takes new work is of no account. */
function stayRule(cluster: Cluster, job: Job, askOf: AskOf): NonNullable<ReconcileInput["mayStay"]> {
  const companies = new Map<Ask, Company>();
  return (allocation, group) => {
    const number = cluster.nodes.numberOf(allocation.nodeId);
    const ask = askOf({ jobVersion: job.version, group: group.name })?.ask;
    if (number < 0 || !ask) return true;
    const company = companies.get(ask) ?? new Company(cluster, ask);
    companies.set(ask, company);
    return !reasonsAgainst(cluster, ask, company, number).some(({ kind }) => lasting.has(kind));
  };
}

function rankRule(
  { cluster, algorithm }: EvaluateInput,
  job: Job,
  askOf: AskOf,
): NonNullable<ReconcileInput["outranked"]> {
  return ({ group, ...question }) => {
    const ask = askOf({ jobVersion: job.version, group: group.name })?.ask;
    return ask ? outranked(cluster, ask, question, { algorithm }) : new Set();
  };
}

/** Whether the node takes work at the moment is of no account here. */
function suitRule(cluster: Cluster, job: Job, askOf: AskOf): NonNullable<ReconcileInput["suits"]> {
  const suitable = new Map<Ask, ReadonlySet<number>>();
  return (nodeId, group) => {
    const ask = askOf({ jobVersion: job.version, group: group.name })?.ask;
    if (!ask) return false;
    const numbers = suitable.get(ask) ?? new Set(feasibleNodes(cluster, ask, { evenClosed: true }));
    suitable.set(ask, numbers);
    return numbers.has(cluster.nodes.numberOf(nodeId));
  };
}

function withPreemptions(desired: Decision["desired"], { evicted }: Seating): Decision["desired"] {
  const counted = (group: string) =>
    [...evicted].reduce(
      (sum, [placement, victims]) => sum + (placement.group === group ? victims.length : 0),
      0,
    );
  const entries = Object.entries(desired).map(([name, one]) => [
    name,
    { ...one, preemptions: counted(name) },
  ]);
  return Object.fromEntries(entries) as Decision["desired"];
}

function evictionsOf(changes: Changes, seating: Seating): Eviction[] {
  return changes.placed.flatMap(({ placement, allocation }) =>
    (seating.evicted.get(placement) ?? []).flatMap(({ id, job }) =>
      id === undefined ? [] : { instanceId: id, job, byId: allocation.id },
    ),
  );
}

function planOf(
  input: EvaluateInput,
  made: {
    readonly decision: Decision;
    readonly changes: Changes;
    readonly evicted: readonly Eviction[];
    readonly askOf: AskOf;
  },
): Plan {
  const { decision, changes } = made;
  const replaced = changes.placed.flatMap(({ placement }) =>
    placement.stopPreviousReason !== undefined && placement.previous ? placement.previous.id : [],
  );
  const settled = (allocation: Allocation): SettledInstance[] => {
    const ask = made.askOf(allocation)?.ask;
    return ask ? [settledCopy(ask, allocation)] : [];
  };
  return {
    allAtOnce: input.job?.allAtOnce ?? false,
    stops: [
      ...decision.stops.map((one) => one.allocation.id),
      ...replaced,
      ...made.evicted.map((one) => one.instanceId),
    ],
    updates: decision.inPlace.flatMap(settled),
    placements: changes.placed.flatMap(({ allocation }) => settled(allocation)),
  };
}

/** What becomes of the evaluation, and who waits for room. */
function conclude(
  input: EvaluateInput,
  found: {
    readonly failures: ReadonlyMap<string, GroupFailure>;
    readonly metrics: Readonly<Record<string, PlacementMetrics>>;
    readonly changes: Changes;
  },
): Pick<Evaluated, "evaluation" | "blocked"> {
  const { evaluation, nowMs } = input;
  const groups = input.job?.groups ?? [];
  const looked: Evaluation = {
    ...evaluation,
    status: "complete",
    deploymentId: found.changes.deployments.at(-1)?.id ?? input.deployment?.id,
    queued: Object.fromEntries(groups.map(({ name }) => [name, found.failures.get(name)?.unplaced ?? 0])),
    modifiedAtMs: nowMs,
  };
  if (found.failures.size === 0) return { evaluation: looked };
  const failed = found.metrics;
  const asks = [...found.failures.values()].map(({ ask }) => ask);
  const classes = eligibility(input.cluster, asks);
  if (evaluation.cause === "queued-allocs")
    return { evaluation: { ...looked, ...classes, failed, status: "blocked" } };
  const blocked: Evaluation = {
    id: input.newId(),
    project: evaluation.project,
    jobId: evaluation.jobId,
    type: evaluation.type,
    priority: evaluation.priority,
    cause: "queued-allocs",
    status: "blocked",
    statusReason: "created to place remaining allocations",
    previousId: evaluation.id,
    failed,
    ...classes,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
  };
  return { evaluation: { ...looked, failed, blockedId: blocked.id }, blocked };
}
