/** What a person at a terminal does with a cloud that runs: writes files, calls commands, reads what they print. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningCloud } from "./start-cloud.ts";

export const program = fileURLToPath(new URL("../packages/fractus/src/fractus.ts", import.meta.url));

/** Times and IDs are other ones each time. */
export const id = "[0-9a-f]{8}";
export const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

export interface CommandLine {
  /** What a command prints; blanks part the words of a text. Fails unless the exit code is the expected one, 0. */
  says(line: string | readonly string[], code?: number): string;
  /** What a command that fails writes to standard error. */
  refuses(line: string | readonly string[], code?: number): string;
  /** Both, with what it reads. */
  withInput(input: string, line: string | readonly string[], code?: number): string;
  /** Writes a file, and returns its path. */
  file(name: string, content: string): string;
}

export function commandLineOf(cloud: RunningCloud): CommandLine {
  const folder = join(cloud.dataDirectory, "..");
  const run = (line: string | readonly string[], code: number, input = "") => {
    const words = typeof line === "string" ? line.split(" ") : line;
    const ran = spawnSync(process.execPath, [program, ...words], {
      cwd: folder,
      env: { ...process.env, FRACTUS_ADDR: cloud.url },
      encoding: "utf8",
      input,
      timeout: 40_000,
    });
    const all = `$ fractus ${words.join(" ")}\n${ran.stdout}${ran.stderr}`;
    assert.equal(ran.status, code, all);
    return ran;
  };
  return {
    says: (line, code = 0) => run(line, code).stdout,
    refuses: (line, code = 1) => run(line, code).stderr,
    withInput: (input, line, code = 0) => run(line, code, input).stdout,
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

/** The columns of a table by their headings, one row each; columns are two blanks apart at least. */
export function rowsOf(text: string, firstHeading: string): Record<string, string>[] {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(firstHeading));
  assert.ok(at >= 0, `no table that begins with ${firstHeading}:\n${text}`);
  const headings = lines[at].split(/ {2,}/);
  const end = lines.findIndex((line, index) => index > at && line === "");
  return lines.slice(at + 1, end < 0 ? undefined : end).map((line) => {
    const cells = line.split(/ {2,}/);
    return Object.fromEntries(headings.map((heading, column) => [heading, cells[column] ?? ""]));
  });
}
