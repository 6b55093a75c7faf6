import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { findJob, findJobStub, inNamespace } from "../find.ts";
import { detachOrMonitor, monitorFlags, monitorOptions } from "../monitor.ts";

export const stop: Command = {
  arguments: "<job> [job ...]",
  takes: [1, 100],
  words:
    "Stops all allocations of the job and follows that. The job is kept, so that it can be started again; with -purge it is forgotten.",
  flags: [
    ...monitorFlags,
    { name: "purge", words: "forget the job, its versions and its allocations" },
    { name: "yes", short: "y", words: "accepted; nothing is asked here" },
    { name: "eval-priority", value: "1-100", words: "the priority of this one evaluation" },
  ],
  examples: [
    { line: "job stop example", words: "stop it" },
    { line: "job stop -purge example", words: "stop and forget it" },
  ],
  run: async ({ context, arguments: wanted, flags }: Invocation) => {
    let code = 0;
    for (const each of wanted) {
      const { ID, Namespace } = await findJobStub(context, each);
      const priority = flags.number("eval-priority");
      const options = {
        purge: flags.is("purge"),
        ...(priority !== undefined && { evaluationPriority: priority }),
      };
      const answer = await context.client.jobs.stop(ID, options, inNamespace(Namespace));
      const done = `Job "${ID}" is stopped`;
      code ||= await detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
    }
    return code;
  },
};

export const start: Command = {
  arguments: "<job> [job ...]",
  takes: [1, 100],
  words: "Runs a stopped job again as it was.",
  flags: monitorFlags,
  examples: [{ line: "job start example", words: "run it again" }],
  run: async ({ context, arguments: wanted, flags }: Invocation) => {
    let code = 0;
    for (const each of wanted) code ||= await startOne(context, each, monitorOptions(flags));
    return code;
  },
};

async function startOne(
  context: Context,
  wanted: string,
  options: ReturnType<typeof monitorOptions>,
): Promise<number> {
  const job = await findJob(context, wanted);
  if (!job.Stop) {
    context.print(`Job "${job.ID}" is not stopped.`);
    return 0;
  }
  const { jobs } = context.client;
  const query = inNamespace(job.Namespace);
  const submission = await jobs.submission(job.ID, job.Version, query).catch(() => undefined);
  const again = JSON.parse(JSON.stringify({ ...job, Stop: false }));
  const answer = await jobs.register(again, { ...(submission && { submission }) }, query);
  const done = `Job "${job.ID}" is started`;
  return detachOrMonitor(context, answer.EvalID, { ...options, namespace: job.Namespace, done });
}
