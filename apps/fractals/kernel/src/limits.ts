import { colourings, kinds, palettes, type Kind, type Picture } from "./picture.ts";

/** Points of one picture, samples included: 8192 x 4096, or 4096 x 2048 at 2 x 2 samples. */
export const maximumPoints = 32 * 1024 * 1024;
export const maximumIterations = 1_000_000;

/** Steps of one picture, if no point escaped: a few minutes of one core. */
export const maximumWork = 200_000_000_000;

export const minimumSize = 2;
export const maximumSize = 32_768;
export const maximumSamples = 4;

/** A picture cannot be drawn as asked. The message is a sentence for the one who asked. */
export class PictureError extends Error {
  override name = "PictureError";
  /** The field at fault. */
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Steps that a picture takes at most: points times iterations. */
export function workOf(picture: Pick<Picture, "width" | "height" | "samples" | "iterations">): number {
  return pointsOf(picture) * picture.iterations;
}

/** Points that a picture has: pixels times samples. */
export function pointsOf({ width, height, samples }: Pick<Picture, "width" | "height" | "samples">): number {
  return width * height * samples * samples;
}

interface Window {
  readonly xa: number;
  readonly xb: number;
  readonly ya: number;
  readonly yb: number;
}

/** What a kind shows when no window is asked for. */
export const homeWindows: Readonly<Record<Kind, Window>> = {
  julia: { xa: -1.6, xb: 1.6, ya: -1.2, yb: 1.2 },
  mandelbrot: { xa: -2.3, xb: 0.9, ya: -1.2, yb: 1.2 },
  "burning-ship": { xa: -2.3, xb: 1.5, ya: -2, yb: 0.85 },
  tricorn: { xa: -2.5, xb: 1.9, ya: -1.65, yb: 1.65 },
  multibrot: { xa: -1.8, xb: 1.8, ya: -1.35, yb: 1.35 },
  newton: { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
};

/**
 * Makes a picture of what someone asked for: fills in what is absent, and refuses what cannot be drawn.
 *
 * Fields that are not a picture's are left out. A negative zero becomes 0, so that the picture reads
 * the same after a round trip through JSON. `xa > xb` and `ya > yb` are allowed: the picture is mirrored.
 *
 * @throws PictureError naming the first field at fault
 */
export function checkPicture(asked: { readonly [field: string]: unknown }): Picture {
  const kind = oneOf(asked, "kind", kinds, "julia");
  const home = homeWindows[kind];
  const isJulia = kind === "julia";
  const hasPower = kind === "multibrot" || kind === "newton";
  const picture: Picture = {
    kind,
    width: integer(asked, "width", { low: minimumSize, high: maximumSize, otherwise: 800 }),
    height: integer(asked, "height", { low: minimumSize, high: maximumSize, otherwise: 600 }),
    iterations: integer(asked, "iterations", { low: 1, high: maximumIterations, otherwise: 256 }),
    xa: real(asked, "xa", home.xa),
    xb: real(asked, "xb", home.xb),
    ya: real(asked, "ya", home.ya),
    yb: real(asked, "yb", home.yb),
    cx: isJulia ? real(asked, "cx", -0.4) : 0,
    cy: isJulia ? real(asked, "cy", 0.6) : 0,
    power: hasPower ? integer(asked, "power", { low: 2, high: 8, otherwise: 3 }) : 2,
    palette: oneOf(asked, "palette", palettes, "classic"),
    colouring: oneOf(asked, "colouring", colourings, "counts"),
    samples: integer(asked, "samples", { low: 1, high: maximumSamples, otherwise: 1 }),
  };
  checkSpan(picture, "xb", picture.xa, picture.xb, picture.width);
  checkSpan(picture, "yb", picture.ya, picture.yb, picture.height);
  checkSize(picture);
  return picture;
}

function checkSpan({ samples }: Picture, field: "xb" | "yb", from: number, to: number, pixels: number): void {
  const other = field === "xb" ? "xa" : "ya";
  if (from === to) throw new PictureError(field, `${field} must differ from ${other}; both are ${to}.`);
  if (!Number.isFinite((to - from) * (pixels * samples)))
    throw new PictureError(field, `${field} is too far from ${other} to be computed with.`);
}

function checkSize(picture: Picture): void {
  const points = pointsOf(picture);
  if (points > maximumPoints) {
    const field = picture.samples > 1 ? "samples" : "width";
    throw new PictureError(
      field,
      `width x height x samples x samples is ${points}; at most ${maximumPoints} points are drawn.`,
    );
  }
  if (workOf(picture) > maximumWork)
    throw new PictureError(
      "iterations",
      `iterations x points is ${workOf(picture)}; at most ${maximumWork} steps are computed for one picture.`,
    );
}

type Asked = { readonly [field: string]: unknown };

function integer(
  asked: Asked,
  field: string,
  { low, high, otherwise }: { low: number; high: number; otherwise: number },
): number {
  const value = asked[field] ?? otherwise;
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high)
    throw new PictureError(field, `${field} must be a whole number from ${low} to ${high}${got(value)}.`);
  return value as number;
}

function real(asked: Asked, field: string, otherwise: number): number {
  const value = asked[field] ?? otherwise;
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new PictureError(field, `${field} must be a finite number${got(value)}.`);
  return value + 0;
}

function oneOf<Name extends string>(
  asked: Asked,
  field: string,
  names: readonly Name[],
  otherwise: Name,
): Name {
  const value = asked[field] ?? otherwise;
  const name = names.find((known) => known === value);
  if (name === undefined)
    throw new PictureError(field, `${field} must be one of ${names.join(", ")}${got(value)}.`);
  return name;
}

function got(value: unknown): string {
  if (typeof value === "string") return `, not "${value.slice(0, 40)}"`;
  return typeof value === "number" ? `, not ${value}` : "";
}
