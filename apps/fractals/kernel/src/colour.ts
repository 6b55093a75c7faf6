import { gridOf, log2, rootShift } from "./counts.ts";
import { classicColours, ringOf, ringSize, type Ring } from "./palettes.ts";
import type { Picture } from "./picture.ts";

/** What was computed for a picture. */
export interface Values {
  readonly counts: Uint32Array;
  /** Continuous counts; absent where the colouring is by counts. */
  readonly continuous: Float32Array | undefined;
}

/** The pixels of a picture: palette indices with their colours, or red, green, blue. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB of each index; absent for truecolour. */
  readonly colours?: Uint32Array;
  /** One byte per pixel with `colours`, otherwise three; row by row. */
  readonly bytes: Uint8Array;
}

/** A turn of the ring takes this many doublings of the count. The first begins at a count of 0, in the dark. */
const octavesPerTurn = 3.2;

/**
 * Colours a picture. Everything is a lookup on what was computed, in arithmetic that all engines share, so
 * that a browser shows the pixels that the server stores.
 *
 * The document's palette goes by `count & 31` (with Newton, each root starts elsewhere in it); as a smooth
 * colouring it makes its turn in 32 counts too. The other palettes turn with the logarithm of the count, so
 * that one palette suits a picture of 50 iterations and one of 50,000. By histogram, half a ring and more is
 * shared out so that each colour gets the same area. For Newton, the ring gives each root its colour and
 * the count only a shade.
 */
export function colour(picture: Picture, values: Values): Pixels {
  const { width, height, samples } = picture;
  if (samples === 1 && picture.colouring === "counts" && picture.kind !== "newton")
    return indexed(picture, values.counts);
  const bytes = new Uint8Array(3 * width * height);
  const { columns } = gridOf(picture);
  const paint = painterOf(picture, values);
  const points = new Uint32Array(columns * samples);
  for (let row = 0; row < height; row++) {
    paint(points, row * samples * columns);
    averageRow(points, bytes.subarray(3 * row * width, 3 * (row + 1) * width), columns, samples);
  }
  return { width, height, bytes };
}

/** Red, green, blue, 255 for a canvas. */
export function toRgba({ colours, bytes }: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const pixels = colours === undefined ? bytes.length / 3 : bytes.length;
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const own = colours === undefined ? rgbAt(bytes, 3 * pixel) : colours[bytes[pixel]];
    rgba[4 * pixel] = own >> 16;
    rgba[4 * pixel + 1] = (own >> 8) & 255;
    rgba[4 * pixel + 2] = own & 255;
    rgba[4 * pixel + 3] = 255;
  }
  return rgba;
}

function rgbAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

/** Colours of counts fit a PNG palette: the document's 32, or 255 of the ring and the interior. */
function indexed(picture: Picture, counts: Uint32Array): Pixels {
  const { width, height, palette } = picture;
  const bytes = new Uint8Array(counts.length);
  if (palette === "classic") {
    for (let at = 0; at < counts.length; at++) bytes[at] = counts[at] & 31;
    return { width, height, colours: classicColours, bytes };
  }
  const ring = ringOf(palette);
  const colours = new Uint32Array(256);
  colours[0] = ring.interior;
  for (let index = 1; index < 256; index++)
    colours[index] = ring.colours[Math.floor(((index - 1) * ringSize) / 255)];
  const positions = octaveTable((value) => 1 + Math.floor(turnOf(value) * 255));
  const last = picture.iterations - 1;
  const scratch = new Float32Array(1);
  const bits = new Uint32Array(scratch.buffer);
  const known = new Uint8Array(Math.min(last, 65_536));
  for (let count = 0; count < known.length; count++) {
    scratch[0] = count + 1;
    known[count] = positions[(bits[0] >>> octaveShift) - octaveBase];
  }
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at];
    if (count < known.length) bytes[at] = known[count];
    else if (count < last) {
      scratch[0] = count + 1;
      bytes[at] = positions[(bits[0] >>> octaveShift) - octaveBase];
    }
  }
  return { width, height, colours, bytes };
}

/** Fills `points` with the colours of the points from `start` on. */
type Painter = (points: Uint32Array, start: number) => void;

function painterOf(picture: Picture, values: Values): Painter {
  if (picture.kind === "newton") return newtonPainter(picture, values);
  if (picture.colouring === "histogram") return histogramPainter(picture, values);
  if (picture.colouring === "smooth") return smoothPainter(picture, values);
  return countPainter(picture, values);
}

/** Counts with several samples per pixel: the colours of `indexed`, averaged later. */
function countPainter(picture: Picture, { counts }: Values): Painter {
  const { colours, bytes } = indexed(picture, counts);
  return (points, start) => {
    for (let at = 0; at < points.length; at++) points[at] = colours?.[bytes[start + at]] ?? 0;
  };
}

function smoothPainter({ palette }: Picture, { continuous }: Values): Painter {
  const ring = ringOf(palette);
  if (continuous === undefined) throw new Error("Smooth colours need continuous counts.");
  const bits = new Uint32Array(continuous.buffer, continuous.byteOffset, continuous.length);
  if (palette === "classic")
    return (points, start) => {
      for (let at = 0; at < points.length; at++) {
        const value = continuous[start + at];
        points[at] = value === 0 ? ring.interior : ring.colours[((value - 1) * 32) & (ringSize - 1)];
      }
    };
  const colours = octaveTable((value) => ring.colours[Math.floor(turnOf(value) * ringSize)]);
  return (points, start) => {
    for (let at = 0; at < points.length; at++) {
      const own = bits[start + at];
      points[at] = own === 0 ? ring.interior : colours[(own >>> octaveShift) - octaveBase];
    }
  };
}

