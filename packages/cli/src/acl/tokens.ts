import type { Token, TokenStub, TokenType } from "@fractus/client/types/acl.ts";
import { parseDuration } from "@fractus/hcl/job/duration.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { readInput } from "../files.ts";
import { instantOfText, pairs, table } from "../format.ts";

const jsonFlag: Flag = { name: "json", words: "the JSON of the API" };

const tokenFlags: readonly Flag[] = [
  { name: "name", value: "text", words: "what it is for" },
  { name: "type", value: "client|management", words: "client unless said; management may do everything" },
  { name: "policy", value: "name", many: true, words: "what it allows; may be repeated" },
  { name: "global", value: "bool", words: "whether it counts in all regions" },
];

/** All of it, or without the secret. */
function tokenText(token: Token | TokenStub): string {
  const secret = "SecretID" in token ? [["Secret ID", token.SecretID] as const] : [];
  const policies = token.Type === "management" ? "n/a" : `[${(token.Policies ?? []).join(" ")}]`;
  return pairs([
    ["Accessor ID", token.AccessorID],
    ...secret,
    ["Name", token.Name],
    ["Type", token.Type],
    ["Global", token.Global],
    ["Create Time", instantOfText(token.CreateTime)],
    ["Expiry Time", token.ExpirationTime ? instantOfText(token.ExpirationTime) : ""],
    ["Create Index", token.CreateIndex],
    ["Modify Index", token.ModifyIndex],
    ["Policies", policies],
  ]);
}

export const bootstrap: Command = {
  arguments: "[file]",
  takes: [0, 1],
  words:
    "Makes the first token, which may do everything; only once. Its secret may be given, as a UUID in a file or, for -, on standard input.",
  flags: [jsonFlag],
  examples: [{ line: "acl bootstrap", words: "keep what it prints" }],
  run: async ({ context, arguments: [path], flags }: Invocation) => {
    const given = path === undefined ? undefined : await readInput(context.surroundings, path);
    const token = await context.client.acl.bootstrap(given && new TextDecoder().decode(given).trim());
    context.print(flags.is("json") ? JSON.stringify(token, null, 4) : tokenText(token));
  },
};

export const create: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Makes a token.",
  flags: [
    ...tokenFlags,
    { name: "ttl", value: "duration", words: "after which it counts no more" },
    jsonFlag,
  ],
  examples: [{ line: "acl token create -name ci -policy deploy -ttl 8h", words: "for a build" }],
  run: async ({ context, flags }: Invocation) => {
    const ttl = flags.text("ttl");
    const duration = ttl === undefined ? undefined : parseDuration(ttl);
    if (ttl !== undefined && !duration) throw new Failure(`Error: "${ttl}" is no duration; write 8h or 30m.`);
    const token = await context.client.acl.createToken({
      Name: flags.text("name") ?? "",
      Type: typeOf(flags.text("type") ?? "client"),
      Policies: flags.texts("policy"),
      Global: flags.is("global"),
      ...(duration && { ExpirationTTL: duration }),
    });
    context.print(flags.is("json") ? JSON.stringify(token, null, 4) : tokenText(token));
  },
};

function typeOf(text: string): TokenType {
  if (text === "client" || text === "management") return text;
  throw new Failure(`Error: a token is of type client or management, not "${text}".`);
}

export const update: Command = {
  arguments: "<accessor>",
  takes: [1, 1],
  words: "Changes a token; what is not said stays as it is.",
  flags: [...tokenFlags, jsonFlag],
  examples: [
    { line: "acl token update -policy deploy -policy readonly ba1c5a2f-…", words: "other policies" },
  ],
  run: async ({ context, arguments: [accessor], flags }: Invocation) => {
    const before = await context.client.acl.token(accessor);
    const policies = flags.texts("policy");
    const token = await context.client.acl.updateToken({
      AccessorID: before.AccessorID,
      Name: flags.text("name") ?? before.Name,
      Type: typeOf(flags.text("type") ?? before.Type),
      Policies: policies.length > 0 ? policies : (before.Policies ?? []),
      Global: flags.is("global", before.Global),
    });
    context.print(flags.is("json") ? JSON.stringify(token, null, 4) : tokenText(token));
  },
};

export const info: Command = {
  arguments: "<accessor>",
  takes: [1, 1],
  words: "Shows a token.",
  flags: [jsonFlag],
  examples: [{ line: "acl token info ba1c5a2f-…", words: "by its accessor" }],
  run: async ({ context, arguments: [accessor], flags }: Invocation) => {
    const token = await context.client.acl.token(accessor);
    context.print(flags.is("json") ? JSON.stringify(token, null, 4) : tokenText(token));
  },
};

export const self: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Shows the token that is asked with.",
  flags: [jsonFlag],
  examples: [{ line: "acl token self", words: "who am I?" }],
  run: async ({ context, flags }: Invocation) => {
    const token = await context.client.acl.selfToken();
    context.print(flags.is("json") ? JSON.stringify(token, null, 4) : tokenText(token));
  },
};

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists the tokens, without their secrets.",
  flags: [jsonFlag],
  examples: [{ line: "acl token list", words: "who may ask?" }],
  run: async ({ context, flags }: Invocation) => {
    const all = (await context.client.acl.tokens()) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(all, null, 4));
    if (all.length === 0) return context.print("No tokens found");
    const rows = all.map((each) => [
      each.Name,
      each.Type,
      String(each.Global),
      each.AccessorID,
      each.ExpirationTime ? instantOfText(each.ExpirationTime) : "",
    ]);
    context.print(table([["Name", "Type", "Global", "Accessor ID", "Expires"], ...rows]));
  },
};

export const remove: Command = {
  arguments: "<accessor>",
  takes: [1, 1],
  words: "Deletes a token; it counts no more at once.",
  examples: [{ line: "acl token delete ba1c5a2f-…", words: "by its accessor" }],
  run: async ({ context, arguments: [accessor] }: Invocation) => {
    await context.client.acl.deleteToken(accessor);
    context.print(`Token ${accessor} successfully deleted`);
  },
};
