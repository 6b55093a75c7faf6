import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameParser, FrameWriter, frameTypes } from "./frames.ts";

function written(write: (writer: FrameWriter) => void): Buffer {
  const writer = new FrameWriter();
  write(writer);
  return Buffer.concat(writer.take());
}

function parse(bytes: Buffer, chunkBytes: number, frameMax = 200_000) {
  const parser = new FrameParser(frameMax);
  const frames = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    parser.push(bytes.subarray(at, at + chunkBytes));
    for (let frame = parser.next(); frame; frame = parser.next()) {
      frames.push({ ...frame, payload: frame.payload.toString("hex") });
    }
  }
  assert.equal(parser.pendingBytes, 0);
  return frames;
}

test("frames: a stream reads the same however it is cut into chunks", () => {
  const bytes = written((writer) => {
    for (let size = 0; size < 40; size++) writer.frame(frameTypes.method, size, Buffer.alloc(size, size));
    writer.frame(frameTypes.body, 7, Buffer.alloc(70_000, 7));
    writer.frame(frameTypes.heartbeat, 0, Buffer.alloc(0));
  });
  const whole = parse(bytes, bytes.length);
  assert.equal(whole.length, 42);
  for (const chunkBytes of [1, 2, 3, 7, 8, 13, 1000, 65_536])
    assert.deepEqual(parse(bytes, chunkBytes), whole);
});

test("frames: content is cut into frames of the negotiated size", () => {
  const body = Buffer.from("x".repeat(10_000));
  const bytes = written((writer) =>
    writer.content(3, { properties: Buffer.from("0000", "hex"), body }, 4096),
  );
  const [header, ...bodies] = parse(bytes, 500, 4096);
  assert.equal(header.payload, "003c000000000000000027100000");
  assert.deepEqual(
    bodies.map((frame) => frame.payload.length / 2),
    [4088, 4088, 1824],
  );
  assert.equal(bodies.map((frame) => Buffer.from(frame.payload, "hex").toString()).join(""), body.toString());
});

test("frames: one byte more than the maximum is refused before it arrives", () => {
  const parser = new FrameParser(4096);
  parser.push(Buffer.from("01000100000ff8", "hex"));
  assert.equal(parser.next(), undefined);
  const other = new FrameParser(4096);
  other.push(Buffer.from("01000100000ff9", "hex"));
  assert.throws(() => other.next(), { kind: "frame-error", code: 501 });
});

test("frames: a frame without its end octet is refused", () => {
  const parser = new FrameParser(4096);
  parser.push(Buffer.from("0800000000000000", "hex"));
  assert.throws(() => parser.next(), { kind: "frame-error" });
});

test("frames: the writer counts what it holds", () => {
  const writer = new FrameWriter();
  writer.content(1, { properties: Buffer.alloc(2), body: Buffer.alloc(300_000) }, 131_072);
  const counted = writer.bytes;
  assert.equal(Buffer.concat(writer.take()).length, counted);
  assert.equal(writer.bytes, 0);
});
