/**
 * From the text of a job file to the JSON of the API: the one call that everything else uses.
 *
 * A file in HCL2 is taken as such; one that is not, but is a file in HCL1, as that. A text that begins
 * with a brace is the API's own JSON, or HCL2 in its JSON syntax. Variables and locals are read first, then the job.
 */
import { hasErrors, type Diagnostic, type Source } from "../diagnostic.ts";
import { expandDynamic } from "../dynamic.ts";
import { evaluate } from "../evaluate.ts";
import { excessOf } from "../file-size.ts";
import type { FunctionTable } from "../function.ts";
import { standardFunctions, type Capabilities } from "../functions/standard.ts";
import { parseAny } from "../parse-any.ts";
import type { Scope } from "../scope.ts";
import type { Body, Expression } from "../syntax.ts";
import type { Value } from "../value.ts";
import { resolveVariables, type Variable } from "../variables.ts";
import { decodeApiJson } from "./api-json.ts";
import { decodeBody } from "./decode.ts";
import type { Weight } from "./driver-config.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { readJsonBody } from "./json-body.ts";
import { normaliseJob } from "./normalise.ts";
import type { Origins } from "./origin.ts";
import { jobSizeFault } from "./size.ts";
import { jobFile } from "./schema/file.ts";

export type Dialect = "hcl1" | "hcl2" | "json";

export interface ParseJobOptions {
  readonly fileName: string;
  /** Values of variables as given on the command line. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Files with values of variables; the last one counts most. */
  readonly variableFiles?: readonly Source[];
  /** The environment, of which NOMAD_VAR_… gives values to variables. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What functions may do beyond computing: hash, read files, roll dice. */
  readonly capabilities: Capabilities;
  /** A value for a variable that the file does not declare is an error; so it is unless this is false. */
  readonly strict?: boolean;
  /** Warn about blocks that are read and kept but have no effect here: vault, connect, csi_plugin, …. */
  readonly reportUnsupported?: boolean;
  /** What to make of settings that the driver of a task does not know; a warning unless said otherwise. */
  readonly driverConfig?: Weight;
}

export interface ParsedJob {
  /** The job as it was written, without defaults; absent if there are errors. */
  readonly job?: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
  readonly dialect: Dialect;
  /** The variables that the file declares. */
  readonly variables: readonly Variable[];
  /** Where each object of the job was written; nothing for JSON. */
  readonly origins: Origins;
}

/** Reads a job file. Never throws: whatever is wrong is a diagnostic with its place. */
export function parseJob(text: string, options: ParseJobOptions): ParsedJob {
  const excess = excessOf(text);
  if (excess) return { diagnostics: [excess], dialect: "hcl2", variables: [], origins: new WeakMap() };
  try {
    return /^\s*\{/.test(text) ? parseJsonJob(text, options) : parseHclJob(text, options);
  } catch (error) {
    // Nesting beyond what the machine can follow; nothing else overflows.
    if (!(error instanceof RangeError)) throw error;
    const detail = "The file is nested too deeply to be read.";
    const diagnostic: Diagnostic = {
      severity: "error",
      summary: "Nested too deeply",
      detail,
      range: { start: 0, end: 0 },
    };
    return { diagnostics: [diagnostic], dialect: "hcl2", variables: [], origins: new WeakMap() };
  }
}

/** The API's JSON, or a job file in the JSON syntax of HCL, which begins with `{"job": …`. */
function parseJsonJob(text: string, options: ParseJobOptions): ParsedJob {
  const body = readJsonBody(text);
  return body ? new JobReader(text, body, "hcl2", options).read([]) : parseApiJob(text);
}

function parseApiJob(text: string): ParsedJob {
  const { job, diagnostics } = decodeApiJson(text);
  const result = { diagnostics, dialect: "json" as const, variables: [], origins: new WeakMap() };
  return job && !hasErrors(diagnostics) ? { ...result, job } : result;
}

function parseHclJob(text: string, options: ParseJobOptions): ParsedJob {
  const { body, diagnostics, dialect } = parseAny(text, { fileName: options.fileName });
  if (hasErrors(diagnostics)) return { diagnostics, dialect, variables: [], origins: new WeakMap() };
  return new JobReader(text, body, dialect, options).read(diagnostics);
}

const tables = new WeakMap<Capabilities, FunctionTable>();

/** One table of functions serves all files that are read with the same capabilities. */
function functionsWith(capabilities: Capabilities): FunctionTable {
  const table = tables.get(capabilities) ?? standardFunctions(capabilities);
  tables.set(capabilities, table);
  return table;
}

/** Blocks that are read before the job. */
const declarations = new Set(["variable", "variables", "locals"]);

class JobReader {
  readonly #text: string;
  readonly #body: Body;
  readonly #dialect: "hcl1" | "hcl2";
  readonly #options: ParseJobOptions;
  readonly #diagnostics: Diagnostic[] = [];

  constructor(text: string, body: Body, dialect: "hcl1" | "hcl2", options: ParseJobOptions) {
    this.#text = text;
    this.#body = body;
    this.#dialect = dialect;
    this.#options = options;
  }

  read(earlier: readonly Diagnostic[]): ParsedJob {
    this.#diagnostics.push(...earlier);
    const { variables, scope } = this.#resolve();
    const others = this.#body.blocks.filter((block) => !declarations.has(block.type));
    const expanded = expandDynamic({ ...this.#body, blocks: others }, scope);
    this.#diagnostics.push(...expanded.diagnostics);
    const { json, origins } = this.#decode(expanded.body, scope);
    const { Job: job } = json;
    const [block] = others.filter((each) => each.type === "job");
    if (isJsonObject(job)) normaliseJob(job, block?.labels[0]?.text ?? "", origins);
    const tooMuch = isJsonObject(job) ? jobSizeFault(job) : undefined;
    if (tooMuch) this.#diagnostics.push(tooMuch);
    const diagnostics = worthReading(this.#diagnostics);
    const result = { diagnostics, dialect: this.#dialect, variables, origins };
    return isJsonObject(job) && !hasErrors(diagnostics) ? { ...result, job } : result;
  }

  #resolve() {
    const {
      variables: flags = {},
      variableFiles: files = [],
      environment = {},
      strict = true,
    } = this.#options;
    const functions = functionsWith(this.#options.capabilities);
    const inputs = { flags, files, environment };
    const resolved = resolveVariables(this.#body, {
      ...inputs,
      functions,
      text: this.#text,
      lenient: !strict,
    });
    this.#diagnostics.push(...resolved.diagnostics);
    return resolved;
  }

  #decode(body: Body, scope: Scope) {
    const evaluateIn = (expression: Expression): Value => {
      const { value, diagnostics } = evaluate(expression, scope);
      this.#diagnostics.push(...diagnostics);
      return value;
    };
    return decodeBody(jobFile, body, {
      evaluate: evaluateIn,
      dialect: this.#dialect,
      report: (diagnostic) => this.#diagnostics.push(diagnostic),
      reportUnsupported: this.#options.reportUnsupported ?? false,
      driverConfig: this.#options.driverConfig ?? "warning",
    });
  }
}

/** Nobody reads more of either kind. */
const diagnosticLimit = 100;

/** The first errors and the first warnings, in the order of the text. */
function worthReading(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = diagnostics.toSorted((a, b) => a.range.start - b.range.start);
  const counts = { error: 0, warning: 0 };
  return sorted.filter(({ severity }) => ++counts[severity] <= diagnosticLimit);
}
