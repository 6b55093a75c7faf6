import type { Command, Entry, Flag } from "./command.ts";
import { commonFlags } from "./context.ts";

/** The page of one command. */
export function commandHelp(
  command: Command,
  called: { readonly name: string; readonly words: string },
): string {
  const start = `${called.name} ${called.words}`;
  const parts = [`Usage: ${start} [flags] ${command.arguments}`.trimEnd(), indent(wrapped(command.words))];
  if (command.examples.length > 0) {
    const lines = command.examples.flatMap(({ line, words }) => [`  # ${words}`, `  ${called.name} ${line}`]);
    parts.push(["Examples:", ...lines].join("\n"));
  }
  if (command.flags && command.flags.length > 0) parts.push(flagList("Flags:", command.flags));
  parts.push(flagList("Flags of every command:", commonFlags));
  return parts.join("\n\n");
}

/** The commands under a name; all of them for the empty one. */
export function groupHelp(
  all: readonly Entry[],
  called: { readonly name: string; readonly words: string },
): string {
  const prefix = called.words === "" ? "" : `${called.words} `;
  const lines = new Map<string, string>();
  for (const entry of all) {
    for (const name of entry.names) {
      if (!name.startsWith(prefix)) continue;
      const [next, ...more] = name.slice(prefix.length).split(" ");
      if (more.length === 0) lines.set(next, entry.summary);
      else if (!lines.has(next)) lines.set(next, groupSummary(all, prefix + next));
    }
  }
  const width = Math.max(0, ...[...lines.keys()].map((name) => name.length));
  const list = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `Usage: ${called.name} ${prefix}<command> [flags] [arguments]`,
    "",
    "Commands:",
    ...list.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `\`${called.name} ${prefix}<command> -help\` says more about one of them.`,
  ].join("\n");
}

/** What a group holds, as its names. */
function groupSummary(all: readonly Entry[], group: string): string {
  const names = all.flatMap((entry) => entry.names).filter((name) => name.startsWith(`${group} `));
  const next = new Set(names.map((name) => name.slice(group.length + 1).split(" ")[0]));
  return [...next].join(", ");
}

function flagList(title: string, flags: readonly Flag[]): string {
  const rows = flags.map((flag) => [spelled(flag), flag.words] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [title, ...rows.map(([left, words]) => `  ${left.padEnd(width)}  ${words}`)].join("\n");
}

function spelled({ name, short, value }: Flag): string {
  const both = short === undefined || short === name ? `-${name}` : `-${short}, -${name}`;
  return value === undefined ? both : `${both} <${value}>`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function wrapped(text: string, width = 90): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
