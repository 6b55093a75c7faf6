/** `regex_replace`, with the expressions of RE2 and the replacements of Go's `regexp`. */
import { checkLength, FunctionFault, type HclFunction, type Spend } from "../function.ts";
import { compile, type Match, Matcher } from "../pattern/match.ts";
import { PatternFault } from "../pattern/syntax.ts";
import { stringValue, type Value } from "../value.ts";
import { aString, define, textOf } from "./arguments.ts";

export const patternFunctions: readonly HclFunction[] = [
  {
    ...define("regex_replace", [aString("str"), aString("pattern"), aString("replace")], (...values) =>
      regexReplace(() => undefined, ...values),
    ),
    metered: regexReplace,
  },
];

function regexReplace(spend: Spend, ...[text, pattern, replacement]: readonly Value[]): Value {
  try {
    return stringValue(replaceMatches(textOf(text), textOf(pattern), textOf(replacement), spend));
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    throw new FunctionFault(`invalid pattern: ${error.message}`, 1);
  }
}

/** Replaces every match; an empty one right behind another does not count. */
function replaceMatches(text: string, source: string, replacement: string, spend: Spend): string {
  const pattern = compile(source, spend);
  const points = Array.from(text, (point) => point.codePointAt(0) ?? 0);
  const slice = (start: number, end: number) =>
    start < 0
      ? ""
      : points
          .slice(start, end)
          .map((point) => String.fromCodePoint(point))
          .join("");
  const matcher = new Matcher(pattern, points, spend);
  const parts: string[] = [];
  let copied = 0;
  let length = 0;
  for (let position = 0; position <= points.length;) {
    const match = matcher.find(position);
    if (!match) break;
    const [start, end] = match;
    parts.push(slice(copied, start));
    if (end > copied || start === 0) {
      const part = expand(replacement, match, pattern.groupNames, slice);
      checkLength((length += part.length));
      parts.push(part);
    }
    copied = end;
    position = Math.max(position + 1, end);
  }
  return parts.join("") + slice(copied, points.length);
}

/** `$1`, `${1}`, `$name`, `${name}` and `$$`; a name is as long as it can be. */
function expand(
  replacement: string,
  match: Match,
  names: readonly string[],
  slice: (start: number, end: number) => string,
): string {
  return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, plain?: string, braced?: string) => {
    if (all === "$$") return "$";
    const name = plain ?? braced ?? "";
    const index = /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
    return index < 0 || index * 2 >= match.length ? "" : slice(match[index * 2], match[index * 2 + 1]);
  });
}
