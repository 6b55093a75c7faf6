import type { Frame } from "@fractus/client/files.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import { until, type Context } from "../context.ts";
import { inNamespace, taskOf } from "../find.ts";
import { lastLines } from "../last-lines.ts";
import { chooseAllocation } from "./choose.ts";

export const logFlags: readonly Flag[] = [
  { name: "f", short: "f", words: "go on as more is written" },
  { name: "stderr", words: "standard error instead of standard output" },
  { name: "stdout", words: "standard output, as without this" },
  { name: "tail", words: "only the end: the last 10 lines, or as -n and -c say" },
  { name: "n", short: "n", value: "lines", words: "how many lines of the end" },
  { name: "c", short: "c", value: "bytes", words: "how many bytes of the end" },
];

export const logs: Command = {
  arguments: "<allocation> [task]",
  takes: [1, 2],
  words: "Prints what a task wrote. With -job a job is named, and its newest running allocation is taken.",
  flags: [
    ...logFlags,
    { name: "task", value: "name", words: "which task, if there are several" },
    { name: "group", value: "name", words: "with -job: an allocation of this group" },
    { name: "job", words: "the argument is a job" },
    { name: "verbose", words: "accepted" },
  ],
  examples: [
    { line: "alloc logs 21d08737", words: "all of it" },
    { line: "alloc logs -f -tail -n 20 21d08737 http_serve", words: "the last lines, and what follows" },
    { line: "alloc logs -stderr -job example", words: "of some allocation of a job" },
  ],
  run,
};

async function run({ context, arguments: [wanted, named], flags }: Invocation): Promise<void> {
  const which = { isJob: flags.is("job"), group: flags.text("group") };
  const allocation = await chooseAllocation(context, wanted, which);
  const task = taskOf(allocation, flags.text("task") ?? named);
  const type = flags.is("stderr") ? ("stderr" as const) : ("stdout" as const);
  const query = { ...inNamespace(allocation.Namespace), ...until(context.surroundings) };
  const frames = context.client.files.logs(
    allocation.ID,
    { task, type, follow: flags.is("f"), ...originOf(flags) },
    query,
  );
  await writeFrames(context, trimmed(frames, flags), { toStderr: false });
}

const bytesPerLine = 120;

/** Where to begin. Lines can only be counted once they are here, so the end is taken generously. */
function originOf(flags: Invocation["flags"]): { origin?: "end"; offset?: number } {
  const bytes = flags.number("c");
  if (bytes !== undefined) return { origin: "end", offset: bytes };
  const lines = wantedLines(flags);
  return lines === undefined ? {} : { origin: "end", offset: Math.max(lines * bytesPerLine * 4, 4096) };
}

function wantedLines(flags: Invocation["flags"]): number | undefined {
  return flags.number("n") ?? (flags.is("tail") && flags.number("c") === undefined ? 10 : undefined);
}

function trimmed(frames: AsyncIterable<Frame>, flags: Invocation["flags"]): AsyncIterable<Uint8Array> {
  const lines = wantedLines(flags);
  const chunks = dataOf(frames);
  return lines === undefined ? chunks : lastLines(chunks, lines, { follow: flags.is("f") });
}

async function* dataOf(frames: AsyncIterable<Frame>): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield frame.data;
}

/** Ends quietly when the signal does. */
export async function writeFrames(
  { surroundings }: Context,
  chunks: AsyncIterable<Uint8Array>,
  { toStderr }: { readonly toStderr: boolean },
): Promise<void> {
  try {
    for await (const chunk of chunks) (toStderr ? surroundings.stderr : surroundings.stdout).write(chunk);
  } catch (error) {
    if (!surroundings.signal?.aborted) throw error;
  }
}
