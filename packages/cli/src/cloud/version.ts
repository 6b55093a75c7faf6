import { readFile } from "node:fs/promises";
import { isJsonObject } from "@fractus/hcl/job/json.ts";
import type { Command } from "../command.ts";

export const version: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Prints the version of this program.",
  examples: [{ line: "version", words: "which one is it?" }],
  run: async ({ context }) => {
    const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const manifest: unknown = JSON.parse(text);
    const number = isJsonObject(manifest) ? manifest.version : undefined;
    context.print(`Fractus v${typeof number === "string" ? number : "unknown"}`);
  },
};
