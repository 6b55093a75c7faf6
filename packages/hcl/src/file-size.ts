import type { Diagnostic } from "./diagnostic.ts";
import type { Body } from "./syntax.ts";

/**
 * The most characters (UTF-16 units) that a file may have: 2 MiB, twice what a Nomad server
 * keeps of the source of a job. A longer one is refused before it is looked at, by the parsers of
 * both dialects, the formatter and the fixer.
 *
 * Source of the comparison: https://developer.hashicorp.com/nomad/docs/configuration/server#job_max_source_size
 */
export const fileLengthLimit = 2 * 1024 * 1024;

/** What is said of a text that is too long; undefined if it is not. */
export function excessOf(text: string): Diagnostic | undefined {
  if (text.length <= fileLengthLimit) return undefined;
  const detail = `The file has ${text.length} characters; it may have ${fileLengthLimit}, which is 2 MiB.`;
  return { severity: "error", summary: "File too large", detail, range: { start: 0, end: 0 } };
}

/** What is read of a file that is refused as a whole. */
export const noBody: Body = { attributes: [], blocks: [], start: 0, end: 0 };
