import { hostname } from "node:os";
import { helpPage, readOptions, wholeNumber } from "@fractals/program/options.ts";
import type { Level } from "@fractals/program/log.ts";

export interface Settings {
  readonly endpointUrl: string;
  readonly transportUrl: string;
  readonly name: string;
  readonly host: string;
  readonly threads: number;
  /** How long a task that is being drawn may go on once the worker was told to stop. */
  readonly graceMs: number;
  readonly level: Level;
}

const options = {
  "endpoint-url": {
    value: "URL",
    env: "FAAFO_ENDPOINT_URL",
    default: "http://localhost",
    help: "the API that gets the pictures",
  },
  "transport-url": {
    value: "URL",
    env: "FAAFO_TRANSPORT_URL",
    default: "amqp://guest:guest@localhost:5672/",
    help: "the message queue",
  },
  name: { value: "NAME", help: "what the worker is called; its host and process number otherwise" },
  threads: { value: "N", default: "1", help: "how many cores one picture is drawn on" },
  grace: {
    value: "SECONDS",
    default: "5",
    help: "how long a picture may take to finish when the worker stops",
  },
  verbose: { help: "log more" },
  debug: { help: "log everything" },
} as const;

/** The settings of `faafo-worker`, or the help page when that was asked for. */
export function readSettings(argv: readonly string[]): Settings | { readonly help: string } {
  const values = readOptions(options, argv, process.env);
  if (values.help)
    return { help: helpPage("faafo-worker [options]", "Draws fractals, one task at a time.", options) };
  return {
    endpointUrl: values["endpoint-url"]!,
    transportUrl: values["transport-url"]!,
    name: values.name ?? `${hostname()}-${process.pid}`,
    host: hostname(),
    threads: wholeNumber("threads", values.threads!, { low: 1, high: 256 }),
    graceMs: wholeNumber("grace", values.grace!, { low: 0, high: 3600 }) * 1000,
    level: values.debug ? "DEBUG" : "INFO",
  };
}
