/**
 * Requests to the API: the address, the token and what every query may carry. Only `fetch` is needed, so
 * it works in a browser as in Node.
 *
 * After https://developer.hashicorp.com/nomad/api-docs.
 */
import { ApiError } from "./error.ts";

export interface ClientOptions {
  /** `http://127.0.0.1:4646`; in a browser the empty text is the page's own origin. */
  readonly address: string;
  readonly token?: string;
  readonly namespace?: string;
  readonly region?: string;
  /** In place of the global one: for TLS with an authority of one's own, and for tests. */
  readonly fetch?: typeof fetch;
}

export interface Query {
  readonly namespace?: string;
  readonly prefix?: string;
  /** An expression such as `Status == "running"`. */
  readonly filter?: string;
  readonly perPage?: number;
  readonly nextToken?: string;
  readonly reverse?: boolean;
  /** Makes the query block until something newer than this index is there, or `wait` has passed. */
  readonly index?: number;
  /** A duration such as `5m`, which is the default. */
  readonly wait?: string;
  readonly signal?: AbortSignal;
  /** Told what the answer's headers say. */
  readonly onAnswer?: (answer: AnswerHeaders) => void;
}

export interface AnswerHeaders {
  /** To be given as `index` of the next blocking query; 0 if the server did not say. */
  readonly index: number;
  /** To be given as `nextToken` for the next page; absent on the last one. */
  readonly nextToken?: string;
}

export type Parameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined | null>
>;

export interface Request extends Query {
  readonly parameters?: Parameters;
  readonly body?: unknown;
}

/** The requests that the nouns are made of. Paths begin behind `/v1`. */
export class Http {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.address;
  }

  /** Reads JSON. */
  get<T>(path: string, query: Query = {}, parameters: Parameters = {}): Promise<T> {
    return this.#json("GET", path, { ...query, parameters });
  }

  /** Writes; PUT and POST mean the same to the API. */
  post<T>(path: string, body?: unknown, query: Query = {}, parameters: Parameters = {}): Promise<T> {
    return this.#json("POST", path, { ...query, parameters, body });
  }

  put<T>(path: string, body?: unknown, query: Query = {}, parameters: Parameters = {}): Promise<T> {
    return this.#json("PUT", path, { ...query, parameters, body });
  }

  delete<T>(path: string, query: Query = {}, parameters: Parameters = {}, body?: unknown): Promise<T> {
    return this.#json("DELETE", path, { ...query, parameters, ...(body !== undefined && { body }) });
  }

  async text(path: string, query: Query = {}, parameters: Parameters = {}): Promise<string> {
    const response = await this.send("GET", path, { ...query, parameters });
    return response.text();
  }

  async #json<T>(method: string, path: string, request: Request): Promise<T> {
    const response = await this.send(method, path, request);
    const text = await response.text();
    return (text.trim() === "" ? undefined : JSON.parse(text)) as T;
  }

  /**
   * The answer itself, for those that want its bytes. A body that is text or bytes is sent as it is,
   * anything else as JSON.
   *
   * @throws ApiError if there is no answer, or one that says no
   */
  async send(method: string, path: string, request: Request = {}): Promise<Response> {
    const { address, fetch: fetchWith = fetch } = this.#options;
    const url = `${address.replace(/\/+$/, "")}/v1${path}${this.#search(request)}`;
    const named = { request: `${method} /v1${path}`, address };
    let response: Response;
    try {
      response = await fetchWith(url, {
        method,
        headers: this.#headers(),
        ...(request.body !== undefined && { body: encoded(request.body) }),
        ...(request.signal && { signal: request.signal }),
      });
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      throw new ApiError(reasonOf(cause), { ...named, status: 0 }, { cause });
    }
    if (!response.ok) {
      const words = (await response.text()).trim() || response.statusText;
      throw new ApiError(words, { ...named, status: response.status });
    }
    request.onAnswer?.(headersOf(response));
    return response;
  }

  #headers(): Record<string, string> {
    const { token } = this.#options;
    return token ? { "X-Nomad-Token": token } : {};
  }

  #search(request: Request): string {
    const { namespace, region } = this.#options;
    const all: Parameters = {
      namespace: request.namespace ?? namespace,
      region,
      prefix: request.prefix,
      filter: request.filter,
      per_page: request.perPage,
      next_token: request.nextToken,
      reverse: request.reverse || undefined,
      index: request.index,
      wait: request.wait,
      ...request.parameters,
    };
    const search = searchOf(all);
    return search === "" ? "" : `?${search}`;
  }
}

/** The parameters that have a value; a list gives its name several times. */
export function searchOf(parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.toString();
}

/** One segment of a path, which may hold slashes, as the names of jobs do. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

function encoded(body: unknown): BodyInit {
  if (typeof body === "string" || body instanceof Uint8Array) return body as BodyInit;
  return JSON.stringify(body);
}

function headersOf(response: Response): AnswerHeaders {
  const index = Number(response.headers.get("X-Nomad-Index") ?? 0);
  const nextToken = response.headers.get("X-Nomad-Nexttoken");
  return { index: Number.isFinite(index) ? index : 0, ...(nextToken && { nextToken }) };
}

/** `fetch` hides the reason of a failed connection in the cause of its TypeError. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
