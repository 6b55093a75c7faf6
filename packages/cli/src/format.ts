/**
 * Tables, lists of keys and values, and how IDs, times and sizes are written, for all commands alike: the
 * shapes that `nomad` prints. Columns are two blanks apart, an empty cell reads `<none>`.
 */

/** What stands where there is nothing to say. */
export const none = "<none>";

/** The first row is the heading. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (cell === "" ? none : String(cell))));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => widthOf(row[column] ?? ""))));
  return texts
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat(widths[column] - widthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `Key = value` lines with the equals signs in one column. */
export function pairs(entries: readonly (readonly [string, string | number | boolean])[]): string {
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return entries
    .map(([key, value]) => `${key.padEnd(width)} = ${value === "" ? none : String(value)}`)
    .join("\n");
}

/** A heading and what belongs to it. */
export function section(title: string, text: string): string {
  return `${title}\n${text}`;
}

/** Parts with an empty line between them; those that are undefined are left out. */
export function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("\n\n");
}

export function indented(text: string, by = 4): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}

function widthOf(text: string): number {
  return Array.from(text).length;
}

/** The first eight characters, or all of them. */
export function shortId(id: string, isVerbose = false): string {
  return isVerbose ? id : id.slice(0, 8);
}

/** `2020-03-09T19:25:38Z` */
export function instant(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}

/** The same of nanoseconds, as the API counts; nothing for zero. */
export function instantOfNanoseconds(nanoseconds: number): string {
  return nanoseconds > 0 ? instant(nanoseconds / 1e6) : none;
}

/** The same of RFC 3339; Go's zero time, of the year 1, means that there is none. */
export function instantOfText(text: string | null | undefined): string {
  const at = timeOfText(text);
  return at === undefined ? "N/A" : instant(at);
}

/** Milliseconds since 1970, or undefined for no time at all. */
export function timeOfText(text: string | null | undefined): number | undefined {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}

const units: readonly (readonly [string, number])[] = [
  ["y", 365 * 86_400],
  ["mo", 30 * 86_400],
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** The two largest units of a span: `7m49s`, `3d4h`; `0s` for less than a second. */
export function span(ms: number): string {
  let rest = Math.floor(Math.abs(ms) / 1000);
  const first = units.findIndex(([, seconds]) => rest >= seconds);
  if (first < 0) return "0s";
  let text = "";
  for (const [unit, seconds] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / seconds);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * seconds;
  }
  return text;
}

/** `7m49s ago` */
export function ago(unixMs: number, nowMs: number): string {
  return `${span(Math.max(0, nowMs - unixMs))} ago`;
}

/** The same of nanoseconds, as the API counts; nothing for zero. */
export function agoOfNanoseconds(nanoseconds: number, nowMs: number): string {
  return nanoseconds > 0 ? ago(nanoseconds / 1e6, nowMs) : none;
}

/** `1.5 GiB` */
export function bytes(count: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let power = 0;
  let rest = count;
  while (rest >= 1024 && power < names.length - 1) {
    rest /= 1024;
    power++;
  }
  return `${Number(rest.toFixed(power > 2 ? 2 : 0))} ${names[power]}`;
}

/** The entries of a dictionary by name. */
export function sorted<T>(dictionary: Readonly<Record<string, T>> | null | undefined): [string, T][] {
  return Object.entries(dictionary ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
