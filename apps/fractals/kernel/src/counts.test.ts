import assert from "node:assert/strict";
import { test } from "node:test";
import { continuousPlain, countsPlain, log2, rootShift } from "./counts.ts";
import { checkPicture } from "./limits.ts";
import type { Picture } from "./picture.ts";

/** The document's program, line by line: `abs` is a true hypotenuse, as Python's is. */
function documentCounts(picture: Picture): number[] {
  const counts = [];
  for (let y = 0; y < picture.height; y++) {
    const zy = (y * (picture.yb - picture.ya)) / (picture.height - 1) + picture.ya;
    for (let x = 0; x < picture.width; x++) {
      const zx = (x * (picture.xb - picture.xa)) / (picture.width - 1) + picture.xa;
      let z = { re: zx, im: zy };
      let i = 0;
      for (; i < picture.iterations; i++) {
        if (Math.hypot(z.re, z.im) > 2) break;
        const product = { re: z.re * z.re - z.im * z.im, im: z.re * z.im + z.im * z.re };
        z = { re: product.re + picture.cx, im: product.im + picture.cy };
      }
      counts.push(Math.min(i, picture.iterations - 1));
    }
  }
  return counts;
}

function check(asked: Partial<Picture>): void {
  const picture = checkPicture(asked);
  assert.deepEqual([...countsPlain(picture)], documentCounts(picture));
}

const documentWindow = { xa: -1.77488588389, xb: 3.08249829401, ya: -1.31213919301, yb: 1.95281690897 };

test("counts: Julia sets are the document's formula (CL-53, CL-54)", () => {
  check({ ...documentWindow, width: 65, height: 87, iterations: 362, cx: -0.4, cy: 0.6 });
  check({ ...documentWindow, width: 65, height: 87, iterations: 362, cx: -0.123, cy: 0.745 });
  check({ ...documentWindow, width: 65, height: 87, iterations: 362, cx: -1.0715444865060113, cy: 0.2441 });
  check({ width: 31, height: 17, iterations: 50, xa: 2, xb: -2, ya: 1.5, yb: -1.5, cx: 1.9, cy: -1.4 });
});

test("counts: a point on the circle of radius 2 is inside, also where its squares round up", () => {
  const picture = checkPicture({ width: 201, height: 201, iterations: 2, xa: -2, xb: 2, ya: -2, yb: 2 });
  const rounded = [];
  for (let y = 0; y < 201; y++)
    for (let x = 0; x < 201; x++) {
      const [zx, zy] = [(x * 4) / 200 - 2, (y * 4) / 200 - 2];
      if (zx * zx + zy * zy > 4 && Math.hypot(zx, zy) <= 2) rounded.push(y * 201 + x);
    }
  assert.ok(rounded.length > 0);
  const counts = countsPlain(picture);
  assert.deepEqual(
    rounded.map((at) => counts[at]),
    rounded.map(() => 1),
  );
  check({ width: 201, height: 201, iterations: 20, xa: -2, xb: 2, ya: -2, yb: 2 });
});

test("counts: one iteration counts 0 everywhere, two tell inside from outside", () => {
  check({ width: 9, height: 9, iterations: 1, xa: -3, xb: 3, ya: -3, yb: 3 });
  check({ width: 9, height: 9, iterations: 2, xa: -3, xb: 3, ya: -3, yb: 3 });
});

test("counts: the Mandelbrot set holds 0, -1 and i, and lets 1 go at the third test", () => {
  const at = (x: number, y: number) =>
    countsPlain(
      checkPicture({
        kind: "mandelbrot",
        width: 2,
        height: 2,
        iterations: 1000,
        xa: x,
        xb: x + 1,
        ya: y,
        yb: y + 1,
      }),
    )[0];
  assert.deepEqual([at(0, 0), at(-1, 0), at(0, 1), at(1, 0)], [999, 999, 999, 3]);
});

test("counts: multibrot of power 2 is the Mandelbrot set", () => {
  const asked = { width: 33, height: 21, iterations: 90, xa: -2, xb: 1, ya: -1, yb: 1.1 };
  assert.deepEqual(
    countsPlain(checkPicture({ ...asked, kind: "multibrot", power: 2 })),
    countsPlain(checkPicture({ ...asked, kind: "mandelbrot" })),
  );
});

test("counts: the burning ship and the tricorn agree with the Mandelbrot set on the real axis only", () => {
  const asked = { width: 41, height: 2, iterations: 60, xa: -2.1, xb: 0.4, ya: 0, yb: 0.35 };
  const [mandelbrot, ship, tricorn] = (["mandelbrot", "burning-ship", "tricorn"] as const).map((kind) => [
    ...countsPlain(checkPicture({ ...asked, kind })),
  ]);
  assert.deepEqual(ship.slice(0, 41), mandelbrot.slice(0, 41));
  assert.deepEqual(tricorn.slice(0, 41), mandelbrot.slice(0, 41));
  assert.notDeepEqual(ship, mandelbrot);
  assert.notDeepEqual(tricorn, mandelbrot);
});

test("counts: Newton finds the root it starts beside, at once, and names it by its angle", () => {
  const picture = checkPicture({
    kind: "newton",
    power: 4,
    width: 3,
    height: 3,
    xa: -1,
    xb: 1,
    ya: -1,
    yb: 1,
  });
  const counts = countsPlain(picture);
  const rootAt = (x: number, y: number) => counts[y * 3 + x] >>> rootShift;
  assert.deepEqual([rootAt(2, 1), rootAt(1, 2), rootAt(0, 1), rootAt(1, 0)], [1, 2, 3, 4]);
  assert.equal(counts[1 * 3 + 2] % 2 ** rootShift, 0);
  assert.equal(counts[1 * 3 + 1], picture.iterations - 1, "0 has no way to go");
});

test("counts: samples draw a finer grid over the same window", () => {
  const fine = checkPicture({ ...documentWindow, width: 20, height: 26 });
  const sampled = checkPicture({ ...documentWindow, width: 10, height: 13, samples: 2 });
  assert.deepEqual(countsPlain(sampled), countsPlain(fine));
});

test("counts: the continuous count lies above n + 1 and up to n + 2, and is continuous", () => {
  const picture = checkPicture({ ...documentWindow, width: 400, height: 3, iterations: 100 });
  const counts = countsPlain(picture);
  const continuous = continuousPlain(picture);
  for (const [at, value] of continuous.entries()) {
    if (value === 0) assert.equal(counts[at], 99);
    else if (counts[at] > 0)
      assert.ok(value > counts[at] + 0.7 && value < counts[at] + 2.3, `${value} for ${counts[at]}`);
  }
  const outside = [...continuous.subarray(0, 60)];
  const largestStep = Math.max(...outside.slice(1).map((value, at) => Math.abs(value - outside[at])));
  assert.ok(largestStep < 0.2, `it jumps by ${largestStep}`);
});

test("counts: log2 agrees with the engine's to the 12th digit", () => {
  for (let value = 1e-300; value < 1e300; value *= 1.37)
    assert.ok(Math.abs(log2(value) - Math.log2(value)) < 1e-12 * Math.max(1, Math.abs(Math.log2(value))));
});
