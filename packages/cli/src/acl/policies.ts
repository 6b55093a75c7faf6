import type { Command, Flag, Invocation } from "../command.ts";
import { readInput } from "../files.ts";
import { pairs, section, table } from "../format.ts";

const jsonFlag: Flag = { name: "json", words: "the JSON of the API" };

export const apply: Command = {
  arguments: "<name> <file>",
  takes: [2, 2],
  words: "Writes a policy: what those may do who hold a token with it. A file of - is standard input.",
  flags: [{ name: "description", value: "text", words: "what it is for" }],
  examples: [
    {
      line: "acl policy apply -description 'may only look' readonly readonly.policy.hcl",
      words: "from a file",
    },
  ],
  run: async ({ context, arguments: [name, path], flags }: Invocation) => {
    const rules = new TextDecoder().decode(await readInput(context.surroundings, path));
    const policy = { Name: name, Description: flags.text("description") ?? "", Rules: rules };
    await context.client.acl.applyPolicy(policy);
    context.print(`Successfully wrote "${name}" ACL policy!`);
  },
};

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists the policies.",
  flags: [jsonFlag],
  examples: [{ line: "acl policy list", words: "which are there?" }],
  run: async ({ context, flags }: Invocation) => {
    const all = (await context.client.acl.policies()) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(all, null, 4));
    if (all.length === 0) return context.print("No policies found");
    context.print(table([["Name", "Description"], ...all.map((each) => [each.Name, each.Description])]));
  },
};

export const info: Command = {
  arguments: "<name>",
  takes: [1, 1],
  words: "Shows a policy and its rules.",
  flags: [jsonFlag],
  examples: [{ line: "acl policy info readonly", words: "what does it allow?" }],
  run: async ({ context, arguments: [name], flags }: Invocation) => {
    const policy = await context.client.acl.policy(name);
    if (flags.is("json")) return context.print(JSON.stringify(policy, null, 4));
    const facts = pairs([
      ["Name", policy.Name],
      ["Description", policy.Description],
      ["CreateIndex", policy.CreateIndex],
      ["ModifyIndex", policy.ModifyIndex],
    ]);
    context.print(`${facts}\n\n${section("Rules", policy.Rules.trimEnd())}`);
  },
};

export const remove: Command = {
  arguments: "<name>",
  takes: [1, 1],
  words: "Deletes a policy. Tokens that name it lose what it allowed.",
  examples: [{ line: "acl policy delete readonly", words: "for ever" }],
  run: async ({ context, arguments: [name] }: Invocation) => {
    await context.client.acl.deletePolicy(name);
    context.print(`Successfully deleted "${name}" policy!`);
  },
};
