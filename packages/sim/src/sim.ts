/**
 * `npm run sim -- [--seeds N] [--from S] [--steps N]` runs N clouds, each by a seed of its own, and checks all
 * invariants; `npm run sim -- --seed S [--trace]` runs one of them again exactly as it was.
 */
import { parseArgs } from "node:util";
import { runSeed, type SeedOutcome } from "./run-seed.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    steps: { type: "string", default: "60" },
    trace: { type: "boolean", default: false },
  },
});

const steps = wholeNumber("steps", values.steps);
const first = wholeNumber("seed", values.seed ?? values.from);
const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
process.exitCode = await run();

async function run(): Promise<number> {
  const startedAt = performance.now();
  const outcomes: SeedOutcome[] = [];
  const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runSeed({ seed, steps, ...trace });
    outcomes.push(outcome);
    if (outcome.failure) report(outcome, outcome.failure);
  }
  summarize(outcomes, (performance.now() - startedAt) / 1000);
  return outcomes.some((one) => one.failure) ? 1 : 0;
}

function report({ seed }: SeedOutcome, { step, violations }: NonNullable<SeedOutcome["failure"]>): void {
  for (const { invariant, words } of violations.slice(0, 3))
    console.error(`seed ${seed}, step ${step}: it does not hold that ${invariant}: ${words}`);
  console.error(`  again: npm run sim -- --seed ${seed} --steps ${steps} --trace`);
}

function summarize(outcomes: readonly SeedOutcome[], seconds: number): void {
  const sum = (of: (one: SeedOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  console.log(
    `${outcomes.length} seeds, ${sum((one) => one.steps)} steps, ${sum((one) => one.transactions)} transactions, ` +
      `${sum((one) => one.acknowledgements)} acknowledged requests, ` +
      `${(sum((one) => one.elapsedMs) / 3_600_000).toFixed(1)} simulated hours in ${seconds.toFixed(1)} s`,
  );
  console.log(`what went wrong: ${counts(outcomes.map((one) => one.mishaps))}`);
  console.log(`what was asked:  ${counts(outcomes.map((one) => one.asked))}`);
  console.log(`${outcomes.filter((one) => one.failure).length} seeds broke an invariant`);
}

function counts(maps: readonly ReadonlyMap<string, number>[]): string {
  const total = new Map<string, number>();
  for (const map of maps) for (const [name, times] of map) total.set(name, (total.get(name) ?? 0) + times);
  return [...total]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(", ");
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    console.error(`--${name} ${text}: a whole number is needed.`);
    process.exit(2);
  }
  return value;
}
