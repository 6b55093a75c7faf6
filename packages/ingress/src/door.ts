/**
 * One front door at work: who stands behind it, whose turn it is, and who waits.
 *
 * The instance with the fewest open requests is next. Where none can take a request, requests wait, in
 * bounded number and time, for the next healthy one.
 */
import type { Clock } from "@fractus/core/clock.ts";
import type { FrontDoor } from "./front-door.ts";
import { placeOf } from "./front-door.ts";
import { restMs, Upstream } from "./upstream.ts";

export interface DoorLimits {
  /** How long a request waits for a healthy instance. */
  readonly waitMs: number;
  /** How many may wait at one door. */
  readonly maxWaiting: number;
}

export interface DoorStats {
  readonly name: string;
  readonly place: string;
  /** Requests, or connections where the mode is tcp. */
  readonly requests: number;
  /** Those the client has no whole answer to, through no act of its own. */
  readonly failures: number;
  /** Attempts that were made again elsewhere. */
  readonly retries: number;
  readonly open: number;
  readonly waiting: number;
  readonly backends: readonly BackendStats[];
}

export interface BackendStats {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly isHealthy: boolean;
  /** It gets no new requests. */
  readonly isLeaving: boolean;
  readonly requests: number;
  readonly failures: number;
  readonly open: number;
}

export class Door {
  readonly name: string;
  readonly place: string;
  readonly mode: "http" | "tcp";
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly #clock: Clock;
  readonly #limits: DoorLimits;
  #upstreams: Upstream[] = [];
  #leaving: Upstream[] = [];
  #turn = 0;
  #isClosed = false;
  /** Each looks again whether there is an instance for it. */
  readonly #waiting = new Set<() => void>();
  requests = 0;
  failures = 0;
  retries = 0;
  open = 0;

  constructor(door: FrontDoor, clock: Clock, limits: DoorLimits) {
    this.name = door.name;
    this.place = placeOf(door);
    this.mode = door.mode;
    this.port = door.port;
    this.host = door.host;
    this.path = door.path;
    this.#clock = clock;
    this.#limits = limits;
    this.update(door.backends);
  }

  /** Makes these the instances behind the door; the others are left to end what they do. */
  update(backends: FrontDoor["backends"]): void {
    const known = new Map(this.#upstreams.map((upstream) => [upstream.id, upstream]));
    this.#upstreams = backends.map((backend) => {
      const same = known.get(backend.id);
      if (!same?.isFor(backend)) return new Upstream(backend);
      known.delete(backend.id);
      same.isHealthy = backend.isHealthy;
      return same;
    });
    for (const gone of known.values()) gone.isGone = true;
    this.#leaving = [...this.#leaving, ...known.values()].filter(({ open, isGone }) => isGone && open > 0);
    for (const upstream of [...known.values(), ...this.#upstreams])
      if (!upstream.isServing) upstream.closeIdle();
    this.#wakeAll();
  }

  /**
   * An instance for one more request: at once where there is one. Undefined when none turned up until
   * `deadlineMs`, when too many wait already, or when the caller is gone.
   */
  async acquire(deadlineMs: number, signal: AbortSignal): Promise<Upstream | undefined> {
    for (;;) {
      const upstream = this.pick();
      if (upstream || signal.aborted) return signal.aborted ? undefined : upstream;
      const leftMs = deadlineMs - this.#clock.nowMs();
      if (this.#isClosed || leftMs <= 0 || this.#waiting.size >= this.#limits.maxWaiting) return undefined;
      await this.#change(Math.min(leftMs, this.#restLeftMs()), signal);
    }
  }

  /** The serving instance with the fewest open requests; among equals they take turns. */
  pick(): Upstream | undefined {
    const nowMs = this.#clock.nowMs();
    const { length } = this.#upstreams;
    let best = -1;
    for (let i = 0; i < length; i++) {
      const at = (this.#turn + i) % length;
      const upstream = this.#upstreams[at];
      if (!upstream.isServing || upstream.restsUntilMs > nowMs) continue;
      if (best < 0 || upstream.open < this.#upstreams[best].open) best = at;
    }
    if (best < 0) return undefined;
    this.#turn = best + 1;
    return this.#upstreams[best];
  }

  deadlineMs(): number {
    return this.#clock.nowMs() + this.#limits.waitMs;
  }

  /** It did not take a connection: others are asked for a moment. */
  rest(upstream: Upstream): void {
    upstream.restsUntilMs = this.#clock.nowMs() + restMs;
  }

  stats(): DoorStats {
    const { name, place, requests, failures, retries, open } = this;
    const backends = [...this.#upstreams, ...this.#leaving].map((upstream) => ({
      id: upstream.id,
      address: upstream.address,
      port: upstream.port,
      isHealthy: upstream.isHealthy,
      isLeaving: !upstream.isServing,
      requests: upstream.requests,
      failures: upstream.failures,
      open: upstream.open,
    }));
    return { name, place, requests, failures, retries, open, waiting: this.#waiting.size, backends };
  }

  /** Closes what idles; nobody waits any more. */
  close(): void {
    this.#isClosed = true;
    this.update([]);
  }

  #restLeftMs(): number {
    const nowMs = this.#clock.nowMs();
    const resting = this.#upstreams.filter(
      ({ isServing, restsUntilMs }) => isServing && restsUntilMs > nowMs,
    );
    return Math.min(...resting.map(({ restsUntilMs }) => restsUntilMs - nowMs), Infinity);
  }

  /** Resolves when the instances changed, after `mostMs`, or when the signal is aborted. */
  async #change(mostMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    await this.#clock.sleep(mostMs, woken.signal).catch(() => undefined);
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }
}
