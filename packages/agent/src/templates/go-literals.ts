/** Escapes in Go's string literals: https://go.dev/ref/spec#String_literals */
const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** What stands between the quotes, without its escapes; undefined if one does not exist. */
export function goString(body: string): string | undefined {
  if (!body.includes("\\")) return body;
  let isWrong = false;
  // Bytes above 0x7f may be parts of one character, so runs of them are decoded together.
  const text = body.replace(
    /((?:\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2})+)|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)/gsu,
    (_, bytes?: string, short?: string, long?: string, letter?: string) => {
      if (bytes) return decodeBytes(bytes);
      if (letter !== undefined) {
        isWrong ||= !Object.hasOwn(simple, letter);
        return simple[letter];
      }
      const code = Number.parseInt(short ?? long ?? "", 16);
      isWrong ||= code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
      return isWrong ? "" : String.fromCodePoint(code);
    },
  );
  return isWrong ? undefined : text;
}

function decodeBytes(escapes: string): string {
  const codes = escapes
    .split("\\")
    .slice(1)
    .map((code) => (code.startsWith("x") ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8)));
  return Buffer.from(codes).toString("utf8");
}

/** The number of the only character. */
export function runeLiteral(text: string): number | undefined {
  const code = text.codePointAt(0);
  return code !== undefined && String.fromCodePoint(code) === text ? code : undefined;
}

/** As Go's `%q` writes it. */
export function quoteGo(text: string): string {
  const body = text.replace(
    /["\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (character) => escapeOf(character) ?? character,
  );
  return `"${body}"`;
}

function escapeOf(character: string): string | undefined {
  const name = Object.entries(simple).find(([letter, value]) => value === character && letter !== "'")?.[0];
  if (name !== undefined) return `\\${name}`;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
