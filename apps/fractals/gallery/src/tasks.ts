/** What the page asks the API to draw: again, alike, or by surprise. */
import type { Fractal, FractalRequest } from "@fractals/client/fractal.ts";
import { homeWindows } from "@fractals/kernel/limits.ts";
import { kinds, palettes, type Picture } from "@fractals/kernel/picture.ts";

/** Numbers in [0, 1). */
export type Roll = () => number;

/** The parameters of a fractal, without what came of it. */
export function pictureOf(fractal: Picture): Picture {
  const { kind, width, height, iterations, xa, xb, ya, yb, cx, cy, power, palette, colouring, samples } =
    fractal;
  return { kind, width, height, iterations, xa, xb, ya, yb, cx, cy, power, palette, colouring, samples };
}

/** The same view so coarse that a wall of them costs nothing. */
export function glimpseOf(fractal: Picture): Picture {
  return { ...pictureOf(fractal), iterations: Math.min(fractal.iterations, 300), samples: 1 };
}

/** Exactly the same picture once more. */
export function again(fractal: Fractal): FractalRequest {
  return { ...pictureOf(fractal), seed: fractal.seed };
}

/** The same settings with another constant (Julia sets) or a place nearby (the others). */
export function similar(fractal: Fractal, roll: Roll): FractalRequest {
  const { cx: _cx, cy: _cy, ...rest } = pictureOf(fractal);
  const seed = newSeed(roll);
  if (fractal.kind === "julia") return { ...rest, seed };
  return { ...rest, ...nearby(fractal, roll), seed };
}

/** An integer that fits the API's seed: below 2^31. */
export function newSeed(roll: Roll): number {
  return Math.floor(roll() * 2 ** 31);
}

/** A third of the window, somewhere inside it. */
function nearby({ xa, xb, ya, yb }: Picture, roll: Roll): Pick<Picture, "xa" | "xb" | "ya" | "yb"> {
  const [width, height] = [xb - xa, yb - ya];
  const left = xa + (width * 2 * roll()) / 3;
  const top = ya + (height * 2 * roll()) / 3;
  return { xa: left, xb: left + width / 3, ya: top, yb: top + height / 3 };
}

const shapes = [
  [1200, 900],
  [900, 1200],
  [1200, 800],
  [1000, 1000],
  [1400, 700],
] as const;

/** Places that are known to be worth a picture: middle and height of the window. */
const places: readonly {
  readonly kind: Picture["kind"];
  readonly x: number;
  readonly y: number;
  readonly height: number;
}[] = [
  { kind: "mandelbrot", x: -0.7436, y: 0.1318, height: 0.012 },
  { kind: "mandelbrot", x: -0.1607, y: 1.0376, height: 0.06 },
  { kind: "mandelbrot", x: 0.2825, y: 0.0101, height: 0.012 },
  { kind: "mandelbrot", x: -1.2565, y: 0.3803, height: 0.03 },
  { kind: "burning-ship", x: -1.762, y: -0.028, height: 0.08 },
  { kind: "tricorn", x: -0.2, y: 0, height: 2.6 },
  { kind: "multibrot", x: 0, y: 0, height: 2.4 },
  { kind: "newton", x: 0, y: 0, height: 2.4 },
];

/** So many different pictures, about half of them Julia sets whose constants the API chooses. */
export function surprises(count: number, roll: Roll): FractalRequest[] {
  return Array.from({ length: count }, () => surprise(roll));
}

function surprise(roll: Roll): FractalRequest {
  const [width, height] = pick(shapes, roll);
  const palette = pick(palettes.slice(1), roll);
  const shared = { width, height, palette, samples: 2, seed: newSeed(roll) };
  if (roll() < 0.5) {
    const home = homeWindows[kinds[0]];
    const window = windowAround({ x: 0, y: 0, height: home.yb - home.ya }, width / height);
    return { kind: "julia", ...shared, ...window, iterations: 500, colouring: "smooth" };
  }
  const { kind, ...place } = pick(places, roll);
  const power = kind === "multibrot" || kind === "newton" ? { power: 3 + Math.floor(roll() * 4) } : {};
  const colouring = kind === "newton" ? "smooth" : pick(["smooth", "histogram"] as const, roll);
  return { kind, ...shared, ...power, ...windowAround(place, width / height), iterations: 1000, colouring };
}

/** The window with the given middle and height in the proportions of a picture. */
export function windowAround(
  { x, y, height }: { x: number; y: number; height: number },
  proportion: number,
): Pick<Picture, "xa" | "xb" | "ya" | "yb"> {
  const width = height * proportion;
  return { xa: x - width / 2, xb: x + width / 2, ya: y - height / 2, yb: y + height / 2 };
}

function pick<Item>(items: readonly Item[], roll: Roll): Item {
  return items[Math.floor(roll() * items.length)];
}
