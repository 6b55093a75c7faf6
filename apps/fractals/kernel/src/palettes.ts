import type { Palette } from "./picture.ts";

/** Colours are 0xRRGGBB. */
export interface Ring {
  /** The colours in order; after the last comes the first again. */
  readonly colours: Uint32Array;
  /** Points that never escape. */
  readonly interior: number;
}

/** How finely a ring is divided: more steps than a channel has, so that no two neighbours show a band. */
export const ringSize = 1024;

/**
 * The document's colours, `(i % 8 * 32, i % 16 * 16, i % 32 * 8)`: they repeat after 32.
 */
export const classicColours = Uint32Array.from(
  { length: 32 },
  (_, i) => ((i % 8) * 32 * 65_536) | ((i % 16) * 16 * 256) | ((i % 32) * 8),
);

/**
 * The smooth palettes: the interior's colour, then the stops, evenly spread over the ring. A ring starts
 * with the colour of what escapes at once. Each goes from dark to light and back again without passing
 * through mud, so light and shade follow the counts in every turn.
 */
const stops: Readonly<Record<Exclude<Palette, "classic">, string>> = {
  ember: "07020a 120716 3d0f2c 7d1a2e bf3620 ee7315 fcb53b fff0b8 f2a65e a8443d 4f1a38",
  ocean: "01060d 04162b 06325a 0a5a8c 1b8fb0 57c6c9 b9eee0 fbfdf0 8fd8e0 2f86b5 0b3f73",
  aurora: "03030c 080b22 10264b 0d5566 138f78 4fcf83 c9f5a0 8fd6c0 5c8fd0 5d4bb0 2d1d68",
  dusk: "06040f 14102e 33205c 6a3080 ab4585 e0697a f9a27a ffe0b0 d9a6c0 8a6bb5 3c3577",
  forest: "030704 08150d 12331f 1f5a32 468a3c 8fb84c dddd80 fdf6cf d9b36a 8a6236 3a3320",
  glacier: "05070b 0d1420 243a5a 4a729c 86afd0 cfe4f0 ffffff f0dcc8 c79f86 7d5c5e 33304a",
  grey: "000000 0a0a0a 242424 464646 6c6c6c 949494 bcbcbc e2e2e2 ffffff b4b4b4 545454",
};

const rings = new Map<Palette, Ring>();

/** The ring of a palette. The document's has no colour of its own for the interior: it is the last count's. */
export function ringOf(palette: Palette): Ring {
  const known = rings.get(palette);
  if (known !== undefined) return known;
  const made =
    palette === "classic" ? { colours: spread([...classicColours]), interior: 0 } : ringFrom(stops[palette]);
  rings.set(palette, made);
  return made;
}

function ringFrom(text: string): Ring {
  const [interior, ...ring] = text.split(" ").map((digits) => Number.parseInt(digits, 16));
  return { colours: spread(ring), interior };
}

/** A closed curve through the stops (Catmull-Rom), in plain arithmetic so that every engine agrees. */
function spread(ring: readonly number[]): Uint32Array {
  const at = (index: number) => ring[(index + ring.length) % ring.length];
  return Uint32Array.from({ length: ringSize }, (_, index) => {
    const position = (index * ring.length) / ringSize;
    const from = Math.floor(position);
    const t = position - from;
    let colour = 0;
    for (const shift of [16, 8, 0]) {
      const [a, b, c, d] = [from - 1, from, from + 1, from + 2].map((stop) => (at(stop) >> shift) & 255);
      const curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      colour |= Math.min(Math.max(Math.round(curve), 0), 255) << shift;
    }
    return colour;
  });
}
