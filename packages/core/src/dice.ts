/** Where chance comes from: numbers in [0, 1). */
export interface Dice {
  roll(): number;
}

/**
 * Dice that fall the same way for the same seed: xoshiro128** seeded through splitmix32.
 * Source: Blackman and Vigna, https://prng.di.unimi.it/
 *
 * @param seed any integer; only its low 32 bits count
 */
export function seededDice(seed: number): Dice {
  let mix = seed | 0;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  return {
    roll() {
      const starred = Math.imul(b, 5);
      const result = Math.imul((starred << 7) | (starred >>> 25), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      return result / 0x1_0000_0000;
    },
  };
}

/** A whole number from `low` to `high`, both included. */
export function rollInteger(dice: Dice, range: { readonly low: number; readonly high: number }): number {
  return range.low + Math.floor(dice.roll() * (range.high - range.low + 1));
}
