import type { Dice } from "@fractus/core/dice.ts";

/** An id in the form of a UUID of version 4; from seeded dice the same ones again. */
export function newIdFrom(dice: Dice): string {
  const [a, b, c, d] = [word(dice), word(dice), word(dice), word(dice)];
  const versioned = (b & 0xffff_0fff) | 0x4000;
  const marked = (c & 0x3fff_ffff) | 0x8000_0000;
  return `${hex(a)}-${pair(versioned >>> 16)}-${pair(versioned)}-${pair(marked >>> 16)}-${pair(marked)}${hex(d)}`;
}

function word(dice: Dice): number {
  return Math.floor(dice.roll() * 0x1_0000_0000);
}

function hex(word: number): string {
  return pair(word >>> 16) + pair(word);
}

/** The two lowest bytes. */
function pair(word: number): string {
  return bytes[(word >>> 8) & 0xff] + bytes[word & 0xff];
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
