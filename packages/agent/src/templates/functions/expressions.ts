/**
 * Regular expressions in templates. Go's are linear in time, JavaScript's are not, so they run under a
 * time limit that stops a match in the middle.
 *
 * Source: https://pkg.go.dev/regexp/syntax
 */
import { createContext, Script } from "node:vm";
import type { Budget } from "../budget.ts";
import { FunctionError } from "../evaluate.ts";

const maxInput = 1024 * 1024;
const maxMatches = 100_000;

const script = new Script(`
  const found = [];
  for (const match of text.matchAll(pattern)) {
    found.push(match);
    if (found.length >= limit) break;
  }
  found`);

/** All matches, or the first `limit`, from left to right. */
export function matchExpression(
  expression: string,
  text: string,
  how: { readonly budget: Budget; readonly limit?: number },
): RegExpExecArray[] {
  if (text.length > maxInput) throw new FunctionError(`the text has more than ${maxInput} characters`);
  const limit = how.limit ?? maxMatches;
  const started = performance.now();
  const context = createContext({ pattern: compile(expression), text, limit });
  try {
    return script.runInContext(context, { timeout: how.budget.expressionMs }) as RegExpExecArray[];
  } catch (error) {
    // The error may come from the other realm, so it need not be an instance of our Error.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new FunctionError(`the expression ${expression} takes too long on this text`);
  } finally {
    how.budget.spendExpression(performance.now() - started);
  }
}

/** Replaces all matches; `$1`, `${1}` and `${name}` in the replacement are groups, `$$` is a dollar. */
export function replaceExpression(
  expression: string,
  replacement: string,
  how: { readonly text: string; readonly budget: Budget },
): string {
  const { text, budget } = how;
  const pieces: string[] = [];
  let [last, length] = [0, 0];
  for (const match of matchExpression(expression, text, { budget })) {
    const piece = text.slice(last, match.index) + expand(replacement, match);
    pieces.push(piece);
    length += piece.length;
    budget.checkLength(length);
    last = match.index + match[0].length;
  }
  return pieces.join("") + text.slice(last);
}

function expand(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    return (/^[0-9]+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? "";
  });
}

function compile(expression: string): RegExp {
  const [prefix, letters = ""] = /^\(\?([ims]+)\)/.exec(expression) ?? [""];
  const pattern = expression
    .slice(prefix.length)
    .replace(/\\[\s\S]|\(\?P</g, (part) =>
      part === "(?P<" ? "(?<" : part === "\\z" ? "(?![\\s\\S])" : part === "\\A" ? "(?<![\\s\\S])" : part,
    )
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole);
  for (const mode of ["gu", "g"]) {
    try {
      return new RegExp(pattern, mode + letters);
    } catch {
      // Without Unicode mode, escapes that mean nothing are allowed.
    }
  }
  throw new FunctionError(`${JSON.stringify(expression)} is no regular expression`);
}

const classes: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  space: "\\s",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};
