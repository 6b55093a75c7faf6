// PNG as we write it: 8-bit palette or truecolour, the Up filter, deflate level 1 with run-length matches.
// That is the fastest of what was measured, and smaller than level 6 without a filter.
// Source: https://www.w3.org/TR/png-3/
import { promisify } from "node:util";
import { constants, crc32, deflate, deflateSync, inflateSync, type ZlibOptions } from "node:zlib";
import type { Pixels } from "./colour.ts";
import { checkPicture, maximumPoints, PictureError } from "./limits.ts";
import type { Picture } from "./picture.ts";

/** The keyword of the iTXt chunk that carries a picture's parameters. */
export const keyword = "Fractals";

/**
 * The version of what the chunk holds: JSON with `version` and the fields of `Picture`. Its numbers are the
 * shortest decimals that read back as the same doubles.
 */
export const parametersVersion = 1;

/** Scanlines, already filtered: for each row the filter's number, then its bytes. */
export interface Scanlines {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB of each index; absent for truecolour. */
  readonly colours?: Uint32Array;
  readonly lines: Uint8Array;
}

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const truecolour = 2;
const indexedColour = 3;
const up = 2;

/** Up to so many bytes, handing the deflating to another thread takes longer than doing it. */
const deflateHereBytes = 4 * 1024 * 1024;

/** A PNG file of pixels. With a `picture`, the file carries its parameters. */
export async function encodePng(pixels: Pixels, picture?: Picture): Promise<Uint8Array<ArrayBuffer>> {
  return encodeScanlines({ ...pixels, lines: filterUp(pixels) }, picture);
}

