/** What `status JOB` prints (CL-237 … CL-241). */
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { Job, JobStub, JobSummary } from "@fractus/client/types/job.ts";
import { latestDeploymentText } from "../deployment-text.ts";
import {
  agoOfNanoseconds,
  instantOfNanoseconds,
  pairs,
  paragraphs,
  section,
  shortId,
  sorted,
  table,
} from "../format.ts";
import { failedGroups } from "../placement-failure.ts";

export interface JobState {
  readonly job: Job;
  readonly summary: JobSummary;
  readonly allocations: readonly AllocationStub[];
  readonly evaluations: readonly Evaluation[];
  readonly deployment: Deployment | null;
  /** Jobs that a periodic or parameterized one has made. */
  readonly children: readonly JobStub[];
}

export interface Manner {
  readonly isVerbose: boolean;
  readonly nowMs: number;
}

interface StatusManner extends Manner {
  readonly isShort: boolean;
  readonly withEvaluations: boolean;
}

export function jobStatusText(state: JobState, manner: StatusManner): string {
  const facts = jobFacts(state.job);
  if (manner.isShort) return facts;
  return launches(state.job) ? launcherText(state, facts) : runnerText(state, facts, manner);
}

function launches({ Periodic, ParameterizedJob, Dispatched }: Job): boolean {
  return Boolean(Periodic) || (Boolean(ParameterizedJob) && !Dispatched);
}

/** What everybody would expect to be so is left out: the default node pool. */
function jobFacts(job: Job): string {
  const pool = job.NodePool && job.NodePool !== "default" ? [["Node Pool", job.NodePool] as const] : [];
  return pairs([
    ["ID", job.ID],
    ["Name", job.Name],
    ["Submit Date", instantOfNanoseconds(job.SubmitTime)],
    ["Type", job.Type],
    ["Priority", job.Priority],
    ["Datacenters", (job.Datacenters ?? []).join(",")],
    ["Namespace", job.Namespace],
    ...pool,
    ["Status", job.Stop ? `${job.Status} (stopped)` : job.Status],
    ["Periodic", Boolean(job.Periodic)],
    ["Parameterized", Boolean(job.ParameterizedJob) && !job.Dispatched],
  ]);
}

function runnerText(state: JobState, facts: string, manner: StatusManner): string {
  const { summary, deployment, allocations, evaluations } = state;
  const list =
    allocations.length > 0
      ? `Allocations\n${allocationTable(allocations, manner)}`
      : "Allocations\nNo allocations placed";
  return paragraphs([
    facts,
    section("Summary", summaryTable(summary)),
    manner.withEvaluations ? section("Evaluations", evaluationTable(evaluations, manner)) : undefined,
    placementFailure(evaluations, manner),
    deployment ? latestDeploymentText(deployment, manner.isVerbose) : undefined,
    list,
  ]);
}

/** Unknown is shown once there is one. */
function summaryTable(summary: JobSummary): string {
  const groups = sorted(summary.Summary);
  const hasUnknown = groups.some(([, group]) => (group.Unknown ?? 0) > 0);
  const heading = ["Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost"];
  const rows = groups.map(([name, group]) => [
    name,
    group.Queued,
    group.Starting,
    group.Running,
    group.Failed,
    group.Complete,
    group.Lost,
    ...(hasUnknown ? [group.Unknown ?? 0] : []),
  ]);
  return table([[...heading, ...(hasUnknown ? ["Unknown"] : [])], ...rows]);
}

/** Of the blocked evaluation, as that is what still waits; nothing if there is none. */
function placementFailure(evaluations: readonly Evaluation[], manner: Manner): string | undefined {
  if (!evaluations.some((evaluation) => evaluation.Status === "blocked")) return undefined;
  const latest = evaluations
    .filter((evaluation) => Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0)
    .sort((a, b) => b.ModifyIndex - a.ModifyIndex)[0];
  return latest && section("Placement Failure", failedGroups(latest.FailedTGAllocs, manner.isVerbose));
}

/** The newest first. */
export function allocationTable(
  allocations: readonly AllocationStub[],
  { isVerbose, nowMs }: Manner,
): string {
  const rows = [...allocations]
    .sort((a, b) => b.CreateIndex - a.CreateIndex)
    .map((each) => [
      shortId(each.ID, isVerbose),
      ...(isVerbose ? [shortId(each.EvalID, true)] : []),
      shortId(each.NodeID, isVerbose),
      ...(isVerbose ? [each.NodeName] : []),
      each.TaskGroup,
      each.JobVersion,
      each.DesiredStatus,
      each.ClientStatus,
      agoOfNanoseconds(each.CreateTime, nowMs),
      agoOfNanoseconds(each.ModifyTime, nowMs),
    ]);
  const heading = [
    "ID",
    ...(isVerbose ? ["Eval ID"] : []),
    "Node ID",
    ...(isVerbose ? ["Node Name"] : []),
    "Task Group",
    "Version",
    "Desired",
    "Status",
    "Created",
    "Modified",
  ];
  return table([heading, ...rows]);
}

export function evaluationTable(evaluations: readonly Evaluation[], { isVerbose }: Manner): string {
  const rows = [...evaluations]
    .sort((a, b) => b.CreateIndex - a.CreateIndex)
    .map((each) => [
      shortId(each.ID, isVerbose),
      each.Priority,
      each.TriggeredBy,
      each.JobID,
      each.Namespace,
      shortId(each.NodeID, isVerbose),
      each.Status,
      Object.keys(each.FailedTGAllocs ?? {}).length > 0 ? "true" : "false",
    ]);
  return table([
    ["ID", "Priority", "Triggered By", "Job ID", "Namespace", "Node ID", "Status", "Placement Failures"],
    ...rows,
  ]);
}

/** A job that only makes others shows those. */
function launcherText({ job, summary, children }: JobState, facts: string): string {
  const counts = summary.Children ?? { Pending: 0, Running: 0, Dead: 0 };
  const list = children.map((child) => [child.ID, child.Status, instantOfNanoseconds(child.SubmitTime)]);
  const title = job.Periodic ? "Previously Launched Jobs" : "Dispatched Jobs";
  return paragraphs([
    facts,
    section(job.Periodic ? "Periodic Job Settings" : "Parameterized Job", launcherFacts(job)),
    section(
      "Children Job Summary",
      table([
        ["Pending", "Running", "Dead"],
        [counts.Pending, counts.Running, counts.Dead],
      ]),
    ),
    list.length > 0
      ? section(title, table([["ID", "Status", "Submit Date"], ...list]))
      : section(title, "None so far"),
  ]);
}

function launcherFacts({ Periodic, ParameterizedJob }: Job): string {
  if (Periodic)
    return pairs([
      ["Spec", [Periodic.Spec, ...(Periodic.Specs ?? [])].filter((spec) => spec !== "").join(", ")],
      ["Time Zone", Periodic.TimeZone],
      ["Prohibit Overlap", Periodic.ProhibitOverlap],
      ["Enabled", Periodic.Enabled],
    ]);
  return pairs([
    ["Payload", ParameterizedJob?.Payload ?? ""],
    ["Required Metadata", (ParameterizedJob?.MetaRequired ?? []).join(", ")],
    ["Optional Metadata", (ParameterizedJob?.MetaOptional ?? []).join(", ")],
  ]);
}
