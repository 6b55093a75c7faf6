/** Numbers and times as people read them. */

/** `512 B`, `71 KiB`, `3.4 MiB`, `23.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${Number(value.toFixed(digits))} ${units[unit]}`;
}

/** From megabytes, as the API gives sizes. */
export function formatMegabytes(megabytes: number): string {
  return formatBytes(megabytes * 1024 * 1024);
}

/** `950 MHz`, `5.2 GHz`. */
export function formatMegahertz(megahertz: number): string {
  if (megahertz < 1000) return `${Math.round(megahertz)} MHz`;
  return `${Number((megahertz / 1000).toFixed(1))} GHz`;
}

/** `0.4 %`, `37 %`. */
export function formatPercent(percent: number): string {
  return `${percent > 0 && percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** `3 s`, `2 min 5 s`, `3 h 20 min`, `4 days`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** `5 s ago`; `now` for less than two seconds. */
export function formatAgo(atMs: number, nowMs: number): string {
  return nowMs - atMs < 2000 ? "now" : `${formatDuration(nowMs - atMs)} ago`;
}

/** The first of the five parts of an ID, which is nearly always enough to name it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Milliseconds of what the API gives in nanoseconds; undefined for none. */
export function millisecondsOf(nanoseconds: number | undefined): number | undefined {
  return nanoseconds ? nanoseconds / 1e6 : undefined;
}

/** Milliseconds of a time in RFC 3339; undefined for none and for the year 1, which stands for none. */
export function timeOf(text: string | null | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN;
  return time > 0 ? time : undefined;
}

/** `1 job`, `3 jobs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
