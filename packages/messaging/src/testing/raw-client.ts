import { connect } from "node:net";
import type { Socket } from "node:net";
import { encodeProperties } from "../codec/properties.ts";
import type { Properties } from "../codec/properties.ts";
import { emptyTable, tableOf } from "../codec/field-table.ts";
import { decodeMethod, encodeMethod } from "../codec/method.ts";
import type { Method, MethodName, Said } from "../codec/methods.ts";
import { FrameParser, FrameWriter, frameTypes } from "../frames.ts";
import type { Frame } from "../frames.ts";
import { protocolHeader } from "../handshake.ts";

type Named<Name extends MethodName> = Extract<Method, { readonly name: Name }>;

export type Arrived =
  | { readonly channel: number; readonly method: Method }
  | { readonly channel: number; readonly body: Buffer };

const patienceMs = 5_000;

/** A client that says exactly what a test wants said, in whatever order. */
export class RawClient {
  readonly socket: Socket;
  readonly #parser = new FrameParser(10_000_000);
  readonly #arrived: Frame[] = [];
  #wake = () => {};
  isClosed = false;
  /** All bytes sent so far. */
  readonly sent: Buffer[] = [];

  constructor(port: number, host = "127.0.0.1") {
    this.socket = connect(port, host);
    this.socket.on("data", (chunk: Buffer) => {
      this.#parser.push(chunk);
      for (let frame = this.#parser.next(); frame; frame = this.#parser.next()) this.#arrived.push(frame);
      this.#wake();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  bytes(bytes: Buffer): void {
    this.sent.push(bytes);
    this.socket.write(bytes);
  }

  frame(type: number, channel: number, payload: Buffer): void {
    const writer = new FrameWriter();
    writer.frame(type, channel, payload);
    this.bytes(Buffer.concat(writer.take()));
  }

  method<Name extends MethodName>(channel: number, name: Name, args: Said<Name>): void {
    this.frame(frameTypes.method, channel, encodeMethod(name, args));
  }

  content(channel: number, properties: Properties, body: string | Buffer): void {
    const writer = new FrameWriter();
    const content = { properties: encodeProperties(properties), body: Buffer.from(body) };
    writer.content(channel, content, 131_072);
    this.bytes(Buffer.concat(writer.take()));
  }

  publish(channel: number, routingKey: string, body: string, properties: Properties = {}): void {
    this.method(channel, "basic.publish", { exchange: "", routingKey, mandatory: false, immediate: false });
    this.content(channel, properties, body);
  }

  /** The next method or body frame; heartbeats and content headers are passed over. */
  async next(): Promise<Arrived | "closed"> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const frame = this.#arrived.shift();
      if (frame?.type === frameTypes.method) {
        return { channel: frame.channel, method: decodeMethod(frame.payload) };
      }
      if (frame?.type === frameTypes.body) return { channel: frame.channel, body: frame.payload };
      if (frame) continue;
      if (this.isClosed) return "closed";
      if (performance.now() > deadline) throw new Error("nothing more arrived");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The next method, which has to be this one. */
  async expect<Name extends MethodName>(name: Name): Promise<Named<Name>["args"]> {
    const next = await this.next();
    if (next !== "closed" && "method" in next && next.method.name === name) {
      return next.method.args as Named<Name>["args"];
    }
    throw new Error(`expected ${name}, got ${describe(next)}`);
  }

  /** Up to connection.tune. */
  async login(): Promise<void> {
    this.bytes(protocolHeader);
    await this.expect("connection.start");
    this.method(0, "connection.start-ok", {
      clientProperties: tableOf({
        capabilities: tableOf({ authentication_failure_close: true, "connection.blocked": true }),
      }),
      mechanism: "PLAIN",
      response: Buffer.from("\0guest\0guest"),
      locale: "en_US",
    });
    await this.expect("connection.tune");
  }

  /** A connection with one open channel, number 1. */
  async open(): Promise<this> {
    await this.login();
    this.method(0, "connection.tune-ok", { channelMax: 2047, frameMax: 131_072, heartbeat: 0 });
    this.method(0, "connection.open", { virtualHost: "/" });
    await this.expect("connection.open-ok");
    await this.channel(1);
    return this;
  }

  async channel(number: number): Promise<void> {
    this.method(number, "channel.open", {});
    await this.expect("channel.open-ok");
  }

  /** Declares a transient queue on channel 1. */
  async queue(name: string, durable = false): Promise<void> {
    this.method(1, "queue.declare", {
      queue: name,
      passive: false,
      durable,
      exclusive: false,
      autoDelete: false,
      noWait: false,
      arguments: emptyTable,
    });
    await this.expect("queue.declare-ok");
  }

  /** How many messages of a queue are ready, asked on channel 1. */
  async ready(name: string): Promise<number> {
    this.method(1, "queue.declare", {
      queue: name,
      passive: true,
      durable: false,
      exclusive: false,
      autoDelete: false,
      noWait: false,
      arguments: emptyTable,
    });
    return (await this.expect("queue.declare-ok")).messageCount;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function describe(arrived: Arrived | "closed"): string {
  if (arrived === "closed") return "the end of the connection";
  if ("body" in arrived) return `a body of ${arrived.body.length} bytes`;
  return `${arrived.method.name} ${JSON.stringify(arrived.method.args)}`;
}
