/**
 * One instance behind a door, as the ingress sees it.
 *
 *     serving ──▶ resting     it refused a connection: it gets no new ones for a moment
 *        │  ◀────────┘
 *        ▼
 *     leaving ──▶ gone        it is unhealthy or listed no more: what is open ends in peace, idle connections close
 */
import { Agent } from "node:http";
import type { AgentOptions } from "node:http";
import type { Duplex } from "node:stream";
import type { Backend } from "./front-door.ts";

/** How long one that refused a connection is left alone. */
export const restMs = 250;

export class Upstream {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  isHealthy: boolean;
  /** Listed no more. */
  isGone = false;
  restsUntilMs = 0;
  open = 0;
  requests = 0;
  failures = 0;
  /** Keeps connections for the next request. */
  readonly pool: Agent;

  constructor({ id, address, port, isHealthy }: Backend) {
    this.id = id;
    this.address = address;
    this.port = port;
    this.isHealthy = isHealthy;
    this.pool = new PoolOf(this, {
      keepAlive: true,
      maxFreeSockets: 64,
      timeout: 60_000,
      scheduling: "lifo",
    });
  }

  get isServing(): boolean {
    return this.isHealthy && !this.isGone;
  }

  isFor({ address, port }: Backend): boolean {
    return this.address === address && this.port === port;
  }

  /** Closes the connections on which nothing happens. */
  closeIdle(): void {
    for (const sockets of Object.values(this.pool.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }
}

/** A connection is kept only as long as its backend gets new requests. */
class PoolOf extends Agent {
  readonly #upstream: Upstream;

  constructor(upstream: Upstream, options: AgentOptions) {
    super(options);
    this.#upstream = upstream;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    return this.#upstream.isServing && Boolean(super.keepSocketAlive(socket));
  }
}
