import { constants } from "node:os";
import { Refusal } from "@fractus/core/refusal.ts";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** `SIGKILL` for 9; the real-time signals, which have no names here, as `signal 34`. */
export function signalName(number: number): string {
  const name = Object.keys(numbers).find((name) => numbers[name] === number);
  return name ?? `signal ${number}`;
}

/** The number of `SIGHUP`, `hup` or `1`. Refuses what is none. */
export function signalNumber(name: string): number {
  const upper = name.toUpperCase();
  const number = numbers[upper] ?? numbers[`SIG${upper}`] ?? (/^\d{1,2}$/.test(name) ? Number(name) : 0);
  if (number < 1 || number > 64) throw new Refusal("invalid", `There is no signal ${JSON.stringify(name)}.`);
  return number;
}