/** The share of the ring that a histogram uses: it ends in the light, next to the dark interior. */
const histogramShare = 0.72;

function histogramPainter({ palette, iterations }: Picture, { continuous }: Values): Painter {
  const ring = ringOf(palette);
  if (continuous === undefined) throw new Error("Histogram colours need continuous counts.");
  const below = sharesBelow(continuous, iterations);
  return (points, start) => {
    for (let at = 0; at < points.length; at++) {
      const value = continuous[start + at];
      points[at] =
        value === 0
          ? ring.interior
          : ring.colours[Math.floor(shareAt(below, value) * histogramShare * (ringSize - 1))];
    }
  };
}

/** For each whole number, the share of escaping points whose continuous count is below it. */
function sharesBelow(continuous: Float32Array, iterations: number): Float64Array {
  const below = new Float64Array(iterations + 40);
  let total = 0;
  for (const value of continuous) {
    if (value === 0) continue;
    below[Math.min(Math.floor(value) + 1, below.length - 1)] += 1;
    total += 1;
  }
  for (let bin = 1; bin < below.length; bin++) below[bin] += below[bin - 1];
  if (total > 0) for (let bin = 0; bin < below.length; bin++) below[bin] /= total;
  return below;
}

function shareAt(below: Float64Array, value: number): number {
  const bin = Math.min(Math.floor(value), below.length - 2);
  const within = Math.min(value - bin, 1);
  return below[bin] + (below[bin + 1] - below[bin]) * within;
}

function newtonPainter(picture: Picture, { counts, continuous }: Values): Painter {
  const { palette, power, iterations } = picture;
  const ring = ringOf(palette);
  const mask = 2 ** rootShift - 1;
  if (palette === "classic" && continuous === undefined)
    return (points, start) => {
      for (let at = 0; at < points.length; at++) {
        const own = counts[start + at];
        points[at] = classicColours[((own & mask) + 11 * (own >>> rootShift)) & 31];
      }
    };
  const below =
    picture.colouring === "histogram" && continuous !== undefined
      ? sharesBelow(continuous, iterations)
      : undefined;
  const roots = rootColours(ring, power);
  return (points, start) => {
    for (let at = 0; at < points.length; at++) {
      const own = counts[start + at];
      const root = own >>> rootShift;
      if (root === 0) {
        points[at] = ring.interior;
        continue;
      }
      const value = continuous?.[start + at] ?? (own & mask) + 1;
      const light = below === undefined ? 9 / (6 + value) : 1 - 0.9 * shareAt(below, value);
      points[at] = shaded(roots[root - 1], Math.min(light, 1));
    }
  };
}

/** One colour of the ring for each root, from its livelier part. */
function rootColours(ring: Ring, power: number): number[] {
  return Array.from({ length: power }, (_, root) => {
    const place = 0.22 + (0.72 * root) / power;
    return ring.colours[Math.floor(place * ringSize)];
  });
}

function shaded(own: number, light: number): number {
  const red = Math.round((own >> 16) * light);
  const green = Math.round(((own >> 8) & 255) * light);
  return (red << 16) | (green << 8) | Math.round((own & 255) * light);
}

/** Where on the ring a count of 1 or more lies, from 0 to below 1. */
function turnOf(value: number): number {
  const turns = (log2(value + 1) - 1) / octavesPerTurn;
  return turns - Math.floor(turns);
}

/**
 * Tables by the upper bits of an f32 from 1 up: the exponent and 11 bits of the mantissa, which are nearly a
 * logarithm. 22 octaves cover every count.
 */
const octaveShift = 12;
const octaveBase = 127 << (23 - octaveShift);

function octaveTable(entry: (value: number) => number): Uint32Array {
  const table = new Uint32Array(22 << (23 - octaveShift));
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let index = 0; index < table.length; index++) {
    bits[0] = (index + octaveBase) << octaveShift;
    table[index] = entry(value[0]);
  }
  return table;
}

/** Averages samples as light adds up: squares of the channels, which is a display's curve nearly enough. */
function averageRow(points: Uint32Array, bytes: Uint8Array, columns: number, samples: number): void {
  if (samples === 1) {
    for (let at = 0; at < points.length; at++) {
      bytes[3 * at] = points[at] >> 16;
      bytes[3 * at + 1] = (points[at] >> 8) & 255;
      bytes[3 * at + 2] = points[at] & 255;
    }
    return;
  }
  for (let pixel = 0; pixel < columns / samples; pixel++) {
    let [red, green, blue] = [0, 0, 0];
    for (let sample = 0; sample < samples * samples; sample++) {
      const row = Math.floor(sample / samples);
      const own = points[row * columns + pixel * samples + (sample % samples)];
      red += (own >> 16) ** 2;
      green += ((own >> 8) & 255) ** 2;
      blue += (own & 255) ** 2;
    }
    const area = samples * samples;
    bytes[3 * pixel] = Math.round(Math.sqrt(red / area));
    bytes[3 * pixel + 1] = Math.round(Math.sqrt(green / area));
    bytes[3 * pixel + 2] = Math.round(Math.sqrt(blue / area));
  }
}
