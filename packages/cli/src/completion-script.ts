export type Shell = "bash" | "zsh";

/**
 * A script that completes the words of commands, and files behind them. It is made of the names alone, so that
 * completing starts no program.
 */
export function completionScript(
  shell: Shell,
  { program, names }: { readonly program: string; readonly names: readonly string[] },
): string {
  const cases = [...followers(names)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([before, next]) => `    "${before}") words="${[...next].sort().join(" ")}" ;;`);
  const body = [
    `_${program}_words() {`,
    '  local words=""',
    '  case "$1" in',
    ...cases,
    "  esac",
    '  printf "%s" "$words"',
    "}",
  ];
  return [...body, ...(shell === "bash" ? bashPart(program) : zshPart(program))].join("\n");
}

/** The words that may follow each beginning of a command. */
function followers(names: readonly string[]): Map<string, Set<string>> {
  const next = new Map<string, Set<string>>();
  for (const name of names) {
    const words = name.split(" ");
    for (const [at, word] of words.entries()) {
      const before = words.slice(0, at).join(" ");
      next.set(before, (next.get(before) ?? new Set()).add(word));
    }
  }
  return next;
}

function bashPart(program: string): string[] {
  return [
    `_${program}() {`,
    '  local typed="${COMP_WORDS[*]:1:COMP_CWORD-1}"',
    '  local current="${COMP_WORDS[COMP_CWORD]}"',
    `  local words="$(_${program}_words "$typed")"`,
    '  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current"));',
    '  else COMPREPLY=($(compgen -f -- "$current")); fi',
    "}",
    `complete -o filenames -F _${program} ${program}`,
  ];
}

function zshPart(program: string): string[] {
  return [
    `_${program}() {`,
    '  local typed="${words[2,CURRENT-1]}"',
    `  local found="$(_${program}_words "$typed")"`,
    '  if [ -n "$found" ]; then compadd -- ${=found}; else _files; fi',
    "}",
    `compdef _${program} ${program}`,
  ];
}
