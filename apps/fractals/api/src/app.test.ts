import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Fractal, FractalPage } from "@fractals/client/fractal.ts";
import type { ImageStore } from "@fractals/images/image-store.ts";
import { encodePng } from "@fractals/kernel/png.ts";
import { openStore } from "@fractals/store/store.ts";
import { outboxLength } from "@fractals/store/outbox.ts";
import { trashedImages } from "@fractals/store/trash.ts";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.ts";

function memoryImages(): ImageStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    description: "memory",
    put: async (key, bytes) => void kept.set(key, bytes),
    get: async (key) => kept.get(key),
    delete: async (key) => void kept.delete(key),
    keys: async () => [...kept.keys()],
  };
}

const silent = { debug() {}, info() {}, warning() {}, error() {} };

/** An API over an empty database, with a queue that cannot be reached. */
async function withApi(use: (api: Api) => Promise<void>): Promise<void> {
  const store = await openStore("sqlite://");
  const images = memoryImages();
  const queue = { depth: async () => undefined, isOpen: () => false };
  const app = await buildApp({
    store,
    images,
    queue,
    wake: { relay() {}, sweep() {} },
    galleryDirectory: "/nowhere",
    log: silent,
  });
  const call = async (
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => app.inject({ method, url, headers, ...(body !== undefined && { payload: body as object }) });
  try {
    await use({ app, store, images, call });
  } finally {
    await app.close();
    await store.close();
  }
}

interface Api {
  readonly app: FastifyInstance;
  readonly store: Awaited<ReturnType<typeof openStore>>;
  readonly images: ReturnType<typeof memoryImages>;
  readonly call: (
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => ReturnType<FastifyInstance["inject"]> extends infer R
    ? R extends Promise<infer T>
      ? Promise<T>
      : never
    : never;
}

const documents = {
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
};

async function posted({ call }: Api, request: object): Promise<Fractal> {
  const answer = await call("POST", "/v1/fractal", request);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Fractal>();
}

/** A PNG of the right size, all in one colour. */
async function picture(width: number, height: number): Promise<Buffer> {
  return Buffer.from(await encodePng({ width, height, bytes: new Uint8Array(width * height * 3) }));
}

test("API: a request is answered with all that decides its picture, fixed (CL-13, CL-16)", () =>
  withApi(async (api) => {
    const fractal = await posted(api, { ...documents, seed: 7 });
    assert.partialDeepStrictEqual(fractal, {
      ...documents,
      kind: "julia",
      palette: "classic",
      status: "queued",
      seed: 7,
      attempts: 0,
      url: `/fractal/${fractal.uuid}`,
    });
    assert.ok(fractal.cx !== 0 && fractal.cy !== 0);
    const again = await posted(api, { ...documents, seed: 7 });
    assert.deepEqual([again.cx, again.cy], [fractal.cx, fractal.cy]);
    assert.equal(await outboxLength(api.store.db), 2);
  }));

test("API: asking twice with one uuid makes one fractal", () =>
  withApi(async (api) => {
    const uuid = randomUUID();
    const first = await posted(api, { uuid, width: 10, height: 10 });
    const second = await posted(api, { uuid, width: 99, height: 10 });
    assert.deepEqual(second, first);
    assert.equal(await outboxLength(api.store.db), 1);
  }));

for (const [claim, body, field, message] of [
  ["an unknown field", { widht: 5 }, "widht", /widht is not known/],
  ["a wrong type", { width: "wide" }, "width", /width must be integer/],
  ["too many pixels", { width: 100_000, height: 100_000 }, "width", /width/],
  ["a wrong kind", { kind: "koch" }, "kind", /kind .*julia, mandelbrot/],
  ["half a constant", { cx: 1 }, "cy", /cx and cy belong together/],
  ["an empty window", { xa: 1, xb: 1 }, "xb", /x[ab]/],
] as const) {
  test(`API: ${claim} is refused by name`, () =>
    withApi(async ({ call, store }) => {
      const answer = await call("POST", "/v1/fractal", body);
      assert.equal(answer.statusCode, 400, answer.body);
      const fault = answer.json<{ message: string; field?: string }>();
      assert.match(fault.message, message);
      if (claim !== "an empty window" && claim !== "too many pixels") assert.equal(fault.field, field);
      assert.ok(fault.field);
      assert.equal(await outboxLength(store.db), 0);
    }));
}

test("API: of many requests, all are taken or none", () =>
  withApi(async ({ call, store }) => {
    const bad = await call("POST", "/v1/fractals", [{ width: 10 }, { width: -1 }]);
    assert.equal(bad.statusCode, 400);
    assert.equal(await outboxLength(store.db), 0);
    const good = await call("POST", "/v1/fractals", [{ width: 10 }, { width: 11 }]);
    assert.equal(good.statusCode, 201);
    assert.deepEqual(
      good.json<{ objects: Fractal[] }>().objects.map((each) => each.width),
      [10, 11],
    );
  }));

test("API: lists have pages as the original had them", () =>
  withApi(async (api) => {
    await api.call(
      "POST",
      "/v1/fractals",
      Array.from({ length: 12 }, () => ({ width: 10, height: 10 })),
    );
    const page = async (query: string) => (await api.call("GET", `/v1/fractal${query}`)).json<FractalPage>();
    assert.partialDeepStrictEqual(await page(""), { page: 1, num_results: 12, total_pages: 2 });
    assert.equal((await page("?page=2")).objects.length, 2);
    assert.equal((await page("?results_per_page=-1")).objects.length, 12);
    assert.equal((await page("?results_per_page=5&page=3")).total_pages, 3);
    assert.equal((await api.call("GET", "/v1/fractal?results_per_page=0")).statusCode, 400);
    assert.match((await api.call("GET", "/v1/fractal?sort=colour")).body, /sort.*created_at/);
  }));

test("API: a result is stored once; a second one changes nothing (CL-17, CL-20)", () =>
  withApi(async (api) => {
    const { uuid } = await posted(api, { width: 20, height: 10 });
    const url = `/v1/fractal/${uuid}`;
    const begun = await api.call("PUT", url, { status: "drawing", generated_by: "w" });
    assert.partialDeepStrictEqual(begun.json(), { status: "drawing", attempts: 1, generated_by: "w" });
    const png = await picture(20, 10);
    const result = {
      image: png.toString("base64"),
      duration: 4.163147,
      generated_by: "w",
      timings: { computeMs: 1, colourMs: 2, encodeMs: 3 },
    };
    const done = (await api.call("PUT", url, result)).json<Fractal>();
    const checksum = createHash("sha256").update(png).digest("hex");
    assert.partialDeepStrictEqual(done, { status: "done", size: png.length, checksum, duration: 4.163147 });
    assert.deepEqual((await api.call("PUT", url, { ...result, duration: 9 })).json(), done);
    assert.deepEqual((await api.call("PUT", url, { status: "drawing", generated_by: "x" })).json(), done);
    assert.deepEqual((await api.call("PUT", url, { status: "failed", generated_by: "x" })).json(), done);
  }));

test("API: a result that is not the picture asked for is refused", () =>
  withApi(async (api) => {
    const { uuid } = await posted(api, { width: 20, height: 10 });
    const put = async (body: object) =>
      (await api.call("PUT", `/v1/fractal/${uuid}`, { generated_by: "w", ...body })).body;
    const image = (await picture(20, 10)).toString("base64");
    assert.match(await put({ image: "AAAA" }), /not a PNG/);
    assert.match(
      await put({ image: (await picture(10, 20)).toString("base64") }),
      /10 x 20 pixels; 20 x 10 were asked for/,
    );
    assert.match(await put({ image, checksum: "0".repeat(64) }), /checksum is not/);
    assert.match(await put({ image, size: 1 }), /size says 1/);
    assert.match(await put({ duration: 1 }), /image is missing/);
    assert.equal(api.images.kept.size, 0);
  }));

test("API: a task that can never be drawn ends as failed, with the reason", () =>
  withApi(async (api) => {
    const { uuid } = await posted(api, { width: 20, height: 10 });
    await api.call("PUT", `/v1/fractal/${uuid}`, { status: "failed", generated_by: "w", error: "too odd" });
    assert.partialDeepStrictEqual((await api.call("GET", `/v1/fractal/${uuid}`)).json(), {
      status: "failed",
      error: "too odd",
    });
    assert.match((await api.call("GET", `/fractal/${uuid}`)).body, /has no picture, it failed: too odd/);
  }));

test("API: a picture has an ETag and can be had in parts", () =>
  withApi(async (api) => {
    const { uuid } = await posted(api, { width: 20, height: 10 });
    const png = await picture(20, 10);
    await api.call("PUT", `/v1/fractal/${uuid}`, { image: png.toString("base64"), generated_by: "w" });
    const url = `/fractal/${uuid}`;
    const whole = await api.call("GET", url);
    assert.deepEqual(whole.rawPayload, png);
    const etag = String(whole.headers.etag);
    assert.equal((await api.call("GET", url, undefined, { "if-none-match": etag })).statusCode, 304);
    const part = await api.call("GET", url, undefined, { range: "bytes=8-15" });
    assert.equal(part.statusCode, 206);
    assert.equal(part.headers["content-range"], `bytes 8-15/${png.length}`);
    assert.deepEqual(part.rawPayload, png.subarray(8, 16));
    assert.equal((await api.call("GET", url, undefined, { range: "bytes=999999-" })).statusCode, 416);
  }));

test("API: deleting answers 204 once, then 404, and leaves the pictures to the sweep", () =>
  withApi(async (api) => {
    const { uuid } = await posted(api, { width: 20, height: 10 });
    assert.equal((await api.call("DELETE", `/v1/fractal/${uuid}`)).statusCode, 204);
    assert.equal((await api.call("DELETE", `/v1/fractal/${uuid}`)).statusCode, 404);
    assert.equal((await trashedImages(api.store.db, 9)).length, 2);
  }));

test("API: health tells a live process from one that can work", () =>
  withApi(async ({ call }) => {
    assert.equal((await call("GET", "/healthz")).statusCode, 200);
    const ready = await call("GET", "/readyz");
    assert.equal(ready.statusCode, 503);
    assert.deepEqual(ready.json(), { status: "not ready", database: "ok", queue: "cannot be reached" });
  }));

test("API: workers show up with their beat and leave", () =>
  withApi(async ({ call }) => {
    const beat = { host: "h", pid: 5, drawing: null, progress: null, drawn: 3 };
    assert.equal((await call("PUT", "/v1/worker/w-1", beat)).statusCode, 204);
    const view = (await call("GET", "/v1/worker")).json();
    assert.partialDeepStrictEqual(view, {
      queue: { depth: null },
      workers: [{ name: "w-1", drawn: 3, drawing: null }],
    });
    await call("DELETE", "/v1/worker/w-1");
    assert.deepEqual((await call("GET", "/v1/worker")).json<{ workers: unknown[] }>().workers, []);
  }));

test("API: what is not there is named, and the description lists what is", () =>
  withApi(async ({ call }) => {
    assert.match((await call("GET", "/v2/nothing")).body, /There is no GET \/v2\/nothing here/);
    const paths = Object.keys((await call("GET", "/openapi.json")).json<{ paths: object }>().paths);
    for (const path of ["/v1/fractal", "/v1/fractal/{uuid}", "/fractal/{uuid}", "/v1/worker"])
      assert.ok(paths.includes(path), path);
    assert.match((await call("GET", "/metrics")).body, /fractals_total\{status="queued"\} 0/);
  }));
