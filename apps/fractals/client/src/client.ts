import type { Drawn, Fractal, FractalPage, FractalRequest, ListOptions, WorkersView } from "./fractal.ts";

/** What the API answered instead of a result. `field` names the offending field of the request, where there is one. */
export class ApiError extends Error {
  readonly status: number;
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
  }
}

/** What a worker tells about itself on every beat. */
export interface WorkerBeat {
  readonly host: string;
  readonly pid: number;
  readonly drawing: string | null;
  /** From 0 to 1; null when it draws nothing. */
  readonly progress: number | null;
  readonly drawn: number;
}

export interface FractalsClient {
  list(options?: ListOptions, signal?: AbortSignal): Promise<FractalPage>;
  get(uuid: string, signal?: AbortSignal): Promise<Fractal>;
  /** Repeating it with the same `uuid` in the request creates nothing new. */
  create(request: FractalRequest): Promise<Fractal>;
  createMany(requests: readonly FractalRequest[]): Promise<readonly Fractal[]>;
  delete(uuid: string): Promise<void>;
  /** The PNG of a fractal that is done. */
  image(uuid: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  workers(signal?: AbortSignal): Promise<WorkersView>;
  /** A worker has taken the task. The answer says whether there is still something to draw. */
  begin(uuid: string, worker: string): Promise<Fractal>;
  /** Hands over the picture; once it is accepted, doing it again changes nothing. */
  finish(
    uuid: string,
    result: Drawn & { readonly png: Uint8Array; readonly thumbnail?: Uint8Array },
  ): Promise<Fractal>;
  /** Gives up on a task that can never be drawn. */
  fail(uuid: string, result: { readonly generated_by: string; readonly error: string }): Promise<Fractal>;
  beat(worker: string, state: WorkerBeat): Promise<void>;
  /** A worker ends and is not shown any more. */
  leave(worker: string): Promise<void>;
}

/**
 * A client of the Fractals API for programs and pages alike.
 *
 * @param endpoint the API's address, `http://localhost:8080`, with or without a path and a final slash
 * @throws {ApiError} when the API refuses; what `fetch` throws when it cannot be reached
 */
export function fractalsClient(endpoint: string): FractalsClient {
  const base = endpoint.replace(/\/+$/, "");

  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(base + path, {
      method,
      signal: signal ?? null,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok) throw await apiError(response);
    return response;
  }
  const json = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
    (await call(method, path, body, signal)).json() as Promise<T>;
  const one = (uuid: string) => `/v1/fractal/${encodeURIComponent(uuid)}`;

  return {
    list: (options = {}, signal) => json("GET", `/v1/fractal${queryOf(options)}`, undefined, signal),
    get: (uuid, signal) => json("GET", one(uuid), undefined, signal),
    create: (request) => json("POST", "/v1/fractal", request),
    async createMany(requests) {
      return (await json<{ objects: Fractal[] }>("POST", "/v1/fractals", requests)).objects;
    },
    async delete(uuid) {
      await call("DELETE", one(uuid));
    },
    async image(uuid, signal) {
      const response = await call("GET", `/fractal/${encodeURIComponent(uuid)}`, undefined, signal);
      return new Uint8Array(await response.arrayBuffer());
    },
    workers: (signal) => json("GET", "/v1/worker", undefined, signal),
    begin: (uuid, worker) => json("PUT", one(uuid), { status: "drawing", generated_by: worker }),
    finish: (uuid, { png, thumbnail, ...drawn }) =>
      json("PUT", one(uuid), {
        ...drawn,
        image: base64(png),
        ...(thumbnail && { thumbnail: base64(thumbnail) }),
      }),
    fail: (uuid, result) => json("PUT", one(uuid), { status: "failed", ...result }),
    async beat(worker, state) {
      await call("PUT", `/v1/worker/${encodeURIComponent(worker)}`, state);
    },
    async leave(worker) {
      await call("DELETE", `/v1/worker/${encodeURIComponent(worker)}`);
    },
  };
}

function queryOf({ page, resultsPerPage, status, kind, sort }: ListOptions): string {
  const query = new URLSearchParams();
  if (page !== undefined) query.set("page", String(page));
  if (resultsPerPage !== undefined) query.set("results_per_page", String(resultsPerPage));
  if (status !== undefined) query.set("status", status);
  if (kind !== undefined) query.set("kind", kind);
  if (sort !== undefined) query.set("sort", sort);
  return query.size > 0 ? `?${query}` : "";
}

async function apiError(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { message, field } = JSON.parse(text) as { message?: string; field?: string };
    return new ApiError(response.status, message ?? text, field);
  } catch {
    return new ApiError(response.status, text || `${response.status} ${response.statusText}`);
  }
}

/** Base64 without Node's Buffer, so that a page can use this file too; a built-in is used where there is one. */
function base64(bytes: Uint8Array): string {
  if (typeof Buffer !== "undefined")
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
