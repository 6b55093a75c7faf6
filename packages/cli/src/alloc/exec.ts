import { ApiError } from "@fractus/client/error.ts";
import { until } from "../context.ts";
import type { Command, Invocation } from "../command.ts";
import { taskOf } from "../find.ts";
import { chooseAllocation } from "./choose.ts";

export const exec: Command = {
  arguments: "<allocation> <command> [arguments]",
  takes: [2, 1000],
  isWrapper: true,
  words:
    "Runs a command where a task runs, and exits with its exit code. On a terminal the command gets one, too. With -job a job is named, and its newest running allocation is taken.",
  flags: [
    { name: "i", short: "i", words: "pass standard input on; so it is unless -i=false" },
    { name: "t", short: "t", words: "give the command a terminal, or -t=false none" },
    { name: "e", value: "character", words: "accepted; there is no escape character" },
    { name: "task", value: "name", words: "which task, if there are several" },
    { name: "group", value: "name", words: "with -job: an allocation of this group" },
    { name: "job", words: "the first argument is a job" },
  ],
  examples: [
    { line: "alloc exec 21d08737 ps aux", words: "one command" },
    { line: "alloc exec -i -t -task http_serve 21d08737 /bin/sh", words: "a shell" },
  ],
  run,
};

async function run({ context, arguments: [wanted, ...command], flags }: Invocation): Promise<number> {
  const { surroundings, clientOptions, authority } = context;
  const which = { isJob: flags.is("job"), group: flags.text("group") };
  const allocation = await chooseAllocation(context, wanted, which);
  const task = taskOf(allocation, flags.text("task"));
  const tty = flags.is("t", surroundings.isTerminal ?? false);
  const { exec: connect } = await import("@fractus/client/exec.ts");
  const { stdin, sizes, setRawMode } = surroundings;
  let lastError = "";
  if (tty) setRawMode?.(true);
  try {
    return await connect(
      { ...clientOptions, namespace: allocation.Namespace },
      { allocation: allocation.ID, task, command, tty },
      {
        stdout: (bytes) => void surroundings.stdout.write(bytes),
        stderr: (bytes) => {
          lastError = Buffer.from(bytes).toString();
          surroundings.stderr.write(bytes);
        },
        ...(stdin && flags.is("i", true) && { stdin }),
        ...(sizes && tty && { sizes }),
        ...until(surroundings),
        ...(authority && { authority }),
      },
    );
  } catch (error) {
    if (isTold(error, lastError)) return 1;
    throw error;
  } finally {
    if (tty) setRawMode?.(false);
    stdin?.destroy?.();
  }
}

/** The server writes why it turns a command down to standard error, whole; the error itself holds its beginning. */
function isTold(error: unknown, lastError: string): boolean {
  return error instanceof ApiError && error.message !== "" && lastError.startsWith(error.message);
}
