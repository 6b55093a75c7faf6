/**
 * Units of the API and ours. It writes durations as whole nanoseconds, points in time as nanoseconds
 * since 1970 or as RFC 3339, and sizes in mebibytes; inside there are milliseconds and bytes.
 */
import { MEBIBYTE } from "@fractus/core/resources.ts";

const nanosecondsPerMs = 1_000_000;

/** Nanoseconds; of a point in time the last few hundred of them are not exact. */
export function nanoseconds(ms: number): number {
  return Math.round(ms * nanosecondsPerMs);
}

export function milliseconds(ns: number): number {
  return Math.round(ns / nanosecondsPerMs);
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}

export function bytesOf(megabytes: number): number {
  return megabytes * MEBIBYTE;
}

/** What Go writes for a time that is not set. */
export const zeroTime = "0001-01-01T00:00:00Z";

/** RFC 3339, in UTC. */
export function timeText(ms: number | undefined): string {
  return ms === undefined ? zeroTime : new Date(ms).toISOString();
}

/** As `timeText`, but null where the time is not set. */
export function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : timeText(ms);
}
