import type { Range } from "./diagnostic.ts";

/**
 * The text that a reference to something only the scheduler or the node knows evaluates to: itself
 * in `${}`, with the blanks it has there if it stands in an interpolation already.
 */
export function runtimeReference(text: string, { start, end }: Range): string {
  let from = start;
  while (text.charCodeAt(from - 1) === 0x20) from--;
  let to = end;
  while (text.charCodeAt(to) === 0x20) to++;
  const isBracketed = text.startsWith("${", from - 2);
  const isClosed = isBracketed && text.charCodeAt(to) === 0x7d;
  return `\${${text.slice(isBracketed ? from : start, isClosed ? to : end)}}`;
}
