/** Points of a curve in a small box. */

export interface Box {
  readonly width: number;
  readonly height: number;
}

/**
 * A scale that ends at the least there is to show, or at a round number above all values, so that the curve
 * does not jump with each one.
 */
export function topOf(values: readonly number[], least: number): number {
  const highest = Math.max(least, ...values);
  if (highest === least) return least;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= highest) ?? highest;
}

/**
 * The `d` of an SVG path, the newest value at the right edge.
 *
 * @param most how many values fit from edge to edge
 */
export function curveOf(
  values: readonly number[],
  { box, top, most }: { readonly box: Box; readonly top: number; readonly most: number },
): string {
  const step = box.width / Math.max(1, most - 1);
  const start = box.width - (values.length - 1) * step;
  return values
    .map((value, at) => {
      const x = start + at * step;
      const y = box.height - (Math.min(value, top) / top) * box.height;
      return `${at === 0 ? "M" : "L"}${round(x)} ${round(y)}`;
    })
    .join("");
}

/** The same, closed along the bottom. */
export function areaOf(values: readonly number[], frame: Parameters<typeof curveOf>[1]): string {
  if (values.length < 2) return "";
  const { box, most } = frame;
  const start = box.width - (values.length - 1) * (box.width / Math.max(1, most - 1));
  return `${curveOf(values, frame)}L${round(box.width)} ${box.height}L${round(start)} ${box.height}Z`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
