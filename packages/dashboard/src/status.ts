/** What a status means at a glance: its tone, and whether anything is to be done. */
import type { AllocationStub, ClientStatus } from "@fractus/client/types/allocation.ts";
import type { DeploymentStatus } from "@fractus/client/types/deployment.ts";
import type { GroupSummary, JobStub } from "@fractus/client/types/job.ts";
import type { NodeStub } from "@fractus/client/types/node.ts";
import { strings } from "./strings.ts";

export type Tone = "good" | "busy" | "bad" | "idle";

export interface Standing {
  readonly tone: Tone;
  readonly text: string;
}

const allocationTones: Readonly<Record<ClientStatus, Tone>> = {
  pending: "busy",
  running: "good",
  complete: "idle",
  failed: "bad",
  lost: "bad",
  unknown: "busy",
};

export function allocationStanding(
  one: Pick<AllocationStub, "ClientStatus" | "DesiredStatus" | "DeploymentStatus" | "TaskStates">,
): Standing {
  const { ClientStatus: status, DesiredStatus: desired } = one;
  if (status === "running" && desired !== "run") return { tone: "busy", text: strings.statuses.stopping };
  if (status === "running" && one.DeploymentStatus?.Healthy === false)
    return { tone: "bad", text: strings.statuses.unhealthy };
  if (status === "pending" && isRestarting(one)) return { tone: "bad", text: strings.statuses.restarting };
  if (status === "running" && one.DeploymentStatus?.Healthy)
    return { tone: "good", text: strings.statuses.healthy };
  const tone = status === "failed" && desired !== "run" ? "idle" : allocationTones[status];
  return { tone, text: strings.statuses[status] };
}

/** Its tasks have begun at least once, and none of them holds. */
export function isRestarting({ TaskStates: states }: Pick<AllocationStub, "TaskStates">): boolean {
  return Object.values(states ?? {}).some((task) => task.State === "pending" && task.Restarts > 0);
}

/** Whether its processes are there or about to be. */
export function isAlive({ ClientStatus: status }: Pick<AllocationStub, "ClientStatus">): boolean {
  return status === "running" || status === "pending" || status === "unknown";
}

export function nodeStanding(node: Pick<NodeStub, "Status" | "Drain" | "SchedulingEligibility">): Standing {
  if (node.Status === "down" || node.Status === "disconnected")
    return { tone: "bad", text: strings.nodeStatuses[node.Status] };
  if (node.Drain) return { tone: "busy", text: strings.nodeStatuses.draining };
  if (node.SchedulingEligibility === "ineligible")
    return { tone: "busy", text: strings.nodeStatuses.ineligible };
  return { tone: node.Status === "ready" ? "good" : "busy", text: strings.nodeStatuses[node.Status] };
}

export function deploymentTone(status: DeploymentStatus): Tone {
  if (status === "successful") return "good";
  if (status === "failed") return "bad";
  return status === "cancelled" ? "idle" : "busy";
}

const none: GroupSummary = { Queued: 0, Starting: 0, Running: 0, Failed: 0, Complete: 0, Lost: 0 };

/** The counts of all groups together. */
export function totalsOf(job: Pick<JobStub, "JobSummary">): GroupSummary {
  return Object.values(job.JobSummary?.Summary ?? {}).reduce(
    (sum, group) => ({
      Queued: sum.Queued + group.Queued,
      Starting: sum.Starting + group.Starting,
      Running: sum.Running + group.Running,
      Failed: sum.Failed + group.Failed,
      Complete: sum.Complete + group.Complete,
      Lost: sum.Lost + group.Lost,
      Unknown: (sum.Unknown ?? 0) + (group.Unknown ?? 0),
    }),
    none,
  );
}

type Counted = JobStub & { readonly Stop?: boolean };

/** It is to run for good, and no copy of it does, nor is one on its way or waiting for room. */
export function runsNothing(job: Counted): boolean {
  const { Running, Starting, Queued, Unknown = 0 } = totalsOf(job);
  const isTemplate = job.Periodic || job.ParameterizedJob;
  const isAsked = job.Type === "service" && job.Status === "running" && !job.Stop && !isTemplate;
  return isAsked && Running + Starting + Queued + Unknown === 0;
}

/** How a job fares, as far as its counts tell. */
export function jobStanding(job: Counted): Standing {
  const words = strings.jobStatuses;
  const totals = totalsOf(job);
  if (job.Stop) return { tone: totals.Running > 0 ? "busy" : "idle", text: words.stopped };
  if (job.Periodic || job.ParameterizedJob) return { tone: "good", text: words.waiting };
  if (totals.Queued > 0) return { tone: "bad", text: words.noPlace(totals.Queued) };
  if (runsNothing(job)) return { tone: "bad", text: words.nothing };
  if (job.Status === "dead")
    return totals.Failed > 0 && totals.Complete === 0
      ? { tone: "bad", text: words.failed }
      : { tone: "idle", text: words.complete };
  if (totals.Starting > 0) return { tone: "busy", text: words.starting };
  if (job.Status === "running" && totals.Running > 0) return { tone: "good", text: words.running };
  return { tone: "busy", text: words[job.Status] };
}
