import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { systemClock } from "@fractus/core/clock.ts";
import type { Clock } from "@fractus/core/clock.ts";
import type { TlsOptions } from "node:tls";
import { isPassword } from "./access.ts";
import type { User, Users } from "./access.ts";
import { defaultLimits } from "./alarms.ts";
import type { Limits } from "./alarms.ts";
import { exportDefinitions, importDefinitions } from "./definitions.ts";
import type { DefinitionFile } from "./definitions.ts";
import { Connection } from "./connection.ts";
import { Engine } from "./engine.ts";
import { Store } from "./store.ts";
import { connectionView, queueViews } from "./views.ts";
import type { ConnectionView, QueueView } from "./views.ts";

export interface BrokerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Made if it is missing; one broker at a time may use it. */
  readonly dataDirectory: string;
  /** Passwords, or users with permissions, by name. Default: guest/guest, who may do everything. */
  readonly users?: Readonly<Record<string, string | User>>;
  /** Default: "/". Those that have something on disk are there in any case. */
  readonly virtualHosts?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly log?: (line: string) => void;
  readonly clock?: Clock;
  /** A second port that speaks TLS; with `ca` and `requestCert` clients need a certificate as well. */
  readonly tls?: TlsOptions & { readonly port: number };
}

export interface Broker {
  readonly host: string;
  readonly port: number;
  /** Tells every client, writes what is to be written and returns when the data directory is free. */
  close(): Promise<void>;
  queues(): readonly QueueView[];
  connections(): readonly ConnectionView[];
  /** The port that speaks TLS, if there is one. */
  readonly tlsPort: number | undefined;
  /** Why publishers are held back, if they are. */
  alarm(): string | undefined;
  /** Everything durable, as RabbitMQ exports and imports it. */
  definitions(): DefinitionFile;
  /** Adds what such a file holds; see `importDefinitions`. */
  importDefinitions(file: unknown): void;
  /** Whether this is a user without restrictions and the password is right. */
  isAdministrator(name: string, password: string): boolean;
}

/** How long clients may take to agree to the end. */
const goodbyeMs = 2_000;

/**
 * Starts an AMQP 0-9-1 broker. Durable queues and the persistent messages in them are back when it
 * returns. Several may run in one process. Rejects if the port is taken (`EADDRINUSE`, the message
 * names the port) or the data directory is in use or unreadable.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const log = options.log ?? (() => {});
  const store = new Store(options.dataDirectory);
  const connections = new Set<Connection>();
  const limits = { ...defaultLimits, ...options.limits };
  const users = usersFrom(options.users ?? { guest: "guest" });
  const servers = [createServer({ keepAlive: true })];
  if (options.tls) {
    const tls = await import("node:tls");
    servers.push(tls.createServer({ ...options.tls, keepAlive: true }));
  }
  try {
    const engine = new Engine({
      store,
      limits,
      log,
      clock: options.clock ?? systemClock,
      dataDirectory: options.dataDirectory,
      virtualHosts: options.virtualHosts ?? ["/"],
    });
    const onClosed = (connection: Connection) => connections.delete(connection);
    const accept = (socket: Socket) =>
      connections.add(new Connection(socket, engine, { users, log, onClosed }));
    const ports: number[] = [];
    for (const [index, server] of servers.entries()) {
      server.maxConnections = limits.connections;
      server.on(index === 0 ? "connection" : "secureConnection", accept);
      if (index > 0) server.on("tlsClientError", (error: Error) => log(`tls: ${error.message}`));
      ports.push(await listen(server, options.host, index === 0 ? options.port : options.tls!.port));
    }
    return {
      host: (servers[0].address() as AddressInfo).address,
      port: ports[0],
      tlsPort: ports[1],
      queues: () => queueViews(engine),
      connections: () => [...connections].map(connectionView),
      alarm: () => engine.alarm,
      definitions: () => exportDefinitions(engine, users),
      importDefinitions: (file) => importDefinitions(engine, file),
      isAdministrator: (name, password) => isPassword(users, name, password) && !users[name].permissions,
      close: async () => {
        await goodbye(servers, connections);
        engine.close();
      },
    };
  } catch (error) {
    for (const server of servers) server.close();
    store.close();
    throw error;
  }
}

function usersFrom(given: Readonly<Record<string, string | User>>): Users {
  return Object.fromEntries(
    Object.entries(given).map(([name, user]) => [name, typeof user === "string" ? { password: user } : user]),
  );
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const message = isTaken ? `port ${port} on ${host} is taken` : `cannot listen on ${host}:${port}`;
      reject(Object.assign(new Error(message, { cause: error }), { code: error.code }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** No more connections; those there are get a connection.close and a moment to confirm it. */
async function goodbye(servers: readonly Server[], connections: ReadonlySet<Connection>): Promise<void> {
  const isQuiet = Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  for (const connection of connections) connection.close("shutdown");
  const timer = setTimeout(() => {
    for (const connection of connections) connection.destroy();
  }, goodbyeMs);
  await isQuiet;
  clearTimeout(timer);
}
