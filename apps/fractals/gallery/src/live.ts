/**
 * What the page knows of the API, kept true by server-sent events.
 *
 * Connection: `connecting` (not yet heard), `open`, `lost` (tried again by itself, ever more slowly
 * up to ten seconds). Each time it opens, everything shown is fetched anew, because events are not
 * kept for those who were away. Events that arrive during a fetch wait for its answer, so that an
 * older answer never hides a newer event.
 */
import type { FractalsClient } from "@fractals/client/client.ts";
import { ApiError } from "@fractals/client/client.ts";
import type { Fractal, FractalEvent, FractalPage, WorkersView } from "@fractals/client/fractal.ts";
import {
  emptyCatalogue,
  hasMore,
  laterOf,
  nextPage,
  withEvents,
  withPage,
  type Catalogue,
} from "./catalogue.ts";
import { newestFirst, type GalleryView } from "./route.ts";
import { withSample, type Sample } from "./samples.ts";

export interface LiveState {
  readonly connection: "connecting" | "open" | "lost";
  readonly catalogue: Catalogue;
  readonly workers: WorkersView | undefined;
  readonly samples: readonly Sample[];
  /** The fractals that are being drawn now, by uuid, wherever in the list they are. */
  readonly drawing: ReadonlyMap<string, Fractal>;
  /** The one that is looked at; its fractal is undefined until it is known, null where there is none. */
  readonly opened: { readonly uuid: string; readonly fractal: Fractal | null | undefined } | undefined;
}

