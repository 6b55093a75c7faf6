import type { Diagnostic } from "./diagnostic.ts";
import { hasErrors } from "./diagnostic.ts";
import { parseHcl1 } from "./hcl1.ts";
import { parseBody, type ParsedBody, type ParseOptions } from "./parse.ts";

export interface ParsedAny extends ParsedBody {
  readonly dialect: "hcl1" | "hcl2";
}

/**
 * Parses a file that may be of either age. HCL2 comes first; if that fails and HCL1 does not, the
 * file is HCL1, and what HCL2 objects to are warnings, each with its line and what to do about it.
 * If both fail, the errors are those of HCL2.
 */
export function parseAny(text: string, options: ParseOptions): ParsedAny {
  const second = parseBody(text, options);
  if (!hasErrors(second.diagnostics)) return { ...second, dialect: "hcl2" };
  const first = parseHcl1(text, options);
  if (hasErrors(first.diagnostics)) return { ...second, dialect: "hcl2" };
  return {
    source: first.source,
    body: first.body,
    diagnostics: second.diagnostics.map(asWarning),
    dialect: "hcl1",
  };
}

function asWarning(diagnostic: Diagnostic): Diagnostic {
  const detail = `${diagnostic.detail} The file was read as HCL1, where this is allowed.`;
  return { ...diagnostic, severity: "warning", detail };
}
