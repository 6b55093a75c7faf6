import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { findEvaluation, inNamespace } from "../find.ts";
import { instantOfText, pairs, paragraphs, section, shortId, sorted, table } from "../format.ts";
import { allocationTable, evaluationTable } from "../job/status-text.ts";
import { monitor, monitorOptions } from "../monitor.ts";
import { failedGroups } from "../placement-failure.ts";

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists evaluations, the newest first: each is one look of the scheduler at one job.",
  flags: [
    { name: "job", value: "job", words: "only of this job" },
    { name: "status", value: "status", words: "only pending, blocked, complete, failed or canceled ones" },
    { name: "filter", value: "expression", words: 'such as TriggeredBy == "node-update"' },
    { name: "per-page", value: "n", words: "so many at a time" },
    { name: "page-token", value: "token", words: "from here on" },
    { name: "verbose", words: "whole IDs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "eval list -status blocked", words: "what waits for room?" }],
  run: async ({ context, flags }: Invocation) => {
    const [job, status, filter] = [flags.text("job"), flags.text("status"), flags.text("filter")];
    const [perPage, token] = [flags.number("per-page"), flags.text("page-token")];
    let next: string | undefined;
    const all = await context.client.evaluations.list(
      { ...(job && { job }), ...(status && { status }) },
      {
        reverse: true,
        ...(filter && { filter }),
        ...(perPage !== undefined && { perPage }),
        ...(token && { nextToken: token }),
        onAnswer: (answer) => {
          next = answer.nextToken;
        },
      },
    );
    if (flags.is("json")) return context.print(JSON.stringify(all, null, 4));
    if (all.length === 0) return context.print("No evals found");
    context.print(evaluationTable(all, { isVerbose: flags.is("verbose"), nowMs: context.now() }));
    if (next) context.print(`\nThere are more: -page-token ${next}`);
  },
};

export const status: Command = {
  arguments: "[evaluation]",
  takes: [0, 1],
  words:
    "Shows an evaluation: what brought it about, what came of it, and why some allocations found no place.",
  flags: [
    { name: "monitor", words: "follow it to its end" },
    { name: "timestamps", words: "begin each line with the time" },
    { name: "verbose", words: "whole IDs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "eval status 8eb3657a", words: "the beginning of an ID will do" }],
  run: async (invocation: Invocation) => {
    const { context, arguments: given, flags } = invocation;
    if (given.length === 0) return list.run(invocation);
    const { ID, Namespace } = await findEvaluation(context, given[0]);
    if (flags.is("monitor")) return monitor(context, ID, monitorOptions(flags, Namespace));
    const query = inNamespace(Namespace);
    const evaluation = await context.client.evaluations.get(ID, query);
    if (flags.is("json")) return context.print(JSON.stringify(evaluation, null, 4));
    const allocations = (await context.client.evaluations.allocations(ID, query)) ?? [];
    const manner = { isVerbose: flags.is("verbose"), nowMs: context.now() };
    context.print(
      paragraphs([
        facts(evaluation, manner.isVerbose),
        failure(evaluation, manner.isVerbose),
        allocations.length > 0
          ? section("Placed Allocations", allocationTable(allocations, manner))
          : undefined,
      ]),
    );
  },
};

function facts(evaluation: Evaluation, isVerbose: boolean): string {
  const optional = (key: string, value: string) => (value ? [[key, value] as const] : []);
  const id = (text: string) => shortId(text ?? "", isVerbose);
  return pairs([
    ["ID", id(evaluation.ID)],
    ["Status", evaluation.Status],
    ["Status Description", evaluation.StatusDescription || evaluation.Status],
    ["Type", evaluation.Type],
    ["TriggeredBy", evaluation.TriggeredBy],
    ...optional("Job ID", evaluation.JobID),
    ...optional("Node ID", id(evaluation.NodeID)),
    ["Namespace", evaluation.Namespace],
    ["Priority", evaluation.Priority],
    ["Placement Failures", Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0],
    ...optional("Wait Until", evaluation.WaitUntil ? instantOfText(evaluation.WaitUntil) : ""),
    ...optional("Previous Eval", id(evaluation.PreviousEval)),
    ...optional("Next Eval", id(evaluation.NextEval)),
    ...optional("Blocked Eval", id(evaluation.BlockedEval)),
  ]);
}

function failure(evaluation: Evaluation, isVerbose: boolean): string | undefined {
  if (Object.keys(evaluation.FailedTGAllocs ?? {}).length === 0) return undefined;
  const queued = sorted(evaluation.QueuedAllocations).map(([group, count]) => [group, count]);
  const text = failedGroups(evaluation.FailedTGAllocs, isVerbose);
  const waiting = queued.length > 0 ? `\n\nQueued\n${table([["Task Group", "Allocations"], ...queued])}` : "";
  return section("Failed Placements", text + waiting);
}

export const remove: Command = {
  arguments: "<evaluation> [evaluation ...]",
  takes: [0, 1000],
  words: "Deletes evaluations that have ended. With -filter, all that the expression fits.",
  flags: [
    { name: "filter", value: "expression", words: 'such as JobID == "example"' },
    { name: "yes", short: "y", words: "accepted; nothing is asked here" },
  ],
  examples: [{ line: "eval delete 8eb3657a", words: "one of them" }],
  run: async ({ context, arguments: given, flags }: Invocation) => {
    const { evaluations } = context.client;
    const filter = flags.text("filter");
    if (filter === undefined && given.length === 0)
      throw new Failure("Error: say which evaluations, or which ones with -filter.");
    const found = filter
      ? await evaluations.list({}, { filter })
      : await Promise.all(given.map((each) => findEvaluation(context, each)));
    if (found.length === 0) return context.print("No evals found");
    await evaluations.delete(found.map((each) => each.ID));
    context.print(`Successfully deleted ${found.length} evaluation${found.length === 1 ? "" : "s"}`);
  },
};
