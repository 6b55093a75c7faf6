/** What a command is: how it is called, in words and flags, and what it does. Everything here is data but `run`. */
import type { Flags } from "./arguments.ts";
import type { Context } from "./context.ts";

export interface Flag {
  /** Without dashes: `check-index`. */
  readonly name: string;
  /** One letter, where Nomad has one. */
  readonly short?: string;
  /** What the help calls its value; without it the flag is just given or not. */
  readonly value?: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly words: string;
}

export interface Example {
  /** Without the name of the program. */
  readonly line: string;
  readonly words: string;
}

export interface Invocation {
  readonly context: Context;
  readonly arguments: readonly string[];
  readonly flags: Flags;
}

export interface Command {
  /** As the usage line shows it: `<job> [group]`. */
  readonly arguments: string;
  /** The least and the most of them. */
  readonly takes: readonly [number, number];
  /** A paragraph: what comes about. */
  readonly words: string;
  readonly flags?: readonly Flag[];
  readonly examples: readonly Example[];
  /** From the first argument on dashes mean nothing: what follows is somebody else's command line. */
  readonly isWrapper?: boolean;
  /** It reads its own flags: all words behind its name are its arguments, and help is its own affair. */
  readonly readsFlags?: boolean;
  /** What it exits with when it fails before it can say otherwise; 1 unless this is given. */
  readonly failureCode?: number;
  /** Resolves with the exit code; nothing is 0. */
  readonly run: (invocation: Invocation) => Promise<number | void>;
}

/** A line of the table of commands; the command itself is loaded when it is called. */
export interface Entry {
  /** The words by which it is called: `job run`, and for short `run`. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
