/**
 * The program: finds the command, reads its flags, runs it, and says what went wrong. Nothing here or below
 * reads the environment or ends the process, so it runs in tests and inside of others as it stands.
 */
import { Flags, parseLine, type ParsedLine } from "./arguments.ts";
import type { Command, Entry } from "./command.ts";
import { commonFlags, contextOf, type Surroundings } from "./context.ts";
import { explain, Failure } from "./failure.ts";
import { commandHelp, groupHelp } from "./help.ts";
import { findCommand, unknownCommand } from "./find-command.ts";
import { entries } from "./registry.ts";

export interface ProgramOptions extends Surroundings {
  /** What follows the name of the program. */
  readonly argv: readonly string[];
  /** The name it was called by, `fractus` if absent. */
  readonly name?: string;
  /** Further commands; one that has the name of another takes its place. */
  readonly extra?: readonly Entry[];
}

/** Runs one command; resolves with the exit code. */
export async function program(options: ProgramOptions): Promise<number> {
  const { name = "fractus", argv, stdout, stderr } = options;
  const all = withExtra(options.extra ?? []);
  const found = findCommand(all, argv);
  if (found.kind === "command") {
    const command = await found.entry.load();
    return runCommand(command, {
      ...options,
      name,
      words: found.words,
      rest: found.rest,
      commandNames: all.flatMap((entry) => entry.names),
    });
  }
  if (found.kind === "group") {
    stdout.write(`${groupHelp(all, { name, words: found.words })}\n`);
    return found.isAsked ? 0 : 1;
  }
  stderr.write(`${unknownCommand(all, found.words)}\n`);
  return 1;
}

function withExtra(extra: readonly Entry[]): readonly Entry[] {
  const taken = new Set(extra.flatMap((entry) => entry.names));
  const kept = entries.map((entry) => ({ ...entry, names: entry.names.filter((name) => !taken.has(name)) }));
  return [...kept.filter((entry) => entry.names.length > 0), ...extra];
}

interface Call extends ProgramOptions {
  readonly name: string;
  readonly words: string;
  readonly rest: readonly string[];
  readonly commandNames: readonly string[];
}

async function runCommand(command: Command, call: Call): Promise<number> {
  const { name, words, rest, stdout, stderr } = call;
  try {
    const line = command.readsFlags
      ? { arguments: rest, flags: new Flags() }
      : parseLine(rest, flagsOf(command), { isWrapper: command.isWrapper ?? false });
    if (line.flags.is("help")) {
      stdout.write(`${commandHelp(command, { name, words })}\n`);
      return 0;
    }
    checkCount(command, line, `${name} ${words}`);
    const context = await contextOf({ program: name, commandNames: call.commandNames }, call, line.flags);
    return (await command.run({ context, arguments: line.arguments, flags: line.flags })) ?? 0;
  } catch (error) {
    if (call.signal?.aborted) return 130;
    stderr.write(`${explain(error, { program: name })}\n`);
    const asked = error instanceof Failure ? error.exitCode : undefined;
    return asked ?? command.failureCode ?? 1;
  }
}

function flagsOf(command: Command) {
  return [...(command.flags ?? []), ...commonFlags];
}

function checkCount(command: Command, { arguments: given }: ParsedLine, called: string): void {
  const [least, most] = command.takes;
  if (given.length >= least && given.length <= most) return;
  const what = given.length < least ? "too few arguments" : "too many arguments";
  throw new Failure(
    `Error: ${what}.\nUsage: ${called} [flags] ${command.arguments}`.trimEnd() +
      `\n\`${called} -help\` says more.`,
  );
}
