import type { ServiceRegistration } from "@fractus/client/types/service.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { pairs, paragraphs, shortId, table } from "../format.ts";

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists the services that are registered.",
  flags: [{ name: "json", words: "the JSON of the API" }],
  examples: [{ line: "service list", words: "what can be found?" }],
  run: async ({ context, flags }: Invocation) => {
    const answer = (await context.client.services.list()) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(answer, null, 4));
    const several = answer.length > 1;
    const rows = answer.flatMap(({ Namespace, Services }) =>
      (Services ?? []).map((each) => [
        each.ServiceName,
        ...(several ? [Namespace] : []),
        `[${(each.Tags ?? []).join(",")}]`,
      ]),
    );
    if (rows.length === 0) return context.print("No service registrations found");
    const sortedRows = rows.sort(([a], [b]) => (a < b ? -1 : 1));
    context.print(table([["Service Name", ...(several ? ["Namespace"] : []), "Tags"], ...sortedRows]));
  },
};

export const info: Command = {
  arguments: "<service>",
  takes: [1, 1],
  words: "Shows the addresses of a service.",
  flags: [
    { name: "verbose", words: "whole IDs and all facts" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "service info example", words: "where is it?" }],
  run: async ({ context, arguments: [name], flags }: Invocation) => {
    const found = (await context.client.services.get(name)) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(found, null, 4));
    if (found.length === 0) throw new Failure(`Error: there is no service "${name}".`);
    context.print(flags.is("verbose") ? paragraphs(found.map(registrationText)) : registrationTable(found));
  },
};

function registrationTable(found: readonly ServiceRegistration[]): string {
  const rows = found.map((each) => [
    each.JobID,
    `${each.Address}:${each.Port}`,
    `[${(each.Tags ?? []).join(",")}]`,
    shortId(each.NodeID),
    shortId(each.AllocID),
  ]);
  return table([["Job ID", "Address", "Tags", "Node ID", "Alloc ID"], ...rows]);
}

function registrationText(each: ServiceRegistration): string {
  return pairs([
    ["ID", each.ID],
    ["Service Name", each.ServiceName],
    ["Namespace", each.Namespace],
    ["Job ID", each.JobID],
    ["Alloc ID", each.AllocID],
    ["Node ID", each.NodeID],
    ["Datacenter", each.Datacenter],
    ["Address", `${each.Address}:${each.Port}`],
    ["Tags", `[${(each.Tags ?? []).join(",")}]`],
  ]);
}

export const remove: Command = {
  arguments: "<service> <registration>",
  takes: [2, 2],
  words: "Takes one address of a service out of the list, by the ID that `service info -verbose` shows.",
  examples: [{ line: "service delete example _nomad-task-21d08737", words: "it should not be there" }],
  run: async ({ context, arguments: [name, id] }: Invocation) => {
    await context.client.services.delete(name, id);
    context.print("Successfully deleted service registration");
  },
};
