import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessSpec } from "./supervise.ts";

/** Where the parts of Fractals answer and keep things. */
export interface FractalsPlaces {
  readonly host: string;
  readonly port: number;
  readonly amqpPort: number;
  readonly dataDirectory: string;
  readonly workers: number;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = (path: string) => join(root, path);

export const cliProgram = program("apps/fractals/cli/src/fractals.ts");

/** The address at which this machine reaches what listens on `host`. */
export function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

export function endpointUrl({ host, port }: Pick<FractalsPlaces, "host" | "port">): string {
  return `http://${reachable(host).replace(/^127\.0\.0\.1$/, "localhost")}:${port}`;
}

export function transportUrl({ host, amqpPort }: Pick<FractalsPlaces, "host" | "amqpPort">): string {
  return `amqp://guest:guest@${reachable(host).replace(/^127\.0\.0\.1$/, "localhost")}:${amqpPort}/`;
}

/** The processes of Fractals: what all depends on, and those who draw. */
export function fractalsProcesses(places: FractalsPlaces): {
  readonly services: readonly ProcessSpec[];
  readonly workers: readonly ProcessSpec[];
} {
  const { host, port, amqpPort, dataDirectory, workers } = places;
  const queue = ["--transport-url", transportUrl(places)];
  const broker: ProcessSpec = {
    name: "broker",
    args: [
      program("packages/messaging/src/fractus-broker.ts"),
      "--host",
      host,
      "--port",
      String(amqpPort),
      "--data",
      join(dataDirectory, "broker"),
    ],
  };
  const api: ProcessSpec = {
    name: "api",
    args: [
      program("apps/fractals/api/src/faafo-api.ts"),
      "--bind-host",
      host,
      "--listen-port",
      String(port),
      "--database-url",
      `sqlite:///${join(dataDirectory, "fractals.db")}`,
      "--image-store",
      join(dataDirectory, "images"),
      ...queue,
    ],
  };
  const worker = (index: number): ProcessSpec => ({
    name: `worker-${index}`,
    args: [
      program("apps/fractals/worker/src/faafo-worker.ts"),
      "--name",
      `worker-${index}`,
      "--endpoint-url",
      endpointUrl(places),
      ...queue,
    ],
  });
  return {
    services: [broker, api],
    workers: Array.from({ length: workers }, (_, index) => worker(index + 1)),
  };
}
