import assert from "node:assert/strict";
import { test } from "node:test";
import { colour, toRgba, type Pixels, type Values } from "./colour.ts";
import { continuousPlain, countsPlain, rootShift } from "./counts.ts";
import { checkPicture } from "./limits.ts";
import { classicColours, ringOf } from "./palettes.ts";
import { palettes, type Picture } from "./picture.ts";

function valuesOf(picture: Picture): Values {
  const continuous = picture.colouring === "counts" ? undefined : continuousPlain(picture);
  return { counts: countsPlain(picture), continuous };
}

function paint(asked: Partial<Picture>): { picture: Picture; values: Values; pixels: Pixels } {
  const picture = checkPicture({ width: 60, height: 40, iterations: 200, ...asked });
  const values = valuesOf(picture);
  return { picture, values, pixels: colour(picture, values) };
}

function colourAt({ colours, bytes }: Pixels, at: number): number {
  if (colours !== undefined) return colours[bytes[at]];
  return (bytes[3 * at] << 16) | (bytes[3 * at + 1] << 8) | bytes[3 * at + 2];
}

test("colour: classic is the document's 32 colours by count", () => {
  const { values, pixels } = paint({ cx: -0.4, cy: 0.6 });
  for (const [at, i] of values.counts.entries()) {
    const expected = [(i % 8) * 32, (i % 16) * 16, (i % 32) * 8];
    assert.deepEqual([...toRgba(pixels).subarray(4 * at, 4 * at + 3)], expected);
    if (at === 300) break;
  }
  assert.equal(new Set(classicColours).size, 32);
});

test("colour: every palette gives smooth neighbours and a dark interior", () => {
  for (const palette of palettes.filter((name) => name !== "classic")) {
    const { colours, interior } = ringOf(palette);
    const channels = (own: number) => [own >> 16, (own >> 8) & 255, own & 255];
    for (const [at, own] of colours.entries()) {
      const next = channels(colours[(at + 1) % colours.length]);
      for (const [channel, value] of channels(own).entries())
        assert.ok(Math.abs(value - next[channel]) <= 2, `${palette} jumps at ${at}`);
    }
    assert.ok(
      channels(interior).every((value) => value < 24),
      `${palette} has a bright interior`,
    );
  }
});

test("colour: interior points have the palette's interior colour in every colouring", () => {
  for (const kind of ["mandelbrot", "burning-ship"] as const)
    for (const colouring of ["counts", "smooth", "histogram"] as const) {
      const { picture, values, pixels } = paint({ kind, palette: "ember", colouring });
      const inside = values.counts.findIndex((count) => count === picture.iterations - 1);
      assert.equal(colourAt(pixels, inside), ringOf("ember").interior);
    }
});

test("colour: smooth has many more colours than counts", () => {
  const different = (colouring: Picture["colouring"]) => {
    const { pixels } = paint({ kind: "mandelbrot", palette: "ocean", colouring });
    return new Set(Array.from({ length: 2400 }, (_, at) => colourAt(pixels, at))).size;
  };
  assert.ok(different("smooth") > 2 * different("counts"));
});

test("colour: by histogram, equal shares of the ring get equal areas", () => {
  const picture = checkPicture({ width: 80, height: 50, palette: "aurora", colouring: "histogram" });
  const continuous = Float32Array.from({ length: 4000 }, (_, at) => 1 + (at / 400) ** 2);
  const pixels = colour(picture, { counts: new Uint32Array(4000), continuous });
  const { colours } = ringOf("aurora");
  const places = Array.from({ length: 4000 }, (_, at) => colours.indexOf(colourAt(pixels, at)));
  const last = Math.max(...places);
  const shares = [0, 0, 0, 0];
  for (const place of places) shares[Math.floor((4 * place) / (last + 1))] += 1;
  for (const share of shares) assert.ok(Math.abs(share - 1000) < 60, shares.join(" "));
});

test("colour: samples are averaged as light", () => {
  const picture = checkPicture({ width: 2, height: 2, samples: 2, iterations: 40, palette: "classic" });
  const counts = Uint32Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? 0 : 7));
  const pixels = colour(picture, { counts, continuous: undefined });
  const mean = (channel: number) => Math.round(Math.sqrt(channel ** 2 / 2));
  assert.deepEqual([...pixels.bytes.subarray(0, 3)], [mean(224), mean(112), mean(56)]);
});

test("colour: Newton gives each root a colour of its own, in every colouring", () => {
  for (const palette of palettes)
    for (const colouring of ["counts", "smooth", "histogram"] as const) {
      const { values, pixels } = paint({ kind: "newton", power: 5, palette, colouring });
      const byRoot = [1, 2, 3, 4, 5].map((root) => {
        const at = values.counts.findIndex((count) => count >>> rootShift === root);
        return colourAt(pixels, at);
      });
      assert.equal(new Set(byRoot).size, 5, `${palette} ${colouring}`);
    }
});

test("colour: counts beyond any table have colours too", () => {
  const picture = checkPicture({ width: 2, height: 2, iterations: 1_000_000, palette: "dusk" });
  const counts = Uint32Array.of(0, 65_535, 65_536, 999_998);
  const { bytes } = colour(picture, { counts, continuous: undefined });
  assert.ok(bytes.every((index) => index > 0));
  assert.ok(Math.abs(bytes[1] - bytes[2]) <= 1);
});
