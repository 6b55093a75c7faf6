import type { Pixels } from "./colour.ts";
import { decodePng, encodePng } from "./png.ts";

/**
 * A small PNG of a picture, for a gallery: each pixel is the mean of those it covers, as light adds up.
 * A picture that is no wider stays as large as it is. The file carries no parameters: it is not the picture.
 *
 * @param source   one of our own PNG files, or its pixels
 * @param maxWidth the most pixels in a row, at least 1
 * @throws PictureError with the field `png` for a file that is not ours
 */
export async function thumbnail(
  source: Uint8Array | Pixels,
  maxWidth: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return encodePng(reduced(source instanceof Uint8Array ? decodePng(source) : source, maxWidth));
}

function reduced(pixels: Pixels, maxWidth: number): Pixels {
  if (pixels.width <= maxWidth) return pixels;
  const width = Math.max(Math.floor(maxWidth), 1);
  const height = Math.max(Math.round((pixels.height * width) / pixels.width), 1);
  const bytes = new Uint8Array(3 * width * height);
  const light = lightOf(pixels.colours);
  const columns = Uint32Array.from({ length: width + 1 }, (_, x) => Math.floor((x * pixels.width) / width));
  const sums = new Float64Array(3 * width);
  for (let row = 0; row < height; row++) {
    const from = Math.floor((row * pixels.height) / height);
    const to = Math.max(Math.floor(((row + 1) * pixels.height) / height), from + 1);
    sums.fill(0);
    for (let y = from; y < to; y++) addRow(pixels, light, columns, y, sums);
    for (let x = 0; x < width; x++) {
      const area = (to - from) * (columns[x + 1] - columns[x]);
      for (let channel = 0; channel < 3; channel++)
        bytes[3 * (row * width + x) + channel] = Math.round(Math.sqrt(sums[3 * x + channel] / area));
    }
  }
  return { width, height, bytes };
}

/** The squares of a palette's channels, three per index; for truecolour those of each channel value. */
function lightOf(colours: Uint32Array | undefined): Float64Array {
  if (colours === undefined) return Float64Array.from({ length: 256 }, (_, value) => value * value);
  const light = new Float64Array(3 * colours.length);
  colours.forEach((own, index) => {
    light[3 * index] = (own >> 16) ** 2;
    light[3 * index + 1] = ((own >> 8) & 255) ** 2;
    light[3 * index + 2] = (own & 255) ** 2;
  });
  return light;
}

function addRow(
  pixels: Pixels,
  light: Float64Array,
  columns: Uint32Array,
  y: number,
  sums: Float64Array,
): void {
  const { width, bytes, colours } = pixels;
  for (let x = 0; x < columns.length - 1; x++) {
    let [red, green, blue] = [0, 0, 0];
    for (let column = columns[x]; column < columns[x + 1]; column++) {
      if (colours === undefined) {
        const at = 3 * (y * width + column);
        red += light[bytes[at]];
        green += light[bytes[at + 1]];
        blue += light[bytes[at + 2]];
      } else {
        const at = 3 * bytes[y * width + column];
        red += light[at];
        green += light[at + 1];
        blue += light[at + 2];
      }
    }
    sums[3 * x] += red;
    sums[3 * x + 1] += green;
    sums[3 * x + 2] += blue;
  }
}
