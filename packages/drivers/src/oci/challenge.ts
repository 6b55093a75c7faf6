/** What a registry asks for: https://distribution.github.io/distribution/spec/auth/token/ */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "bearer";
      readonly realm: string;
      readonly service?: string;
      readonly scope?: string;
    };

/**
 * Reads `WWW-Authenticate`; of several challenges the first that we know, bearer before basic. Undefined if there is none.
 *
 * The grammar: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenge(header: string): Challenge | undefined {
  const challenges = splitChallenges(header.slice(0, longestHeader));
  const bearer = challenges.find(({ scheme, values }) => scheme === "bearer" && values.has("realm"));
  if (bearer) {
    const { values } = bearer;
    const optional = (name: "service" | "scope") => values.has(name) && { [name]: values.get(name) };
    return {
      scheme: "bearer",
      realm: values.get("realm") ?? "",
      ...optional("service"),
      ...optional("scope"),
    };
  }
  return challenges.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : undefined;
}

const longestHeader = 8192;

interface Part {
  readonly scheme: string;
  readonly values: Map<string, string>;
}

/** A word that is followed by a value belongs to the challenge before it; one that stands alone begins another. */
function splitChallenges(header: string): Part[] {
  const parts: Part[] = [];
  const token = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, word, quoted, plain] of header.matchAll(token)) {
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    const lower = word.toLowerCase();
    if (value === undefined) parts.push({ scheme: lower, values: new Map() });
    else parts.at(-1)?.values.set(lower, value);
  }
  return parts;
}
