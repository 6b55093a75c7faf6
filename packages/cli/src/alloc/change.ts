/** Commands that do something to one allocation: stop, restart, signal. */
import type { Command, Invocation } from "../command.ts";
import { findAllocation, inNamespace, taskOf } from "../find.ts";
import { shortId } from "../format.ts";
import { detachOrMonitor, monitorFlags, monitorOptions } from "../monitor.ts";

export const stop: Command = {
  arguments: "<allocation>",
  takes: [1, 1],
  words: "Stops an allocation. The scheduler makes another one in its place, maybe elsewhere.",
  flags: [
    ...monitorFlags,
    { name: "no-shutdown-delay", words: "do not wait before the tasks are told to stop" },
  ],
  examples: [{ line: "alloc stop 21d08737", words: "move it" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findAllocation(context, wanted);
    const options = { noShutdownDelay: flags.is("no-shutdown-delay") };
    const answer = await context.client.allocations.stop(ID, options, inNamespace(Namespace));
    const done = `Allocation "${shortId(ID)}" is stopped`;
    return detachOrMonitor(context, answer.EvalID, { ...monitorOptions(flags, Namespace), done });
  },
};

export const restart: Command = {
  arguments: "<allocation> [task]",
  takes: [1, 2],
  words: "Restarts the running tasks of an allocation where they are, or the one that is named.",
  flags: [
    { name: "task", value: "name", words: "only this task" },
    { name: "all-tasks", words: "also tasks that have ended, such as those that prepare" },
    { name: "verbose", words: "accepted" },
  ],
  examples: [{ line: "alloc restart 21d08737 http_serve", words: "one task" }],
  run: async ({ context, arguments: [wanted, named], flags }: Invocation) => {
    const allocation = await findAllocation(context, wanted);
    const asked = flags.text("task") ?? named;
    const task = asked === undefined ? undefined : taskOf(allocation, asked);
    const options = { allTasks: flags.is("all-tasks"), ...(task && { task }) };
    await context.client.allocations.restart(allocation.ID, options, inNamespace(allocation.Namespace));
    context.print(`Allocation "${shortId(allocation.ID)}" restarted${task ? `: task "${task}"` : ""}`);
  },
};

export const signal: Command = {
  arguments: "<allocation> [task]",
  takes: [1, 2],
  words:
    "Sends a signal to the tasks of an allocation, or to the one that is named; SIGKILL unless another is given.",
  flags: [
    { name: "s", short: "s", value: "signal", words: "such as SIGHUP" },
    { name: "task", value: "name", words: "only this task" },
    { name: "verbose", words: "accepted" },
  ],
  examples: [{ line: "alloc signal -s SIGHUP 21d08737", words: "read your configuration again" }],
  run: async ({ context, arguments: [wanted, named], flags }: Invocation) => {
    const allocation = await findAllocation(context, wanted);
    const asked = flags.text("task") ?? named;
    const task = asked === undefined ? undefined : taskOf(allocation, asked);
    const name = flags.text("s") ?? "SIGKILL";
    const sent = name.startsWith("SIG") ? name : `SIG${name.toUpperCase()}`;
    const request = { signal: sent, ...(task && { task }) };
    await context.client.allocations.signal(allocation.ID, request, inNamespace(allocation.Namespace));
    context.print(`${sent} sent to allocation "${shortId(allocation.ID)}"${task ? `, task "${task}"` : ""}`);
  },
};
