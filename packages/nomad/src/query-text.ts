/** Values that come as text in a query. */
import { Refusal } from "@fractus/core/refusal.ts";
import { parseDuration } from "@fractus/hcl/job/duration.ts";
import { milliseconds } from "./units.ts";

/** A duration such as `5m`, or a number of seconds. @throws Refusal invalid */
export function durationMs(name: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const ns = parseDuration(text);
  if (ns === undefined || ns < 0) throw new Refusal("invalid", `Invalid ${name}: ${JSON.stringify(text)}`);
  return milliseconds(ns);
}

/** A whole number, at least 0. @throws Refusal invalid */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new Refusal("invalid", `Failed to parse value of "${name}" (${JSON.stringify(text)}) as a number`);
  return Number(text);
}

/** As Go reads booleans; a parameter without a value is set. @throws Refusal invalid */
export function booleanOf(name: string, text: string): boolean {
  if (/^(1|t|true|)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new Refusal("invalid", `Failed to parse value of "${name}" (${JSON.stringify(text)}) as a bool`);
}
