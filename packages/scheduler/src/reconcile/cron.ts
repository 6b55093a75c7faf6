/**
 * Cron lines: which calendar times they name.
 *
 * Five fields are minute, hour, day of month, month, day of week. A sixth at the end is the year; of
 * seven, the first is the second. A field holds `*`, numbers, names (`JAN`, `MON`), ranges, lists and
 * steps; a day of month may be `L` (the last), `LW` (the last weekday) or `15W` (the weekday nearest to
 * the 15th); a day of week may be `5L` (the last Friday) or `6#3` (the third Saturday). If days of
 * month and of week are both restricted, either will do. `@hourly`, `@daily`, `@midnight`, `@weekly`,
 * `@monthly`, `@yearly` and `@annually` are short for the obvious.
 *
 * Source: https://github.com/hashicorp/cronexpr
 */
import { Refusal } from "@fractus/core/refusal.ts";

/** The times a line names, without a time zone. */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  /** Empty: any year up to `lastYear`. */
  readonly years: readonly number[];
  /** The days of a month that are named, ascending. */
  readonly daysOf: (year: number, month: number) => readonly number[];
}

/** No launch is sought after this year. */
export const lastYear = 2099;

const shortcuts: Readonly<Record<string, string>> = {
  "@hourly": "0 0 * * * * *",
  "@daily": "0 0 0 * * * *",
  "@midnight": "0 0 0 * * * *",
  "@weekly": "0 0 0 * * 0 *",
  "@monthly": "0 0 0 1 * * *",
  "@yearly": "0 0 0 1 1 * *",
  "@annually": "0 0 0 1 1 * *",
};

const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words?: readonly string[];
}

/** @throws Refusal invalid, with the field that is not understood */
export function parseCron(line: string): Cron {
  const [second, minute, hour, day, month, weekday, year] = sevenFields(line);
  return {
    seconds: numbersIn(second, { name: "second", low: 0, high: 59 }),
    minutes: numbersIn(minute, { name: "minute", low: 0, high: 59 }),
    hours: numbersIn(hour, { name: "hour", low: 0, high: 23 }),
    months: numbersIn(month, { name: "month", low: 1, high: 12, words: monthNames }),
    years: year === "*" ? [] : numbersIn(year, { name: "year", low: 1970, high: lastYear }),
    daysOf: dayRule(day, weekday),
  };
}

function sevenFields(line: string): string[] {
  const trimmed = line.trim();
  const fields = (shortcuts[trimmed.toLowerCase()] ?? trimmed).toUpperCase().split(/\s+/);
  if (fields.length === 5) return ["0", ...fields, "*"];
  if (fields.length === 6) return ["0", ...fields];
  if (fields.length === 7) return fields;
  throw new Refusal("invalid", `"${line}" is not a cron line: it has ${fields.length} fields, not 5 to 7.`);
}

function numbersIn(text: string, field: Field): number[] {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [range, stepText, ...rest] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (rest.length > 0 || !Number.isInteger(step) || step < 1) throw notUnderstood(part, field);
    const [low, high] = rangeOf(range, field, stepText !== undefined);
    for (let value = low; value <= high; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

/** `5/10` begins at 5 and goes on to the end, `5` is only itself. */
function rangeOf(range: string, field: Field, isStepped: boolean): [number, number] {
  if (range === "*" || range === "?") return [field.low, field.high];
  const [first, second, ...rest] = range.split("-");
  const low = numberOf(first, field);
  const high = second === undefined ? (isStepped ? field.high : low) : numberOf(second, field);
  if (rest.length > 0 || low < field.low || high > field.high || low > high)
    throw notUnderstood(range, field);
  return [low, high];
}

function numberOf(text: string, field: Field): number {
  const named = field.words?.indexOf(text.slice(0, 3)) ?? -1;
  if (named >= 0) return named + (field.low === 0 ? 0 : 1);
  if (!/^\d+$/.test(text)) throw notUnderstood(text, field);
  return Number(text);
}

function notUnderstood(text: string, field: Field): Refusal {
  return new Refusal(
    "invalid",
    `"${text}" is not understood as a ${field.name} (${field.low} to ${field.high}).`,
  );
}

const weekdayField: Field = { name: "day of week", low: 0, high: 7, words: dayNames };
const dayField: Field = { name: "day of month", low: 1, high: 31 };

type DayTest = (date: { readonly day: number; readonly weekday: number; readonly length: number }) => boolean;

function dayRule(day: string, weekday: string): Cron["daysOf"] {
  const isAny = (text: string) => text === "*" || text === "?";
  const byDay = day.split(",").map(dayTest);
  const byWeekday = weekday.split(",").map(weekdayTest);
  const isNamed: DayTest = (date) => {
    const fits = (tests: readonly DayTest[]) => tests.some((test) => test(date));
    if (isAny(day)) return isAny(weekday) || fits(byWeekday);
    return isAny(weekday) ? fits(byDay) : fits(byDay) || fits(byWeekday);
  };
  return (year, month) => {
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
    const days = Array.from({ length }, (_, index) => index + 1);
    return days.filter((day) => isNamed({ day, weekday: (first + day - 1) % 7, length }));
  };
}

function dayTest(part: string): DayTest {
  if (part === "L") return ({ day, length }) => day === length;
  if (part === "LW") return (date) => date.day === nearestWeekday(date.length, date);
  const near = /^(\d+)W$/.exec(part);
  if (near) {
    const target = numberOf(near[1], dayField);
    return (date) => target <= date.length && date.day === nearestWeekday(target, date);
  }
  const days = new Set(numbersIn(part, dayField));
  return ({ day }) => days.has(day);
}

/** Saturday goes back to Friday and Sunday on to Monday, but never into another month. */
function nearestWeekday(target: number, date: Parameters<DayTest>[0]): number {
  const weekday = (((date.weekday + target - date.day) % 7) + 7) % 7;
  if (weekday === 6) return target === 1 ? 3 : target - 1;
  if (weekday === 0) return target === date.length ? target - 2 : target + 1;
  return target;
}

function weekdayTest(part: string): DayTest {
  const last = /^(\w+)L$/.exec(part);
  if (last) {
    const wanted = numberOf(last[1], weekdayField) % 7;
    return ({ day, weekday, length }) => weekday === wanted && day + 7 > length;
  }
  const nth = /^(\w+)#([1-5])$/.exec(part);
  if (nth) {
    const wanted = numberOf(nth[1], weekdayField) % 7;
    return ({ day, weekday }) => weekday === wanted && Math.ceil(day / 7) === Number(nth[2]);
  }
  const days = new Set(numbersIn(part, weekdayField).map((day) => day % 7));
  return ({ weekday }) => days.has(weekday);
}
