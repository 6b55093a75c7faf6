import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../broker.ts";
import type { Broker, BrokerOptions } from "../broker.ts";

export interface OwnBroker {
  readonly url: string;
  readonly broker: Broker;
  readonly dataDirectory: string;
  /** What it logged. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Our broker in this process, on a free port, with a data directory that goes with it. */
export async function startOwnBroker(options: Partial<BrokerOptions> = {}): Promise<OwnBroker> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "fractus-broker-"));
  const lines: string[] = [];
  const broker = await startBroker({
    host: "127.0.0.1",
    port: 0,
    log: (line) => lines.push(line),
    ...options,
    dataDirectory,
  });
  return {
    url: `amqp://guest:guest@127.0.0.1:${broker.port}/`,
    broker,
    dataDirectory,
    lines,
    stop: async () => {
      await broker.close();
      if (options.dataDirectory === undefined) rmSync(dataDirectory, { recursive: true });
    },
  };
}
