import type { Command, Flag, Invocation } from "../command.ts";
import { isNotFound } from "../failure.ts";
import { pairs, paragraphs, section, sorted, table } from "../format.ts";

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
  arguments: "<name>",
  takes: [1, 1],
  words: "Makes a namespace, or changes it if it is there; what is not said stays as it is.",
  flags: [
    { name: "description", value: "text", words: "what it is for" },
    { name: "quota", value: "name", words: "the limits that count in it" },
    { name: "meta", value: "key=value", many: true, words: "facts to keep with it" },
  ],
  examples: [{ line: "namespace apply -description 'our web sites' web", words: "a new one" }],
  run: async ({ context, arguments: [name], flags }: Invocation) => {
    const { namespaces } = context.client;
    const before = await namespaces.get(name).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    await namespaces.apply({
      Name: name,
      Description: flags.text("description") ?? before?.Description ?? "",
      Quota: flags.text("quota") ?? before?.Quota ?? "",
      Meta: { ...before?.Meta, ...flags.pairs("meta") },
    });
    context.print(`Successfully applied namespace "${name}"!`);
  },
};

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
    context.print(
      paragraphs([
        pairs([
          ["Name", namespace.Name],
          ["Description", namespace.Description],
          ["Quota", namespace.Quota],
        ]),
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
