import { type Dice, rollInteger } from "@fractus/core/dice.ts";

/** Whether something of this likelihood, from 0 to 1, comes about. */
export function happens(dice: Dice, likelihood: number): boolean {
  return dice.roll() < likelihood;
}

export function pick<T>(dice: Dice, things: readonly T[]): T {
  return things[rollInteger(dice, { low: 0, high: things.length - 1 })];
}

export function between(dice: Dice, low: number, high: number): number {
  return rollInteger(dice, { low, high });
}

/** One of the things, in proportion to their weights. */
export function pickWeighted<T>(dice: Dice, things: readonly (readonly [weight: number, thing: T])[]): T {
  const total = things.reduce((sum, [weight]) => sum + weight, 0);
  let left = dice.roll() * total;
  for (const [weight, thing] of things) {
    left -= weight;
    if (left < 0) return thing;
  }
  return things.at(-1)![1];
}
