import { Fault } from "../fault.ts";

/** Reads the elementary types of AMQP from a buffer. Past the end it throws a `syntax-error` fault. */
export class Reader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #offset: number;

  constructor(buffer: Buffer, offset = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#offset = offset;
    this.#end = end;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  octet(): number {
    return this.#buffer[this.#take(1)];
  }

  short(): number {
    return this.#buffer.readUInt16BE(this.#take(2));
  }

  long(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  /** An unsigned 64-bit number. Above 2^53 it is rounded: no tag or size gets there honestly. */
  longlong(): number {
    const at = this.#take(8);
    return this.#buffer.readUInt32BE(at) * 0x1_0000_0000 + this.#buffer.readUInt32BE(at + 4);
  }

  bigint(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }

  float(): number {
    return this.#buffer.readFloatBE(this.#take(4));
  }

  double(): number {
    return this.#buffer.readDoubleBE(this.#take(8));
  }

  shortString(): string {
    const length = this.octet();
    const at = this.#take(length);
    return this.#buffer.toString("utf8", at, at + length);
  }

  /** A view, not a copy. */
  longString(): Buffer {
    return this.bytes(this.long());
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  /** Moves on by `length` and reads from there up to here with a reader of its own. */
  within(length: number): Reader {
    const at = this.#take(length);
    return new Reader(this.#buffer, at, at + length);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#end - at) throw new Fault("syntax-error", "field runs past the end of its frame");
    this.#offset = at + length;
    return at;
  }
}
