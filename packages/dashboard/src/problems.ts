/** What is wrong in the cloud, the worst first, each with where to look. */
import type { AllocationStub, TaskEvent } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { JobStub } from "@fractus/client/types/job.ts";
import type { NodeStub } from "@fractus/client/types/node.ts";
import { allocationAddress, jobAddress, nodeAddress } from "./route.ts";
import { isRestarting, nodeStanding, runsNothing, type Tone } from "./status.ts";
import { strings } from "./strings.ts";

export interface Problem {
  readonly key: string;
  readonly tone: Tone;
  readonly title: string;
  /** Reasons, in sentences. */
  readonly lines: readonly string[];
  readonly address: string;
  /** The job of which the scheduler can say why it has no place. */
  readonly blockedJob?: { readonly id: string; readonly namespace: string };
}

export interface Situation {
  readonly nodes: readonly NodeStub[];
  readonly jobs: readonly JobStub[];
  /** Those that have failed or are lost, or that do not come up. */
  readonly allocations: readonly AllocationStub[];
  /** Those that wait for room. */
  readonly evaluations: readonly Evaluation[];
  readonly deployments: readonly Deployment[];
}

export function problemsOf(situation: Situation): readonly Problem[] {
  const all = [
    ...situation.nodes.flatMap(nodeProblem),
    ...blockedProblems(situation),
    ...situation.jobs.flatMap(emptyProblem),
    ...allocationProblems(situation.allocations),
    ...situation.deployments.flatMap((one) => deploymentProblem(one, situation.jobs)),
  ];
  return [...all.filter(({ tone }) => tone === "bad"), ...all.filter(({ tone }) => tone !== "bad")];
}

function nodeProblem(node: NodeStub): Problem[] {
  const { tone, text } = nodeStanding(node);
  if (tone === "good") return [];
  return [
    {
      key: `node ${node.ID}`,
      tone,
      title: strings.problems.node(node.Name, text),
      lines: node.StatusDescription ? [node.StatusDescription] : [],
      address: nodeAddress(node.ID),
    },
  ];
}

function blockedProblems({ evaluations, jobs }: Situation): Problem[] {
  const byJob = new Map(
    evaluations
      .filter(({ Status }) => Status === "blocked")
      .map((one) => [keyOf(one.Namespace, one.JobID), one]),
  );
  return [...byJob].flatMap(([key, { JobID: id, Namespace: namespace, FailedTGAllocs }]) => {
    const job = jobs.find((one) => keyOf(one.Namespace, one.ID) === key);
    const count = unplacedCount(FailedTGAllocs);
    if (!job) return [];
    const title = strings.problems.noPlace(id, count);
    const address = jobAddress(id, namespace);
    return [{ key: `blocked ${key}`, tone: "bad", title, lines: [], address, blockedJob: { id, namespace } }];
  });
}

function emptyProblem(job: JobStub): Problem[] {
  if (!runsNothing(job)) return [];
  const { ID: id, Namespace: namespace } = job;
  const title = strings.problems.nothing(id);
  return [
    {
      key: `empty ${keyOf(namespace, id)}`,
      tone: "bad",
      title,
      lines: [],
      address: jobAddress(id, namespace),
    },
  ];
}

/** How many copies found no place. */
export function unplacedCount(failed: Evaluation["FailedTGAllocs"]): number {
  return Object.values(failed ?? {}).reduce((sum, metric) => sum + 1 + (metric.CoalescedFailures ?? 0), 0);
}

/** One for each job and kind of trouble, with the reasons of the newest allocations. */
function allocationProblems(allocations: readonly AllocationStub[]): Problem[] {
  const troubled = Map.groupBy(
    allocations.filter((one) => troubleOf(one) !== undefined),
    (one) => `${keyOf(one.Namespace, one.JobID)} ${troubleOf(one)}`,
  );
  return [...troubled].map(([key, all]) => {
    const newest = [...all].sort((a, b) => b.ModifyTime - a.ModifyTime);
    const [{ ID, JobID, Namespace }] = newest;
    const lines = newest
      .slice(0, mostReasons)
      .map((one) => `${one.Name} on ${one.NodeName}: ${reasonOf(one)}`);
    return {
      key,
      tone: "bad",
      title: strings.problems[troubleOf(newest[0])!](JobID, all.length),
      lines: all.length > mostReasons ? [...lines, strings.more(all.length - mostReasons)] : lines,
      address: all.length === 1 ? allocationAddress(ID) : jobAddress(JobID, Namespace),
    };
  });
}

const mostReasons = 3;

function troubleOf(one: AllocationStub): "failed" | "lost" | "restarting" | "unhealthy" | undefined {
  if (one.DesiredStatus !== "run") return undefined;
  if (one.ClientStatus === "failed" || one.ClientStatus === "lost") return one.ClientStatus;
  if (one.ClientStatus === "unknown") return "lost";
  if (isRestarting(one)) return "restarting";
  if (one.ClientStatus === "running" && one.DeploymentStatus?.Healthy === false) return "unhealthy";
  return undefined;
}

/** What comes around an end, but is not its reason. */
const surroundings = new Set([
  "Not Restarting",
  "Restarting",
  "Killing",
  "Killed",
  "Received",
  "Task Setup",
  "Started",
]);

/** Why an allocation failed or does not come up, in the words of its tasks. */
export function reasonOf({
  TaskStates: states,
  ClientDescription,
}: Pick<AllocationStub, "TaskStates" | "ClientDescription">): string {
  const tasks = Object.values(states ?? {});
  const failed = tasks.filter((task) => task.Failed);
  const events = (failed.length > 0 ? failed : tasks).flatMap((task) => task.Events ?? []);
  const telling = events.filter((event) => !surroundings.has(event.Type) && event.DisplayMessage);
  const last = telling.reduce<TaskEvent | undefined>(
    (best, event) => (best && best.Time > event.Time ? best : event),
    undefined,
  );
  return last?.DisplayMessage || ClientDescription || strings.problems.noReason;
}

function deploymentProblem(one: Deployment, jobs: readonly JobStub[]): Problem[] {
  const job = jobs.find(({ ID, Namespace }) => ID === one.JobID && Namespace === one.Namespace);
  const address = jobAddress(one.JobID, one.Namespace);
  if (job?.JobModifyIndex !== one.JobModifyIndex) return [];
  const problem = { key: `deployment ${one.ID}`, lines: [one.StatusDescription], address };
  if (one.Status === "failed")
    return [{ ...problem, tone: "bad", title: strings.problems.deployment(one.JobID, one.JobVersion) }];
  if (awaitsPromotion(one))
    return [{ ...problem, tone: "busy", title: strings.problems.promotion(one.JobID, one.JobVersion) }];
  return [];
}

/** Its canaries are well, and someone has to say that the rest may follow. */
export function awaitsPromotion({ Status, TaskGroups }: Deployment): boolean {
  const groups = Object.values(TaskGroups ?? {}).filter(
    (group) => group.DesiredCanaries > 0 && !group.Promoted,
  );
  return (
    Status === "running" &&
    groups.length > 0 &&
    groups.every((group) => !group.AutoPromote && group.HealthyAllocs >= group.DesiredCanaries)
  );
}

function keyOf(namespace: string, id: string): string {
  return `${namespace}/${id}`;
}
