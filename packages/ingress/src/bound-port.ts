import { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import type { Socket } from "node:net";
import type { Clock } from "@fractus/core/clock.ts";
import { portHolder } from "./port-holder.ts";

const retryMs = 1000;

export interface BoundPortOptions {
  readonly server: Server;
  readonly address: string;
  readonly port: number;
  /** Whom the port is for, in messages. */
  readonly purpose: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/**
 * A port that is wanted. Where it is taken, that is a fault which names the holder, and it is tried again
 * every second until closed.
 */
export class BoundPort {
  readonly #options: BoundPortOptions;
  readonly #closing = new AbortController();
  readonly #sockets = new Set<Socket>();
  /** Resolves after the first try. */
  readonly tried: Promise<void>;
  readonly #done: Promise<void>;
  /** Why it is not bound, in a sentence. */
  fault: string | undefined;
  isBound = false;

  constructor(options: BoundPortOptions) {
    this.#options = options;
    options.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.tried = this.#try();
    this.#done = this.tried.then(() => this.#retry());
  }

  /** Takes no more connections, and cuts those that are still busy after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    await this.#done;
    if (!this.isBound) return;
    const { server, clock } = this.#options;
    this.isBound = false;
    const closed = new Promise((resolve) => server.close(resolve));
    for (let leftMs = graceMs; leftMs > 0 && this.#sockets.size > 0; leftMs -= 20) {
      if (server instanceof HttpServer) server.closeIdleConnections();
      await clock.sleep(20);
    }
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #retry(): Promise<void> {
    const { clock } = this.#options;
    while (!this.isBound && !this.#closing.signal.aborted) {
      await clock.sleep(retryMs, this.#closing.signal).catch(() => undefined);
      if (!this.#closing.signal.aborted) await this.#try();
    }
  }

  async #try(): Promise<void> {
    const { port, purpose, log } = this.#options;
    const error = await this.#listen();
    // The holder is looked for once: that reads all of /proc, and the port is tried every second.
    const fault = error && (this.fault ?? `${purpose} cannot have port ${port}: ${reasonOf(error, port)}.`);
    if (fault !== undefined && fault !== this.fault) log(`ingress: ${fault}`);
    if (fault === undefined && this.fault !== undefined) log(`ingress: ${purpose} has port ${port} now`);
    this.fault = fault;
    this.isBound = error === undefined;
  }

  #listen(): Promise<NodeJS.ErrnoException | undefined> {
    const { server, address, port } = this.#options;
    return new Promise((resolve) => {
      const done = (error?: NodeJS.ErrnoException) => {
        server.off("error", done);
        server.off("listening", done);
        resolve(error);
      };
      server.once("error", done);
      server.once("listening", done);
      server.listen({ host: address, port, backlog: 1024 });
    });
  }
}

function reasonOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === "EADDRINUSE")
    return `${portHolder(port) ?? "a program that cannot be seen from here"} has it`;
  if (error.code === "EACCES") return "ports that low are for root";
  return error.message;
}
