import { suggest } from "@fractus/hcl/suggest.ts";
import type { Entry } from "./command.ts";

export type FoundCommand =
  | {
      readonly kind: "command";
      readonly entry: Entry;
      /** The name it was called by. */
      readonly words: string;
      readonly rest: readonly string[];
    }
  /** A name that several commands share, or none at all; `isAsked` if help was. */
  | { readonly kind: "group"; readonly words: string; readonly isAsked: boolean }
  | { readonly kind: "unknown"; readonly words: string };

/** The command with the longest name that the line begins with. Help may be asked for before its name, too. */
export function findCommand(all: readonly Entry[], argv: readonly string[]): FoundCommand {
  const isAsked = argv.some((word) => /^(--?help|-h)$/.test(word)) || argv[0] === "help";
  const line = argv[0] === "help" ? [...argv.slice(1), "-help"] : argv;
  if (/^--?v(ersion)?$/.test(line[0] ?? "")) return findCommand(all, ["version", ...line.slice(1)]);
  const leading = line.slice(0, 4);
  const end = leading.findIndex((word) => word.startsWith("-"));
  const words = end < 0 ? leading : leading.slice(0, end);
  for (let length = words.length; length > 0; length--) {
    const name = words.slice(0, length).join(" ");
    const entry = all.find((each) => each.names.includes(name));
    if (entry) return { kind: "command", entry, words: name, rest: line.slice(length) };
  }
  const group = longestGroup(all, words);
  if (group.length === words.length) return { kind: "group", words: group.join(" "), isAsked };
  return { kind: "unknown", words: words.slice(0, group.length + 1).join(" ") };
}

function longestGroup(all: readonly Entry[], words: readonly string[]): readonly string[] {
  const isGroup = (name: string) =>
    all.some((each) => each.names.some((full) => full.startsWith(`${name} `)));
  let length = 0;
  while (length < words.length && isGroup(words.slice(0, length + 1).join(" "))) length++;
  return words.slice(0, length);
}

/** What to say about a command that is not there. */
export function unknownCommand(all: readonly Entry[], words: string): string {
  const parts = words.split(" ");
  const group = parts.slice(0, -1).join(" ");
  const names = new Set(
    all
      .flatMap((entry) => entry.names)
      .filter((name) => group === "" || name.startsWith(`${group} `))
      .map((name) => name.split(" ").slice(0, parts.length).join(" ")),
  );
  const nearest = suggest(
    parts.at(-1) ?? "",
    [...names].map((name) => name.split(" ").at(-1) ?? ""),
  );
  const meant = nearest && [group, nearest].filter((part) => part !== "").join(" ");
  const list = [...names].sort().join(", ");
  const deeper = group === "" ? namedSo(all, words) : [];
  const hints = deeper.length > 0 ? deeper : meant ? [meant] : [];
  const hint =
    hints.length > 0
      ? `Did you mean ${hints.map((one) => `\`${one}\``).join(" or ")}?`
      : `There are: ${list}.`;
  return `Error: there is no command \`${words}\`. ${hint}`;
}

const mostHints = 3;

/** Commands of some group that have this very name, as `job scale` for `scale`; none if they are many. */
function namedSo(all: readonly Entry[], word: string): readonly string[] {
  const found = all.flatMap((entry) => entry.names).filter((name) => name.endsWith(` ${word}`));
  return found.length <= mostHints ? found : [];
}
