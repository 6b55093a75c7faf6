/** `fmt` and `fix`: job files written anew. */
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hasErrors, type Diagnostic } from "@fractus/hcl/diagnostic.ts";
import type { Flags } from "../arguments.ts";
import type { Command, Flag, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { readInput, write } from "../files.ts";
import { report } from "./job-file.ts";

const flags: readonly Flag[] = [
  { name: "check", words: "write nothing; exit with 1 if something would be written" },
  { name: "list", words: "name the files that change; -list=false does not" },
  { name: "write", words: "write the files; -write=false prints them instead" },
  { name: "recursive", words: "folders within folders, too" },
];

export const fmt: Command = {
  arguments: "[file or folder ...]",
  takes: [0, 1000],
  words:
    "Writes job files in the canonical layout: two blanks for each level, equals signs in one column. Without a file it takes those of this folder; - is standard input, and the result goes to standard output.",
  flags,
  examples: [
    { line: "fmt", words: "all job files here" },
    { line: "fmt -check -recursive jobs", words: "is everything in order?" },
  ],
  run: async (invocation) => {
    const { formatText } = await import("@fractus/hcl/format.ts");
    return rewrite(invocation, formatText);
  },
};

export const fix: Command = {
  arguments: "[file or folder ...]",
  takes: [0, 1000],
  words:
    "Turns job files in HCL1, the language of Nomad before 1.0, into HCL2, and formats them: commas between arguments and quotes around their names go, comments stay.",
  flags,
  examples: [
    { line: "job fix old.nomad", words: "in place" },
    { line: "job fix -write=false old.nomad", words: "only show it" },
  ],
  run: async (invocation) => {
    const { fixText } = await import("@fractus/hcl/fix.ts");
    return rewrite(invocation, fixText);
  },
};

type Change = (text: string) => { readonly text: string; readonly diagnostics: readonly Diagnostic[] };

async function rewrite({ context, arguments: given, flags }: Invocation, change: Change): Promise<number> {
  const paths = await jobFiles(context, given.length > 0 ? given : ["."], flags.is("recursive"));
  let failed = false;
  for (const path of paths) failed = (await rewriteOne(context, { path, flags, change })) || failed;
  return failed ? 1 : 0;
}

/** Whether something is wrong: the file is not in order, or `-check` found it out of layout. */
async function rewriteOne(
  context: Context,
  { path, flags, change }: { readonly path: string; readonly flags: Flags; readonly change: Change },
): Promise<boolean> {
  const { surroundings, print } = context;
  const text = new TextDecoder().decode(await readInput(surroundings, path));
  const changed = change(text);
  if (hasErrors(changed.diagnostics)) {
    report(context, { name: path, text }, changed.diagnostics);
    return true;
  }
  const isCheck = flags.is("check");
  const writes = flags.is("write", true) && !isCheck && path !== "-";
  if (path === "-" || (!writes && !isCheck)) surroundings.stdout.write(changed.text);
  else if (changed.text !== text && flags.is("list", true)) print(path);
  if (writes && changed.text !== text) await write(surroundings.directory, path, changed.text);
  return isCheck && changed.text !== text;
}

async function jobFiles(
  context: Context,
  given: readonly string[],
  isRecursive: boolean,
): Promise<readonly string[]> {
  const { directory } = context.surroundings;
  const found: string[] = [];
  for (const path of given) {
    if (path === "-" || !(await isFolder(resolve(directory, path)))) found.push(path);
    else {
      const names = await readdir(resolve(directory, path), { recursive: isRecursive });
      found.push(
        ...names.filter((name) => /\.(?:nomad|nomad\.hcl|hcl)$/.test(name)).map((name) => join(path, name)),
      );
    }
  }
  return found.sort();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    throw new Failure(`Error: there is no file or folder ${path}.`);
  }
}
