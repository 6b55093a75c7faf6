/**
 * The form's state: what is typed, as text, and what it means. A constant that is left empty is
 * chosen by the seed, here for the preview and by the API for the picture, by one rule, so that
 * both show the same.
 */
import type { FractalRequest } from "@fractals/client/fractal.ts";
import { checkPicture, homeWindows, PictureError } from "@fractals/kernel/limits.ts";
import { kinds, type Kind, type Picture } from "@fractals/kernel/picture.ts";
import { randomJulia, seededRoll } from "@fractals/kernel/random-julia.ts";
import { windowAround } from "./tasks.ts";

export const numberFields = [
  "width",
  "height",
  "iterations",
  "xa",
  "xb",
  "ya",
  "yb",
  "cx",
  "cy",
  "power",
  "samples",
  "seed",
] as const;
export const wordFields = ["kind", "palette", "colouring"] as const;
export type NumberField = (typeof numberFields)[number];
export type Field = NumberField | (typeof wordFields)[number];
/** What is typed in each field. */
export type FormValues = Readonly<Record<Field, string>>;
/** What is wrong, by field. */
export type FieldErrors = Readonly<Partial<Record<string, string>>>;

export interface Reading {
  readonly errors: FieldErrors;
  /** What is sent; undefined while something is wrong. */
  readonly request: FractalRequest | undefined;
  /** What will be drawn, the chosen constant included; undefined while something is wrong. */
  readonly picture: Picture | undefined;
}

export function startValues(seed: number, kind: Kind = "julia"): FormValues {
  const home = homeWindows[kind];
  return {
    kind,
    width: "1200",
    height: "900",
    iterations: "400",
    xa: text(home.xa),
    xb: text(home.xb),
    ya: text(home.ya),
    yb: text(home.yb),
    cx: "",
    cy: "",
    power: "3",
    palette: "dusk",
    colouring: "smooth",
    samples: "2",
    seed: String(seed),
  };
}

/** Takes over what is given under the fields' names, from an address or from a fractal; the rest is ignored. */
export function withGiven(values: FormValues, given: { readonly [field: string]: unknown }): FormValues {
  const known = [...numberFields, ...wordFields].flatMap((field) => {
    const value = given[field];
    return typeof value === "string" || typeof value === "number" ? [[field, String(value)]] : [];
  });
  return { ...values, ...(Object.fromEntries(known) as Partial<FormValues>) };
}

/** Another formula, seen whole. */
export function withKind(values: FormValues, kind: Kind): FormValues {
  const home = homeWindows[kind];
  const middle = { x: (home.xa + home.xb) / 2, y: (home.ya + home.yb) / 2, height: home.yb - home.ya };
  return withWindow({ ...values, kind }, windowAround(middle, proportionOf(values)));
}

export function withHome(values: FormValues): FormValues {
  return withKind(values, kindOf(values));
}

export function withWindow(values: FormValues, window: Pick<Picture, "xa" | "xb" | "ya" | "yb">): FormValues {
  return { ...values, xa: text(window.xa), xb: text(window.xb), ya: text(window.ya), yb: text(window.yb) };
}

/** Another size; the window gets its proportions around the same middle. */
export function withSize(values: FormValues, width: number, height: number): FormValues {
  return undistorted({ ...values, width: String(width), height: String(height) });
}

/** The same middle and height of the window, with its width in the picture's proportions. */
export function undistorted(values: FormValues): FormValues {
  const [xa, xb, ya, yb] = [values.xa, values.xb, values.ya, values.yb].map(number);
  if (![xa, xb, ya, yb].every(Number.isFinite)) return values;
  const width = Math.abs(yb - ya) * proportionOf(values);
  const middle = (xa + xb) / 2;
  const sign = xb < xa ? -1 : 1;
  return { ...values, xa: text(middle - (sign * width) / 2), xb: text(middle + (sign * width) / 2) };
}

/** Whether the picture would look stretched, by more than one part in a hundred. */
export function isDistorted({ width, height, xa, xb, ya, yb }: Picture): boolean {
  return Math.abs((Math.abs(xb - xa) * height) / (Math.abs(yb - ya) * width) - 1) > 0.01;
}

/** A window `factor` times as large around a point given in parts of the picture (0 to 1). */
export function zoomed(
  { xa, xb, ya, yb }: Picture,
  { x, y, factor }: { x: number; y: number; factor: number },
): Pick<Picture, "xa" | "xb" | "ya" | "yb"> {
  const [centreX, centreY] = [xa + (xb - xa) * x, ya + (yb - ya) * y];
  const [halfX, halfY] = [((xb - xa) * factor) / 2, ((yb - ya) * factor) / 2];
  return { xa: centreX - halfX, xb: centreX + halfX, ya: centreY - halfY, yb: centreY + halfY };
}

/** What the fields mean, or what is wrong with them. */
export function readForm(values: FormValues, notNumber: string): Reading {
  const { asked, errors } = readFields(values, notNumber);
  try {
    if (Object.keys(errors).length > 0) return { errors, request: undefined, picture: undefined };
    const picture = checkPicture(asked);
    const { cx, cy, ...rest } = picture;
    const seed = number(values.seed);
    const isChosen = picture.kind === "julia" && asked["cx"] === undefined;
    const request = {
      ...rest,
      ...(picture.kind === "julia" && !isChosen && { cx, cy }),
      seed,
    };
    const constant = isChosen ? randomJulia(picture, seededRoll(seed)) : { cx, cy };
    return { errors, request, picture: { ...picture, ...constant } };
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return { errors: { [error.field]: error.message }, request: undefined, picture: undefined };
  }
}

function readFields(values: FormValues, notNumber: string) {
  const asked: Record<string, unknown> = {
    kind: values.kind,
    palette: values.palette,
    colouring: values.colouring,
  };
  const errors: Record<string, string> = {};
  const hasConstant = values.kind === "julia" && (values.cx.trim() !== "" || values.cy.trim() !== "");
  for (const field of numberFields) {
    if ((field === "cx" || field === "cy") && !hasConstant) continue;
    if (field === "power" && values.kind !== "multibrot" && values.kind !== "newton") continue;
    const value = number(values[field]);
    if (Number.isFinite(value)) asked[field] = value;
    else errors[field] = notNumber;
  }
  return { asked, errors };
}

export function kindOf(values: FormValues): Kind {
  return kinds.find((kind) => kind === values.kind) ?? "julia";
}

function proportionOf({ width, height }: FormValues): number {
  const proportion = number(width) / number(height);
  return Number.isFinite(proportion) && proportion > 0 ? proportion : 4 / 3;
}

/** Accepts a comma and a true minus sign; what is empty is not a number. */
function number(typed: string): number {
  const plain = typed.trim().replace(",", ".").replace("−", "-");
  return plain === "" ? Number.NaN : Number(plain);
}

/** Twelve digits: enough for any window that f64 can draw, without the noise of its last bits. */
function text(value: number): string {
  return String(Number(value.toPrecision(12)));
}
