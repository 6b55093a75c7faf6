import assert from "node:assert/strict";
import { test } from "node:test";
import { continuousPlain, countsPlain, gridOf } from "./counts.ts";
import { chunkRows, drawRows, layoutOf, writeTables } from "./draw.ts";
import { checkPicture } from "./limits.ts";
import { kinds, type Picture } from "./picture.ts";
import { seededRoll } from "./random-julia.ts";
import { compileKernel, kernelOn, memoryOf } from "./wasm.ts";

const module = await compileKernel({ shared: false });

/** Draws as a thread does. `hint` 1000 takes the kernel for long orbits throughout, -1 never. */
function draw(picture: Picture, hint?: number, band = chunkRows) {
  const layout = layoutOf(picture, { threads: 2 });
  const memory = memoryOf(layout.bytes, { shared: false });
  const kernel = kernelOn(module, memory);
  const { columns, rows } = gridOf(picture);
  writeTables(picture, layout, memory);
  let mean = 0;
  for (let from = 0; from < rows; from += band) {
    const to = Math.min(from + band, rows);
    mean = drawRows(kernel, picture, layout, { from, to, thread: 1, hint: hint ?? mean });
  }
  return {
    counts: new Uint32Array(memory.buffer, layout.counts, columns * rows),
    continuous: new Float32Array(memory.buffer, layout.smooth, columns * rows),
  };
}

function check(asked: Partial<Picture>): void {
  const picture = checkPicture({ colouring: "smooth", ...asked });
  const plain = countsPlain(picture);
  const continuous = continuousPlain(picture);
  const said = JSON.stringify(picture);
  for (const hint of [-1, 1000, undefined]) {
    const drawn = draw(picture, hint);
    assert.deepEqual(drawn.counts, plain, `counts of ${said}, hint ${hint}`);
    assert.deepEqual(drawn.continuous, continuous, `continuous counts of ${said}, hint ${hint}`);
  }
}

const everyKind: Partial<Picture>[] = [
  ...kinds.filter((kind) => kind !== "multibrot" && kind !== "newton").map((kind) => ({ kind })),
  ...[2, 3, 4, 5, 6, 7, 8].flatMap((power) => [
    { kind: "multibrot" as const, power },
    { kind: "newton" as const, power },
  ]),
];

test("kernel: WASM equals the plain meaning for every kind and power, at every awkward size", () => {
  const sizes = [
    [2, 2],
    [3, 2],
    [2, 5],
    [5, 3],
    [6, 13],
    [7, 25],
    [31, 12],
  ];
  for (const kind of everyKind)
    for (const [width, height] of sizes)
      for (const iterations of [1, 2, 3, 8, 17, 26, 80]) check({ ...kind, width, height, iterations });
});

test("kernel: WASM equals the plain meaning in mirrored windows", () => {
  for (const kind of everyKind)
    check({ ...kind, width: 23, height: 17, iterations: 70, xa: 1.3, xb: -1.9, ya: 1.2, yb: -1.1 });
});

test("kernel: orbits that come back inside, |c| > 2, are counted at their first escape", () => {
  for (const [cx, cy] of [
    [-2.2, 0],
    [2, 1.5],
    [-2.5, 0.01],
    [0, 2.001],
    [-1.999, 0.002],
    [-2, 0],
    [0, 1.998],
  ])
    check({ width: 61, height: 19, iterations: 60, xa: -2.6, xb: 2.6, ya: -0.4, yb: 0.4, cx, cy });
});

test("kernel: windows at the ends of the number line", () => {
  for (const kind of everyKind)
    for (const [from, to] of [
      [-1e300, 1e300],
      [1e-320, 2e-320],
      [1e17, 1.0000001e17],
      [0, 5e-324],
      [-1e154, 1e155],
    ])
      check({ ...kind, width: 7, height: 5, iterations: 40, xa: from, xb: to, ya: to, yb: from });
});

test("kernel: interior, Brent and blocks: long orbits end where the plain loop ends", () => {
  for (const asked of [
    { cx: -0.123, cy: 0.745 },
    { cx: -1, cy: 0 },
    { cx: 0, cy: 0 },
    { cx: 0.25, cy: 0 },
    { kind: "mandelbrot" },
    { kind: "burning-ship" },
    { kind: "tricorn" },
    { kind: "multibrot", power: 4 },
  ] as const)
    for (const iterations of [255, 257, 265, 2001]) check({ ...asked, width: 21, height: 9, iterations });
});

test("kernel: the cardioid and the bulb hold nothing that escapes", () => {
  for (const window of [
    { xa: 0.24, xb: 0.26, ya: -0.01, yb: 0.01 },
    { xa: -0.76, xb: -0.74, ya: -0.01, yb: 0.01 },
    { xa: -1.26, xb: -1.24, ya: -0.01, yb: 0.01 },
  ])
    check({ kind: "mandelbrot", ...window, width: 22, height: 21, iterations: 1000 });
});

test("kernel: rows may be drawn in bands of any height", () => {
  const picture = checkPicture({ kind: "mandelbrot", width: 27, height: 22, iterations: 60, samples: 2 });
  const plain = countsPlain(picture);
  for (const band of [1, 2, 3, 5, 44]) assert.deepEqual(draw(picture, undefined, band).counts, plain);
});

test("kernel: random pictures of all kinds, WASM against plain", () => {
  const seed = Date.now() % 2 ** 31;
  const roll = seededRoll(seed);
  const pick = (low: number, high: number) => low + Math.floor(roll() * (high - low + 1));
  for (let round = 0; round < 50; round++) {
    const scale = 10 ** -pick(0, 6);
    const [x, y] = [roll() * 3 - 2, roll() * 2.4 - 1.2];
    try {
      check({
        ...everyKind[pick(0, everyKind.length - 1)],
        width: pick(2, 40),
        height: pick(2, 30),
        iterations: pick(1, 200),
        xa: x - scale,
        xb: x + scale,
        ya: y - scale,
        yb: y + scale,
        cx: roll() * 3 - 1.5,
        cy: roll() * 3 - 1.5,
        samples: pick(1, 2),
      });
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}`, { cause: error });
    }
  }
});
