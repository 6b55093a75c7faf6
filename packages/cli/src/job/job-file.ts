/** Job files as the commands take them: read, parsed here, complained about with their lines. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { hasErrors, renderDiagnostic, type Diagnostic, type Source } from "@fractus/hcl/diagnostic.ts";
import type { JsonObject } from "@fractus/hcl/job/json.ts";
import type { Origins } from "@fractus/hcl/job/origin.ts";
import { parseJob, type Dialect } from "@fractus/hcl/job/parse-job.ts";
import type { JobSubmission } from "@fractus/client/types/job.ts";
import { pairsOf, type Flags } from "../arguments.ts";
import type { Flag } from "../command.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { readInput, readText } from "../files.ts";
import { localCapabilities } from "./capabilities.ts";

export interface JobFile {
  readonly job: JsonObject;
  readonly id: string;
  readonly namespace: string | undefined;
  readonly origins: Origins;
  readonly source: Source;
  readonly submission: JobSubmission;
}

/** Flags of all commands that read a job file. */
export const jobFileFlags: readonly Flag[] = [
  { name: "var", value: "name=value", many: true, words: "a value for a variable of the file" },
  { name: "var-file", value: "path", many: true, words: "a file with values for variables" },
  {
    name: "hcl2-strict",
    value: "bool",
    words: "whether values without a variable are an error; true unless said",
  },
  { name: "hcl1", words: "the file is HCL1; it is recognised without this, too" },
  { name: "json", words: "the file is the API's JSON; it is recognised without this, too" },
];

/**
 * Reads the job of a file, or of standard input for `-`. What is wrong with it goes to stderr, warnings too.
 *
 * @throws Failure if there is anything worse than a warning
 */
export async function readJobFile(context: Context, path: string, flags: Flags): Promise<JobFile> {
  const { surroundings } = context;
  const named = path === "-" ? path : completed(context, path);
  const text = new TextDecoder().decode(await readInput(surroundings, named));
  const source = { name: named === "-" ? "(standard input)" : named, text };
  const variables = pairsOf(flags.texts("var"), "-var");
  const variableFiles = await Promise.all(
    flags
      .texts("var-file")
      .map(async (name) => ({ name, text: await readText(surroundings.directory, name) })),
  );
  const parsed = parseJob(text, {
    fileName: source.name,
    variables,
    variableFiles,
    environment: surroundings.env,
    strict: flags.is("hcl2-strict", true),
    capabilities: localCapabilities(resolve(surroundings.directory, dirname(named))),
    reportUnsupported: true,
  });
  report(context, source, parsed.diagnostics);
  if (!parsed.job) throw new Failure(`Error: ${source.name} was not understood.`);
  const job = { ...parsed.job };
  if (typeof job.Namespace !== "string" && context.clientOptions.namespace)
    job.Namespace = context.clientOptions.namespace;
  return {
    job,
    id: typeof job.ID === "string" ? job.ID : "",
    namespace: typeof job.Namespace === "string" ? job.Namespace : undefined,
    origins: parsed.origins,
    source,
    submission: submissionOf(text, parsed.dialect, { variables, variableFiles }),
  };
}

/** Shows what was found. */
export function report(context: Context, source: Source, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) context.note(`${renderDiagnostic(source, diagnostic)}\n`);
}

export function refuseErrors(source: Source, diagnostics: readonly Diagnostic[]): void {
  if (!hasErrors(diagnostics)) return;
  const count = diagnostics.filter((each) => each.severity === "error").length;
  throw new Failure(`Error: ${source.name} has ${count === 1 ? "an error" : `${count} errors`}.`);
}

const endings = [".nomad", ".nomad.hcl", ".hcl", ".json"];

/** `example.`, as a shell leaves it when it stops completing, is the job file that begins so, if there is one. */
function completed(context: Context, path: string): string {
  const exists = (name: string) => existsSync(resolve(context.surroundings.directory, name));
  if (exists(path)) return path;
  const candidates = endings.map((ending) => path.replace(/\.$/, "") + ending).filter(exists);
  if (candidates.length === 0) return path;
  if (!path.endsWith(".") || candidates.length > 1)
    throw new Failure(`Error: there is no file "${path}". Did you mean ${candidates.join(" or ")}?`);
  context.note(`There is no file ${path}; taking ${candidates[0]}.`);
  return candidates[0];
}

function submissionOf(
  text: string,
  dialect: Dialect,
  given: { readonly variables: Readonly<Record<string, string>>; readonly variableFiles: readonly Source[] },
): JobSubmission {
  return {
    Source: text,
    Format: dialect,
    ...(Object.keys(given.variables).length > 0 && { VariableFlags: given.variables }),
    ...(given.variableFiles.length > 0 && {
      Variables: given.variableFiles.map((file) => file.text).join("\n"),
    }),
  };
}
