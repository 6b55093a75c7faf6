/** Commands that change a running job in one step: promote, scale, eval, periodic force. */
import type { Job } from "@fractus/client/types/job.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { findJob, findJobStub, inNamespace } from "../find.ts";
import { detachOrMonitor, monitorFlags, monitorOptions } from "../monitor.ts";

export const promote: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Lets the latest deployment of a job go on from its canaries to the rest.",
  flags: [
    ...monitorFlags,
    { name: "group", value: "name", many: true, words: "only this group; may be repeated" },
  ],
  examples: [{ line: "job promote example", words: "the canaries did well" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const deployment = await context.client.jobs.latestDeployment(ID, inNamespace(Namespace));
    if (!deployment) throw new Failure(`Error: job "${ID}" has no deployment to promote.`);
    const answer = await context.client.deployments.promote(deployment.ID, flags.texts("group"));
    const done = `Deployment "${deployment.ID}" is promoted`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
  },
};

export const scale: Command = {
  arguments: "<job> [group] <count>",
  takes: [2, 3],
  words: "Sets how many allocations of a group there are to be. A job with one group needs no name of it.",
  flags: [...monitorFlags, { name: "message", value: "text", words: "why, for those who look later" }],
  examples: [
    { line: "job scale fractals worker 4", words: "four workers" },
    { line: "job scale example 2", words: "of a job with one group" },
  ],
  run: async ({ context, arguments: given, flags }: Invocation) => {
    const job = await findJob(context, given[0]);
    const text = given[given.length - 1];
    if (!/^\d+$/.test(text)) throw new Failure(`Error: a count is a whole number from 0, not "${text}".`);
    const group = groupOf(job, given.length === 3 ? given[1] : undefined);
    const message = flags.text("message");
    const change = { group, count: Number(text), ...(message && { message }) };
    const answer = await context.client.jobs.scale(job.ID, change, inNamespace(job.Namespace));
    if (answer.Warnings) context.print(answer.Warnings.trim());
    const done = `Group "${group}" of job "${job.ID}" is scaled to ${text}`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, job.Namespace), done });
  },
};

function groupOf(job: Job, named: string | undefined): string {
  const groups = (job.TaskGroups ?? []).map((group) => group.Name);
  if (named !== undefined && groups.includes(named)) return named;
  if (named === undefined && groups.length === 1) return groups[0];
  const what = named === undefined ? "has several groups" : `has no group "${named}"`;
  throw new Failure(`Error: job "${job.ID}" ${what}: ${groups.join(", ")}.`);
}

export const evaluate: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Has the scheduler look at a job again.",
  flags: [
    ...monitorFlags,
    { name: "force-reschedule", words: "failed allocations are placed anew, however often they were before" },
  ],
  examples: [{ line: "job eval -force-reschedule example", words: "try again now" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const options = { forceReschedule: flags.is("force-reschedule") };
    const answer = await context.client.jobs.evaluate(ID, options, inNamespace(Namespace));
    const done = `Job "${ID}" is evaluated`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
  },
};

export const periodicForce: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words: "Launches a periodic job now, besides its times.",
  flags: monitorFlags,
  examples: [{ line: "job periodic force backup", words: "a backup now" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const answer = await context.client.jobs.forcePeriodic(ID, inNamespace(Namespace));
    const done = `Job "${ID}" is launched`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
  },
};
