/** `status`: whatever the beginning of an ID stands for. */
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { indented } from "../format.ts";

export type Kind = "job" | "allocation" | "node" | "evaluation" | "deployment";

/** What the search calls them, in the order in which one is preferred over another. */
const kinds: readonly (readonly [string, Kind])[] = [
  ["jobs", "job"],
  ["allocs", "allocation"],
  ["nodes", "node"],
  ["evals", "evaluation"],
  ["deployment", "deployment"],
];

export const status: Command = {
  arguments: "[job, allocation, node, evaluation or deployment]",
  takes: [0, 1],
  words: "Shows whatever an ID, or the beginning of one, stands for. Without one it lists the jobs.",
  flags: [
    { name: "short", words: "less" },
    { name: "verbose", words: "whole IDs, and more" },
    { name: "evals", words: "of a job: its evaluations, too" },
    { name: "all-allocs", words: "of a job: allocations of an earlier one of the same name, too" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [
    { line: "status", words: "all jobs" },
    { line: "status example", words: "a job" },
    { line: "status 21d08737", words: "an allocation" },
  ],
  run: async (invocation: Invocation) => {
    const { context, arguments: given } = invocation;
    if (!given[0]) return (await commands.job()).run({ ...invocation, arguments: [] });
    const { kind, id } = await resolveAny(context, given[0]);
    return (await commands[kind]()).run({ ...invocation, arguments: [id] });
  },
};

const mostShown = 20;

/**
 * @throws Failure if there is nothing, or too much
 */
export async function resolveAny(
  { client }: Context,
  wanted: string,
): Promise<{ readonly kind: Kind; readonly id: string }> {
  const { Matches } = await client.search.prefix(wanted);
  const found = kinds.flatMap(([context, kind]) => (Matches?.[context] ?? []).map((id) => ({ kind, id })));
  const exact = found.find(({ id }) => id === wanted);
  if (exact) return exact;
  if (found.length === 1) return found[0];
  if (found.length === 0) throw new Failure(`Error: nothing has an ID that is or begins with "${wanted}".`);
  const [first] = found;
  const ofKind = found.filter(({ kind }) => kind === first.kind);
  if (first.kind === "job" && ofKind.length === 1) return first;
  const list = found.slice(0, mostShown).map(({ kind, id }) => `${kind} ${id}`);
  if (found.length > mostShown) list.push("…");
  throw new Failure(
    `Error: "${wanted}" is the beginning of ${found.length} IDs:\n${indented(list.join("\n"), 2)}`,
  );
}

const commands: Readonly<Record<Kind, () => Promise<Command>>> = {
  job: async () => (await import("../job/status.ts")).status,
  allocation: async () => (await import("../alloc/status.ts")).status,
  node: async () => (await import("../node/status.ts")).status,
  evaluation: async () => (await import("../evaluation/evaluations.ts")).status,
  deployment: async () => (await import("../deployment/deployments.ts")).status,
};
