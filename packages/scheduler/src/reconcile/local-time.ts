/**
 * Time zones: how far a zone's clocks are from UTC, and when they are changed. The rules come from
 * the time zone data that the JavaScript engine carries (ECMA-402).
 */
import { Refusal } from "@fractus/core/refusal.ts";

/** By how much the clocks of a zone are ahead of UTC at an instant. */
export type OffsetAt = (atMs: number) => number;

/** @throws Refusal invalid if nobody knows the zone */
export function timeZone(name: string): OffsetAt {
  if (name === "" || name === "UTC") return () => 0;
  const format = formatFor(name);
  return (atMs) => {
    const parts = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts;
    const wholeSecondMs = Math.floor(atMs / 1_000) * 1_000;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecondMs;
  };
}

function formatFor(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new Refusal("invalid", `"${name}" is not a known time zone.`, { cause });
  }
}

/** Clocks are not changed twice within so short a time. */
const strideMs = 14 * 86_400_000;

/** The first instant after `fromMs` and not after `untilMs` at which the clocks are changed. */
export function nextClockChange(
  offsetAt: OffsetAt,
  span: { readonly fromMs: number; readonly untilMs: number },
): number | undefined {
  const offset = offsetAt(span.fromMs);
  let [before, after] = [span.fromMs, span.fromMs];
  while (after < span.untilMs && offsetAt(after) === offset) {
    before = after;
    after = Math.min(after + strideMs, span.untilMs);
  }
  if (offsetAt(after) === offset) return undefined;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}
