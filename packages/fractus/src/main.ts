/** The program `fractus`: what concerns the cloud on this machine is here, everything else is a client's command. */
import type { Entry } from "@fractus/cli/command.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { environment, readSettings, settingsTable } from "./config/config.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);
const warn = (line: string) => void process.stderr.write(`${line}\n`);

/**
 * Runs one command; resolves with the exit code.
 *
 * @param name what it was called by: `nomad` knows the commands of Nomad only
 */
export async function main(argv: readonly string[], name: string): Promise<number> {
  try {
    const [word = "", ...rest] = argv;
    if (name === "nomad" && word === "agent") return await nomadAgent(rest);
    const local = name !== "nomad" && Object.hasOwn(localCommands, word) ? localCommands[word] : undefined;
    if (local) return await local.run(rest);
    const { program } = await import("@fractus/cli/program.ts");
    return await program({ ...surroundings(), argv, name, extra: name === "nomad" ? [] : extra });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    warn(`${name}: ${error.message}`);
    return 1;
  }
}

/** The cloud, started as documents about Nomad start it. */
async function nomadAgent(argv: readonly string[]): Promise<number> {
  const { settingsOfAgent } = await import("./commands/nomad-agent.ts");
  return (await import("./commands/up.ts")).up(settingsOfAgent(argv), { say, warn });
}

interface LocalCommand {
  readonly summary: string;
  run(argv: readonly string[]): Promise<number>;
}

/** Commands about the cloud on this machine. Their words are settings, which they read by themselves. */
const localCommands: Readonly<Record<string, LocalCommand>> = {
  up: {
    summary: "Run the cloud on this machine",
    run: async (argv) => (await import("./commands/up.ts")).up(argv, { say, warn }),
  },
  down: {
    summary: "End the cloud on this machine, and all that runs on it",
    run: async (argv) => (await import("./commands/down.ts")).down(argv, say),
  },
  agent: {
    summary: "Let this machine join a cloud",
    run: async (argv) => (await import("./commands/agent.ts")).agent(argv, { say, warn }),
  },
  token: {
    summary: "Print the token with which machines join",
    run: async (argv) => (await import("./commands/token.ts")).token(argv, say),
  },
  config: {
    summary: "Show the settings and where each comes from",
    run: async (argv) => {
      for (const line of settingsTable(readSettings(argv))) say(line);
      return 0;
    },
  },
  doctor: {
    summary: "Say what this machine lacks and what that costs",
    run: async (argv) => (await import("./commands/doctor.ts")).doctor(argv, say),
  },
  env: {
    summary: "Print what to source so that clients find the cloud",
    run: async (argv) => (await import("./commands/env.ts")).env(argv, say),
  },
  backup: {
    summary: "Copy the data directory into one file",
    run: async (argv) => (await import("./commands/backup.ts")).backup(argv, say),
  },
  restore: {
    summary: "Put a backup in the place of the data directory",
    run: async (argv) => (await import("./commands/backup.ts")).restore(argv, say),
  },
};

/** As lines of the table of commands, for the help. */
const extra: readonly Entry[] = Object.entries(localCommands).map(([name, { summary, run }]) => ({
  names: [name],
  summary,
  load: async () => ({
    arguments: "[settings]",
    takes: [0, Number.MAX_SAFE_INTEGER],
    words: summary,
    examples: [],
    readsFlags: true,
    run: ({ arguments: argv }) => run(argv),
  }),
}));

function surroundings() {
  const { stdin, stdout, stderr } = process;
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort()).once("SIGTERM", () => interrupt.abort());
  return {
    stdin,
    stdout,
    stderr,
    env: environment,
    directory: process.cwd(),
    isTerminal: stdout.isTTY,
    ...(stdout.isTTY && { sizes: terminalSizes(interrupt.signal) }),
    signal: interrupt.signal,
    setRawMode: (isRaw: boolean) => void (stdin.isTTY && stdin.setRawMode(isRaw)),
  };
}

/** The size of the terminal now, and each time it changes. */
async function* terminalSizes(signal: AbortSignal): AsyncGenerator<{ height: number; width: number }> {
  while (!signal.aborted) {
    yield { height: process.stdout.rows, width: process.stdout.columns };
    await new Promise<void>((resolve) => process.stdout.once("resize", () => resolve()));
  }
}
