/** The formulas, in the order in which the WASM module numbers them. */
export const kinds = ["julia", "mandelbrot", "burning-ship", "tricorn", "multibrot", "newton"] as const;
export type Kind = (typeof kinds)[number];

/** `classic` is the document's own 32 colours; the others run smoothly. */
export const palettes = ["classic", "ember", "ocean", "aurora", "dusk", "forest", "glacier", "grey"] as const;
export type Palette = (typeof palettes)[number];

/**
 * How counts become colours.
 *
 * - `counts`: the integer count picks the colour, as in the document.
 * - `smooth`: a continuous escape count picks it, so there are no bands.
 * - `histogram`: every colour covers about the same area, whatever the counts are.
 */
export const colourings = ["counts", "smooth", "histogram"] as const;
export type Colouring = (typeof colourings)[number];

/** Everything that decides a picture: two equal records give the same pixels, everywhere. */
export interface Picture {
  readonly kind: Kind;
  /** Pixels, at least 2 each way: the coordinate formula divides by `width - 1`. */
  readonly width: number;
  readonly height: number;
  /** The limit: a point that has not escaped counts `iterations - 1`. */
  readonly iterations: number;
  /** The window. Column 0 lies at `xa`, the last at `xb`; `xa > xb` draws it mirrored. */
  readonly xa: number;
  readonly xb: number;
  /** Row 0 lies at `ya`, the last at `yb`. */
  readonly ya: number;
  readonly yb: number;
  /** The constant c of the Julia set; 0 for the other kinds. */
  readonly cx: number;
  readonly cy: number;
  /** The exponent of multibrot, or n of Newton's z^n - 1: 2 to 8. It is 2 for the other kinds. */
  readonly power: number;
  readonly palette: Palette;
  readonly colouring: Colouring;
  /** Supersampling: `samples` x `samples` points per pixel, 1 to 4. */
  readonly samples: number;
}
