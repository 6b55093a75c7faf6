/**
 * The thread to the server: it follows the event stream, says which kinds of things have changed, and
 * finds the server again after it was away.
 *
 * States: `connecting` until the first answer; `live` while the server answers; `lost` from a broken
 * connection until the next answer; `denied` while the server wants a (better) token. Every return to
 * `live` counts as a change of everything, as nobody knows what was missed.
 */
import type { Client } from "@fractus/client/client.ts";
import { ApiError } from "@fractus/client/error.ts";
import { jsonValues } from "@fractus/client/ndjson.ts";
import type { Events, Topic } from "@fractus/client/types/event.ts";

export type Connection = "connecting" | "live" | "lost" | "denied";
export type Change = ReadonlySet<Topic> | "everything";

/** The server writes something every ten seconds; after this long without, the connection is dead. */
const silenceMs = 25_000;
const firstPauseMs = 300;
const longestPauseMs = 3000;

export class Live {
  readonly #client: Client;
  readonly #stateListeners = new Set<() => void>();
  readonly #changeListeners = new Set<(change: Change) => void>();
  #connection: Connection = "connecting";
  #run: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  readonly connection = (): Connection => this.#connection;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  onChange(listener: (change: Change) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Twice is harmless. */
  start(): void {
    if (this.#run) return;
    this.#run = new AbortController();
    void this.#follow(this.#run.signal);
  }

  /** A browser has few connections to one server, so a page that nobody looks at gives its own back. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#wake?.();
  }

  /** For those who noticed first that the server is away: the next attempt comes at once. */
  doubt(): void {
    if (this.#connection !== "live" || !this.#run) return;
    this.stop();
    this.#be("lost");
    this.start();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        const index = await this.#index(signal);
        pauseMs = firstPauseMs;
        this.#be("live");
        this.#tell("everything");
        await this.#listen(index + 1, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#be(error instanceof ApiError && error.status === 403 ? "denied" : "lost");
      }
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
    }
  }

  /** How far the server has come; an answer says at the same time that it is there. */
  async #index(signal: AbortSignal): Promise<number> {
    let index = 0;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(silenceMs)]);
    await this.#client.agent.leader({ signal: limited, onAnswer: (answer) => (index = answer.index) });
    return index;
  }

  async #listen(index: number, signal: AbortSignal): Promise<void> {
    const silence = new AbortController();
    const limited = AbortSignal.any([signal, silence.signal]);
    const fail = () => silence.abort(new Error("silence"));
    let timer = setTimeout(fail, silenceMs);
    try {
      const response = await this.#client.http.send("GET", "/event/stream", {
        namespace: "*",
        signal: limited,
        parameters: { index },
      });
      if (!response.body) return;
      for await (const value of jsonValues(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(fail, silenceMs);
        const { Events } = value as Partial<Events>;
        if (Events) this.#tell(new Set(Events.map(({ Topic }) => Topic)));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }

  #be(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const listener of this.#stateListeners) listener();
  }

  #tell(change: Change): void {
    for (const listener of this.#changeListeners) listener(change);
  }
}
