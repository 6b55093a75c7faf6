/**
 * Lays pictures of different shapes out in rows of equal width, as photographs hang on a wall:
 * each row is as high as it must be for its pictures to fill it side by side.
 */
export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** One picture's place, in CSS pixels from the top left corner of the wall. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Wall {
  /** In the order of the shapes. */
  readonly places: readonly Place[];
  /** Index of the first picture of each row. */
  readonly rowStarts: readonly number[];
  readonly height: number;
}

/** Panoramas and ladders are cropped to these proportions (width by height) so that no row is spoilt by one. */
const narrowest = 0.6;
const widest = 2.2;

/**
 * @param shapes    only their proportions matter
 * @param wallWidth CSS pixels
 * @param rowHeight about how high a row should be, in CSS pixels; the last row is never higher
 */
export function hang(
  shapes: readonly Shape[],
  { wallWidth, rowHeight, gap }: { wallWidth: number; rowHeight: number; gap: number },
): Wall {
  const places: Place[] = [];
  const rowStarts: number[] = [];
  let top = 0;
  for (let first = 0; first < shapes.length;) {
    const row = takeRow(shapes, first, { wallWidth, rowHeight, gap });
    rowStarts.push(first);
    let left = 0;
    row.proportions.forEach((proportion) => {
      const width = row.height * proportion;
      places.push({ left, top, width, height: row.height });
      left += width + gap;
    });
    top += row.height + gap;
    first += row.proportions.length;
  }
  return { places, rowStarts, height: Math.max(0, top - gap) };
}

function takeRow(
  shapes: readonly Shape[],
  first: number,
  { wallWidth, rowHeight, gap }: { wallWidth: number; rowHeight: number; gap: number },
): { proportions: number[]; height: number } {
  const proportions: number[] = [];
  let sum = 0;
  const heightFor = (total: number, count: number) => (wallWidth - gap * (count - 1)) / total;
  for (let index = first; index < shapes.length; index++) {
    const proportion = proportionOf(shapes[index]);
    const nextHeight = heightFor(sum + proportion, proportions.length + 1);
    if (proportions.length > 0 && nextHeight < rowHeight) {
      const height = heightFor(sum, proportions.length);
      // Whichever is nearer to the wished height: the row without this picture, or with it.
      if (height - rowHeight <= rowHeight - nextHeight) return { proportions, height };
      return { proportions: [...proportions, proportion], height: nextHeight };
    }
    proportions.push(proportion);
    sum += proportion;
  }
  return { proportions, height: Math.min(rowHeight, heightFor(sum, proportions.length)) };
}

function proportionOf({ width, height }: Shape): number {
  return Math.min(widest, Math.max(narrowest, width / height));
}

/** The pictures, first to before last, whose rows touch the band from `top` to `bottom`. */
export function visibleRange(wall: Wall, top: number, bottom: number): { first: number; end: number } {
  const { places, rowStarts } = wall;
  const from = rowStarts.findLastIndex((start) => places[start].top <= top);
  const to = rowStarts.findIndex((start) => places[start].top > bottom);
  return { first: rowStarts[Math.max(0, from)] ?? 0, end: to < 0 ? places.length : rowStarts[to] };
}

export type Step = "left" | "right" | "up" | "down" | "home" | "end";

/** Where an arrow key leads from a picture: along the list, or to what hangs above or below its middle. */
export function stepFrom(wall: Wall, index: number, step: Step): number {
  const last = wall.places.length - 1;
  switch (step) {
    case "left":
      return Math.max(0, index - 1);
    case "right":
      return Math.min(last, index + 1);
    case "home":
      return 0;
    case "end":
      return last;
    case "up":
      return nearestInRow(wall, index, -1);
    default:
      return nearestInRow(wall, index, 1);
  }
}

function nearestInRow({ places, rowStarts }: Wall, index: number, by: -1 | 1): number {
  const row = rowStarts.findLastIndex((start) => start <= index) + by;
  const start = rowStarts[row];
  if (start === undefined) return index;
  const end = rowStarts[row + 1] ?? places.length;
  const middle = places[index].left + places[index].width / 2;
  const distance = (other: number) => Math.abs(places[other].left + places[other].width / 2 - middle);
  let nearest = start;
  for (let other = start; other < end; other++) if (distance(other) < distance(nearest)) nearest = other;
  return nearest;
}
