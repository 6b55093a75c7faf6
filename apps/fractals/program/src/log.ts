/** Severities in rising order, with the names that oslo.log prints. */
export const levels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type Level = (typeof levels)[number];

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  /** The whole chain of causes of `error` follows the message. */
  error(message: string, error?: unknown): void;
}

export interface LogOptions {
  /** What is less severe is dropped. */
  readonly level: Level;
  readonly write: (line: string) => void;
  readonly pid: number;
  readonly nowMs: () => number;
}

/**
 * A log in the format of oslo.log, as the tutorial shows it (CL-48):
 * `2015-04-02 03:55:02.708 19029 INFO faafo.client [-] generating 6 task(s)`. Times are local.
 *
 * Source: https://docs.openstack.org/oslo.log/latest/configuration/index.html (logging_default_format_string)
 */
export function createLog(name: string, options: LogOptions): Log {
  const say = (level: Level, message: string) => {
    if (levels.indexOf(level) < levels.indexOf(options.level)) return;
    options.write(`${localTime(options.nowMs())} ${options.pid} ${level} ${name} [-] ${message}\n`);
  };
  return {
    debug: (message) => say("DEBUG", message),
    info: (message) => say("INFO", message),
    warning: (message) => say("WARNING", message),
    error: (message, error) => say("ERROR", error === undefined ? message : `${message}\n${causes(error)}`),
  };
}

/** The log of a running program: lines on standard output, or on standard error for command-line tools. */
export function processLog(name: string, level: Level, stream: NodeJS.WritableStream = process.stdout): Log {
  return createLog(name, { level, write: (line) => stream.write(line), pid: process.pid, nowMs: Date.now });
}

/** An error with its stack and those of everything that caused it. */
export function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined ? own : `${own}\ncaused by: ${causes(error.cause)}`;
}

function localTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
