import { ApiError } from "@fractus/client/error.ts";
import type { Command, Invocation } from "../command.ts";
import { findAllocation, inNamespace } from "../find.ts";
import { section, shortId, sorted, table } from "../format.ts";
import { allocationText } from "./status-text.ts";

export const status: Command = {
  arguments: "<allocation>",
  takes: [1, 1],
  words:
    "Shows an allocation: where it runs, its addresses, what its tasks use, how they are kept apart from the machine, and what happened to them.",
  flags: [
    { name: "short", words: "one line for each task" },
    { name: "stats", words: "accepted; what the tasks use is always shown" },
    { name: "verbose", words: "whole IDs, and how the node was chosen" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "alloc status 21d08737", words: "the beginning of an ID will do" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const allocation = await findAllocation(context, wanted);
    if (flags.is("json")) return context.print(JSON.stringify(allocation, null, 4));
    const query = inNamespace(allocation.Namespace);
    const { allocations } = context.client;
    const [usage, isolation] = await Promise.all([
      ifKnown(allocations.usage(allocation.ID, query)),
      ifKnown(allocations.isolation(allocation.ID, query)),
    ]);
    const manner = {
      isVerbose: flags.is("verbose"),
      isShort: flags.is("short"),
      nowMs: context.now(),
    };
    context.print(allocationText({ allocation, usage, isolation }, manner));
  },
};

/** A node that is away, or a server that knows no such thing, is no reason to show nothing. */
async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

export const checks: Command = {
  arguments: "<allocation>",
  takes: [1, 1],
  words: "Shows what the health checks of an allocation found last.",
  flags: [
    { name: "verbose", words: "whole outputs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "alloc checks 21d08737", words: "is it well?" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const allocation = await findAllocation(context, wanted);
    const found = await context.client.allocations.checks(allocation.ID, inNamespace(allocation.Namespace));
    if (flags.is("json")) return context.print(JSON.stringify(found, null, 4));
    const rows = sorted(found).map(([, check]) => [
      check.Service,
      check.Task || "(group)",
      check.Check,
      check.Mode,
      check.Status,
      flags.is("verbose") ? check.Output : shortened(check.Output),
    ]);
    if (rows.length === 0) return context.print("No checks");
    const heading = ["Service", "Task", "Name", "Mode", "Status", "Output"];
    const title = `Checks of allocation "${shortId(allocation.ID)}"`;
    context.print(section(title, table([heading, ...rows])));
  },
};

const mostCharacters = 100;

/** The first line of what a check got, which may be a whole page. */
function shortened(output: string): string {
  const [first] = output.trim().split("\n");
  return first.length > mostCharacters ? `${first.slice(0, mostCharacters - 1)}…` : first;
}
