/**
 * Passes on what comes to ports of the machine to those of a container: it listens on sockets that were
 * handed to it, and stands in the container's network itself. It ends with the container's first process.
 *
 *   port-proxy.ts STATE INIT-PID INIT-TICKS
 */
import { Socket as DatagramSocket, createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { existsSync, writeFileSync } from "node:fs";
import { Server, connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { isAlive, processStat } from "../process-table.ts";

export interface ProxyOrder {
  readonly kind: "tcp" | "udp";
  /** In the container. */
  readonly port: number;
}

const beatMs = 1000;
const idleDatagramMs = 60_000;
const mostDatagramClients = 1024;

if (process.send) main();

function main(): void {
  const [stateDirectory, initPid, startTicks] = process.argv.slice(2);
  const own = processStat(process.pid);
  if (!own || !existsSync(stateDirectory)) process.exit(1);
  writeFileSync(join(stateDirectory, "proxy"), `${own.pid} ${own.startTicks}`, { mode: 0o600 });
  let hasBegun = false;
  process.on("message", (order: ProxyOrder | "go", socket: unknown) => {
    if (order === "go") {
      hasBegun = true;
      process.send?.("ready");
    } else if (socket instanceof Server) passConnections(socket, order.port);
    else if (socket instanceof DatagramSocket) passDatagrams(socket, order.port);
  });
  process.on("disconnect", () => {
    if (!hasBegun) process.exit(1);
  });
  process.on("uncaughtException", () => undefined);
  const init = { pid: Number(initPid), startTicks };
  setInterval(() => {
    if (!isAlive(init) || !existsSync(stateDirectory)) process.exit(0);
  }, beatMs);
}

/** Both directions, each to its end; a container that does not listen yet is a connection that is closed. */
function passConnections(server: Server, port: number): void {
  server.on("connection", (outer: Socket) => {
    const inner = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    outer.allowHalfOpen = true;
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      from.setNoDelay(true);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroySoon());
    }
  });
}

/** Each client has a socket of its own on the inside, so that answers find back to it. */
function passDatagrams(outer: DatagramSocket, port: number): void {
  const clients = new Map<string, { inner: DatagramSocket; timer: NodeJS.Timeout }>();
  const clientOf = ({ address, port: clientPort }: RemoteInfo) => {
    const key = `${address} ${clientPort}`;
    const known = clients.get(key);
    known?.timer.refresh();
    if (known || clients.size >= mostDatagramClients) return known?.inner;
    const inner = createSocket("udp4");
    inner.on("message", (answer) => outer.send(answer, clientPort, address));
    inner.on("error", () => undefined);
    const timer = setTimeout(() => {
      inner.close();
      clients.delete(key);
    }, idleDatagramMs);
    clients.set(key, { inner, timer });
    return inner;
  };
  outer.on("message", (message, client) => clientOf(client)?.send(message, port, "127.0.0.1"));
  outer.on("error", () => undefined);
}
