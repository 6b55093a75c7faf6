import type { NamespaceLimits } from "@fractus/client/types/namespace.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { isNotFound } from "../failure.ts";
import { readInput } from "../files.ts";
import { pairs, paragraphs, section, sorted, table } from "../format.ts";
import { limitPairs, limitsOf } from "./limits.ts";
import { readSpecification, type Specification } from "./specification.ts";

const jsonFlag: Flag = { name: "json", words: "the JSON of the API" };

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists the namespaces: projects, each with jobs and variables of its own.",
  flags: [jsonFlag],
  examples: [{ line: "namespace list", words: "which are there?" }],
  run: async ({ context, flags }: Invocation) => {
    const all = (await context.client.namespaces.list()) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(all, null, 4));
    context.print(table([["Name", "Description"], ...all.map((each) => [each.Name, each.Description])]));
  },
};

export const apply: Command = {
  arguments: "<name or file>",
  takes: [1, 1],
  words:
    "Makes a namespace, or changes it if it is there; what is not said stays as it is. Instead of a name there may be a file that says it all, or - for standard input.",
  flags: [
    { name: "description", value: "text", words: "what it is for" },
    {
      name: "quota",
      value: "name=limit",
      many: true,
      words: "what its jobs may ask for together: cpu in MHz, memory in MiB, allocs; 0 is no limit",
    },
    { name: "meta", value: "key=value", many: true, words: "facts to keep with it" },
  ],
  examples: [
    { line: "namespace apply -description 'our web sites' web", words: "a new one" },
    { line: "namespace apply -quota memory=2048 -quota allocs=20 web", words: "with limits" },
    { line: "namespace apply web.hcl", words: "from a file" },
  ],
  run: async ({ context, arguments: [wanted], flags }: Invocation) => {
    const { namespaces } = context.client;
    const said = await specificationOf(context, wanted);
    const before = await namespaces.get(said.Name).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    const description = flags.text("description");
    const quota = flags.pairs("quota");
    const capabilities = said.Capabilities ?? before?.Capabilities;
    const limits = { ...(said.Limits ?? before?.Limits), ...given(quota) };
    await namespaces.apply({
      Name: said.Name,
      Description: description ?? said.Description ?? before?.Description ?? "",
      ...(capabilities && { Capabilities: capabilities }),
      ...(Object.keys(limits).length > 0 && { Limits: limits }),
      Meta: { ...(said.Meta ?? before?.Meta), ...flags.pairs("meta") },
    });
    context.print(`Successfully applied namespace "${said.Name}"!`);
  },
};

/** Names have neither dots nor slashes, files do. */
async function specificationOf({ surroundings }: Context, wanted: string): Promise<Specification> {
  if (wanted !== "-" && !/[./]/.test(wanted)) return { Name: wanted };
  const text = new TextDecoder().decode(await readInput(surroundings, wanted));
  return readSpecification(wanted === "-" ? "(standard input)" : wanted, text);
}

/** Only the limits that are named. */
function given(quota: Readonly<Record<string, string>>): NamespaceLimits {
  const { CPU, MemoryBytes, Allocs } = limitsOf(quota);
  return {
    ...("cpu" in quota && { CPU }),
    ...("memory" in quota && { MemoryBytes }),
    ...("allocs" in quota && { Allocs }),
  };
}

export const status: Command = {
  arguments: "<name>",
  takes: [1, 1],
  words: "Shows a namespace.",
  flags: [jsonFlag],
  examples: [{ line: "namespace status default", words: "what is it for?" }],
  run: async ({ context, arguments: [name], flags }: Invocation) => {
    const namespace = await context.client.namespaces.get(name);
    if (flags.is("json")) return context.print(JSON.stringify(namespace, null, 4));
    const meta = sorted(namespace.Meta);
    const limits = limitPairs(namespace.Limits);
    context.print(
      paragraphs([
        pairs([
          ["Name", namespace.Name],
          ["Description", namespace.Description],
        ]),
        limits.length > 0 ? section("Quota", pairs(limits)) : undefined,
        meta.length > 0 ? section("Metadata", pairs(meta)) : undefined,
      ]),
    );
  },
};

export const inspect: Command = {
  arguments: "<name>",
  takes: [1, 1],
  words: "Prints a namespace as the API has it.",
  flags: [jsonFlag],
  examples: [{ line: "namespace inspect default", words: "as JSON" }],
  run: async ({ context, arguments: [name] }: Invocation) => {
    context.print(JSON.stringify(await context.client.namespaces.get(name), null, 4));
  },
};

export const remove: Command = {
  arguments: "<name>",
  takes: [1, 1],
  words: "Deletes a namespace in which nothing runs.",
  examples: [{ line: "namespace delete web", words: "for ever" }],
  run: async ({ context, arguments: [name] }: Invocation) => {
    await context.client.namespaces.delete(name);
    context.print(`Successfully deleted namespace "${name}"!`);
  },
};
