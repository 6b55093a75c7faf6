import type { PlanAnswer } from "@fractus/client/types/plan.ts";
import type { Command, Invocation } from "../command.ts";
import { jobFileFlags, readJobFile, refuseErrors, report } from "./job-file.ts";
import { planExitCode, planText } from "./plan-text.ts";
import { inNamespace } from "../find.ts";

export const plan: Command = {
  arguments: "<job file>",
  takes: [1, 1],
  words:
    "Shows what running the job would change: the differences to what is there, where each allocation would go, and why some would find no place. Nothing is changed. Exits with 0 if no allocation would be made or destroyed, with 1 if some would be, with 255 for an error.",
  flags: [
    ...jobFileFlags,
    { name: "diff", words: "show the differences; -diff=false leaves them out" },
    { name: "verbose", words: "everything about what is new, and the scores of the nodes" },
    { name: "policy-override", words: "accepted; there are no policies to override" },
  ],
  examples: [
    { line: "job plan example.nomad", words: "what would happen?" },
    { line: "plan -var version=2 web.nomad", words: "with a variable set" },
  ],
  failureCode: 255,
  run,
};

async function run({ context, arguments: [path], flags }: Invocation): Promise<number> {
  const file = await readJobFile(context, path, flags);
  const { validateJob } = await import("@fractus/hcl/job/validate.ts");
  const findings = validateJob(file.job, file.origins);
  report(context, file.source, findings);
  refuseErrors(file.source, findings);
  const withDiff = flags.is("diff", true);
  const query = inNamespace(file.namespace);
  const answer = await context.client.jobs.plan(file.id, file.job, { diff: withDiff }, query);
  const options = { isVerbose: flags.is("verbose"), withDiff, nowMs: context.now() };
  context.print(planText(answer, options));
  if (answer.Warnings) context.print(`\nJob Warnings:\n${answer.Warnings.trim()}`);
  context.print(`\n${checkIndexText(answer, `${context.program} job run`, path)}`);
  return planExitCode(answer);
}

/** How to run just what was planned. */
function checkIndexText({ JobModifyIndex: index }: PlanAnswer, command: string, path: string): string {
  return [
    `Job Modify Index: ${index}`,
    "To run the job only if nothing has changed since this plan:",
    "",
    `${command} -check-index ${index} ${path}`,
  ].join("\n");
}
