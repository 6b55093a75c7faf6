import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pixels } from "./colour.ts";
import { decodePng, encodePng } from "./png.ts";
import { thumbnail } from "./thumbnail.ts";

/** A checkerboard of two colours, indexed or not. */
function board(width: number, height: number, isIndexed: boolean): Pixels {
  const colours = Uint32Array.of(0x000000, 0xffc864);
  const bytes = Uint8Array.from({ length: width * height }, (_, at) => (at + Math.floor(at / width)) % 2);
  if (isIndexed) return { width, height, colours, bytes };
  const rgb = [...bytes].flatMap((index) => [
    colours[index] >> 16,
    (colours[index] >> 8) & 255,
    colours[index] & 255,
  ]);
  return { width, height, bytes: Uint8Array.from(rgb) };
}

test("thumbnail: each pixel is the mean light of those it covers", async () => {
  for (const isIndexed of [true, false]) {
    const small = decodePng(await thumbnail(await encodePng(board(8, 4, isIndexed)), 4));
    assert.deepEqual([small.width, small.height], [4, 2]);
    for (let at = 0; at < 8; at++)
      assert.deepEqual([...small.bytes.subarray(3 * at, 3 * at + 3)], [180, 141, 71]);
  }
});

test("thumbnail: sizes that do not divide keep their shape and their edges", async () => {
  const small = decodePng(await thumbnail(board(649, 869, true), 160));
  assert.deepEqual([small.width, small.height], [160, 214]);
  const thin = decodePng(await thumbnail(board(3000, 2, true), 100));
  assert.deepEqual([thin.width, thin.height], [100, 1]);
});

test("thumbnail: a small picture stays as it is", async () => {
  assert.deepEqual(decodePng(await thumbnail(board(9, 5, true), 9)), board(9, 5, true));
});

test("thumbnail: a file that is not ours is refused", async () => {
  await assert.rejects(thumbnail(Buffer.from("not a picture"), 10), { field: "png" });
});
