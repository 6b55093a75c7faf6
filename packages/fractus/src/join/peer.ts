/**
 * Two programs that call each other over one WebSocket: either may ask, and either may open a
 * channel, on which both send pieces until one of them ends it.
 *
 * A message is JSON, one of
 *
 *     {call, method, args}          asks; answered by {answer, result} or {answer, refusal | error}
 *     {cancel}                      the caller does not wait any more
 *     {open, method, args}          opens a channel, whose pieces are {on, piece}
 *     {end, refusal? | error?}      ends a channel
 *
 * where the first field holds the number that the asking side gave it; `mine` says whose number it is.
 * Bytes are sent in base64. Once the socket is gone everything that waits is refused with `unavailable`.
 */
import { Refusal, type RefusalKind } from "@fractus/core/refusal.ts";
import type { WebSocket } from "ws";

/** What a side answers to. */
export interface Handlers {
  readonly calls: Readonly<
    Record<string, (args: readonly unknown[], signal: AbortSignal) => Promise<unknown>>
  >;
  readonly channels: Readonly<Record<string, (args: readonly unknown[], channel: Channel) => Promise<void>>>;
}

/** Both ends of a channel look the same. */
export interface Channel {
  /** Pieces from the other side; ends with it, or fails as it does. */
  readonly pieces: AsyncIterable<unknown>;
  /** Aborted when the channel is over. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for more. */
  send(piece: unknown): Promise<void>;
  end(error?: unknown): void;
}

type Fault = {
  readonly refusal?: { readonly kind: RefusalKind; readonly message: string };
  readonly error?: string;
};
type Message = Fault & {
  readonly call?: number;
  readonly answer?: number;
  readonly cancel?: number;
  readonly open?: number;
  readonly on?: number;
  readonly end?: number;
  /** Of `on` and `end`: whether the number is the sender's own. */
  readonly mine?: boolean;
  readonly method?: string;
  readonly args?: readonly unknown[];
  readonly result?: unknown;
  readonly piece?: unknown;
};

const mostBuffered = 4 * 1024 * 1024;
const drainCheckMs = 5;

