import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { findJobStub, inNamespace } from "../find.ts";
import { instantOfNanoseconds, table } from "../format.ts";
import { jobStatusText, type JobState } from "./status-text.ts";

export const status: Command = {
  arguments: "[job]",
  takes: [0, 1],
  words:
    "Shows a job: what was asked for, how many allocations of each group are in which state, its latest deployment and its allocations. Without a job it lists all of them. The beginning of an ID will do.",
  flags: [
    { name: "short", words: "only the facts about the job itself" },
    { name: "verbose", words: "whole IDs, and the evaluations" },
    { name: "evals", words: "the evaluations, too" },
    { name: "all-allocs", words: "allocations of an earlier job of the same name, too" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [
    { line: "job status", words: "all jobs" },
    { line: "job status example", words: "one of them" },
  ],
  run: async (invocation) => showJobs(invocation),
};

async function showJobs({ context, arguments: [wanted], flags }: Invocation): Promise<void> {
  if (wanted === undefined) return listJobs(context, flags.is("json"));
  const state = await jobState(context, wanted, flags.is("all-allocs"));
  if (flags.is("json")) return context.print(JSON.stringify([asJson(state)], null, 4));
  const manner = {
    isVerbose: flags.is("verbose"),
    isShort: flags.is("short"),
    withEvaluations: flags.is("evals") || flags.is("verbose"),
    nowMs: context.now(),
  };
  context.print(jobStatusText(state, manner));
}

/** One object with the API's, as `nomad job status -json` has them, and the job itself. */
function asJson({ job, summary, allocations, deployment, evaluations }: JobState) {
  return {
    Job: job,
    Summary: summary,
    Allocations: allocations,
    LatestDeployment: deployment,
    Evaluations: evaluations,
  };
}

async function listJobs(context: Context, asJson: boolean): Promise<void> {
  const list = await context.client.jobs.list();
  if (asJson) return context.print(JSON.stringify(list, null, 4));
  if (list.length === 0) return context.print("No running jobs");
  const namespaces = new Set(list.map((job) => job.Namespace));
  const rows = [...list]
    .sort((a, b) => (a.ID < b.ID ? -1 : 1))
    .map((job) => [
      job.ID,
      ...(namespaces.size > 1 ? [job.Namespace] : []),
      `${job.Type}${job.Periodic ? "/periodic" : ""}${job.ParameterizedJob ? "/parameterized" : ""}`,
      job.Priority,
      job.Stop ? `${job.Status} (stopped)` : job.Status,
      instantOfNanoseconds(job.SubmitTime),
    ]);
  const heading = [
    "ID",
    ...(namespaces.size > 1 ? ["Namespace"] : []),
    "Type",
    "Priority",
    "Status",
    "Submit Date",
  ];
  context.print(table([heading, ...rows]));
}

async function jobState(context: Context, wanted: string, all: boolean): Promise<JobState> {
  const { jobs } = context.client;
  const { ID: id, Namespace } = await findJobStub(context, wanted);
  const query = inNamespace(Namespace);
  const [job, summary, allocations, evaluations, deployment, children] = await Promise.all([
    jobs.get(id, query),
    jobs.summary(id, query),
    jobs.allocations(id, { all }, query),
    jobs.evaluations(id, query),
    jobs.latestDeployment(id, query),
    jobs.list({ ...query, prefix: `${id}/` }),
  ]);
  return {
    job,
    summary,
    allocations: allocations ?? [],
    evaluations: evaluations ?? [],
    deployment: deployment ?? null,
    children: (children ?? []).filter((child) => child.ParentID === id),
  };
}
