/**
 * Durations as Go writes them ("1h30m", "1.5s", "-2ms") and as the API holds them: whole
 * nanoseconds. After https://pkg.go.dev/time#ParseDuration.
 */
const nanosecondsPer: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const largest = 2n ** 63n - 1n;

/**
 * The nanoseconds of a duration, or undefined if the text is none or spans more than 292 years.
 * Whole microseconds are exact up to that limit, as a number can hold them.
 */
export function parseDuration(text: string): number | undefined {
  const [, sign, amount] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (amount === "0") return 0;
  if (text.length > 100 || !/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(amount))
    return undefined;
  let total = 0n;
  for (const [, whole, fraction = "", unit] of amount.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const digits = BigInt(`${whole}${fraction}`);
    total += (digits * nanosecondsPer[unit]) / 10n ** BigInt(fraction.length);
  }
  if (total > largest) return undefined;
  return total === 0n ? 0 : Number(sign === "-" ? -total : total);
}

const units: readonly (readonly [string, number])[] = [
  ["h", 3_600_000_000_000],
  ["m", 60_000_000_000],
  ["s", 1_000_000_000],
  ["ms", 1_000_000],
  ["us", 1_000],
  ["ns", 1],
];

/** The shortest text that parses back to these nanoseconds: "1h30m", "1500ms" as "1s500ms", "0s". */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  let rest = Math.abs(nanoseconds);
  let text = nanoseconds < 0 ? "-" : "";
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