/** The part of the browser's EventSource that is used. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

const pageSize = 100;
const largestPage = 1000;
const flushMs = 100;
const sampleMs = 2000;
const recountMs = 1500;
const closed = 2;

export class Live {
  readonly #client: Pick<FractalsClient, "list" | "get" | "workers">;
  readonly #connect: () => EventStream;
  readonly #listeners = new Set<() => void>();
  #state: LiveState = {
    connection: "connecting",
    catalogue: emptyCatalogue(newestFirst),
    workers: undefined,
    samples: [],
    drawing: new Map(),
    opened: undefined,
  };
  #stream: EventStream | undefined;
  #waiting: FractalEvent[] = [];
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #sampleTimer: ReturnType<typeof setInterval> | undefined;
  #recountTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #fetches = 0;
  #isLoadingMore = false;

  constructor(client: Pick<FractalsClient, "list" | "get" | "workers">, connect: () => EventStream) {
    this.#client = client;
    this.#connect = connect;
  }

  /** Connects, and fetches the first page. */
  start(): void {
    this.#openStream();
    void this.#refetch();
    this.#sampleTimer = setInterval(() => this.#takeSample(), sampleMs);
  }

  stop(): void {
    this.#stream?.close();
    clearInterval(this.#sampleTimer);
    for (const timer of [this.#flushTimer, this.#retryTimer, this.#recountTimer]) clearTimeout(timer);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): LiveState => this.#state;

  /** Lists another view. Asking for the one that is shown changes nothing. */
  show(view: GalleryView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#state.catalogue.view)) return;
    this.#set({ catalogue: emptyCatalogue(view) });
    void this.#reload();
  }

  /** Fetches the next page, if there is one and it is not on its way. */
  async more(): Promise<void> {
    const { catalogue } = this.#state;
    if (this.#isLoadingMore || catalogue.total === null || !hasMore(catalogue)) return;
    this.#isLoadingMore = true;
    await this.#whileHoldingEvents(async () => {
      const answer = await this.#list(catalogue.view, nextPage(catalogue, pageSize), pageSize);
      if (this.#state.catalogue.view === catalogue.view)
        this.#set({ catalogue: withPage(this.#state.catalogue, answer) });
    });
    this.#isLoadingMore = false;
  }

  /** Looks at one fractal, wherever in the list it is. */
  open(uuid: string): void {
    if (this.#state.opened?.uuid === uuid) return;
    const fractal = this.#state.catalogue.items.find((item) => item.uuid === uuid);
    this.#set({ opened: { uuid, fractal } });
    void this.#reloadOpened();
  }

  /** Takes over what the API has just answered, unless its event was faster. */
  learn(event: FractalEvent): void {
    this.#waiting.unshift(event);
    this.#flush();
  }

  /** Tries at once instead of waiting, for when the network is back or the page is looked at again. */
  retry(): void {
    if (this.#state.connection !== "lost") return;
    this.#openStream();
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #openStream(): void {
    clearTimeout(this.#retryTimer);
    this.#stream?.close();
    const stream = this.#connect();
    this.#stream = stream;
    stream.addEventListener("open", () => this.#onOpen());
    stream.addEventListener("error", () => this.#onError(stream));
    for (const type of ["fractal", "deleted", "workers"])
      stream.addEventListener(type, ({ data }) => this.#receive(JSON.parse(String(data)) as FractalEvent));
  }

  #onOpen(): void {
    this.#failures = 0;
    this.#set({ connection: "open" });
    void this.#refetch();
  }

  /** The browser tries again by itself, except after an answer that is no event stream. */
  #onError(stream: EventStream): void {
    if (stream !== this.#stream) return;
    this.#set({ connection: "lost" });
    if (stream.readyState !== closed) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#openStream(), Math.min(10_000, 500 * 2 ** this.#failures++));
  }

  #receive(event: FractalEvent): void {
    this.#waiting.push(event);
    this.#flushTimer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#fetches > 0 || this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    const workers = events.findLast((event) => event.type === "workers")?.view ?? this.#state.workers;
    const catalogue = withEvents(this.#state.catalogue, events);
    this.#set({
      catalogue,
      workers,
      opened: openedAfter(this.#state.opened, events),
      drawing: drawingAfter(this.#state.drawing, events),
    });
    if (catalogue.totalIsStale) this.#recountTimer ??= setTimeout(() => void this.#recount(), recountMs);
  }

  async #whileHoldingEvents(fetching: () => Promise<unknown>): Promise<void> {
    this.#fetches++;
    try {
      await fetching();
    } catch {
      // The event stream notices a lost server as well, and all is fetched again when it is back.
    } finally {
      this.#fetches--;
      this.#flush();
    }
  }

  async #refetch(): Promise<void> {
    await Promise.all([this.#reload(), this.#reloadOpened(), this.#reloadWorkers()]);
  }

  /** Fetches as much of the list as is shown. */
  async #reload(): Promise<void> {
    const { view, items } = this.#state.catalogue;
    const size = Math.min(largestPage, Math.max(pageSize, Math.ceil(items.length / pageSize) * pageSize));
    await this.#whileHoldingEvents(async () => {
      let catalogue = emptyCatalogue(view);
      do {
        catalogue = withPage(catalogue, await this.#list(view, nextPage(catalogue, size), size));
      } while (catalogue.items.length < items.length && hasMore(catalogue));
      if (this.#state.catalogue.view === view) this.#set({ catalogue });
    });
  }

  async #reloadOpened(): Promise<void> {
    const uuid = this.#state.opened?.uuid;
    if (uuid === undefined) return;
    await this.#whileHoldingEvents(async () => {
      const fractal = await this.#client.get(uuid).catch(nullIfRefused);
      if (this.#state.opened?.uuid === uuid) this.#set({ opened: { uuid, fractal } });
    });
  }

  async #reloadWorkers(): Promise<void> {
    await this.#whileHoldingEvents(async () => {
      const [workers, { objects }] = await Promise.all([
        this.#client.workers(),
        this.#client.list({ status: "drawing", resultsPerPage: pageSize }),
      ]);
      this.#set({ workers, drawing: new Map(objects.map((fractal) => [fractal.uuid, fractal])) });
      this.#takeSample();
    });
  }

  async #recount(): Promise<void> {
    this.#recountTimer = undefined;
    const { view } = this.#state.catalogue;
    await this.#whileHoldingEvents(async () => {
      const { num_results: total } = await this.#list(view, 1, 1);
      const { catalogue } = this.#state;
      if (catalogue.view === view)
        this.#set({
          catalogue: { ...catalogue, total: Math.max(total, catalogue.items.length), totalIsStale: false },
        });
    });
  }

  #list(view: GalleryView, page: number, resultsPerPage: number): Promise<FractalPage> {
    return this.#client.list({ ...view, page, resultsPerPage });
  }

  #takeSample(): void {
    const { workers, samples, connection } = this.#state;
    if (workers && connection !== "lost") this.#set({ samples: withSample(samples, workers, Date.now()) });
  }
}

function drawingAfter(
  drawing: ReadonlyMap<string, Fractal>,
  events: readonly FractalEvent[],
): ReadonlyMap<string, Fractal> {
  const after = new Map(drawing);
  for (const event of events) {
    if (event.type === "deleted") after.delete(event.uuid);
    else if (event.type === "fractal" && event.fractal.status === "drawing")
      after.set(event.fractal.uuid, event.fractal);
    else if (event.type === "fractal") after.delete(event.fractal.uuid);
  }
  return after;
}

function openedAfter(opened: LiveState["opened"], events: readonly FractalEvent[]): LiveState["opened"] {
  if (opened === undefined) return undefined;
  const { uuid } = opened;
  let { fractal } = opened;
  for (const event of events) {
    if (event.type === "fractal" && event.fractal.uuid === uuid) fractal = laterOf(fractal, event.fractal);
    else if (event.type === "deleted" && event.uuid === uuid) fractal = null;
  }
  return fractal === opened.fractal ? opened : { uuid, fractal };
}

/** A refusal means that there is no such fractal; anything else is passed on. */
function nullIfRefused(error: unknown): null {
  if (error instanceof ApiError && error.status < 500) return null;
  throw error;
}
