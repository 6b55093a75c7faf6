import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Backend, FrontDoor } from "../front-door.ts";
import { startIngress } from "../ingress.ts";
import type { Ingress, IngressOptions } from "../ingress.ts";

export interface TestBackend extends Backend {
  readonly server: Server;
  close(): Promise<void>;
}

/** A server on a free port of this machine; what it answers says who it is unless told otherwise. */
export async function startBackend(id: string, listener?: RequestListener): Promise<TestBackend> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener ?? ((_, response) => response.end(id)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { id, address: "127.0.0.1", port, isHealthy: true, server, close };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { port, close } = await startBackend("probe");
  await close();
  return port;
}

/** An ingress with one door on a port of its own, for the time of `use`. */
export async function withDoor(
  backends: readonly Backend[],
  use: (door: {
    readonly ingress: Ingress;
    readonly port: number;
    readonly url: string;
    readonly show: (backends: readonly Backend[]) => void;
  }) => Promise<void>,
  options: Partial<IngressOptions> & { readonly mode?: FrontDoor["mode"] } = {},
): Promise<void> {
  const port = await freePort();
  const ingress = await startIngress({
    address: "127.0.0.1",
    log: () => {},
    waitMs: 300,
    graceMs: 200,
    ...options,
  });
  const show = (backends: readonly Backend[]) =>
    ingress.update([{ name: "default/web", port, mode: options.mode ?? "http", backends }]);
  show(backends);
  await ingress.settled();
  try {
    await use({ ingress, port, url: `http://127.0.0.1:${port}`, show });
  } finally {
    await ingress.close();
  }
}

export async function textOf(stream: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
