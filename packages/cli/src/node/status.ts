import { ApiError } from "@fractus/client/error.ts";
import type { HostStats, NodeStub } from "@fractus/client/types/node.ts";
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { findNode } from "../find.ts";
import { nodeTable, nodeText } from "./status-text.ts";

export const status: Command = {
  arguments: "[node]",
  takes: [0, 1],
  words:
    "Shows a node: its drivers, what it has given away and what is in use, and the allocations on it. Without a node it lists all of them. A name or the beginning of an ID will do.",
  flags: [
    { name: "allocs", words: "in the list: how many allocations run on each" },
    { name: "filter", value: "expression", words: 'of the list, such as Status == "ready"' },
    { name: "short", words: "only the facts, and the allocations" },
    { name: "stats", words: "accepted; what is in use is always shown" },
    { name: "self", words: "the node of the agent that answers" },
    { name: "verbose", words: "whole IDs, attributes and meta" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [
    { line: "node status", words: "all nodes" },
    { line: "node status -allocs", words: "and how much runs on each" },
    { line: "node status raspi-4-1", words: "one of them" },
  ],
  run: async (invocation) => {
    const { context, arguments: given, flags } = invocation;
    const wanted = given[0] ?? (flags.is("self") ? await ownNode(context) : undefined);
    return wanted === undefined ? listNodes(invocation) : showNode(invocation, wanted);
  },
};

async function ownNode({ client }: Context): Promise<string | undefined> {
  const { stats } = await client.agent.self();
  return stats?.["client"]?.["node_id"];
}

async function listNodes({ context, flags }: Invocation): Promise<void> {
  const filter = flags.text("filter");
  const list = await context.client.nodes.list({ ...(filter && { filter }) });
  if (flags.is("json")) return context.print(JSON.stringify(list, null, 4));
  if (list.length === 0) return context.print("No nodes registered");
  const running = flags.is("allocs") ? await runningOn(context, list) : undefined;
  context.print(nodeTable(list, { isVerbose: flags.is("verbose"), ...(running && { running }) }));
}

async function runningOn({ client }: Context, nodes: readonly NodeStub[]): Promise<Map<string, number>> {
  const counts = await Promise.all(
    nodes.map(async ({ ID }) => {
      const allocations = (await client.nodes.allocations(ID)) ?? [];
      return [ID, allocations.filter((each) => each.ClientStatus === "running").length] as const;
    }),
  );
  return new Map(counts);
}

async function showNode({ context, flags }: Invocation, wanted: string): Promise<void> {
  const node = await findNode(context, wanted);
  if (flags.is("json")) return context.print(JSON.stringify(node, null, 4));
  const { nodes } = context.client;
  const [list, stats] = await Promise.all([
    nodes.allocations(node.ID),
    nodes.stats(node.ID).catch(unlessAway),
  ]);
  // The list of a node holds whole allocations, which tell the version of their job otherwise than a stub.
  const allocations = (list ?? []).map((each) => ({
    ...each,
    JobType: each.Job?.Type ?? "",
    JobVersion: each.Job?.Version ?? 0,
  }));
  const manner = {
    isVerbose: flags.is("verbose"),
    isShort: flags.is("short"),
    nowMs: context.now(),
  };
  context.print(nodeText({ node, allocations, stats }, manner));
}

function unlessAway(error: unknown): HostStats | undefined {
  if (error instanceof ApiError) return undefined;
  throw error;
}
