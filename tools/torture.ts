/**
 * `npm run torture -- --cloud [--rounds N] [--seed S] [--trace]`: what the simulator does under virtual time
 * (`npm run sim`), done to real processes. The seed repeats the requests and the faults and their order; the moments
 * at which they meet what goes on are the machine's own.
 */
import { parseArgs } from "node:util";
import { tortureCloud, type TortureOutcome } from "./torture/torture-cloud.ts";

const { values } = parseArgs({
  options: {
    cloud: { type: "boolean", default: false },
    rounds: { type: "string", default: "20" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const rounds = Number(values.rounds);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!values.cloud || !Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed)) {
    console.error("usage: npm run torture -- --cloud [--rounds N] [--seed S] [--trace]");
    return 2;
  }
  console.log(`seed ${seed}, ${rounds} rounds; Ctrl-C ends it after the round`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const outcome = await tortureCloud({
    seed,
    rounds,
    isTraced: values.trace,
    signal: stop.signal,
    say: (line) => console.log(line),
  });
  summarize(outcome);
  if (!outcome.failure) return 0;
  const { round, violations } = outcome.failure;
  for (const words of violations) console.error(`seed ${seed}, round ${round}: ${words}`);
  console.error(`  again: npm run torture -- --cloud --rounds ${outcome.rounds} --seed ${seed} --trace`);
  console.error(`  the cloud's data and logs: ${outcome.folder}`);
  return 1;
}

function summarize({ rounds, answers, faults, adopted }: TortureOutcome): void {
  const { acknowledged, refused, unanswered } = answers;
  console.log(`${rounds} rounds, ${adopted} tasks adopted`);
  console.log(`requests: ${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered`);
  console.log(`faults:   ${[...faults].map(([name, times]) => `${name} ${times}`).join(", ")}`);
}
