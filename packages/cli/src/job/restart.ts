import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { findJobStub, inNamespace } from "../find.ts";
import { shortId } from "../format.ts";
import { parseDuration } from "@fractus/hcl/job/duration.ts";

export const restart: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words:
    "Restarts the running allocations of a job in place, a few at a time. With -reschedule they are stopped instead, and the scheduler makes new ones, maybe elsewhere.",
  flags: [
    { name: "group", value: "name", many: true, words: "only this group; may be repeated" },
    { name: "task", value: "name", many: true, words: "only this task; may be repeated" },
    { name: "all-tasks", words: "also tasks that have ended, such as those that prepare" },
    { name: "reschedule", words: "stop them and let new ones be made" },
    { name: "batch-size", value: "n or n%", words: "how many at a time; 1 unless said" },
    { name: "batch-wait", value: "duration", words: "how long to wait between them; 0s unless said" },
    { name: "on-error", value: "ask|fail", words: "accepted; the first error ends it" },
    { name: "yes", short: "y", words: "accepted; nothing is asked here" },
    { name: "verbose", words: "whole IDs" },
  ],
  examples: [
    { line: "job restart example", words: "one after the other" },
    { line: "job restart -batch-size 25% -batch-wait 10s example", words: "a quarter at a time" },
  ],
  run,
};

async function run({ context, arguments: [wanted], flags }: Invocation): Promise<void> {
  const { ID, Namespace } = await findJobStub(context, wanted);
  const list = await context.client.jobs.allocations(ID, {}, inNamespace(Namespace));
  const groups = flags.texts("group");
  const running = (list ?? []).filter(
    (each) =>
      each.DesiredStatus === "run" &&
      each.ClientStatus === "running" &&
      (groups.length === 0 || groups.includes(each.TaskGroup)),
  );
  if (running.length === 0) throw new Failure(`Error: job "${ID}" has no running allocations to restart.`);
  const size = batchSize(flags.text("batch-size") ?? "1", running.length);
  const waitMs = milliseconds(flags.text("batch-wait") ?? "0s");
  for (let begin = 0; begin < running.length; begin += size) {
    if (begin > 0 && waitMs > 0) await context.wait(waitMs);
    const batch = running.slice(begin, begin + size);
    await Promise.all(batch.map((each) => restartOne(context, each, flags)));
  }
  context.print(`Job restarted: ${running.length} of ${running.length} allocations.`);
}

async function restartOne(
  { client, print }: Context,
  allocation: AllocationStub,
  flags: Invocation["flags"],
): Promise<void> {
  const query = inNamespace(allocation.Namespace);
  const id = shortId(allocation.ID, flags.is("verbose"));
  print(
    `    ${flags.is("reschedule") ? "Rescheduling" : "Restarting"} allocation "${id}" of group "${allocation.TaskGroup}"`,
  );
  if (flags.is("reschedule")) {
    await client.allocations.stop(allocation.ID, {}, query);
    return;
  }
  const tasks = flags.texts("task");
  if (tasks.length === 0)
    await client.allocations.restart(allocation.ID, { allTasks: flags.is("all-tasks") }, query);
  for (const task of tasks) await client.allocations.restart(allocation.ID, { task }, query);
}

function batchSize(text: string, count: number): number {
  const [, amount, percent] = /^(\d+)(%?)$/.exec(text) ?? [];
  const size = percent ? Math.ceil((Number(amount) * count) / 100) : Number(amount);
  if (!(size >= 1))
    throw new Failure(`Error: -batch-size is a count or a percentage above 0, not "${text}".`);
  return size;
}

function milliseconds(text: string): number {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined || nanoseconds < 0)
    throw new Failure(`Error: "${text}" is no duration; write 30s or 1m30s.`);
  return nanoseconds / 1e6;
}
