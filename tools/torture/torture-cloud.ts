/** A real cloud is tormented round by round; everything that happens in a round is drawn from the seed. */
import { seededDice } from "@fractus/core/dice.ts";
import { drawFaultKinds } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { Machines, nodeNames } from "./machines.ts";
import { foundations, run, type Answer } from "./people.ts";
import { comeToRest, planRound, playRound, type Plan, type RoundOutcome } from "./round.ts";

export interface TortureOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
  /** No further round begins. */
  readonly signal?: AbortSignal;
  /** Tells every request and fault of a round. */
  readonly isTraced?: boolean;
}

export interface TortureOutcome {
  readonly rounds: number;
  readonly answers: Readonly<Record<Answer, number>>;
  readonly faults: ReadonlyMap<string, number>;
  readonly adopted: number;
  readonly failure?: { readonly round: number | "down"; readonly violations: readonly string[] };
  /** Where the data of the cloud and its agents is kept after a failure. */
  readonly folder: string;
}

export async function tortureCloud({
  seed,
  rounds,
  say,
  signal,
  isTraced,
}: TortureOptions): Promise<TortureOutcome> {
  const machines = new Machines();
  const ledger = new Ledger();
  const answers = { acknowledged: 0, refused: 0, unanswered: 0 };
  const faults = new Map<string, number>();
  const kinds = drawFaultKinds(seededDice(seed));
  let [round, adopted] = [0, 0];
  let failure: TortureOutcome["failure"];
  try {
    await begin(machines, ledger);
    while (round < rounds && !failure && !signal?.aborted) {
      const dice = seededDice(seed ^ Math.imul(++round, 0x9e3779b1));
      const plan = planRound(dice, { number: round, drawFault: kinds[(round - 1) % kinds.length] });
      if (isTraced) trace(plan, say);
      const outcome = await playRound(plan, { machines, ledger });
      for (const kind of ["acknowledged", "refused", "unanswered"] as const)
        answers[kind] += outcome.answers[kind];
      faults.set(plan.fault.name, (faults.get(plan.fault.name) ?? 0) + 1);
      adopted += outcome.adopted;
      say(`round ${round}: ${plan.fault.name}; ${roundWords(outcome)}`);
      if (outcome.violations.length > 0) failure = { round, violations: outcome.violations };
    }
  } catch (error) {
    failure = {
      round,
      violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    };
  }
  const left = await machines.down();
  if (left.length > 0) failure ??= { round: "down", violations: left };
  if (!failure) machines.remove();
  return { rounds: round, answers, faults, adopted, folder: machines.folder, ...(failure && { failure }) };
}

async function begin(machines: Machines, ledger: Ledger): Promise<void> {
  await machines.startAll();
  const client = await machines.client();
  for (const until = Date.now() + 30_000; (await client.nodes.list()).length < nodeNames.length;) {
    if (Date.now() > until) throw new Error("The agents did not join.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const name of nodeNames) ledger.node(name).acknowledged(() => ({ isEligible: true }));
  for (const errand of foundations) {
    const answer = await run(errand, machines, ledger);
    if (answer !== "acknowledged") throw new Error(JSON.stringify(answer));
  }
  const { unrest } = await comeToRest(machines);
  if (unrest.length > 0) throw new Error(unrest.join("\n"));
}

function trace({ errands, fault }: Plan, say: (line: string) => void): void {
  for (const { errand, afterMs } of errands) say(`  after ${afterMs} ms: ${errand.name}`);
  say(`  after ${fault.afterMs} ms: ${fault.name}`);
}

function roundWords({ answers, adopted, settledMs }: RoundOutcome): string {
  const { acknowledged, refused, unanswered } = answers;
  return (
    `requests: ${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered; ` +
    `${adopted} tasks adopted; at rest after ${(settledMs / 1000).toFixed(1)} s`
  );
}
