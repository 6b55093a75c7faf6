/** Commands that change a node: drain, eligibility, purge. */
import { parseDuration } from "@fractus/hcl/job/duration.ts";
import { watch } from "@fractus/client/watch.ts";
import type { Allocation } from "@fractus/client/types/allocation.ts";
import type { Node, NodeStub } from "@fractus/client/types/node.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import { until, type Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { findNodeStub } from "../find.ts";
import { instant, shortId } from "../format.ts";

const selfFlag: Flag = { name: "self", words: "the node of the agent that answers" };

export const drain: Command = {
  arguments: "<node>",
  takes: [0, 1],
  words:
    "Empties a node: nothing new is placed on it, and what runs moves elsewhere, a few allocations at a time. Prints what happens until the node is empty.",
  flags: [
    { name: "enable", words: "begin to drain" },
    { name: "disable", words: "stop draining; the node may be used again" },
    { name: "deadline", value: "duration", words: "after which all that is left is stopped; 1h unless said" },
    { name: "no-deadline", words: "wait for ever" },
    { name: "force", words: "do not wait at all" },
    { name: "ignore-system", words: "leave allocations of system jobs" },
    { name: "keep-ineligible", words: "with -disable: nothing new is placed on it all the same" },
    { name: "m", short: "m", value: "text", words: "why, for those who look later" },
    { name: "meta", value: "key=value", many: true, words: "facts to keep with the drain" },
    { name: "detach", words: "return at once" },
    { name: "monitor", words: "only print what happens" },
    { name: "yes", short: "y", words: "accepted; nothing is asked here" },
    { name: "verbose", words: "whole IDs" },
    selfFlag,
  ],
  examples: [
    { line: "node drain -enable -deadline 10m raspi-3-1", words: "empty it within ten minutes" },
    { line: "node drain -disable raspi-3-1", words: "take it back into use" },
  ],
  run: drainNode,
};

async function drainNode({ context, arguments: given, flags }: Invocation): Promise<number> {
  const node = await chosen(context, given[0], flags.is("self"));
  const id = shortId(node.ID, flags.is("verbose"));
  const isVerbose = flags.is("verbose");
  const before = (await context.client.nodes.allocations(node.ID)) ?? [];
  if (flags.is("monitor")) return followDrain(context, { id: node.ID, before, isVerbose });
  if (flags.is("enable") === flags.is("disable"))
    throw new Failure("Error: say whether to begin with -enable or to end with -disable.");
  const text = flags.text("m");
  const meta = { ...flags.pairs("meta"), ...(text && { message: text }) };
  if (flags.is("disable")) {
    await context.client.nodes.drain(node.ID, undefined, {
      markEligible: !flags.is("keep-ineligible"),
      meta,
    });
    context.print(`Node "${id}" is no longer drained`);
    return 0;
  }
  const specification = { Deadline: deadline(flags), IgnoreSystemJobs: flags.is("ignore-system") };
  await context.client.nodes.drain(node.ID, specification, { meta });
  context.print(`${instant(context.now())}: Node "${id}" is being drained`);
  return flags.is("detach") ? 0 : followDrain(context, { id: node.ID, before, isVerbose });
}

function deadline(flags: Invocation["flags"]): number {
  if (flags.is("force")) return -1;
  if (flags.is("no-deadline")) return 0;
  const text = flags.text("deadline") ?? "1h";
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined || nanoseconds <= 0)
    throw new Failure(`Error: "${text}" is no duration to wait for; write 30m or 1h.`);
  return nanoseconds;
}

/** Tells of every allocation that ends, until the node is drained. */
async function followDrain(
  context: Context,
  drained: {
    readonly id: string;
    readonly before: readonly Pick<Allocation, "ID" | "ClientStatus">[];
    readonly isVerbose: boolean;
  },
): Promise<number> {
  const { client, surroundings, print } = context;
  const { id, before: list, isVerbose } = drained;
  const told = new Map(list.map((each) => [each.ID, each.ClientStatus]));
  const options = { ...until(surroundings), wait: "2s", evenUnchanged: true };
  for await (const node of watch((query) => client.nodes.get(id, query), options)) {
    for (const each of (await client.nodes.allocations(id)) ?? []) {
      const before = told.get(each.ID);
      told.set(each.ID, each.ClientStatus);
      if (before !== undefined && before !== each.ClientStatus)
        print(
          `${instant(context.now())}: Alloc "${shortId(each.ID, isVerbose)}" status ${before} -> ${each.ClientStatus}`,
        );
    }
    if (isDrained(node)) {
      print(`${instant(context.now())}: Drain complete for node "${shortId(id, isVerbose)}"`);
      return 0;
    }
  }
  return 1;
}

function isDrained(node: Node): boolean {
  return !node.DrainStrategy && !node.Drain;
}

export const eligibility: Command = {
  arguments: "<node>",
  takes: [0, 1],
  words: "Says whether anything new may be placed on a node. What runs there goes on.",
  flags: [{ name: "enable", words: "it may" }, { name: "disable", words: "it may not" }, selfFlag],
  examples: [{ line: "node eligibility -disable raspi-3-1", words: "nothing new there" }],
  run: async ({ context, arguments: given, flags }: Invocation) => {
    const node = await chosen(context, given[0], flags.is("self"));
    if (flags.is("enable") === flags.is("disable"))
      throw new Failure("Error: say whether with -enable or -disable.");
    const wanted = flags.is("enable") ? "eligible" : "ineligible";
    await context.client.nodes.setEligibility(node.ID, wanted);
    context.print(`Node "${node.Name}" scheduling eligibility set: ${wanted} for scheduling`);
  },
};

export const purge: Command = {
  arguments: "<node>",
  takes: [1, 1],
  words: "Forgets a node. Its allocations count as lost; one that is still there comes back.",
  examples: [{ line: "node purge raspi-3-1", words: "it will not come back" }],
  run: async ({ context, arguments: [wanted] }: Invocation) => {
    const node = await findNodeStub(context, wanted);
    await context.client.nodes.purge(node.ID);
    context.print(`Node "${node.Name}" is forgotten`);
  },
};

async function chosen(context: Context, wanted: string | undefined, isSelf: boolean): Promise<NodeStub> {
  const own = isSelf ? (await context.client.agent.self()).stats?.["client"]?.["node_id"] : undefined;
  const id = wanted ?? own;
  if (id === undefined) throw new Failure("Error: say which node; `node status` lists them.");
  return findNodeStub(context, id);
}
