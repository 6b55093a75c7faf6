import type { Diagnostic } from "./diagnostic.ts";
import { hasErrors } from "./diagnostic.ts";
import { formatText } from "./format.ts";
import { type Edit, parseHcl1 } from "./hcl1.ts";
import { parseBody } from "./parse.ts";

export interface Fixed {
  /** HCL2, formatted; the text as it was if there are errors. */
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Turns HCL1 into HCL2: takes away commas between arguments and the quotes of argument names, and
 * puts each argument of a block on a line of its own. Comments stay. HCL2 is formatted only.
 */
export function fixText(text: string): Fixed {
  const parsed = parseBody(text, { fileName: "" });
  if (!hasErrors(parsed.diagnostics)) return formatText(text);
  const { diagnostics, edits } = parseHcl1(text, { fileName: "" });
  if (hasErrors(diagnostics)) return { text, diagnostics: parsed.diagnostics };
  const formatted = formatText(applyEdits(text, edits));
  return hasErrors(formatted.diagnostics) ? { text, diagnostics: parsed.diagnostics } : formatted;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, replacement } of edits) {
    parts.push(text.slice(position, start), replacement);
    position = end;
  }
  return [...parts, text.slice(position)].join("");
}