export class Peer {
  readonly #socket: WebSocket;
  readonly #handlers: Handlers;
  #next = 1;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #running = new Map<number, AbortController>();
  readonly #ownChannels = new Map<number, OpenChannel>();
  readonly #theirChannels = new Map<number, OpenChannel>();
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, handlers: Handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on("message", (data: Buffer) => this.#receive(data));
    socket.on("error", () => socket.terminate());
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#lose();
        resolve();
      }),
    );
  }

  /** Calls a method of the other side. @throws Refusal as the other side does, or unavailable */
  call(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const number = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== this.#socket.OPEN) return reject(gone());
      this.#waiting.set(number, { resolve, reject });
      signal?.addEventListener(
        "abort",
        () => {
          if (!this.#waiting.delete(number)) return;
          this.#say({ cancel: number });
          reject(signal.reason as Error);
        },
        { once: true },
      );
      this.#say({ call: number, method, args });
    });
  }

  /** Opens a channel to a method of the other side. */
  open(method: string, args: readonly unknown[]): Channel {
    const number = this.#next++;
    const channel = this.#channel(number, true);
    this.#ownChannels.set(number, channel);
    if (this.#socket.readyState === this.#socket.OPEN) this.#say({ open: number, method, args });
    else channel.finish(gone());
    return channel;
  }

  close(): void {
    this.#socket.close();
  }

  #channel(number: number, mine: boolean): OpenChannel {
    const channels = mine ? this.#ownChannels : this.#theirChannels;
    return new OpenChannel(
      async (piece) => {
        this.#say({ on: number, mine, piece });
        while (this.#socket.bufferedAmount > mostBuffered)
          await new Promise((resolve) => setTimeout(resolve, drainCheckMs));
      },
      (error) => {
        if (channels.delete(number))
          this.#say({ end: number, mine, ...(error !== undefined && faultOf(error)) });
      },
    );
  }

  #say(message: Message): void {
    if (this.#socket.readyState === this.#socket.OPEN)
      this.#socket.send(JSON.stringify(message, bytesAsText));
  }

  #receive(data: Buffer): void {
    let message: Message;
    try {
      message = JSON.parse(data.toString(), textAsBytes) as Message;
    } catch {
      return this.#socket.terminate();
    }
    if (message.call !== undefined) void this.#answer(message.call, message);
    else if (message.answer !== undefined) this.#settle(message.answer, message);
    else if (message.cancel !== undefined) this.#running.get(message.cancel)?.abort(gone());
    else if (message.open !== undefined) void this.#serve(message.open, message);
    else if (message.on !== undefined) this.#channelOf(message.on, message)?.receive(message.piece);
    else if (message.end !== undefined) this.#endChannel(message.end, message);
  }

  #channelOf(number: number, { mine }: Message): OpenChannel | undefined {
    return (mine ? this.#theirChannels : this.#ownChannels).get(number);
  }

  #endChannel(number: number, message: Message): void {
    const channel = this.#channelOf(number, message);
    (message.mine ? this.#theirChannels : this.#ownChannels).delete(number);
    channel?.finish(errorFrom(message));
  }

  async #answer(number: number, { method = "", args = [] }: Message): Promise<void> {
    const controller = new AbortController();
    this.#running.set(number, controller);
    try {
      const run = Object.hasOwn(this.#handlers.calls, method) ? this.#handlers.calls[method] : undefined;
      if (!run) throw new Refusal("invalid", `There is no call "${method}".`);
      this.#say({ answer: number, result: await run(args, controller.signal) });
    } catch (error) {
      this.#say({ answer: number, ...faultOf(error) });
    } finally {
      this.#running.delete(number);
    }
  }

  async #serve(number: number, { method = "", args = [] }: Message): Promise<void> {
    const channel = this.#channel(number, false);
    this.#theirChannels.set(number, channel);
    try {
      const run = Object.hasOwn(this.#handlers.channels, method)
        ? this.#handlers.channels[method]
        : undefined;
      if (!run) throw new Refusal("invalid", `There is no channel "${method}".`);
      await run(args, channel);
      channel.end();
    } catch (error) {
      channel.end(error);
    }
  }

  #settle(number: number, message: Message): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    const error = errorFrom(message);
    if (error) waiting?.reject(error);
    else waiting?.resolve(message.result);
  }

  #lose(): void {
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
    for (const controller of this.#running.values()) controller.abort(gone());
    for (const channels of [this.#ownChannels, this.#theirChannels]) {
      for (const channel of channels.values()) channel.finish(gone());
      channels.clear();
    }
  }
}

class OpenChannel implements Channel {
  readonly #send: (piece: unknown) => Promise<void>;
  readonly #onEnd: (error: unknown) => void;
  readonly #over = new AbortController();
  readonly #queue: unknown[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(send: (piece: unknown) => Promise<void>, onEnd: (error: unknown) => void) {
    this.#send = send;
    this.#onEnd = onEnd;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get pieces(): AsyncIterable<unknown> {
    return this.#read();
  }

  async *#read(): AsyncGenerator {
    for (;;) {
      while (this.#queue.length > 0) yield this.#queue.shift();
      if (this.#over.signal.aborted) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure) throw this.#failure;
  }

  async send(piece: unknown): Promise<void> {
    if (!this.#over.signal.aborted) await this.#send(piece);
  }

  end(error?: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#onEnd(error);
    this.finish(undefined);
  }

  receive(piece: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#queue.push(piece);
    this.#wake();
  }

  /** The other side has ended it, or is gone. */
  finish(error: Error | undefined): void {
    this.#failure ??= error;
    this.#over.abort();
    this.#wake();
  }
}

function gone(): Refusal {
  return new Refusal("unavailable", "The connection is gone.");
}

function faultOf(error: unknown): Fault {
  if (error instanceof Refusal) return { refusal: { kind: error.kind, message: error.message } };
  return { error: error instanceof Error ? error.message : String(error) };
}

function errorFrom({ refusal, error }: Message): Error | undefined {
  if (refusal) return new Refusal(refusal.kind, refusal.message);
  return error === undefined ? undefined : new Error(error);
}

/** `Buffer` has become `{type: "Buffer", data: […]}` before the replacer sees it; base64 is a quarter of that. */
function bytesAsText(_key: string, value: unknown): unknown {
  if (
    typeof value !== "object" ||
    value === null ||
    !("type" in value) ||
    value.type !== "Buffer" ||
    !("data" in value)
  )
    return value;
  return { $bytes: Buffer.from(value.data as number[]).toString("base64") };
}

function textAsBytes(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  return Buffer.from(String(value.$bytes), "base64");
}
