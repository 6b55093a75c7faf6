/** Why copies are where they are, or nowhere, in sentences for people: an extension of Nomad's API. */
import { type Allocation, isTerminal } from "@fractus/core/allocation.ts";
import { groupOf, isTemplate, type Group, type Job } from "@fractus/core/job.ts";
import type { Context } from "@fractus/control/context.ts";
import { newEvaluation } from "@fractus/control/commands/new-evaluation.ts";
import { lookAt } from "@fractus/control/placement/evaluate-job.ts";
import { jobId, settingsOf } from "@fractus/control/state/state.ts";
import type { Evaluated } from "@fractus/scheduler/evaluate.ts";
import { explain, explanationText } from "@fractus/scheduler/explain.ts";
import { groupAsk } from "@fractus/scheduler/group-ask.ts";
import { commit } from "@fractus/scheduler/plan.ts";
import { scoreTable, type ScoreRow } from "@fractus/scheduler/score-table.ts";

/** Copies of a group that are explained one by one; what is true of the first few is mostly true of all. */
const mostCopies = 5;

/** Lines about what a plan places and what it does not. */
export function whyPlanned(context: Context, job: Job, evaluated: Evaluated): string[] {
  if (isTemplate(job)) return [];
  const { cluster } = context.mirror;
  const lines: string[] = [];
  cluster.attempt(() => {
    commit(cluster, { ...evaluated.plan, allAtOnce: false });
    lines.push(...failureLines(context, evaluated));
    for (const group of job.groups) {
      const placed = evaluated.changes.placed.map(({ allocation }) => allocation);
      lines.push(...copyLines(context, job, group, placed));
    }
    return false;
  });
  return lines;
}

/** The same about a job as it runs, by group. */
export function whyRunning(
  context: Context,
  job: Job,
): readonly { readonly name: string; readonly lines: readonly string[] }[] {
  const allocations = context.state.allocations
    .by("job", jobId(job.project, job.id))
    .filter((one) => !isTerminal(one));
  if (isTemplate(job)) {
    const line = `${job.id} only says how its launches look; each of them is a job of its own.`;
    return job.groups.map(({ name }) => ({ name, lines: [line] }));
  }
  const evaluated = lookAt(context, newEvaluation(context, job, "job-register"));
  return job.groups.map((group) => ({
    name: group.name,
    lines: [
      ...failureLines(context, evaluated, group.name),
      ...copyLines(context, job, group, allocations),
      ...(group.count === 0 || job.stopped ? [`${job.id}.${group.name}: nothing is asked for.`] : []),
    ],
  }));
}

function failureLines(context: Context, { failures }: Evaluated, only?: string): string[] {
  const { cluster } = context.mirror;
  return [...failures].flatMap(([name, failure]) => {
    if (only !== undefined && only !== name) return [];
    // Those that have been there all along have a place as well.
    const placed = Math.max(failure.placed, failure.ask.count - failure.unplaced);
    return explanationText(explain(cluster, failure.ask, failure, placed)).split("\n");
  });
}

function copyLines(context: Context, job: Job, group: Group, copies: readonly Allocation[]): string[] {
  const own = copies.filter((one) => one.group === group.name);
  const lines = own.slice(0, mostCopies).map((one) => copyLine(context, job, one));
  const left = own.length - lines.length;
  return left > 0 ? [...lines, `… and ${left} more.`] : lines;
}

function copyLine(context: Context, job: Job, copy: Allocation): string {
  const nameOf = (nodeId: string) => context.state.nodes.get(nodeId)?.name ?? nodeId;
  const rows = rankedWithout(context, job, copy);
  const here = rows.find((row) => row.nodeId === copy.nodeId);
  const [next] = rows.filter((row) => row.nodeId !== copy.nodeId);
  const place = `${copy.name} is on ${nameOf(copy.nodeId)}`;
  if (!here) return `${place}, which would not be chosen now.`;
  const score = `${place}: score ${here.score.toFixed(3)} (${termsText(here)})`;
  if (!next) return `${score}; no other node would do.`;
  return `${score}; next is ${nameOf(next.nodeId)} with ${next.score.toFixed(3)} (${termsText(next)}).`;
}

function termsText({ terms }: ScoreRow): string {
  return terms.map(({ name, value }) => `${name} ${value.toFixed(3)}`).join(", ");
}

/** All nodes that could have the copy, best first, as if it were nowhere yet. */
export function rankedWithout(context: Context, job: Job, copy: Allocation): readonly ScoreRow[] {
  const { cluster } = context.mirror;
  const { state } = context;
  const own = state.versions.get(`${jobId(job.project, job.id)}\n${copy.jobVersion}`)?.job ?? job;
  const group = groupOf(own, copy.group);
  if (!group) return [];
  let rows: readonly ScoreRow[] = [];
  cluster.attempt(() => {
    const row = cluster.instances.rowOf(copy.id);
    if (row !== undefined) cluster.remove(row);
    rows = scoreTable(cluster, groupAsk(own, group), {}, { algorithm: settingsOf(state).algorithm });
    return false;
  });
  return rows;
}
