import type { Command, Invocation } from "../command.ts";
import { readInput } from "../files.ts";
import { findJobStub, inNamespace } from "../find.ts";
import { pairs, shortId } from "../format.ts";
import { monitor, monitorFlags, monitorOptions } from "../monitor.ts";
import { waitForEnd } from "./wait.ts";

export const dispatch: Command = {
  arguments: "<job> [payload file]",
  takes: [1, 2],
  words:
    "Makes a job from a parameterized one: with metadata, and with a payload from a file or, for -, from standard input.",
  flags: [
    ...monitorFlags,
    { name: "meta", value: "key=value", many: true, words: "metadata that the job asks for" },
    { name: "id-prefix-template", value: "text", words: "put before the ID of the new job" },
    {
      name: "idempotency-token",
      value: "text",
      words: "a second dispatch with the same token makes no second job",
    },
    { name: "wait", words: "wait for its end; exit with its exit code" },
  ],
  examples: [
    { line: "job dispatch -meta size=large render scene.json", words: "one more to render" },
    { line: "job dispatch -wait render scene.json", words: "and wait for it" },
  ],
  run: async ({ context, arguments: [wanted, path], flags }: Invocation) => {
    const { ID, Namespace } = await findJobStub(context, wanted);
    const payload = path === undefined ? undefined : await readInput(context.surroundings, path);
    const idPrefix = flags.text("id-prefix-template");
    const token = flags.text("idempotency-token");
    const answer = await context.client.jobs.dispatch(
      ID,
      {
        meta: flags.pairs("meta"),
        ...(payload && { payload: Buffer.from(payload).toString("base64") }),
        ...(idPrefix && { idPrefix }),
        ...(token && { idempotencyToken: token }),
      },
      inNamespace(Namespace),
    );
    const options = monitorOptions(flags, Namespace);
    const facts: [string, string][] = [["Dispatched Job ID", answer.DispatchedJobID]];
    if (answer.EvalID) facts.push(["Evaluation ID", shortId(answer.EvalID, options.isVerbose)]);
    context.print(pairs(facts));
    if (options.detach || !answer.EvalID) return 0;
    context.print("");
    const code = await monitor(context, answer.EvalID, options);
    if (!flags.is("wait") || code === 1) return code;
    return waitForEnd(context, { id: answer.DispatchedJobID, namespace: Namespace });
  },
};
