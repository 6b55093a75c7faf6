import { ApiError } from "@fractus/client/error.ts";
import type { Variable } from "@fractus/client/types/variable.ts";
import { isJsonObject } from "@fractus/hcl/job/json.ts";
import { pairsOf } from "../arguments.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure, isNotFound } from "../failure.ts";
import { readInput, write } from "../files.ts";
import { instantOfNanoseconds, pairs, section, sorted, table } from "../format.ts";

const checkIndexFlag: Flag = {
  name: "check-index",
  value: "index",
  words: "only if it was last modified at this index; 0 is one that is not there yet",
};

const outFlag: Flag = {
  name: "out",
  value: "table|json|none",
  words: "how it is shown; a table unless said",
};

const jsonFlag: Flag = { name: "json", words: "the same as -out json" };

/** How to show it, in either of the two ways to say so. */
function outOf(flags: Invocation["flags"]): string {
  return flags.is("json") ? "json" : (flags.text("out") ?? "table");
}

export const put: Command = {
  arguments: "<path> [key=value ...]",
  takes: [1, 1000],
  words:
    "Sets items of a variable; those that are not named stay as they are. A value that begins with @ is the content of a file. Items may also come as JSON from a file, @items.json, or from standard input, -.",
  flags: [
    checkIndexFlag,
    { name: "force", words: "accepted; the newest state is changed in any case" },
    { name: "in", value: "json", words: "accepted; items from a file are JSON" },
    outFlag,
    jsonFlag,
    { name: "verbose", words: "accepted" },
  ],
  examples: [
    { line: "var put nomad/jobs/example password=secret", words: "one item" },
    { line: "var put secrets/tls key=@server.key", words: "from a file" },
  ],
  run: async ({ context, arguments: [path, ...given], flags }: Invocation) => {
    const items = await itemsOf(context, given);
    if (Object.keys(items).length === 0) throw new Failure("Error: nothing to set; give key=value.");
    const asked = flags.number("check-index");
    const before = await context.client.variables.get(path).catch(unlessMissing);
    const checkIndex = asked ?? before?.ModifyIndex ?? 0;
    const all = { ...before?.Items, ...items };
    const variable = await context.client.variables.put(path, all, { checkIndex }).catch(onConflict);
    show(context, variable, outOf(flags));
  },
};

async function itemsOf(context: Context, given: readonly string[]): Promise<Record<string, string>> {
  const [first] = given;
  if (given.length === 1 && (first === "-" || (first.startsWith("@") && !first.includes("=")))) {
    const bytes = await readInput(context.surroundings, first.replace(/^@/, ""));
    return itemsOfJson(new TextDecoder().decode(bytes));
  }
  const items = pairsOf(given, "var put");
  for (const [key, value] of Object.entries(items)) {
    if (!value.startsWith("@")) continue;
    items[key] = new TextDecoder().decode(await readInput(context.surroundings, value.slice(1)));
  }
  return items;
}

/** The items alone, or a variable as `var get -out json` writes it. */
function itemsOfJson(text: string): Record<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      `Error: the items are not JSON: ${error instanceof Error ? error.message : "unreadable"}.`,
    );
  }
  const items = isJsonObject(json) && isJsonObject(json.Items) ? json.Items : json;
  if (!isJsonObject(items)) throw new Failure('Error: items are a JSON object: {"key": "value"}.');
  return Object.fromEntries(
    Object.entries(items).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

function unlessMissing(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/** The answer to a check that fails is the variable as it is now. */
function onConflict(error: unknown): never {
  if (!(error instanceof ApiError && error.status === 409)) throw error;
  const [, index] = /"ModifyIndex":(\d+)/.exec(error.message) ?? [];
  const now = index === undefined ? "" : `; it is at index ${index} now`;
  throw new Failure(`Error: the variable is not as it was at that index${now}.`);
}

function show(context: Context, variable: Variable, out: string): void {
  if (out === "none") return;
  if (out === "json") return context.print(JSON.stringify(variable, null, 4));
  const facts = pairs([
    ["Namespace", variable.Namespace],
    ["Path", variable.Path],
    ["Create Time", instantOfNanoseconds(variable.CreateTime)],
    ["Modify Time", instantOfNanoseconds(variable.ModifyTime)],
    ["Check Index", variable.ModifyIndex],
  ]);
  context.print(`${facts}\n\n${section("Items", pairs(sorted(variable.Items)))}`);
}

export const get: Command = {
  arguments: "<path>",
  takes: [1, 1],
  words: "Shows a variable, or one item of it.",
  flags: [{ name: "item", value: "key", words: "only this value, as it is" }, outFlag, jsonFlag],
  examples: [{ line: "var get -item password nomad/jobs/example", words: "one value" }],
  run: async ({ context, arguments: [path], flags }: Invocation) => {
    const variable = await context.client.variables.get(path).catch(unlessMissing);
    if (!variable) throw new Failure(`Error: there is no variable "${path}".`);
    const item = flags.text("item");
    if (item === undefined) return show(context, variable, outOf(flags));
    const value = variable.Items?.[item];
    if (value === undefined) throw new Failure(`Error: variable "${path}" has no item "${item}".`);
    context.print(value);
  },
};

export const list: Command = {
  arguments: "[prefix]",
  takes: [0, 1],
  words: "Lists variables by their paths.",
  flags: [
    { name: "filter", value: "expression", words: 'such as Path contains "jobs"' },
    { name: "out", value: "table|json|terse", words: "how it is shown; terse prints paths alone" },
    jsonFlag,
    { name: "per-page", value: "n", words: "so many at most" },
    { name: "page-token", value: "token", words: "from here on" },
  ],
  examples: [{ line: "var list nomad/jobs", words: "those of jobs" }],
  run: async ({ context, arguments: [prefix], flags }: Invocation) => {
    const filter = flags.text("filter");
    const [perPage, nextToken] = [flags.number("per-page"), flags.text("page-token")];
    const found = await context.client.variables.list({
      ...(prefix && { prefix }),
      ...(filter && { filter }),
      ...(perPage !== undefined && { perPage }),
      ...(nextToken && { nextToken }),
    });
    const out = outOf(flags);
    if (out === "json") return context.print(JSON.stringify(found, null, 4));
    if (out === "terse") return found.forEach((each) => context.print(each.Path));
    if (found.length === 0) return context.print("No variables found");
    const rows = found.map((each) => [each.Namespace, each.Path, instantOfNanoseconds(each.ModifyTime)]);
    context.print(table([["Namespace", "Path", "Last Updated"], ...rows]));
  },
};

export const purge: Command = {
  arguments: "<path>",
  takes: [1, 1],
  words: "Deletes a variable and what it holds.",
  flags: [checkIndexFlag],
  examples: [{ line: "var purge nomad/jobs/example", words: "for ever" }],
  run: async ({ context, arguments: [path], flags }: Invocation) => {
    const checkIndex = flags.number("check-index");
    const options = { ...(checkIndex !== undefined && { checkIndex }) };
    await context.client.variables.delete(path, options).catch(onConflict);
    context.print(`Successfully purged variable "${path}"!`);
  },
};

export const init: Command = {
  arguments: "[file]",
  takes: [0, 1],
  words:
    "Writes a file of items to begin with, for `var put PATH @items.json`; items.json unless another name is given.",
  examples: [{ line: "var init", words: "write items.json" }],
  run: async ({ context, arguments: [path = "items.json"] }: Invocation) => {
    const text = `${JSON.stringify({ key: "value", other: "another value" }, null, 2)}\n`;
    await write(context.surroundings.directory, path, text, { isNew: true });
    context.print(`Example items written to ${path}`);
  },
};
