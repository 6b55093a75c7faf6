import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { ApiError } from "@fractals/client/client.ts";
import type { Fractal, FractalPage, WorkersView } from "@fractals/client/fractal.ts";
import { Live, type EventStream } from "./live.ts";

class Stream implements EventStream {
  readyState = 0;
  readonly #listeners = new Map<string, (event: { readonly data?: unknown }) => void>();
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }
  close(): void {
    this.readyState = 2;
  }
  tell(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data) });
  }
}

const fractal = (uuid: string, status = "queued") =>
  ({ uuid, status, kind: "julia", created_at: `2026-01-01T00:00:0${uuid}.000Z` }) as unknown as Fractal;
const view = {
  queue: { depth: 0, consumers: 2 },
  workers: [],
  totals: { queued: 0, drawing: 0, done: 0, failed: 0 },
} as unknown as WorkersView;

/** A live view of an API that holds `stored` until it is `away`. */
function open(stored: Fractal[]) {
  const streams: Stream[] = [];
  const api = { away: false, slow: undefined as Promise<void> | undefined };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (api.away) throw new TypeError("fetch failed");
    const now = value();
    await api.slow;
    return now;
  };
  const client = {
    list: (): Promise<FractalPage> =>
      answer(() => ({ page: 1, total_pages: 1, num_results: stored.length, objects: [...stored] })),
    get: (uuid: string) =>
      answer(() => {
        const found = stored.find((item) => item.uuid === uuid);
        if (found === undefined) throw new ApiError(404, "no");
        return found;
      }),
    workers: () => answer(() => view),
  };
  const live = new Live(client, () => {
    const stream = new Stream();
    streams.push(stream);
    return stream;
  });
  live.start();
  const shown = () =>
    live
      .state()
      .catalogue.items.map(({ uuid, status }) => `${uuid}:${status}`)
      .join(" ");
  return { live, streams, api, shown };
}

test("live: it lists, then follows the events", async (context) => {
  const { live, streams, shown } = open([fractal("1", "done")]);
  context.after(() => live.stop());
  streams[0].tell("open");
  await wait(5);
  assert.equal(live.state().connection, "open");
  streams[0].tell("fractal", { type: "fractal", fractal: fractal("2") });
  streams[0].tell("fractal", { type: "fractal", fractal: fractal("2", "drawing") });
  await wait(120);
  assert.equal(shown(), "2:drawing 1:done");
});

test("live: after an outage it fetches what it has missed and says nothing more of it", async (context) => {
  const stored = [fractal("1")];
  const { live, streams, api, shown } = open(stored);
  context.after(() => live.stop());
  streams[0].tell("open");
  await wait(5);
  api.away = true;
  streams[0].tell("error");
  assert.equal(live.state().connection, "lost");
  stored.splice(0, 1, fractal("1", "done"), fractal("2", "done"));
  api.away = false;
  streams[0].tell("open");
  await wait(5);
  assert.equal(live.state().connection, "open");
  assert.equal(shown(), "2:done 1:done");
});

test("live: a stream that the browser has given up is opened anew", async (context) => {
  const { live, streams } = open([]);
  context.after(() => live.stop());
  streams[0].readyState = 2;
  streams[0].tell("error");
  live.retry();
  assert.equal(streams.length, 2);
  streams[1].tell("open");
  assert.equal(live.state().connection, "open");
});

test("live: an older answer does not hide a newer event", async (context) => {
  const { live, streams, api, shown } = open([fractal("1")]);
  context.after(() => live.stop());
  await wait(5);
  let release = () => {};
  api.slow = new Promise((resolve) => (release = resolve));
  streams[0].tell("open");
  streams[0].tell("fractal", { type: "fractal", fractal: fractal("1", "done") });
  await wait(120);
  release();
  await wait(5);
  assert.equal(shown(), "1:done");
});

test("live: the one that is looked at is known to be missing only when the API says so", async (context) => {
  const { live, api } = open([fractal("1")]);
  context.after(() => live.stop());
  api.away = true;
  live.open("9");
  await wait(5);
  assert.equal(live.state().opened?.fractal, undefined);
  api.away = false;
  live.open("8");
  await wait(5);
  assert.equal(live.state().opened?.fractal, null);
});
