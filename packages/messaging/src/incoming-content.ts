import { decodeProperties } from "./codec/properties.ts";
import type { Properties } from "./codec/properties.ts";
import { Reader } from "./codec/reader.ts";
import type { Engine } from "./engine.ts";
import { Fault } from "./fault.ts";
import type { Content } from "./message.ts";

interface Publish {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
}

export interface Incoming {
  readonly content: Content;
  readonly properties: Properties;
  readonly isMandatory: boolean;
}

const basicClass = 60;

/** Puts a message together: publish method, content header, body frames. */
export class IncomingContent {
  readonly #engine: Engine;
  #publish: Publish | undefined;
  #header: { readonly bytes: number; readonly encoded: Buffer; readonly properties: Properties } | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  #partialBytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether a content frame has to come next. */
  get isExpected(): boolean {
    return this.#publish !== undefined;
  }

  start(publish: Publish): void {
    this.#publish = publish;
  }

  /** A content header; true if there is no body to wait for. */
  header(payload: Buffer): boolean {
    if (!this.#publish || this.#header) {
      throw new Fault(
        "unexpected-frame",
        `unexpected content header${this.#header ? "" : ", no method before it"}`,
      );
    }
    const reader = new Reader(payload);
    const classId = reader.short();
    if (classId !== basicClass) {
      throw new Fault(
        "unexpected-frame",
        `expected content header for class 60, got one for class ${classId}`,
      );
    }
    reader.short();
    const bytes = reader.longlong();
    const { messageBytes } = this.#engine.alarms.limits;
    if (bytes > messageBytes) {
      throw new Fault(
        "precondition-failed",
        `message size ${bytes} is larger than configured max size ${messageBytes}`,
      );
    }
    const encoded = Buffer.from(reader.bytes(reader.remaining));
    this.#header = { bytes, encoded, properties: decodeProperties(encoded) };
    return bytes === 0;
  }

  /** A body frame; true if it was the last. */
  body(payload: Buffer): boolean {
    if (!this.#header) {
      throw new Fault("unexpected-frame", "expected content header for class 60, got content body instead");
    }
    const received = this.#received + payload.length;
    if (received > this.#header.bytes) {
      throw new Fault(
        "frame-error",
        `content body of ${received} bytes exceeds the ${this.#header.bytes} announced`,
      );
    }
    this.#received = received;
    this.#chunks.push(payload);
    if (received === this.#header.bytes) return true;
    // A view would keep the whole received block in memory while the rest is awaited.
    this.#chunks[this.#chunks.length - 1] = Buffer.from(payload);
    this.#partialBytes += payload.length;
    if (this.#engine.partial(payload.length)) return false;
    throw new Fault("resource-error", "too many messages have arrived only in part");
  }

  /** The finished message; the next one may start. The content holds copies. */
  take(): Incoming {
    const { exchange, routingKey, mandatory } = this.#publish!;
    const { encoded, properties } = this.#header!;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 ? Buffer.from(first) : Buffer.concat(this.#chunks);
    this.reset();
    return {
      content: { exchange, routingKey, properties: encoded, body },
      properties,
      isMandatory: mandatory,
    };
  }

  reset(): void {
    if (this.#partialBytes > 0) this.#engine.partial(-this.#partialBytes);
    this.#partialBytes = 0;
    this.#publish = undefined;
    this.#header = undefined;
    this.#chunks = [];
    this.#received = 0;
  }
}
