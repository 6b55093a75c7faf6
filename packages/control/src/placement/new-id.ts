import type { Dice } from "@fractus/core/dice.ts";

/** An id in the form of a UUID of version 4; from seeded dice the same ones again. */
export function newIdFrom(dice: Dice): string {
  const word = () => Math.floor(dice.roll() * 0x1_0000_0000);
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  const [a, b, c, d] = [hex(word()), hex(word()), hex(word()), hex(word())];
  const variant = ((Number.parseInt(c[0], 16) & 3) | 8).toString(16);
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
