/** Texts as HCL2 writes them, so that reading gives the same text again. */

/** In quotes, with references such as `${attr.cpu.arch}` left as they are. */
export function quote(text: string): string {
  return `"${escapeTemplates(text, escapeSpecials)}"`;
}

/** In quotes, as a label, where there are no references. */
export function quoteLabel(text: string): string {
  return `"${escapeSpecials(text).replaceAll("${", "$$${").replaceAll("%{", "%%{")}"`;
}

/** As a heredoc, for texts of several lines; undefined if the text is none or cannot be written so. */
export function heredoc(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- such characters need quotes and escapes
  if (!/\n.*\n$/s.test(text) || /[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\ufeff]/.test(text))
    return undefined;
  let marker = "EOF";
  while (text.includes(marker)) marker += "F";
  return `<<${marker}\n${escapeTemplates(text, (part) => part)}${marker}`;
}

/** References that evaluate to their own text; everything else in `${ }` would be computed. */
const reference =
  /^\$\{(?!(?:var|local|true|false|null|for|if|in)\b)[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*\}/;

function escapeTemplates(text: string, escapePart: (part: string) => string): string {
  let result = "";
  let start = 0;
  for (const { index } of text.matchAll(/[$%]\{/g)) {
    const own = text[index] === "$" ? reference.exec(text.slice(index, index + 200))?.[0] : undefined;
    const before = text.slice(start, index);
    // Signs right before the brace's own would be taken for part of the escape.
    const [signs] = /[$%]*$/.exec(before) ?? [""];
    result += escapePart(before.slice(0, before.length - signs.length));
    if (signs !== "") result += `\${"${signs}"}`;
    if (own === undefined) result += text[index];
    start = index;
  }
  return result + escapePart(text.slice(start));
}

function escapeSpecials(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this escapes
  return text.replace(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    const short = shortEscapes[character];
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
