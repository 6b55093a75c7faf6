import { helpPage, readOptions, UsageError, wholeNumber } from "@fractals/program/options.ts";
import type { Level } from "@fractals/program/log.ts";

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly transportUrl: string;
  readonly imageStore: string;
  readonly level: Level;
}

const options = {
  "bind-host": { value: "ADDRESS", default: "127.0.0.1", help: "the address to listen on" },
  "listen-port": { value: "PORT", default: "8080", help: "the port to listen on; 0 for any that is free" },
  "database-url": {
    value: "URL",
    env: "FAAFO_DATABASE_URL",
    default: "sqlite:////tmp/sqlite.db",
    help: "where tasks are kept: sqlite:////a/file or postgresql://user:password@host/database",
  },
  "transport-url": {
    value: "URL",
    env: "FAAFO_TRANSPORT_URL",
    default: "amqp://guest:guest@localhost:5672/",
    help: "the message queue",
  },
  "image-store": {
    value: "URL",
    env: "FAAFO_IMAGE_STORE",
    default: "database:",
    help: "where pictures are kept: database:, or a directory as a path or file:///a/directory",
  },
  verbose: { help: "log more" },
  debug: { help: "log everything" },
} as const;

/**
 * The settings of `faafo-api`, or the help page when that was asked for.
 *
 * @throws {UsageError} naming the option that is wrong
 */
export function readSettings(argv: readonly string[]): Settings | { readonly help: string } {
  const values = readOptions(options, argv, process.env);
  if (values.help)
    return {
      help: helpPage("faafo-api [options]", "Serves the REST API and the gallery of Fractals.", options),
    };
  return {
    host: required("bind-host", values["bind-host"]),
    port: wholeNumber("listen-port", values["listen-port"]!, { low: 0, high: 65535 }),
    databaseUrl: required("database-url", values["database-url"]),
    transportUrl: required("transport-url", values["transport-url"]),
    imageStore: required("image-store", values["image-store"]),
    level: values.debug ? "DEBUG" : "INFO",
  };
}

function required(name: string, value: string | undefined): string {
  if (!value) throw new UsageError(`--${name} must not be empty.`);
  return value;
}
