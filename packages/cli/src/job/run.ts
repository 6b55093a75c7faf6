import type { RegisterAnswer } from "@fractus/client/types/job.ts";
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { inNamespace } from "../find.ts";
import { instant } from "../format.ts";
import { detachOrMonitor, monitorFlags, monitorOptions } from "../monitor.ts";
import { jobFileFlags, readJobFile, refuseErrors, report, type JobFile } from "./job-file.ts";
import { waitForEnd } from "./wait.ts";

export const run: Command = {
  arguments: "<job file>",
  takes: [1, 1],
  words:
    "Registers the job, or the new version of it, and follows it until it runs. A file of - is standard input. Exits with 0, with 2 if some allocations found no place, and with 1 if anything else went wrong, a failed deployment too. With -wait a batch job is followed to its end, and its exit code is that of its task.",
  flags: [
    ...jobFileFlags,
    ...monitorFlags,
    {
      name: "check-index",
      value: "index",
      words: "run only if the job was last modified at this index; 0 is a job that is not there yet",
    },
    { name: "wait", words: "wait for a batch job to end; exit with its exit code" },
    { name: "output", words: "print the JSON that would be sent, and send nothing" },
    { name: "ui", words: "print the address of the job's page, too" },
    { name: "preserve-counts", words: "keep the counts of groups that are there already" },
    { name: "preserve-resources", words: "keep the resources of tasks that are there already" },
    { name: "eval-priority", value: "1-100", words: "the priority of this one evaluation" },
  ],
  examples: [
    { line: "job run example.nomad", words: "run it and wait until it is up" },
    { line: "job run -check-index 3 example.nomad", words: "only if nobody changed it since the plan" },
    { line: "run -wait render.nomad", words: "run a batch job to its end" },
  ],
  run: runJob,
};

async function runJob({ context, arguments: [path], flags }: Invocation): Promise<number> {
  const file = await readJobFile(context, path, flags);
  if (flags.is("output")) {
    context.print(JSON.stringify({ Job: file.job }, null, 4));
    return 0;
  }
  const { validateJob } = await import("@fractus/hcl/job/validate.ts");
  const findings = validateJob(file.job, file.origins);
  report(context, file.source, findings);
  refuseErrors(file.source, findings);
  const checkIndex = flags.number("check-index");
  const evaluationPriority = flags.number("eval-priority");
  const answer = await context.client.jobs.register(
    file.job,
    {
      submission: file.submission,
      preserveCounts: flags.is("preserve-counts"),
      preserveResources: flags.is("preserve-resources"),
      ...(checkIndex !== undefined && { checkIndex }),
      ...(evaluationPriority !== undefined && { evaluationPriority }),
    },
    inNamespace(file.namespace),
  );
  if (answer.Warnings) context.print(`Job Warnings:\n${answer.Warnings.trim()}\n`);
  if (flags.is("ui"))
    context.print(`${context.clientOptions.address}/ui/jobs/${encodeURIComponent(file.id)}\n`);
  return follow(context, { file, answer, flags });
}

async function follow(
  context: Context,
  { file, answer, flags }: { file: JobFile; answer: RegisterAnswer; flags: Invocation["flags"] },
): Promise<number> {
  const waits = flags.is("wait");
  if (waits && flags.is("detach")) throw new Failure("Error: -wait and -detach do not go together.");
  const options = monitorOptions(flags, file.namespace);
  const code = await detachOrMonitor(context, answer.EvalID, {
    ...options,
    done: registered(file, context.now()),
  });
  if (!waits || (code !== 0 && code !== 2)) return code;
  return waitForEnd(context, { id: file.id, namespace: file.namespace });
}

/** A job that only makes others has no evaluation to follow. */
function registered({ job, id }: JobFile, nowMs: number): string {
  const kind = job.Periodic ? "periodic " : job.ParameterizedJob ? "parameterized " : "";
  return `Job registration successful: ${kind}job "${id}" at ${instant(nowMs)}`;
}
