import type { FractalRequest } from "@fractals/client/fractal.ts";

/** A number that is given, or drawn between two bounds. */
export interface Choice {
  readonly exact: number | undefined;
  readonly low: number;
  readonly high: number;
}

/** What `create` leaves to chance, with the bounds of the tutorial's application. */
export const choices = {
  width: { low: 256, high: 1024, whole: true, help: "pixels" },
  height: { low: 256, high: 1024, whole: true, help: "pixels" },
  iterations: { low: 128, high: 512, whole: true, help: "where counting stops" },
  xa: { low: -4, high: -1, whole: false, help: "the left edge of the window" },
  xb: { low: 1, high: 4, whole: false, help: "the right edge" },
  ya: { low: -3, high: -0.5, whole: false, help: "the top edge" },
  yb: { low: 0.5, high: 3, whole: false, help: "the bottom edge" },
  tasks: { low: 1, high: 10, whole: true, help: "how many fractals" },
} as const;

export type ChoiceName = keyof typeof choices;

/** Draws a whole number or any number between the bounds, whichever way round they are given. */
export function choose(name: ChoiceName, { exact, low, high }: Choice, roll: () => number): number {
  if (exact !== undefined) return exact;
  const [from, to] = [Math.min(low, high), Math.max(low, high)];
  if (!choices[name].whole) return from + roll() * (to - from);
  return Math.floor(from + roll() * (to - from + 1));
}

/** One request with everything that `given` leaves open drawn by lot. */
export function randomRequest(
  given: Readonly<Record<ChoiceName, Choice>>,
  fixed: FractalRequest,
  roll: () => number,
): FractalRequest {
  const names = (Object.keys(choices) as ChoiceName[]).filter((name) => name !== "tasks");
  return { ...Object.fromEntries(names.map((name) => [name, choose(name, given[name], roll)])), ...fixed };
}
