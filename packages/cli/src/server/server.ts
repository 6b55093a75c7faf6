import { until } from "../context.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { sorted, table } from "../format.ts";
import type { Kind } from "../cloud/status.ts";

export const members: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists the servers.",
  flags: [
    { name: "verbose", words: "with their tags" },
    { name: "detailed", words: "the same" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "server members", words: "who answers?" }],
  run: async ({ context, flags }: Invocation) => {
    const { agent } = context.client;
    const [answer, leader] = await Promise.all([agent.members(), agent.leader()]);
    if (flags.is("json")) return context.print(JSON.stringify(answer.Members, null, 4));
    const withTags = flags.is("verbose") || flags.is("detailed");
    const rows = (answer.Members ?? []).map((each) => [
      each.Name,
      each.Addr,
      each.Port,
      each.Status,
      String(isLeader(each, leader)),
      each.Tags?.["build"] ?? "",
      each.Tags?.["dc"] ?? "",
      each.Tags?.["region"] ?? "",
      ...(withTags
        ? [
            sorted(each.Tags)
              .map(([key, value]) => `${key}=${value}`)
              .join(","),
          ]
        : []),
    ]);
    const heading = ["Name", "Address", "Port", "Status", "Leader", "Build", "Datacenter", "Region"];
    context.print(table([[...heading, ...(withTags ? ["Tags"] : [])], ...rows]));
  },
};

/** The leader is named by the address for requests among servers, whose port is a tag. */
function isLeader(
  member: { Addr: string; Tags: Readonly<Record<string, string>> | null },
  leader: string,
): boolean {
  return leader === `${member.Addr}:${member.Tags?.["port"] ?? ""}`;
}

export const monitor: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Prints the log of the server as it is written, until it is interrupted.",
  flags: [
    { name: "log-level", value: "level", words: "trace, debug, info, warn or error; info unless said" },
    { name: "json", words: "accepted" },
    { name: "node-id", value: "node", words: "accepted; one server writes one log" },
  ],
  examples: [{ line: "monitor -log-level debug", words: "in detail" }],
  run: async ({ context, flags }: Invocation) => {
    const level = flags.text("log-level");
    const log = context.client.agent.monitor(
      { ...(level && { logLevel: level }) },
      until(context.surroundings),
    );
    for await (const text of log) context.surroundings.stdout.write(text);
  },
};

const pages: Readonly<Partial<Record<Kind, string>>> = {
  job: "jobs",
  allocation: "allocations",
  node: "clients",
};

export const ui: Command = {
  arguments: "[job, allocation or node]",
  takes: [0, 1],
  words: "Prints the address of the dashboard, or of a page of it.",
  flags: [
    { name: "show-url", words: "accepted; it is always printed" },
    { name: "authenticate", words: "accepted" },
  ],
  examples: [{ line: "ui example", words: "the page of a job" }],
  run: async ({ context, arguments: [wanted] }: Invocation) => {
    const base = `${context.clientOptions.address.replace(/\/+$/, "")}/ui`;
    if (wanted === undefined) return context.print(base);
    const { resolveAny } = await import("../cloud/status.ts");
    const found = await resolveAny(context, wanted);
    const page = pages[found.kind];
    if (!page) throw new Failure(`Error: there is no page for the ${found.kind} "${wanted}".`);
    context.print(`${base}/${page}/${encodeURIComponent(found.id)}`);
  },
};
