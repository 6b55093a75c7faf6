import { Fault } from "./fault.ts";

/** The four frame types of AMQP 0-9-1, section 4.2.3 of the specification. */
export const frameTypes = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

/** Type, channel and size before the payload, one end octet after it. */
export const frameOverheadBytes = 8;

const headerBytes = 7;
const frameEnd = 0xce;

export interface Frame {
  readonly type: number;
  readonly channel: number;
  /** A view of received bytes: valid as long as it is held, but it may hold a larger block in memory. */
  readonly payload: Buffer;
}

/**
 * Cuts a byte stream into frames. Chunks are looked at where they lie; only what crosses a chunk border
 * is copied, once.
 */
export class FrameParser {
  /** The largest whole frame that is accepted, overhead included. Changes when it is negotiated. */
  frameMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = headerBytes;

  constructor(frameMax: number) {
    this.frameMax = frameMax;
  }

  /** How much is kept of a frame that has not arrived in full. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** Adds received bytes. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next complete frame, or undefined until more arrives. Throws `frame-error` faults. */
  next(): Frame | undefined {
    if (this.#bytes < this.#needed) return undefined;
    let block = this.#front(headerBytes);
    if (!block) return undefined;
    const size = block.readUInt32BE(3);
    const whole = size + frameOverheadBytes;
    if (whole > this.frameMax) {
      throw new Fault("frame-error", `frame of ${whole} bytes is larger than ${this.frameMax} bytes`);
    }
    this.#needed = whole;
    block = this.#front(whole);
    if (!block) return undefined;
    if (block[whole - 1] !== frameEnd) throw new Fault("frame-error", "frame does not end with 0xCE");
    this.#consume(whole);
    this.#needed = headerBytes;
    return { type: block[0], channel: block.readUInt16BE(1), payload: block.subarray(7, whole - 1) };
  }

  /** Takes exactly `bytes` raw bytes, for the protocol header. */
  raw(bytes: number): Buffer | undefined {
    const block = this.#front(bytes)?.subarray(0, bytes);
    if (block) this.#consume(bytes);
    return block;
  }

  /** One block that holds at least `bytes` bytes of the stream, joining chunks if it must. */
  #front(bytes: number): Buffer | undefined {
    if (this.#bytes < bytes) return undefined;
    if (this.#chunks[0].length < bytes) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  #consume(bytes: number): void {
    const [first] = this.#chunks;
    if (first.length === bytes) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes);
    this.#bytes -= bytes;
  }
}

const outputChunkBytes = 32 * 1024;
/** Payloads from here on are passed on as they are instead of being copied into an output chunk. */
const passOnBytes = 4 * 1024;

/** Collects outgoing frames into few large buffers. */
export class FrameWriter {
  #parts: Buffer[] = [];
  #chunk = Buffer.alloc(0);
  #start = 0;
  #used = 0;
  /** Bytes written and not yet taken. */
  bytes = 0;

  frame(type: number, channel: number, payload: Buffer): void {
    this.#open(type, channel, payload.length);
    this.#append(payload);
    this.#close();
  }

  /** A content header and as many body frames as `frameMax` asks for. */
  content(channel: number, content: { properties: Buffer; body: Buffer }, frameMax: number): void {
    const { properties, body } = content;
    this.#open(frameTypes.header, channel, 12 + properties.length, 12);
    this.#used = this.#chunk.writeUInt32BE(60 << 16, this.#used);
    this.#used = this.#chunk.writeUInt32BE(Math.floor(body.length / 0x1_0000_0000), this.#used);
    this.#used = this.#chunk.writeUInt32BE(body.length >>> 0, this.#used);
    this.bytes += 12;
    this.#append(properties);
    this.#close();
    const limit = frameMax - frameOverheadBytes;
    for (let at = 0; at < body.length; at += limit) {
      this.frame(frameTypes.body, channel, body.subarray(at, Math.min(at + limit, body.length)));
    }
  }

  raw(bytes: Buffer): void {
    this.#append(bytes);
  }

  /** What was written since the last time. */
  take(): Buffer[] {
    this.#cut();
    const parts = this.#parts;
    this.#parts = [];
    this.bytes = 0;
    return parts;
  }

  #open(type: number, channel: number, size: number, extra = 0): void {
    this.#reserve(headerBytes + extra);
    const chunk = this.#chunk;
    let at = this.#used;
    chunk[at++] = type;
    chunk[at++] = channel >>> 8;
    chunk[at++] = channel & 0xff;
    this.#used = chunk.writeUInt32BE(size, at);
    this.bytes += headerBytes;
  }

  #close(): void {
    this.#reserve(1);
    this.#chunk[this.#used++] = frameEnd;
    this.bytes++;
  }

  #append(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (bytes.length < passOnBytes) {
      this.#reserve(bytes.length);
      this.#used += bytes.copy(this.#chunk, this.#used);
    } else {
      this.#cut();
      this.#parts.push(bytes);
    }
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#used >= bytes) return;
    this.#cut();
    this.#chunk = Buffer.allocUnsafeSlow(outputChunkBytes);
    this.#start = 0;
    this.#used = 0;
  }

  #cut(): void {
    if (this.#used > this.#start) this.#parts.push(this.#chunk.subarray(this.#start, this.#used));
    this.#start = this.#used;
  }
}
