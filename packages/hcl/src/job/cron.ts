/**
 * Cron expressions as periodic jobs have them: five fields (minute, hour, day of the month, month,
 * day of the week), six with a year behind, seven with seconds in front, or a word such as @daily.
 * After https://developer.hashicorp.com/nomad/docs/job-specification/periodic and
 * https://pkg.go.dev/github.com/hashicorp/cronexpr.
 */

/** What is wrong with a cron expression, as a sentence; undefined if it is in order. */
export function cronFault(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("@")) {
    return words.has(trimmed) ? undefined : `There is ${[...words].join(", ")}, but no ${trimmed}.`;
  }
  const parts = trimmed.split(/\s+/);
  if (trimmed === "" || parts.length < 5 || parts.length > 7) {
    return `A cron expression has 5, 6 or 7 fields, this one has ${trimmed === "" ? 0 : parts.length}.`;
  }
  const [seconds, ...others] = fields;
  const used = parts.length === 7 ? [seconds, ...others] : others.slice(0, parts.length);
  for (const [index, part] of parts.entries()) {
    const fault = fieldFault(part, used[index]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const words: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@hourly",
]);

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
  /** Forms beyond numbers, ranges and steps. */
  readonly special?: RegExp;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const noNames: readonly string[] = [];

const fields: readonly Field[] = [
  { name: "second", least: 0, most: 59, names: noNames },
  { name: "minute", least: 0, most: 59, names: noNames },
  { name: "hour", least: 0, most: 23, names: noNames },
  {
    name: "day of the month",
    least: 1,
    most: 31,
    names: noNames,
    special: /^(?:\?|l|lw|(?:[1-9]|[12]\d|3[01])w)$/,
  },
  { name: "month", least: 1, most: 12, names: months },
  {
    name: "day of the week",
    least: 0,
    most: 7,
    names: days,
    special: /^(?:\?|[0-7]l|(?:sun|mon|tue|wed|thu|fri|sat)l|[0-7]#[1-5])$/,
  },
  { name: "year", least: 1970, most: 2099, names: noNames },
];

function fieldFault(text: string, field: Field): string | undefined {
  for (const item of text.toLowerCase().split(",")) {
    const fault = itemFault(item, field);
    if (fault !== undefined) return `The ${field.name} "${text}" will not do: ${fault}.`;
  }
  return undefined;
}

function itemFault(item: string, field: Field): string | undefined {
  if (field.special?.test(item)) return undefined;
  const [range, step, ...rest] = item.split("/");
  if (rest.length > 0) return "there are two slashes";
  if (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) > 0)) return `"${step}" is no step`;
  if (range === "*") return undefined;
  const bounds = range.split("-");
  if (bounds.length > 2) return `"${range}" is no range`;
  const numbers = bounds.map((bound) => numberOf(bound, field));
  const bad = numbers.indexOf(undefined);
  if (bad >= 0) return `"${bounds[bad]}" is not between ${field.least} and ${field.most}`;
  const [from = 0, to = from] = numbers;
  return from > to ? `${range} runs backwards` : undefined;
}

function numberOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names.findIndex((name) => name === text.slice(0, 3));
  if (named >= 0 && /^[a-z]+$/.test(text)) return named + least;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}
