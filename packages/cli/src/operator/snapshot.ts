import { createHash } from "node:crypto";
import type { Command, Invocation } from "../command.ts";
import { readBytes, readInput, write } from "../files.ts";
import { bytes, instant, pairs } from "../format.ts";

export const save: Command = {
  arguments: "[file]",
  takes: [0, 1],
  words: "Writes the whole state of the server into a file.",
  examples: [{ line: "operator snapshot save backup.snap", words: "before something bold" }],
  run: async ({ context, arguments: [given] }: Invocation) => {
    const path = given ?? `nomad-state-${instant(context.now()).replace(/[-:]/g, "")}.snap`;
    const snapshot = await context.client.operator.snapshot();
    await write(context.surroundings.directory, path, snapshot);
    context.print(`State file written to ${path} (${bytes(snapshot.length)})`);
  },
};

export const restore: Command = {
  arguments: "<file>",
  takes: [1, 1],
  words: "Replaces the whole state of the server by that of a file.",
  examples: [{ line: "operator snapshot restore backup.snap", words: "as it was then" }],
  run: async ({ context, arguments: [path] }: Invocation) => {
    await context.client.operator.restore(await readBytes(context.surroundings.directory, path));
    context.print("Snapshot Restored");
  },
};

export const inspect: Command = {
  arguments: "<file>",
  takes: [1, 1],
  words: "Shows what can be told of a file with a state: its size, its digest and how it is packed.",
  examples: [{ line: "operator snapshot inspect backup.snap", words: "is it whole?" }],
  run: async ({ context, arguments: [path] }: Invocation) => {
    const content = await readInput(context.surroundings, path);
    context.print(
      pairs([
        ["Size", bytes(content.length)],
        ["SHA-256", createHash("sha256").update(content).digest("hex")],
        ["Format", formatOf(content)],
      ]),
    );
  },
};

/** By the first bytes: https://www.rfc-editor.org/rfc/rfc1952 and https://www.sqlite.org/fileformat2.html. */
function formatOf(content: Uint8Array): string {
  if (content[0] === 0x1f && content[1] === 0x8b) return "gzip";
  if (Buffer.from(content.subarray(0, 15)).toString("latin1") === "SQLite format 3") return "SQLite";
  if (content[0] === 0x7b) return "JSON";
  return "unknown";
}
