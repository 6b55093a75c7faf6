import { Refusal } from "@fractus/core/refusal.ts";
import type { TerminalSize } from "./driver.ts";

export interface Orders {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command with its full path, and its arguments. */
  readonly argv: readonly string[];
  readonly size?: TerminalSize;
  /** How `env` is called where the task is. */
  readonly envCommand?: readonly string[];
}

/**
 * What a task is to be, in the form that `enter.sh` reads: data of which no shell evaluates anything,
 * whatever it contains. Refuses NUL bytes, which the system has no way to pass on.
 */
export function encodeOrders({ directory, env, argv, size, envCommand = ["/usr/bin/env"] }: Orders): string {
  const variables = Object.entries(env);
  for (const [name, value] of variables) checkVariable(name, value);
  for (const argument of argv) {
    if (argument.includes("\0")) throw new Refusal("invalid", "An argument contains a NUL byte.");
  }
  return [
    field("D", directory),
    ...variables.filter(([name]) => isPlain(name)).map(([name, value]) => field("V", value, name)),
    ...withOddVariables(variables, argv, envCommand).map((argument) => field("A", argument)),
    ...(size ? [`T ${size.rows} ${size.columns}\n`] : []),
  ].join("");
}

function field(kind: string, text: string, name = ""): string {
  return `${kind} ${text.split("\n").length} ${name}\n${text}\n`;
}

function checkVariable(name: string, value: string): void {
  if (name === "" || name.includes("=") || name.includes("\0"))
    throw new Refusal("invalid", `${JSON.stringify(name)} cannot be the name of an environment variable.`);
  if (value.includes("\0"))
    throw new Refusal("invalid", `The value of the environment variable ${name} contains a NUL byte.`);
}

/** Names that a shell sets, reads or forbids by itself. */
const special =
  /^(?:_|IFS|OPTIND|OPTARG|LINENO|PPID|PWD|OLDPWD|UID|EUID|GROUPS|SHLVL|SHELLOPTS|BASH.*|RANDOM|SECONDS|FRACTUS_ENTER|__fractus_.*)$/;

function isPlain(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !special.test(name);
}

/** The few variables that a shell cannot export under their name are set by `env`, after the shell. */
function withOddVariables(
  variables: readonly (readonly [string, string])[],
  argv: readonly string[],
  envCommand: readonly string[],
): readonly string[] {
  const odd = variables.filter(([name]) => !isPlain(name));
  if (odd.length === 0) return argv;
  if (argv[0]?.includes("="))
    throw new Refusal(
      "invalid",
      `The variable ${odd[0][0]} cannot be set for a command whose path contains "=".`,
    );
  return [...envCommand, "--", ...odd.map(([name, value]) => `${name}=${value}`), ...argv];
}
