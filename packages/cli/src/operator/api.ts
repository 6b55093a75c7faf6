import { until } from "../context.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { readInput } from "../files.ts";

export const api: Command = {
  arguments: "<path>",
  takes: [1, 1],
  words:
    "Sends a request to the HTTP API as it is, with the address and the token of the other commands, and prints the answer.",
  flags: [
    { name: "X", short: "X", value: "method", words: "GET unless there is a body; POST then" },
    { name: "d", short: "d", value: "text", words: "the body; @path is a file, - standard input" },
    { name: "filter", value: "expression", words: "of a list" },
    { name: "verbose", words: "the request on standard error, too" },
  ],
  examples: [
    { line: "operator api /v1/jobs", words: "a list" },
    { line: "operator api -X DELETE /v1/job/example", words: "another method" },
  ],
  run: async ({ context, arguments: [given], flags }: Invocation) => {
    const text = flags.text("d");
    const isFile = text !== undefined && (text === "-" || text.startsWith("@"));
    const body = isFile ? await readInput(context.surroundings, text.replace(/^@/, "")) : text;
    const method = flags.text("X") ?? (body === undefined ? "GET" : "POST");
    const filter = flags.text("filter");
    const { path, parameters } = split(given);
    if (flags.is("verbose")) context.note(`> ${method} ${context.clientOptions.address}/v1${path}`);
    const response = await context.client.http.send(method, path, {
      parameters,
      ...(filter && { filter }),
      ...(body !== undefined && { body }),
      ...until(context.surroundings),
    });
    for await (const chunk of response.body ?? []) context.surroundings.stdout.write(chunk);
    context.surroundings.stdout.write("\n");
  },
};

function split(given: string): { path: string; parameters: Record<string, string> } {
  const url = URL.parse(given, "http://api");
  if (!url) throw new Failure(`Error: ${given} is no path of the API, such as /v1/jobs.`);
  return {
    path: url.pathname.replace(/^\/v1(?=\/)/, ""),
    parameters: Object.fromEntries(url.searchParams),
  };
}

export const metrics: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Prints the metrics of the server.",
  flags: [
    { name: "format", value: "prometheus", words: "as text for Prometheus instead of JSON" },
    { name: "json", words: "JSON, as without a format" },
  ],
  examples: [{ line: "operator metrics -format prometheus", words: "for scraping" }],
  run: async ({ context, flags }: Invocation) => {
    const { operator } = context.client;
    const isText = flags.text("format") === "prometheus";
    context.print(
      isText ? (await operator.prometheus()).trimEnd() : JSON.stringify(await operator.metrics(), null, 4),
    );
  },
};

export const collectGarbage: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Forgets what has ended: dead jobs, their evaluations and allocations, nodes that are gone.",
  examples: [{ line: "system gc", words: "now" }],
  run: async ({ context }: Invocation) => {
    await context.client.operator.collectGarbage();
  },
};

export const reconcileSummaries: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Counts the allocations of all jobs anew.",
  examples: [{ line: "system reconcile summaries", words: "if a summary looks wrong" }],
  run: async ({ context }: Invocation) => {
    await context.client.operator.reconcileSummaries();
  },
};
