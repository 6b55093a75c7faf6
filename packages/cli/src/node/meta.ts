import { pairsOf } from "../arguments.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { findNodeStub } from "../find.ts";
import { pairs, paragraphs, section, sorted } from "../format.ts";

const nodeFlag: Flag = { name: "node-id", value: "node", words: "which node; needed if there are several" };

export const read: Command = {
  arguments: "[node]",
  takes: [0, 1],
  words: "Shows the meta of a node: facts about it that job files can ask for as ${meta.name}.",
  flags: [nodeFlag, { name: "json", words: "the JSON of the API" }],
  examples: [{ line: "node meta read raspi-3-1", words: "what is known?" }],
  run: async ({ context, arguments: [named], flags }: Invocation) => {
    const meta = await context.client.nodes.metadata(await nodeOf(context, flags.text("node-id") ?? named));
    if (flags.is("json")) return context.print(JSON.stringify(meta, null, 4));
    const present = (of: typeof meta.Dynamic) =>
      sorted(of).filter((entry): entry is [string, string] => entry[1] !== null);
    const parts = [section("All Meta", pairs(sorted(meta.Meta)) || "none")];
    if (meta.Dynamic) parts.push(section("Dynamic Meta", pairs(present(meta.Dynamic)) || "none"));
    if (meta.Static) parts.push(section("Static Meta", pairs(sorted(meta.Static)) || "none"));
    context.print(paragraphs(parts));
  },
};

export const apply: Command = {
  arguments: "[node] [key=value ...]",
  takes: [0, 100],
  words: "Sets meta of a node while it runs.",
  flags: [nodeFlag, { name: "unset", value: "key,...", words: "take these away" }],
  examples: [{ line: "node meta apply raspi-3-1 rack=r2", words: "where it stands" }],
  run: async ({ context, arguments: given, flags }: Invocation) => {
    const named = given.at(0)?.includes("=") ? undefined : given.at(0);
    const settings = named === undefined ? given : given.slice(1);
    const changes: Record<string, string | null> = pairsOf(settings, "node meta apply");
    for (const key of flags.text("unset")?.split(",") ?? []) changes[key] = null;
    if (Object.keys(changes).length === 0) throw new Failure("Error: nothing to set and nothing to unset.");
    await context.client.nodes.setMetadata(await nodeOf(context, flags.text("node-id") ?? named), changes);
    context.print("Meta is set");
  },
};

async function nodeOf(context: Context, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return (await findNodeStub(context, wanted)).ID;
  const list = await context.client.nodes.list();
  if (list.length === 1) return list[0].ID;
  throw new Failure("Error: there are several nodes; say which one.");
}
