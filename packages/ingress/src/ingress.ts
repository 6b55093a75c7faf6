/**
 * The front doors of services at work. What is wanted comes in through `update`; from then on requests
 * reach healthy instances only, and those that leave end what they have begun.
 *
 * A door that is wanted no more stays open for a moment: a service that is replaced as a whole is not
 * registered for that long, and its callers wait instead of being turned away.
 */
import { createServer } from "node:net";
import type { Server } from "node:net";
import { systemClock } from "@fractus/core/clock.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { BoundPort } from "./bound-port.ts";
import { Door } from "./door.ts";
import type { DoorStats } from "./door.ts";
import type { FrontDoor } from "./front-door.ts";
import { placeOf } from "./front-door.ts";
import { httpListener } from "./http-listener.ts";
import { route } from "./route.ts";
import { forwardTcp } from "./tunnel.ts";

export interface IngressOptions {
  /** Where all ports are bound, such as `127.0.0.1`. */
  readonly address: string;
  /** For doors by host or path; absent: there are none. */
  readonly sharedPort?: number;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
  /** How long a request waits for a healthy instance; 10 s when absent. */
  readonly waitMs?: number;
  /** How many requests may wait at one door; 1000 when absent. */
  readonly maxWaiting?: number;
  /** How long a door stays open that nobody wants any more; 10 s when absent. */
  readonly lingerMs?: number;
  /** How long requests under way may take when a port closes; 5 s when absent. */
  readonly graceMs?: number;
}

export interface Ingress {
  /** Makes these the doors; the same ones again is harmless. Ports are bound in the background. */
  update(doors: readonly FrontDoor[]): void;
  /** Resolves when each port wanted so far has been tried. */
  settled(): Promise<void>;
  /** Where services can be reached: bound ports only. */
  addresses(): readonly { readonly name: string; readonly url: string }[];
  /** Ports that could not be had, in sentences that name who may hold them; they are tried again. */
  faults(): readonly string[];
  stats(): readonly DoorStats[];
  /** Doubly called is harmless. */
  close(): Promise<void>;
}

/** Resolves when the shared port was tried; a port that is taken is a fault, not an error. */
export async function startIngress(options: IngressOptions): Promise<Ingress> {
  const ingress = new RunningIngress(options);
  await ingress.settled();
  return ingress;
}

interface Entry {
  readonly door: Door;
  /** Absent for a door on the shared port. */
  readonly port?: BoundPort;
  /** Set while the door is wanted no more. */
  retirement?: AbortController;
}

class RunningIngress implements Ingress {
  readonly #options: IngressOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #shared: BoundPort | undefined;
  readonly #endings = new Set<Promise<void>>();

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    if (options.sharedPort === undefined) return;
    const server = httpListener((target) => route(this.#sharedDoors(), target), options.log);
    this.#shared = this.#bind(server, options.sharedPort, "The shared front door");
  }

  update(doors: readonly FrontDoor[]): void {
    const wanted = new Map(doors.map((door) => [placeOf(door), door]));
    for (const [place, entry] of this.#entries) if (!wanted.has(place)) this.#retire(place, entry);
    for (const [place, door] of wanted) this.#want(place, door);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#ports().map(({ tried }) => tried));
  }

  addresses(): readonly { readonly name: string; readonly url: string }[] {
    const reachable = [...this.#entries.values()].filter(({ port }) => (port ?? this.#shared)?.isBound);
    return reachable.map(({ door }) => ({ name: door.name, url: this.#urlOf(door) }));
  }

  faults(): readonly string[] {
    const faults = this.#ports().flatMap(({ fault }) => fault ?? []);
    const isStranded = this.#shared === undefined && !this.#sharedDoors().next().done;
    return isStranded
      ? [...faults, "Services ask for a host or a path, and there is no shared port."]
      : faults;
  }

  stats(): readonly DoorStats[] {
    return [...this.#entries.values()].map(({ door }) => door.stats());
  }

  async close(): Promise<void> {
    for (const [place, entry] of this.#entries) this.#end(place, entry);
    if (this.#shared) this.#watch(this.#shared.close(this.#graceMs));
    await Promise.all(this.#endings);
  }

  #ports(): BoundPort[] {
    return [this.#shared, ...this.#entries.values().map(({ port }) => port)].filter(
      (port) => port !== undefined,
    );
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? 5000;
  }

  /** Opens the door, or tells it who stands behind it now. */
  #want(place: string, wanted: FrontDoor): void {
    const entry = this.#entries.get(place);
    if (entry && entry.door.name === wanted.name && entry.door.mode === wanted.mode) {
      entry.retirement?.abort();
      entry.retirement = undefined;
      return entry.door.update(wanted.backends);
    }
    if (entry) this.#end(place, entry);
    const { waitMs = 10_000, maxWaiting = 1000 } = this.#options;
    const door = new Door(wanted, this.#clock, { waitMs, maxWaiting });
    const { port } = wanted;
    this.#entries.set(place, port === undefined ? { door } : { door, port: this.#bindOwn(door, port) });
  }

  #bindOwn(door: Door, port: number): BoundPort {
    const { log } = this.#options;
    const server =
      door.mode === "http"
        ? httpListener(() => door, log)
        : createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
            forwardTcp(door, socket).catch((error: unknown) => log(`ingress: ${String(error)}`));
          });
    return this.#bind(server, port, `Service ${door.name}`);
  }

  #bind(server: Server, port: number, purpose: string): BoundPort {
    const { address, log } = this.#options;
    return new BoundPort({ server, address, port, purpose, clock: this.#clock, log });
  }

  #retire(place: string, entry: Entry): void {
    if (entry.retirement) return;
    const retirement = new AbortController();
    entry.retirement = retirement;
    entry.door.update([]);
    const { lingerMs = 10_000 } = this.#options;
    this.#clock.sleep(lingerMs, retirement.signal).then(
      () => this.#end(place, entry),
      () => undefined,
    );
  }

  #end(place: string, entry: Entry): void {
    entry.retirement?.abort();
    if (this.#entries.get(place) === entry) this.#entries.delete(place);
    entry.door.close();
    if (entry.port) this.#watch(entry.port.close(this.#graceMs));
  }

  #watch(ending: Promise<void>): void {
    const watched = ending.finally(() => this.#endings.delete(watched));
    this.#endings.add(watched);
  }

  *#sharedDoors(): Generator<Door, undefined> {
    for (const { door } of this.#entries.values()) if (door.port === undefined) yield door;
    return undefined;
  }

  #urlOf({ port, host, path = "", mode }: Door): string {
    const { address, sharedPort } = this.#options;
    const self = address.includes(":") ? `[${address}]` : address;
    if (port !== undefined) return `${mode}://${self}:${port}`;
    const name = host === undefined ? self : host.includes(".") ? host : `${host}.localhost`;
    return `http://${name}:${sharedPort}${path}`;
  }
}
