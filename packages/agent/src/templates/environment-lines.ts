/**
 * Reads what an environment template printed: lines `KEY=value`, with `export` in front or not, blank
 * lines and `#` comments between them. Values may stand in quotes; in double ones, `\n`, `\"` and `\\`
 * mean what they mean in a shell script's `$'…'`.
 *
 * @returns the pairs, or the number (from 1) and text of the first line that is no such line
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/template#environment-variables
 */
export function parseEnvironment(
  text: string,
): { readonly pairs: Readonly<Record<string, string>> } | { readonly badLine: number } {
  const pairs: [string, string][] = [];
  const pattern = new RegExp(line, "y");
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return { badLine: text.slice(0, at).split("\n").length };
    const [whole, name, double, single, bare] = match;
    if (name !== undefined)
      pairs.push([name, double === undefined ? (single ?? bare.trim()) : unquoted(double)]);
    if (whole === "") break;
    at += whole.length;
  }
  return { pairs: Object.fromEntries(pairs) };
}

const blanks = "[ \\t]*";
const key = `${blanks}(?:export[ \\t]+)?([A-Za-z_][\\w.-]*)${blanks}=${blanks}`;
const value = `(?:"((?:[^"\\\\]|\\\\[^])*)"|'([^']*)'|(?!["'])((?:(?![ \\t]#)[^\\r\\n])*))`;
const rest = `${blanks}(?:#[^\\n]*)?\\r?(?:\\n|$)`;

/** One line, and more of them where a quoted value holds line ends. Nothing in it can be matched in two ways. */
const line = `(?:${key}${value})?${rest}`;

function unquoted(quoted: string): string {
  return quoted.replace(/\\([^])/g, (_, letter: string) => ({ n: "\n", r: "\r", t: "\t" })[letter] ?? letter);
}
