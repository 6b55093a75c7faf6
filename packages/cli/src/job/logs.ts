/** `logs JOB`: what all allocations of a job wrote, line by line, each with its origin in front. */
import type { Allocation, AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Command, Invocation } from "../command.ts";
import { until, type Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { findJobStub, inNamespace, tasksOf } from "../find.ts";
import { shortId } from "../format.ts";
import { lastLines } from "../last-lines.ts";

export const logs: Command = {
  arguments: "<job>",
  takes: [1, 1],
  words:
    "Prints what all running allocations of a job wrote, standard output and standard error, each line after the allocation and the task it comes from; if none runs, what those that have ended wrote. With -f it goes on, and takes in allocations that come later.",
  flags: [
    { name: "f", short: "f", words: "go on as more is written" },
    { name: "stderr", words: "only standard error" },
    { name: "stdout", words: "only standard output" },
    { name: "group", value: "name", words: "only this group" },
    { name: "task", value: "name", words: "only this task" },
    { name: "n", short: "n", value: "lines", words: "only so many lines of the end of each" },
    { name: "tail", words: "only the last 10 lines of each" },
    { name: "all", words: "allocations that have ended, too" },
  ],
  examples: [
    { line: "logs fractals", words: "everything" },
    { line: "logs -f -n 5 -group worker fractals", words: "watch the workers" },
  ],
  run,
};

interface Source {
  readonly allocation: Allocation;
  readonly task: string;
  readonly type: "stdout" | "stderr";
}

const newcomersEveryMs = 2_000;

async function run({ context, arguments: [wanted], flags }: Invocation): Promise<void> {
  const { ID, Namespace } = await findJobStub(context, wanted);
  const merged = new Merged(context, flags);
  const list = async () => (await context.client.jobs.allocations(ID, {}, inNamespace(Namespace))) ?? [];
  const first = await list();
  const isOver = !flags.is("f") && first.every((stub) => stub.ClientStatus !== "running");
  const count = await merged.add(first, { endedToo: isOver || flags.is("all") });
  if (count === 0 && !flags.is("f"))
    throw new Failure(`Error: job "${ID}" has no allocations of which there are logs.`);
  if (flags.is("f")) {
    while (!context.surroundings.signal?.aborted && !merged.failure) {
      await merged.add(await list(), { endedToo: flags.is("all") });
      await context.wait(newcomersEveryMs);
    }
  }
  await merged.end();
}

/** Streams that write to one terminal, whole lines at a time. */
class Merged {
  readonly #context: Context;
  readonly #flags: Invocation["flags"];
  readonly #known = new Set<string>();
  readonly #streams: Promise<void>[] = [];
  failure: unknown;

  constructor(context: Context, flags: Invocation["flags"]) {
    this.#context = context;
    this.#flags = flags;
  }

  /** Begins to read those that are not read yet; says how many there are by now. */
  async add(list: readonly AllocationStub[], { endedToo }: { readonly endedToo: boolean }): Promise<number> {
    const group = this.#flags.text("group");
    for (const stub of list) {
      const isWanted = stub.ClientStatus === "running" || (endedToo && stub.ClientStatus !== "pending");
      if (this.#known.has(stub.ID) || !isWanted || (group !== undefined && stub.TaskGroup !== group))
        continue;
      this.#known.add(stub.ID);
      const allocation = await this.#context.client.allocations.get(stub.ID, inNamespace(stub.Namespace));
      for (const source of this.#sources(allocation)) this.#streams.push(this.#copy(source));
    }
    return this.#known.size;
  }

  async end(): Promise<void> {
    await Promise.all(this.#streams);
    if (this.failure && !this.#context.surroundings.signal?.aborted) throw this.failure;
  }

  #sources(allocation: Allocation): Source[] {
    const only = this.#flags.text("task");
    const tasks = tasksOf(allocation).filter((task) => only === undefined || task === only);
    const types = (["stdout", "stderr"] as const).filter(
      (type) => this.#flags.is(type) || !(this.#flags.is("stdout") || this.#flags.is("stderr")),
    );
    return tasks.flatMap((task) => types.map((type) => ({ allocation, task, type })));
  }

  async #copy({ allocation, task, type }: Source): Promise<void> {
    const { client, print, surroundings } = this.#context;
    const follow = this.#flags.is("f");
    const query = { ...inNamespace(allocation.Namespace), ...until(surroundings) };
    const frames = client.files.logs(allocation.ID, { task, type, follow }, query);
    const chunks = (async function* () {
      for await (const frame of frames) yield frame.data;
    })();
    const count = this.#flags.number("n") ?? (this.#flags.is("tail") ? 10 : undefined);
    const shown = count === undefined ? chunks : lastLines(chunks, count, { follow });
    const prefix = `${shortId(allocation.ID)}/${task}`;
    try {
      for await (const line of linesOf(shown)) print(`${prefix}  ${line}`);
    } catch (error) {
      this.failure ??= error;
    }
  }
}

/** Whole lines; what comes last need not end with a line feed. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of chunks) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
  if (pending !== "") yield pending;
}
