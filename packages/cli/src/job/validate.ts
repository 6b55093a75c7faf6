import { ApiError } from "@fractus/client/error.ts";
import { validateJob } from "@fractus/hcl/job/validate.ts";
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { inNamespace } from "../find.ts";
import { jobFileFlags, readJobFile, refuseErrors, report, type JobFile } from "./job-file.ts";

export const validate: Command = {
  arguments: "<job file>",
  takes: [1, 1],
  words:
    "Says what is wrong with a job file, with the lines. The rules are checked here; a server that answers checks it, too. Exits with 1 if anything is worse than a warning.",
  flags: jobFileFlags,
  examples: [{ line: "job validate example.nomad", words: "is it in order?" }],
  run: async ({ context, arguments: [path], flags }: Invocation) => {
    const file = await readJobFile(context, path, flags);
    const findings = validateJob(file.job, file.origins);
    report(context, file.source, findings);
    refuseErrors(file.source, findings);
    await askServer(context, file);
    context.print("Job validation successful");
  },
};

/** A server that is not there has nothing to say. */
async function askServer({ client, note }: Context, file: JobFile): Promise<void> {
  try {
    const answer = await client.jobs.validate(file.job, inNamespace(file.namespace));
    const errors = answer.ValidationErrors ?? [];
    if (errors.length > 0) throw new Failure(`Error: ${errors.join("\n")}`);
    if (answer.Error) throw new Failure(`Error: ${answer.Error}`);
    if (answer.Warnings) note(answer.Warnings.trim());
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 0)) throw error;
  }
}
