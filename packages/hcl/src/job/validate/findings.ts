import type { Diagnostic } from "../../diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { objects } from "../normalise.ts";
import { rangeOf, type Origins } from "../origin.ts";

/** A part of a job as it was written, and the same part with all defaults. */
export interface Part {
  readonly given: JsonObject;
  readonly full: JsonObject;
}

/** Nobody reads more; what comes after is left out. */
const findingLimit = 100;

/** Gathers what is wrong, each at the place where it was written. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  readonly #origins: Origins | undefined;

  constructor(origins: Origins | undefined) {
    this.#origins = origins;
  }

  error(
    where: JsonObject,
    field: string | undefined,
    summary: string,
    detail: string,
    suggestion?: string,
  ): void {
    if (this.diagnostics.length >= findingLimit) return;
    const diagnostic: Diagnostic = {
      severity: "error",
      summary,
      detail,
      range: rangeOf(this.#origins, where, field),
    };
    this.diagnostics.push(suggestion === undefined ? diagnostic : { ...diagnostic, suggestion });
  }

  warning(where: JsonObject, field: string | undefined, summary: string, detail: string): void {
    if (this.diagnostics.length >= findingLimit) return;
    this.diagnostics.push({
      severity: "warning",
      summary,
      detail,
      range: rangeOf(this.#origins, where, field),
    });
  }
}

/** The parts in a list field. */
export function partsOf(part: Part, field: string): readonly Part[] {
  const full = objects(part.full, field);
  return objects(part.given, field).map((given, index) => ({ given, full: full[index] ?? given }));
}

/** The part in an object field; what only the defaults brought about is at its parent's place. */
export function partOf(part: Part, field: string): Part | undefined {
  const { [field]: full } = part.full;
  if (!isJsonObject(full)) return undefined;
  const { [field]: given } = part.given;
  return { given: isJsonObject(given) ? given : part.given, full };
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function number(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** Whether a text is only known on the node, or when the job is placed. */
export function isInterpolated(value: Json | undefined): boolean {
  return typeof value === "string" && value.includes("${");
}

/** The names that occur more than once, each with the part that repeats it. */
export function repeated(
  parts: readonly Part[],
  nameOf: (part: Part) => string,
): readonly (readonly [string, Part])[] {
  const seen = new Set<string>();
  return parts.flatMap((part) => {
    const name = nameOf(part);
    if (name !== "" && seen.has(name)) return [[name, part] as const];
    seen.add(name);
    return [];
  });
}
