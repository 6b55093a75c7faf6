import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Pixels } from "./colour.ts";
import { checkPicture, PictureError } from "./limits.ts";
import { kinds } from "./picture.ts";
import { decodePng, encodePng, readPicture } from "./png.ts";
import { seededRoll } from "./random-julia.ts";

const picture = checkPicture({ width: 3, height: 2, xa: 0.1 + 0.2, xb: 5e-324, ya: -1e300, yb: 1 / 3 });
const indexed: Pixels = {
  width: 3,
  height: 2,
  colours: Uint32Array.of(0x000000, 0xff8001, 0x0102ff),
  bytes: Uint8Array.of(0, 1, 2, 2, 1, 0),
};
const truecolour: Pixels = {
  width: 2,
  height: 2,
  bytes: Uint8Array.of(1, 2, 3, 255, 254, 253, 0, 0, 0, 128, 64, 32),
};

/** A reader of its own: chunks by their lengths, the two filters, nothing checked that zlib does not. */
function scanlinesOf(png: Uint8Array): { types: string[]; lines: Uint8Array } {
  const buffer = Buffer.from(png);
  const types = [];
  const data = [];
  for (let at = 8; at < buffer.length; at += 12 + buffer.readUInt32BE(at)) {
    const type = buffer.toString("latin1", at + 4, at + 8);
    types.push(type);
    if (type === "IDAT") data.push(buffer.subarray(at + 8, at + 8 + buffer.readUInt32BE(at)));
  }
  return { types, lines: inflateSync(Buffer.concat(data)) };
}

/** The file with one chunk's data replaced, its checksum right. */
function withChunk(png: Uint8Array, type: string, change: (data: Buffer) => Uint8Array): Uint8Array {
  const buffer = Buffer.from(png);
  const at = buffer.indexOf(type) - 4;
  const end = at + 12 + buffer.readUInt32BE(at);
  const data = change(Buffer.from(buffer.subarray(at + 8, end - 4)));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(Buffer.concat([Buffer.from(type), data])));
  return Buffer.concat([buffer.subarray(0, at), size, Buffer.from(type), data, check, buffer.subarray(end)]);
}

function refused(png: Uint8Array, message: RegExp, read: (png: Uint8Array) => unknown = readPicture): void {
  assert.throws(
    () => read(png),
    (error) => error instanceof PictureError && error.field === "png" && message.test(error.message),
  );
}

test("png: the chunks come in lawful order, the rows filtered by Up", async () => {
  const { types, lines } = scanlinesOf(await encodePng(indexed, picture));
  assert.deepEqual(types, ["IHDR", "iTXt", "PLTE", "IDAT", "IEND"]);
  assert.deepEqual([...lines], [0, 0, 1, 2, 2, 2, 0, 254]);
});

test("png: pixels come back as they were", async () => {
  assert.deepEqual(decodePng(await encodePng(indexed)), indexed);
  assert.deepEqual(decodePng(await encodePng(truecolour)), truecolour);
});

test("png: a picture too large to deflate here comes back too", async () => {
  const bytes = new Uint8Array(2100 * 2100);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * at) % 3;
  const large = { ...indexed, width: 2100, height: 2100, bytes };
  assert.ok(Buffer.from(decodePng(await encodePng(large)).bytes).equals(bytes));
});

test("png: the parameters survive to the last bit", async () => {
  assert.deepEqual(readPicture(await encodePng(indexed, picture)), picture);
  const roll = seededRoll(11);
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  const anyDouble = () => {
    do words.forEach((_, at) => (words[at] = roll() * 2 ** 32));
    while (!(Math.abs(bits[0]) < 1e300));
    return bits[0];
  };
  for (let round = 0; round < 200; round++) {
    const asked = checkPicture({
      kind: kinds[round % kinds.length],
      width: 3,
      height: 2,
      xa: anyDouble(),
      xb: anyDouble(),
      ya: anyDouble(),
      yb: anyDouble(),
      cx: anyDouble(),
      cy: anyDouble(),
    });
    assert.deepEqual(readPicture(await encodePng(indexed, asked)), asked);
  }
});

test("png: files that are not ours are refused with the reason", async () => {
  const ours = await encodePng(indexed, picture);
  refused(new Uint8Array(0), /not a PNG/);
  refused(Buffer.from("GIF89a and so on, and so on"), /not a PNG/);
  refused(await encodePng(indexed), /carries no parameters/);
  refused(ours.subarray(0, ours.length - 20), /cut off/);
  refused(ours.subarray(0, 20), /cut off/);
  const flipped = ours.slice();
  flipped[60] ^= 1;
  refused(flipped, /checksum of the iTXt/);
  refused(
    withChunk(ours, "IHDR", (data) => data.fill(16, 8, 9)),
    /another kind/,
  );
  refused(
    withChunk(ours, "IHDR", (data) => data.fill(255, 0, 8)),
    /4294967295 x 4294967295/,
  );
  refused(
    withChunk(ours, "IHDR", (data) => data.fill(0, 0, 4)),
    /0 x 2/,
  );
  refused(
    withChunk(ours, "IHDR", (data) => data.subarray(1)),
    /no header/,
  );
});

test("png: parameters that were tampered with are refused with the reason", async () => {
  const ours = await encodePng(indexed, picture);
  const rewritten = (text: string) => withChunk(ours, "iTXt", () => Buffer.from(`Fractals\0\0\0\0\0${text}`));
  refused(rewritten("{"), /not JSON/);
  refused(rewritten("null"), /not those of a picture/);
  refused(rewritten("[]"), /not those of a picture/);
  refused(rewritten('{"version":2}'), /version 2/);
  refused(rewritten('{"version":1}'), /another size/);
  refused(rewritten(`{"version":1${" ".repeat(5000)}}`), /carries no parameters/);
  assert.throws(() => readPicture(rewritten('{"version":1,"width":1e9}')), { field: "width" });
});

test("png: hostile pixels are refused, and inflated no further than the header allows", async () => {
  const ours = await encodePng(indexed, picture);
  const bomb = deflateSync(Buffer.alloc(50_000_000));
  refused(
    withChunk(ours, "IDAT", () => bomb),
    /cannot be read/,
    decodePng,
  );
  refused(
    withChunk(ours, "IDAT", () => deflateSync(Buffer.alloc(7))),
    /not complete/,
    decodePng,
  );
  refused(
    withChunk(ours, "IDAT", () => Buffer.from("no zlib")),
    /cannot be read/,
    decodePng,
  );
  refused(
    withChunk(ours, "IDAT", () => deflateSync(Buffer.alloc(8, 3))),
    /filter 3/,
    decodePng,
  );
  refused(
    withChunk(ours, "PLTE", () => Buffer.alloc(3)),
    /beyond its palette/,
    decodePng,
  );
  refused(
    withChunk(ours, "PLTE", () => Buffer.alloc(4)),
    /palette of this PNG is broken/,
    decodePng,
  );
});

test("png: no cut and no flipped bit makes a reader hang or fail otherwise", async () => {
  const ours = await encodePng(indexed, picture);
  const tolerated = (png: Uint8Array) => {
    for (const read of [readPicture, decodePng])
      try {
        read(png);
      } catch (error) {
        assert.ok(error instanceof PictureError, String(error));
      }
  };
  for (let end = 0; end < ours.length; end++) tolerated(ours.subarray(0, end));
  for (let at = 0; at < ours.length; at++) {
    const flipped = ours.slice();
    flipped[at] ^= 1 << (at % 8);
    tolerated(flipped);
  }
});
