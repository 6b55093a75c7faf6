/**
 * Compares what is wanted of a job with what there is, and decides what is to be done.
 *
 * A deployment is the rollout of one version. If the newest one belongs to another version, or the
 * job is stopped, it is cancelled and its unpromoted canaries stop. Each group is looked at by
 * itself (group.ts, system.ts); the groups that begin to change share one deployment; when every
 * group has arrived the deployment is successful.
 *
 * Sources: https://developer.hashicorp.com/nomad/docs/concepts/scheduling/how-scheduling-works and
 * the pages of the job specification named in the files next to this one.
 */
import type { Allocation } from "@fractus/core/allocation.ts";
import {
  awaitsPromotion,
  deploymentReasons,
  isActive,
  type Deployment,
  type GroupRollout,
} from "@fractus/core/deployment.ts";
import { isTemplate, type Job } from "@fractus/core/job.ts";
import type { Decision, DeploymentUpdate, GroupDecision, ReconcileInput } from "./decision.ts";
import { reconcileGroup, stopGroup } from "./group.ts";
import { beginDeployment, runningReason } from "./rollout.ts";
import { reconcileSystemGroup } from "./system.ts";

/** Decides what is to be done for a job. The same input always gets the same decision. */
export function reconcile(input: ReconcileInput): Decision {
  const { job } = input;
  const history = judgeDeployment(input);
  const byGroup = Map.groupBy(input.allocations, (allocation) => allocation.group);
  const decisions = new Map<string, GroupDecision>();
  const runs = job !== undefined && !job.stopped && !isTemplate(job);
  const wanted = new Set(runs ? job.groups.map((group) => group.name) : []);
  for (const name of new Set([...byGroup.keys(), ...(job?.groups ?? []).map((group) => group.name)])) {
    if (!wanted.has(name)) decisions.set(name, stopGroup(input, byGroup.get(name) ?? [], undefined));
  }
  if (!runs) return merge(decisions, history.updates);
  return reconcileGroups(input, { job, history, byGroup, decisions });
}

interface DeploymentHistory {
  /** The deployment of the job's present version, unless it has succeeded or was cancelled. */
  readonly current?: Deployment;
  readonly updates: DeploymentUpdate[];
  readonly unneededCanaryIds: ReadonlySet<string>;
}

function judgeDeployment({ job, deployment }: ReconcileInput): DeploymentHistory {
  const nothing = { updates: [], unneededCanaryIds: new Set<string>() };
  if (!deployment) return nothing;
  const cancel = (reason: string): DeploymentHistory => ({
    updates: isActive(deployment) ? [{ deploymentId: deployment.id, status: "cancelled", reason }] : [],
    unneededCanaryIds: unpromotedCanaries(deployment),
  });
  if (!job || job.stopped) return cancel(deploymentReasons.stoppedJob);
  const isOfThisVersion =
    deployment.jobVersion === job.version && deployment.jobCreatedIndex === job.createdIndex;
  if (!isOfThisVersion) return cancel(deploymentReasons.newerJob);
  if (isActive(deployment)) return { ...nothing, current: deployment };
  if (deployment.status !== "failed") return nothing;
  return { ...nothing, current: deployment, unneededCanaryIds: unpromotedCanaries(deployment) };
}

function unpromotedCanaries(deployment: Deployment): Set<string> {
  if (deployment.status === "successful") return new Set();
  return new Set(
    Object.values(deployment.groups)
      .filter(awaitsPromotion)
      .flatMap((rollout) => rollout.placedCanaries),
  );
}

function reconcileGroups(
  input: ReconcileInput,
  known: {
    readonly job: Job;
    readonly history: DeploymentHistory;
    readonly byGroup: ReadonlyMap<string, readonly Allocation[]>;
    readonly decisions: Map<string, GroupDecision>;
  },
): Decision {
  const { job, history, decisions } = known;
  const isSystem = job.type === "system" || job.type === "sysbatch";
  const rollouts: Record<string, GroupRollout> = {};
  let isComplete = true;
  for (const group of job.groups) {
    const allocations = known.byGroup.get(group.name) ?? [];
    if (group.count === 0 && !isSystem) {
      decisions.set(group.name, stopGroup(input, allocations, group));
      continue;
    }
    const rollout = history.current?.groups[group.name];
    const subject = { input, job, group, allocations, deployment: history.current, rollout };
    const result = isSystem
      ? reconcileSystemGroup(subject)
      : reconcileGroup(subject, history.unneededCanaryIds);
    decisions.set(group.name, result.decision);
    if (result.rollout) rollouts[group.name] = result.rollout;
    isComplete &&= result.isComplete;
  }
  const deployment = deploymentAfter(input, { job, current: history.current, rollouts });
  const updates = [...history.updates];
  if (isComplete && history.current && isActive(history.current)) {
    const reason = deploymentReasons.successful;
    updates.push({ deploymentId: history.current.id, status: "successful", reason });
  }
  return merge(decisions, updates, deployment);
}

/** The deployment as it becomes, if it is new or differs from what it was. */
function deploymentAfter(
  input: ReconcileInput,
  parts: {
    readonly job: Job;
    readonly current: Deployment | undefined;
    readonly rollouts: Readonly<Record<string, GroupRollout>>;
  },
): Deployment | undefined {
  const { current, rollouts } = parts;
  if (current && !isActive(current)) return undefined;
  const changed = Object.keys(rollouts).filter((name) => rollouts[name] !== current?.groups[name]);
  if (changed.length === 0) return undefined;
  const groups = { ...current?.groups, ...rollouts };
  const base = current ?? beginDeployment(input, parts.job);
  const statusReason = base.status === "running" ? runningReason(groups) : base.statusReason;
  return { ...base, groups, statusReason, modifiedAtMs: input.nowMs };
}

function merge(
  decisions: ReadonlyMap<string, GroupDecision>,
  deploymentUpdates: readonly DeploymentUpdate[],
  deployment?: Deployment,
): Decision {
  const all = [...decisions.values()];
  return {
    placements: all.flatMap((one) => one.placements),
    stops: all.flatMap((one) => one.stops),
    inPlace: all.flatMap((one) => one.inPlace),
    disconnects: all.flatMap((one) => one.disconnects),
    reconnects: all.flatMap((one) => one.reconnects),
    followUps: all.flatMap((one) => one.followUps),
    deployment,
    deploymentUpdates,
    desired: Object.fromEntries([...decisions].map(([name, one]) => [name, one.desired])),
  };
}