/** As `encodePng`, from scanlines that are already filtered. */
export async function encodeScanlines(
  { width, height, colours, lines }: Scanlines,
  picture?: Picture,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = colours === undefined ? truecolour : indexedColour;
  return join([
    signature,
    ...chunk("IHDR", header),
    ...(picture === undefined ? [] : chunk("iTXt", internationalText(picture))),
    ...(colours === undefined ? [] : chunk("PLTE", paletteOf(colours))),
    ...chunk("IDAT", await deflated(lines)),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

/**
 * The parameters that one of our files carries.
 *
 * @throws PictureError with the field `png` for anything that is not a whole PNG of ours
 */
export function readPicture(png: Uint8Array): Picture {
  const size = sizeOf(png);
  const chunks = [...chunksOf(png)];
  for (const { type, data } of chunks) {
    if (type !== "iTXt") continue;
    const text = ourText(data);
    if (text === undefined) continue;
    const picture = checkPicture(parseParameters(text));
    if (picture.width !== size.width || picture.height !== size.height)
      throw new PictureError("png", "The parameters in this PNG belong to a picture of another size.");
    return picture;
  }
  throw new PictureError("png", "This PNG carries no parameters of Fractals.");
}

/**
 * The pixels of one of our files. It knows what `encodePng` writes and refuses the rest of PNG.
 *
 * @throws PictureError with the field `png`
 */
export function decodePng(png: Uint8Array): Pixels {
  const { width, height, colourType } = sizeOf(png);
  const parts: Uint8Array[] = [];
  let colours: Uint32Array | undefined;
  for (const { type, data } of chunksOf(png)) {
    if (type === "PLTE") colours = coloursOf(data);
    if (type === "IDAT") parts.push(data);
  }
  const stride = colourType === truecolour ? 3 * width : width;
  const bytes = unfilter(inflated(join(parts), (1 + stride) * height), stride, height);
  if (colourType === truecolour) return { width, height, bytes };
  if (colours === undefined) throw new PictureError("png", "This PNG has palette indices and no palette.");
  const used = colours.length;
  if (bytes.some((index) => index >= used))
    throw new PictureError("png", "This PNG has a palette index beyond its palette.");
  return { width, height, colours, bytes };
}

/** Each row as its difference to the row above; the first row as it is. */
function filterUp({ width, height, colours, bytes }: Pixels): Uint8Array {
  const stride = colours === undefined ? 3 * width : width;
  const lines = new Uint8Array((1 + stride) * height);
  for (let row = 0, from = 0, to = 0; row < height; row++) {
    lines[to++] = row === 0 ? 0 : up;
    if (row === 0) {
      lines.set(bytes.subarray(0, stride), to);
      to += stride;
      from += stride;
    } else
      for (const end = from + stride; from < end; from++) lines[to++] = bytes[from] - bytes[from - stride];
  }
  return lines;
}

function unfilter(lines: Uint8Array, stride: number, height: number): Uint8Array {
  const bytes = new Uint8Array(stride * height);
  for (let row = 0, from = 0, to = 0; row < height; row++) {
    const filter = lines[from++];
    if (filter !== 0 && filter !== up)
      throw new PictureError("png", `This PNG uses filter ${filter}, which ours never do.`);
    const above = filter === up && row > 0;
    for (const end = to + stride; to < end; to++)
      bytes[to] = lines[from++] + (above ? bytes[to - stride] : 0);
  }
  return bytes;
}

const deflateElsewhere: (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array> = promisify(deflate);

async function deflated(lines: Uint8Array): Promise<Uint8Array> {
  const options = { level: 1, strategy: constants.Z_RLE, memLevel: 9, chunkSize: 256 * 1024 };
  return lines.length <= deflateHereBytes ? deflateSync(lines, options) : deflateElsewhere(lines, options);
}

/** Inflates to exactly so many bytes, and never holds more. */
function inflated(data: Uint8Array, bytes: number): Uint8Array {
  let lines: Uint8Array;
  try {
    lines = inflateSync(data, { maxOutputLength: bytes });
  } catch (error) {
    throw new PictureError("png", `The pixels of this PNG cannot be read: ${(error as Error).message}`);
  }
  if (lines.length !== bytes) throw new PictureError("png", "The pixels of this PNG are not complete.");
  return lines;
}

function chunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length);
  for (let at = 0; at < 4; at++) head[4 + at] = type.charCodeAt(at);
  const check = new Uint8Array(4);
  new DataView(check.buffer).setUint32(0, crc32(data, crc32(head.subarray(4))));
  return [head, data, check];
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The chunks after the signature, each with its checksum verified, up to IEND. */
function* chunksOf(png: Uint8Array): Generator<Chunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = signature.length; ;) {
    if (at + 12 > png.length) throw new PictureError("png", "This PNG is cut off.");
    const length = view.getUint32(at);
    if (length > png.length - at - 12) throw new PictureError("png", "This PNG is cut off.");
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (crc32(png.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      throw new PictureError("png", `The checksum of the ${type} chunk is wrong.`);
    if (type === "IEND") return;
    yield { type, data: png.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function sizeOf(png: Uint8Array): { width: number; height: number; colourType: number } {
  if (!signature.every((byte, at) => png[at] === byte))
    throw new PictureError("png", "This is not a PNG file.");
  const [first] = chunksOf(png);
  if (first?.type !== "IHDR" || first.data.length !== 13)
    throw new PictureError("png", "This PNG has no header.");
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, , , interlace] = first.data.subarray(8);
  if (depth !== 8 || (colourType !== truecolour && colourType !== indexedColour) || interlace !== 0)
    throw new PictureError("png", "This PNG was not written by Fractals: its pixels are of another kind.");
  if (width === 0 || height === 0 || width * height > maximumPoints)
    throw new PictureError("png", `This PNG has ${width} x ${height} pixels, which Fractals does not draw.`);
  return { width, height, colourType };
}

/** Keyword, 0, uncompressed, method 0, no language, no translated keyword, then UTF-8. */
function internationalText(picture: Picture): Uint8Array {
  const text = JSON.stringify({ version: parametersVersion, ...picture });
  return new TextEncoder().encode(`${keyword}\0\0\0\0\0${text}`);
}

function ourText(data: Uint8Array): string | undefined {
  const start = new TextEncoder().encode(`${keyword}\0\0\0\0\0`);
  const isOurs = data.length < 4096 && start.every((byte, at) => data[at] === byte);
  return isOurs ? new TextDecoder().decode(data.subarray(start.length)) : undefined;
}

function parseParameters(text: string): { readonly [field: string]: unknown } {
  let parameters: unknown;
  try {
    parameters = JSON.parse(text);
  } catch {
    throw new PictureError("png", "The parameters in this PNG are not JSON.");
  }
  if (typeof parameters !== "object" || parameters === null || !("version" in parameters))
    throw new PictureError("png", "The parameters in this PNG are not those of a picture.");
  if (parameters.version !== parametersVersion)
    throw new PictureError("png", `The parameters in this PNG are of version ${String(parameters.version)}.`);
  return { ...parameters };
}

function paletteOf(colours: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(3 * colours.length);
  colours.forEach((own, at) => bytes.set([own >> 16, (own >> 8) & 255, own & 255], 3 * at));
  return bytes;
}

function coloursOf(data: Uint8Array): Uint32Array {
  if (data.length % 3 !== 0 || data.length > 768)
    throw new PictureError("png", "The palette of this PNG is broken.");
  return Uint32Array.from(
    { length: data.length / 3 },
    (_, at) => (data[3 * at] << 16) | (data[3 * at + 1] << 8) | data[3 * at + 2],
  );
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
