import type { JobDiff } from "@fractus/client/types/diff.ts";
import type { Job } from "@fractus/client/types/job.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { findJobStub, inNamespace } from "../find.ts";
import { instantOfNanoseconds, pairs } from "../format.ts";
import { detachOrMonitor, monitorFlags, monitorOptions } from "../monitor.ts";
import { jobDiff } from "./plan-text.ts";

export const history: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Shows the versions of a job that are kept, the newest first.",
  flags: [
    { name: "p", words: "with what each of them changed" },
    { name: "full", words: "the whole job of each version, as JSON" },
    { name: "job-version", value: "n", words: "only this version" },
    { name: "version", value: "n", words: "the same" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [
    { line: "job history example", words: "which versions are there?" },
    { line: "job history -p example", words: "and what did they change?" },
  ],
  run: showHistory,
};

async function showHistory({ context, arguments: [wanted], flags }: Invocation): Promise<void> {
  const { ID, Namespace } = await findJobStub(context, wanted);
  const withDiffs = flags.is("p");
  const answer = await context.client.jobs.versions(ID, { diffs: withDiffs }, inNamespace(Namespace));
  const only = flags.number("version") ?? flags.number("job-version");
  const all = answer.Versions ?? [];
  const chosen = all
    .map((job, at) => ({ job, diff: answer.Diffs?.[at] }))
    .filter(({ job }) => only === undefined || job.Version === only);
  if (chosen.length === 0) throw new Failure(`Error: job "${ID}" has no version ${only}.`);
  if (flags.is("json") || flags.is("full"))
    return context.print(
      JSON.stringify(
        chosen.map(({ job }) => job),
        null,
        4,
      ),
    );
  context.print(chosen.map(({ job, diff }) => versionText(job, withDiffs ? diff : undefined)).join("\n\n"));
}

function versionText(job: Job, diff: JobDiff | undefined): string {
  const facts = pairs([
    ["Version", job.Version],
    ["Stable", job.Stable],
    ["Submit Date", instantOfNanoseconds(job.SubmitTime)],
  ]);
  return diff ? `${facts}\nDiff        =\n${jobDiff(diff)}` : facts;
}

export const revert: Command = {
  arguments: "<job> <version>",
  takes: [2, 2],
  words: "Goes back to an earlier version of a job, which becomes a new version.",
  flags: monitorFlags,
  examples: [{ line: "job revert example 3", words: "as it was in version 3" }],
  run: async ({ context, arguments: [wanted, version], flags }: Invocation) => {
    if (!/^\d+$/.test(version)) throw new Failure(`Error: a version is a number, not "${version}".`);
    const { ID, Namespace } = await findJobStub(context, wanted);
    const answer = await context.client.jobs.revert(ID, Number(version), inNamespace(Namespace));
    const done = `Job "${ID}" is as it was in version ${version}`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
  },
};
