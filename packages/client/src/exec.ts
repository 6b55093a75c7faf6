/**
 * Runs a command in an allocation over a websocket; Node only, as browsers cannot send the token in a header.
 *
 * Frames: the client sends `{"stdin":{"data"|"close"}}`, `{"tty_size"}` and heartbeats `{}`; the server
 * `{"stdout"|"stderr":{"data"|"close"}}` and at last `{"exited":true,"result":{"exit_code"}}`. Data is base64.
 * After https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation.
 */
import { WebSocket, type RawData } from "ws";
import { ApiError } from "./error.ts";
import { searchOf, segment, type ClientOptions } from "./http.ts";

export interface ExecRequest {
  readonly allocation: string;
  readonly task: string;
  readonly command: readonly string[];
  readonly tty?: boolean;
}

export interface ExecStreams {
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
  /** What the command reads; when it ends, so does the command's input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** The size of the terminal, now and whenever it changes. */
  readonly sizes?: AsyncIterable<{ readonly height: number; readonly width: number }>;
  readonly signal?: AbortSignal;
  /** The certificate of the authority that vouches for the server, PEM. */
  readonly authority?: string;
}

const heartbeatMs = 10_000;

/**
 * Resolves with the command's exit code.
 *
 * @throws ApiError if the server turns it down or the connection breaks
 */
export async function exec(
  options: ClientOptions,
  request: ExecRequest,
  streams: ExecStreams,
): Promise<number> {
  const path = `/v1/client/allocation/${segment(request.allocation)}/exec`;
  const search = searchOf({
    task: request.task,
    command: JSON.stringify(request.command),
    tty: request.tty ?? false,
    namespace: options.namespace,
    region: options.region,
  });
  const socket = new WebSocket(
    `${options.address.replace(/^http/, "ws").replace(/\/+$/, "")}${path}?${search}`,
    {
      headers: options.token ? { "X-Nomad-Token": options.token } : {},
      ...(streams.authority && { ca: streams.authority }),
      ...(streams.signal && { signal: streams.signal }),
    },
  );
  const where = { request: `exec ${path}`, address: options.address };
  return await new Session(socket, streams, where).exitCode();
}

interface ServerFrame {
  readonly stdout?: { readonly data?: string };
  readonly stderr?: { readonly data?: string };
  readonly exited?: boolean;
  readonly result?: { readonly exit_code?: number };
}

class Session {
  readonly #socket: WebSocket;
  readonly #streams: ExecStreams;
  readonly #where: { readonly request: string; readonly address: string };

  constructor(
    socket: WebSocket,
    streams: ExecStreams,
    where: { readonly request: string; readonly address: string },
  ) {
    this.#socket = socket;
    this.#streams = streams;
    this.#where = where;
  }

  async exitCode(): Promise<number> {
    const heartbeat = setInterval(() => this.#send({}), heartbeatMs);
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#socket.on("open", () => this.#feed(reject));
        this.#socket.on("message", (data) => {
          const code = this.#receive(data);
          if (code !== undefined) resolve(code);
        });
        this.#socket.on("close", (code, reason) => reject(this.#closed(code, reason.toString())));
        this.#socket.on("error", (error) => reject(this.#error(0, error.message, error)));
        this.#socket.on("unexpected-response", (_request, response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const words = Buffer.concat(chunks).toString().trim() || (response.statusMessage ?? "");
            reject(this.#error(response.statusCode ?? 0, words));
          });
        });
      });
    } finally {
      clearInterval(heartbeat);
      this.#socket.terminate();
    }
  }

  #receive(data: RawData): number | undefined {
    const frame = JSON.parse(textOf(data)) as ServerFrame;
    if (frame.stdout?.data) this.#streams.stdout(Buffer.from(frame.stdout.data, "base64"));
    if (frame.stderr?.data) this.#streams.stderr(Buffer.from(frame.stderr.data, "base64"));
    return frame.exited ? (frame.result?.exit_code ?? 0) : undefined;
  }

  #feed(reject: (error: unknown) => void): void {
    void this.#feedInput().catch(reject);
    void this.#feedSizes().catch(reject);
  }

  async #feedInput(): Promise<void> {
    for await (const chunk of this.#streams.stdin ?? []) {
      this.#send({ stdin: { data: Buffer.from(chunk).toString("base64") } });
    }
    this.#send({ stdin: { close: true } });
  }

  async #feedSizes(): Promise<void> {
    for await (const size of this.#streams.sizes ?? []) this.#send({ tty_size: size });
  }

  #send(frame: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** The server closes with a reason when it turns the command down (1008) or fails itself (1011). */
  #closed(code: number, reason: string): ApiError {
    if (code === 1008 && reason) return this.#error(400, reason);
    if (code === 1011 && reason) return this.#error(500, reason);
    return this.#error(0, reason || "the connection was closed before the command ended");
  }

  #error(status: number, message: string, cause?: unknown): ApiError {
    return new ApiError(message, { ...this.#where, status }, { cause });
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
