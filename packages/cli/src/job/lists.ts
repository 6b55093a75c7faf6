/** What belongs to a job, as lists, and the job itself. */
import { toHcl } from "@fractus/hcl/job/to-hcl.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { findJob, findJobStub, inNamespace } from "../find.ts";
import { deploymentTable } from "../deployment/deployments.ts";
import { allocationTable } from "./status-text.ts";

const listFlags: readonly Flag[] = [
  { name: "verbose", words: "whole IDs" },
  { name: "json", words: "the JSON of the API" },
];

export const allocs: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Lists the allocations of a job.",
  flags: [...listFlags, { name: "all", words: "those of an earlier job of the same name, too" }],
  examples: [{ line: "job allocs example", words: "where does it run?" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const list = await context.client.jobs.allocations(ID, { all: flags.is("all") }, inNamespace(Namespace));
    if (flags.is("json")) return context.print(JSON.stringify(list, null, 4));
    if ((list ?? []).length === 0) return context.print("No allocations placed");
    context.print(allocationTable(list, { isVerbose: flags.is("verbose"), nowMs: context.now() }));
  },
};

export const deployments: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Lists the deployments of a job, the newest first.",
  flags: [...listFlags, { name: "latest", words: "only the newest" }],
  examples: [{ line: "job deployments example", words: "how did its updates go?" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const list = await context.client.jobs.deployments(ID, inNamespace(Namespace));
    const newest = [...(list ?? [])].sort((a, b) => b.CreateIndex - a.CreateIndex);
    const shown = flags.is("latest") ? newest.slice(0, 1) : newest;
    if (flags.is("json")) return context.print(JSON.stringify(shown, null, 4));
    context.print(shown.length > 0 ? deploymentTable(shown, flags.is("verbose")) : "No deployments found");
  },
};

export const inspect: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words:
    "Prints a job as the API has it. With -hcl it prints the job file: as it was given if that is known, otherwise written anew.",
  flags: [
    { name: "job-version", value: "n", words: "an earlier version" },
    { name: "version", value: "n", words: "the same" },
    { name: "hcl", words: "the job file instead of JSON" },
    { name: "json", words: "JSON, as without this" },
  ],
  examples: [
    { line: "job inspect example", words: "as JSON" },
    { line: "job inspect -hcl example", words: "as a job file" },
  ],
  run: inspectJob,
};

async function inspectJob({ context, arguments: [wanted], flags }: Invocation): Promise<void> {
  const current = await findJob(context, wanted);
  const version = flags.number("version") ?? flags.number("job-version");
  const query = inNamespace(current.Namespace);
  const { jobs } = context.client;
  const versions = version === undefined ? [] : ((await jobs.versions(current.ID, {}, query)).Versions ?? []);
  const job = version === undefined ? current : versions.find((each) => each.Version === version);
  if (!job) throw new Failure(`Error: job "${current.ID}" has no version ${version}.`);
  if (!flags.is("hcl")) return context.print(JSON.stringify({ Job: job }, null, 4));
  const submission = await jobs.submission(job.ID, job.Version, query).catch(() => undefined);
  const isFile = submission && submission.Format !== "json" && submission.Source;
  const text = isFile ? submission.Source : toHcl(JSON.parse(JSON.stringify(job)), { omitDefaults: true });
  context.print(text.trimEnd());
}
