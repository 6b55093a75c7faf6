import { parseArgs } from "node:util";

/** One option of a program: `--name`, the environment variable that may give it, and what it is for. */
export interface Option {
  readonly env?: string;
  /** What help shows for the value, such as `URL`; an option without it is a switch. */
  readonly value?: string;
  readonly default?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;
export type Values<O extends Options> = { readonly [K in keyof O]: string | undefined } & {
  readonly help: boolean;
};

/** A command line that cannot be understood; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads a command line: a flag wins over its environment variable, and that over the default.
 * A switch that is given has the value "true".
 *
 * @throws {UsageError} naming an option that does not exist or lacks its value
 */
export function readOptions<O extends Options>(
  options: O,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Values<O> {
  const spec = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value ? "string" : "boolean" } as const,
    ]),
  );
  let given: Record<string, string | boolean | undefined>;
  try {
    given = parseArgs({
      args: [...argv],
      options: { ...spec, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const values = Object.entries(options).map(([name, option]) => {
    const fromEnv = option.env === undefined ? undefined : env[option.env] || undefined;
    const value = given[name] ?? fromEnv ?? option.default;
    return [name, value === undefined || value === false ? undefined : String(value)];
  });
  return { ...Object.fromEntries(values), help: given["help"] === true } as Values<O>;
}

/** The help page of a program: what it does, and its options in columns. */
export function helpPage(usage: string, summary: string, options: Options): string {
  const rows = Object.entries(options).map(([name, option]) => [
    `--${name}${option.value ? ` ${option.value}` : ""}`,
    [option.help, option.default && `[${option.default}]`, option.env && `($${option.env})`]
      .filter(Boolean)
      .join(" "),
  ]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return [
    `usage: ${usage}`,
    "",
    summary,
    "",
    ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    "",
  ].join("\n");
}

/** @throws {UsageError} unless `text` is a whole number in the range */
export function wholeNumber(
  name: string,
  text: string,
  range: { readonly low: number; readonly high: number },
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < range.low || value > range.high) {
    throw new UsageError(`--${name} takes a whole number from ${range.low} to ${range.high}, not "${text}".`);
  }
  return value;
}
