/** `formatdate` and `timeadd`, on timestamps as in https://www.rfc-editor.org/rfc/rfc3339. */
import { FunctionFault, type HclFunction } from "../function.ts";
import { stringValue } from "../value.ts";
import { aString, define, textOf } from "./arguments.ts";

export const timeFunctions: readonly HclFunction[] = [
  define("formatdate", [aString("format"), aString("time")], (format, time) =>
    stringValue(formatDate(textOf(format), parseTimestamp(textOf(time), 1))),
  ),
  define("timeadd", [aString("timestamp"), aString("duration")], (timestamp, duration) => {
    const time = parseTimestamp(textOf(timestamp), 0);
    const nanoseconds = time.nanoseconds + parseDuration(textOf(duration));
    return stringValue(formatTimestamp({ ...time, nanoseconds }));
  }),
];

/** A moment since 1970 and the offset in which it was written. */
interface Timestamp {
  readonly nanoseconds: bigint;
  readonly offsetMinutes: number;
}

const timestampPattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

function parseTimestamp(text: string, argument: number): Timestamp {
  const match = timestampPattern.exec(text);
  if (!match) throw new FunctionFault(`not a valid RFC3339 timestamp: "${text}"`, argument);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const offsetMinutes = match[8]
    ? 0
    : (match[9] === "-" ? -1 : 1) * (Number(match[10]) * 60 + Number(match[11]));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59 || Math.abs(offsetMinutes) >= 24 * 60) {
    throw new FunctionFault(`not a valid RFC3339 timestamp: "${text}"`, argument);
  }
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offsetMinutes) * 60 + second;
  return {
    nanoseconds: BigInt(seconds) * billion + BigInt((match[7] ?? "").padEnd(9, "0").slice(0, 9)),
    offsetMinutes,
  };
}

const billion = 1_000_000_000n;

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: billion,
  m: 60n * billion,
  h: 3600n * billion,
};

/** Go's duration syntax, `-1h30m0.5s`, in nanoseconds. */
function parseDuration(text: string): bigint {
  const [, minus, rest] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0n;
  const parts = [...rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  if (length === 0 || length !== rest.length || parts.some((part) => part[1] === "" && part[2] === "")) {
    throw new FunctionFault(`invalid duration "${text}"`, 1);
  }
  const total = parts.reduce((sum, [, whole, fraction, unit]) => {
    const digits = fraction.slice(0, 18);
    return (
      sum +
      BigInt(whole || 0) * units[unit] +
      (BigInt(digits || 0) * units[unit]) / 10n ** BigInt(digits.length)
    );
  }, 0n);
  return minus === "-" ? -total : total;
}

/** The calendar fields as they read in the offset of the timestamp. */
function local({ nanoseconds, offsetMinutes }: Timestamp): Date {
  const seconds = nanoseconds / billion - (nanoseconds % billion < 0n ? 1n : 0n);
  const date = new Date(Number(seconds) * 1000 + offsetMinutes * 60_000);
  if (Number.isNaN(date.getTime())) throw new FunctionFault("the date is out of range");
  return date;
}

function formatTimestamp(time: Timestamp): string {
  return formatDate("YYYY-MM-DD'T'hh:mm:ssZ", time);
}

function formatDate(format: string, time: Timestamp): string {
  const date = local(time);
  return format.replace(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^]/g, (part) => {
    if (part.startsWith("'")) return unquote(part);
    return /[A-Za-z]/.test(part) ? field(part, date, time.offsetMinutes) : part;
  });
}

function unquote(part: string): string {
  if (part === "''") return "'";
  if (part.length === 1 || !part.endsWith("'")) throw new FunctionFault("unterminated literal '", 0);
  return part.slice(1, -1).replaceAll("''", "'");
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function field(verb: string, date: Date, offsetMinutes: number): string {
  const month = months[date.getUTCMonth()];
  const weekday = weekdays[date.getUTCDay()];
  const fields: Record<string, () => string> = {
    YY: () => two(date.getUTCFullYear() % 100),
    YYYY: () => String(date.getUTCFullYear()).padStart(4, "0"),
    M: () => String(date.getUTCMonth() + 1),
    MM: () => two(date.getUTCMonth() + 1),
    MMM: () => month.slice(0, 3),
    MMMM: () => month,
    D: () => String(date.getUTCDate()),
    DD: () => two(date.getUTCDate()),
    EEE: () => weekday.slice(0, 3),
    EEEE: () => weekday,
    h: () => String(date.getUTCHours()),
    hh: () => two(date.getUTCHours()),
    H: () => String(date.getUTCHours() % 12 || 12),
    HH: () => two(date.getUTCHours() % 12 || 12),
    AA: () => (date.getUTCHours() < 12 ? "AM" : "PM"),
    aa: () => (date.getUTCHours() < 12 ? "am" : "pm"),
    m: () => String(date.getUTCMinutes()),
    mm: () => two(date.getUTCMinutes()),
    s: () => String(date.getUTCSeconds()),
    ss: () => two(date.getUTCSeconds()),
    Z: () => (offsetMinutes === 0 ? "Z" : offset(offsetMinutes, ":")),
    ZZZ: () => (offsetMinutes === 0 ? "UTC" : offset(offsetMinutes, "")),
    ZZZZ: () => offset(offsetMinutes, ""),
    ZZZZZ: () => offset(offsetMinutes, ":"),
  };
  if (!Object.hasOwn(fields, verb)) throw new FunctionFault(`invalid date format verb "${verb}"`, 0);
  return fields[verb]();
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function offset(minutes: number, separator: string): string {
  const magnitude = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(magnitude / 60))}${separator}${two(magnitude % 60)}`;
}
