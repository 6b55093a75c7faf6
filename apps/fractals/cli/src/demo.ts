import type { FractalRequest } from "@fractals/client/fractal.ts";
import { choices, randomRequest, type Choice, type ChoiceName } from "./random-request.ts";

/** Well-known places, and how they look well. */
const places: readonly FractalRequest[] = [
  { kind: "mandelbrot", xa: -2.2, xb: 0.8, ya: -1.125, yb: 1.125, iterations: 500, palette: "aurora" },
  { kind: "mandelbrot", xa: -0.7616, xb: -0.7356, ya: 0.09, yb: 0.1095, iterations: 1500, palette: "ember" },
  {
    kind: "julia",
    cx: -0.8,
    cy: 0.156,
    xa: -1.6,
    xb: 1.6,
    ya: -1.2,
    yb: 1.2,
    iterations: 600,
    palette: "ocean",
  },
  { kind: "burning-ship", xa: -1.8, xb: -1.7, ya: -0.085, yb: -0.01, iterations: 400, palette: "dusk" },
  { kind: "newton", power: 3, xa: -2, xb: 2, ya: -1.5, yb: 1.5, iterations: 60, palette: "forest" },
  { kind: "multibrot", power: 4, xa: -1.6, xb: 1.6, ya: -1.2, yb: 1.2, iterations: 400, palette: "glacier" },
];

const randomFractals = 6;

/** What a first visitor sees: some famous places, and some fractals drawn by lot in the tutorial's own colours (CL-39). */
export function demoRequests(roll: () => number): FractalRequest[] {
  const open = Object.fromEntries(
    Object.entries(choices).map(([name, { low, high }]) => [name, { exact: undefined, low, high }]),
  ) as Record<ChoiceName, Choice>;
  const famous = places.map(
    (place) => ({ width: 800, height: 600, colouring: "smooth", samples: 2, ...place }) as const,
  );
  const random = Array.from({ length: randomFractals }, () => randomRequest(open, { kind: "julia" }, roll));
  return famous.flatMap((place, at) => (random[at] ? [random[at], place] : [place]));
}
