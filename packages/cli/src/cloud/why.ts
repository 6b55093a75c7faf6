import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { findJobStub, inNamespace } from "../find.ts";
import { shortId, table } from "../format.ts";

export const why: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words:
    "Says of each group of a job why its allocations are where they are, or why they are nowhere, and what the smallest change would be that helps.",
  flags: [{ name: "json", words: "the JSON of the API" }],
  examples: [{ line: "why example2", words: "why does it not run?" }],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const answer = await context.client.jobs.why(ID, inNamespace(Namespace));
    if (flags.is("json")) return context.print(JSON.stringify(answer, null, 4));
    const groups = (answer.Groups ?? []).map(({ Name, Lines }) =>
      [`Task Group "${Name}"`, ...(Lines ?? []).map((line) => `  ${line}`)].join("\n"),
    );
    context.print(groups.join("\n\n") || `Job "${ID}" has nothing to place.`);
  },
};

export const rebalance: Command = {
  arguments: "",
  takes: [0, 0],
  words:
    "Shows which allocations would be better off on another node. Nothing is moved; `alloc stop` moves one.",
  flags: [
    { name: "plan", words: "only show; needed, as nothing else is possible" },
    { name: "verbose", words: "whole IDs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "rebalance -plan", words: "is anything in a bad place?" }],
  run: async ({ context, flags }: Invocation) => {
    if (!flags.is("plan"))
      throw new Failure(
        "Error: moves are only shown, never made: say -plan, then move some with `alloc stop`.",
      );
    const answer = await context.client.jobs.planRebalance();
    if (flags.is("json")) return context.print(JSON.stringify(answer, null, 4));
    const rows = (answer.Moves ?? []).map((move) => [
      shortId(move.AllocID, flags.is("verbose")),
      move.Name,
      move.From,
      move.To,
      Number(move.Gain.toPrecision(3)),
    ]);
    if (rows.length === 0) return context.print("Every allocation is where it should be.");
    context.print(table([["Alloc ID", "Name", "From", "To", "Gain"], ...rows]));
  },
};
