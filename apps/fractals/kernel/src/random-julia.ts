/** Each try draws two rolls. In the document's windows about one point in forty is accepted. */
const tries = 2000;
const fallback = { xa: -2, xb: 2, ya: -2, yb: 2 };

/** A famous one, for a roll that never comes to anything. Its own orbit escapes at 25. */
const lastResort = { cx: -0.4, cy: 0.6 };

/**
 * Draws the constant of a Julia set by the document's rule: evenly from the window, and accepted when
 * its own orbit escapes neither at once (a picture of dust) nor hardly ever (a picture of one blob).
 *
 * The bound is fixed, so the rule does not depend on the picture's iterations. A window without such
 * points is given up after 2000 tries for the square from -2 to 2. It always ends.
 *
 * @param roll numbers in [0, 1)
 */
export function randomJulia(window: Window, roll: () => number): Constant {
  return drawFrom(window, roll) ?? drawFrom(fallback, roll) ?? lastResort;
}

/** The step i at which c's own orbit (z_0 = c) first has |z_i| > 2, or 100 if it has not until then. */
export function ownEscape({ cx, cy }: Constant): number {
  let [x, y] = [cx, cy];
  for (let i = 0; i < 100; i++) {
    if (x * x + y * y > 4) return i;
    [x, y] = [x * x - y * y + cx, x * y + x * y + cy];
  }
  return 100;
}

/**
 * Rolls in [0, 1) that fall the same way for the same seed: mulberry32, which
 * repeats after 2^32 rolls. Source: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 *
 * @param seed any integer; only its low 32 bits count
 */
export function seededRoll(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Window {
  readonly xa: number;
  readonly xb: number;
  readonly ya: number;
  readonly yb: number;
}

interface Constant {
  readonly cx: number;
  readonly cy: number;
}

function drawFrom({ xa, xb, ya, yb }: Window, roll: () => number): Constant | undefined {
  for (let attempt = 0; attempt < tries; attempt++) {
    const constant = { cx: xa + (xb - xa) * roll(), cy: ya + (yb - ya) * roll() };
    const escape = ownEscape(constant);
    if (escape > 10 && escape < 100) return constant;
  }
  return undefined;
}
