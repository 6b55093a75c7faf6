import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "@fractus/core/refusal.ts";

export interface Settings {
  /** Where the gallery and the API are wanted; another port is used when this one is taken. */
  readonly port: number;
  readonly amqpPort: number;
  readonly host: string;
  /** Everything that is kept lies in this folder. */
  readonly dataDirectory: string;
  readonly workers: number;
  /** Whether a first run requests some fractals, so that the page is not empty. */
  readonly demo: boolean;
}

export const help = `usage: npm start -- [options]      or  bin/fractus [options]

Runs Fractals with everything it needs: message broker, API, gallery and workers.

  --port N        where the gallery and the API answer [8080]
  --amqp-port N   where the message broker answers [5672]
  --host ADDRESS  the address to listen on [127.0.0.1]
  --data DIR      where everything is kept [.fractus]
  --workers N     how many pictures are drawn at once [one per core]
  --no-demo       do not request any fractals on a first run
  --help          this text
`;

/**
 * Reads the command line.
 *
 * @throws {Refusal} of kind invalid, naming the option
 */
export function readOptions(argv: readonly string[]): Settings | "help" {
  const values = parse(argv);
  if (values.help) return "help";
  return {
    port: wholeNumber("port", values.port, { low: 0, high: 65_535 }),
    amqpPort: wholeNumber("amqp-port", values["amqp-port"], { low: 0, high: 65_535 }),
    host: values.host,
    dataDirectory: resolve(values.data),
    workers:
      values.workers === undefined
        ? availableParallelism()
        : wholeNumber("workers", values.workers, { low: 0, high: 256 }),
    demo: !values["no-demo"],
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: "string", default: "8080" },
        "amqp-port": { type: "string", default: "5672" },
        host: { type: "string", default: "127.0.0.1" },
        data: { type: "string", default: ".fractus" },
        workers: { type: "string" },
        "no-demo": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal("invalid", error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(
  name: string,
  text: string,
  range: { readonly low: number; readonly high: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.low && value <= range.high) return value;
  throw new Refusal(
    "invalid",
    `--${name} takes a whole number from ${range.low} to ${range.high}, not "${text}".`,
  );
}
