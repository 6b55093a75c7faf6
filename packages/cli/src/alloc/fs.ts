import type { FileInfo } from "@fractus/client/types/allocation.ts";
import type { Command, Invocation } from "../command.ts";
import { until, type Context } from "../context.ts";
import { inNamespace } from "../find.ts";
import { bytes, instantOfText, table } from "../format.ts";
import { lastLines } from "../last-lines.ts";
import { chooseAllocation } from "./choose.ts";
import { writeFrames } from "./logs.ts";

export const fs: Command = {
  arguments: "<allocation> [path]",
  takes: [1, 2],
  words: "Lists a folder of an allocation, or prints a file of it.",
  flags: [
    { name: "H", short: "H", words: "sizes in KiB, MiB, …; so they are unless -H=false" },
    { name: "stat", words: "the facts about the file instead of its content" },
    { name: "f", short: "f", words: "go on as more is written" },
    { name: "tail", words: "only the last 10 lines, or as -n says" },
    { name: "n", short: "n", value: "lines", words: "how many lines of the end" },
    { name: "job", words: "the first argument is a job" },
    { name: "verbose", words: "accepted" },
  ],
  examples: [
    { line: "alloc fs 21d08737", words: "what is there?" },
    { line: "alloc fs 21d08737 alloc/logs/http_serve.stdout.0", words: "a file" },
  ],
  run,
};

async function run({ context, arguments: [wanted, path = "/"], flags }: Invocation): Promise<void> {
  const allocation = await chooseAllocation(context, wanted, { isJob: flags.is("job") });
  const { files } = context.client;
  const query = inNamespace(allocation.Namespace);
  const found = await files.stat(allocation.ID, path, query);
  if (flags.is("stat")) return show(context, [found], flags.is("H", true));
  if (found.IsDir) return show(context, await files.list(allocation.ID, path, query), flags.is("H", true));
  const lines = flags.number("n") ?? (flags.is("tail") ? 10 : undefined);
  if (flags.is("f") || lines !== undefined)
    return follow(context, { id: allocation.ID, namespace: allocation.Namespace, path, lines, flags });
  context.surroundings.stdout.write(await files.read(allocation.ID, path, query));
}

async function follow(
  context: Context,
  which: {
    readonly id: string;
    readonly namespace: string;
    readonly path: string;
    readonly lines: number | undefined;
    readonly flags: Invocation["flags"];
  },
): Promise<void> {
  const isFollowed = which.flags.is("f");
  const query = { ...inNamespace(which.namespace), ...until(context.surroundings) };
  const options = { path: which.path, follow: isFollowed, origin: "start" as const, offset: 0 };
  const frames = context.client.files.stream(which.id, options, query);
  const chunks = (async function* () {
    for await (const frame of frames) yield frame.data;
  })();
  const { lines } = which;
  const shown = lines === undefined ? chunks : lastLines(chunks, lines, { follow: isFollowed });
  await writeFrames(context, shown, { toStderr: false });
}

function show(context: Context, list: readonly FileInfo[], isHuman: boolean): void {
  const rows = list.map((each) => [
    each.FileMode,
    isHuman ? bytes(each.Size) : each.Size,
    instantOfText(each.ModTime),
    each.IsDir ? `${each.Name}/` : each.Name,
  ]);
  context.print(table([["Mode", "Size", "Modified Time", "Name"], ...rows]));
}
