import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPicture } from "@fractals/kernel/limits.ts";
import { seededRoll } from "@fractals/kernel/random-julia.ts";
import type { Fractal } from "@fractals/client/fractal.ts";
import { again, similar, surprises } from "./tasks.ts";

const known = (kind: string) =>
  ({
    ...checkPicture({ kind, width: 640, height: 480 }),
    uuid: "a",
    seed: 5,
    status: "done",
  }) as unknown as Fractal;

test("tasks: a thousand surprises can all be drawn, and no two are alike", () => {
  const seed = 11;
  const all = surprises(1000, seededRoll(seed));
  for (const request of all) assert.doesNotThrow(() => checkPicture(request), `seed ${seed}`);
  assert.ok(new Set(all.map((request) => JSON.stringify(request))).size > 990);
});

test("tasks: again asks for the same picture and for nothing that came of it", () => {
  const fractal = known("julia");
  assert.deepEqual(checkPicture(again(fractal)), checkPicture({ ...fractal }));
  assert.equal("uuid" in again(fractal) || "status" in again(fractal), false);
});

test("tasks: more like a Julia set is another constant of the API's choice in the same window", () => {
  const request = similar(known("julia"), seededRoll(3));
  assert.equal(request.cx, undefined);
  assert.notEqual(request.seed, 5);
  assert.equal(request.xa, known("julia").xa);
});

test("tasks: more like another kind is a part of its window", () => {
  const fractal = known("mandelbrot");
  const { xa, xb, ya, yb } = similar(fractal, seededRoll(3)) as Fractal;
  assert.ok(
    xa >= fractal.xa && xb <= fractal.xb && ya >= fractal.ya && yb <= fractal.yb && xb > xa && yb > ya,
  );
});
