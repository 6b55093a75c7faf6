import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { readBytes, readInput, write } from "../files.ts";
import { bytes, instant, pairs, table } from "../format.ts";

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
  words: "Shows what is in a file with a state: when it is of, and how many of everything.",
  examples: [{ line: "operator snapshot inspect backup.snap", words: "is it whole?" }],
  run: async ({ context, arguments: [path] }: Invocation) => {
    const content = await readInput(context.surroundings, path);
    const { index, version, rows } = contentsOf(path, content);
    const facts = pairs([
      ["Size", bytes(content.length)],
      ["SHA-256", createHash("sha256").update(content).digest("hex")],
      ["Version", version],
      ["Index", index],
    ]);
    const counts = [...rows].map(([name, count]) => [name, count]);
    context.print(`${facts}\n\n${table([["Table", "Rows"], ...counts])}`);
  },
};

/**
 * Lines of JSON behind gzip: one that says what it is, and one for each row.
 *
 * @throws Failure for a file that is no snapshot, or is not whole
 */
function contentsOf(path: string, content: Uint8Array) {
  const rows = new Map<string, number>();
  try {
    const [first, ...lines] = gunzipSync(content).toString("utf8").trimEnd().split("\n");
    const head = JSON.parse(first) as { format?: string; version?: number; index?: number };
    if (head.format !== "fractus-snapshot") throw new Error(`its format is ${String(head.format)}`);
    for (const line of lines) {
      const { table: name = "" } = JSON.parse(line) as { table?: string };
      rows.set(name, (rows.get(name) ?? 0) + 1);
    }
    return { version: head.version ?? 0, index: head.index ?? 0, rows };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unreadable";
    throw new Failure(`Error: ${path} is no snapshot, or not a whole one: ${why}.`);
  }
}
