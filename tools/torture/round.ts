/** One round: people ask, something goes wrong, and then everything comes to rest as it was asked for. */
import { setTimeout as sleep } from "node:timers/promises";
import { rollInteger, type Dice } from "@fractus/core/dice.ts";
import type { Fault } from "./faults.ts";
import { brokenLogs, disturbed, oversubscribed, runningTwice, wrongDispatches } from "./invariants.ts";
import type { Ledger } from "./ledger.ts";
import type { Machines } from "./machines.ts";
import { drawErrand, openNodes, repeatDispatches, run, type Answer, type Errand } from "./people.ts";
import { isLive, look, tasksOf, type Scene } from "./scene.ts";
import { unsettled } from "./settled.ts";

/** How long the cloud may take to bring about what is wanted, once nothing goes wrong any more. */
const patienceMs = 45_000;

/** What is tormented, and what it has told people. */
export interface World {
  readonly machines: Machines;
  readonly ledger: Ledger;
}

export interface Plan {
  readonly errands: readonly { readonly errand: Errand; readonly afterMs: number }[];
  readonly fault: Fault;
}

export interface RoundOutcome {
  readonly answers: Readonly<Record<Answer, number>>;
  /** Tasks whose agent died and that went on in the same process. */
  readonly adopted: number;
  /** From the end of the fault until all was as it is wanted. */
  readonly settledMs: number;
  /** Empty if all is well. */
  readonly violations: readonly string[];
}

export function planRound(
  dice: Dice,
  { number, drawFault }: { readonly number: number; readonly drawFault: (dice: Dice) => Fault },
): Plan {
  const fault = drawFault(dice);
  const [count, withinMs] = fault.isBurst ? [30, 50] : [rollInteger(dice, { low: 5, high: 10 }), 2000];
  const errands = Array.from({ length: count }, (_, at) => ({
    errand: drawErrand(dice, `${number}-${at}`),
    afterMs: rollInteger(dice, { low: 0, high: withinMs }),
  })).toSorted((one, other) => one.afterMs - other.afterMs);
  return { errands, fault: dice.roll() < 0.5 ? fault : inMidst(dice, { errands, fault }) };
}

/** While a request is under way. */
function inMidst(dice: Dice, { errands, fault }: Plan): Fault {
  const { afterMs } = errands[rollInteger(dice, { low: 0, high: errands.length - 1 })];
  return { ...fault, afterMs: afterMs + rollInteger(dice, { low: 1, high: 15 }) };
}

export async function playRound(plan: Plan, world: World): Promise<RoundOutcome> {
  const { machines, ledger } = world;
  const before = await look(await machines.client(), machines.folder);
  const { answers, wrong, killedTask } = await askThroughFault(plan, world);
  const client = await machines.client();
  const lost = await ledger.compare(client);
  await openNodes(client, ledger);
  await repeatDispatches(client, ledger);
  const startedAt = performance.now();
  const { after, unrest } = await comeToRest(machines);
  const settledMs = performance.now() - startedAt;
  const touched = new Set(plan.errands.map(({ errand }) => errand.subject));
  const violations = [...wrong, ...lost, ...unrest, ...(await oversubscribed(client))];
  if (unrest.length === 0) {
    violations.push(...disturbed({ before, after, touched, killedTask }));
    violations.push(...(await brokenLogs(client, after)));
    violations.push(...wrongDispatches(ledger, after));
  }
  const adopted = countAdopted(before, after, plan.fault.killed);
  return { answers, adopted, settledMs, violations };
}

/** Resolves when everybody has an answer or will have none, and everything that died is there again. */
async function askThroughFault({ errands, fault }: Plan, { machines, ledger }: World) {
  const answers = { acknowledged: 0, refused: 0, unanswered: 0 };
  const wrong: string[] = [];
  const ask = async (errand: Errand) => {
    const answer = await run(errand, machines, ledger);
    if (typeof answer === "string") answers[answer]++;
    else wrong.push(answer.wrong);
  };
  const fuse = sleep(fault.afterMs).then(() => fault.cause(machines));
  const [killedTask] = await Promise.all([fuse, askAll(errands, ask)]);
  return { answers, wrong, killedTask };
}

/** Each at its time; those about one thing one after the other. */
async function askAll(errands: Plan["errands"], ask: (errand: Errand) => Promise<void>): Promise<void> {
  const last = new Map<string, Promise<void>>();
  for (const { errand, afterMs } of errands) {
    const before = last.get(errand.subject);
    const own = sleep(afterMs)
      .then(() => before)
      .then(() => ask(errand));
    last.set(errand.subject, own);
  }
  await Promise.all(last.values());
}

/** Looks until everything is as it is wanted; what is not by then, or must never be, is the unrest. */
export async function comeToRest(machines: Machines): Promise<{ after: Scene; unrest: string[] }> {
  const client = await machines.client();
  for (const until = Date.now() + patienceMs; ; await sleep(150)) {
    const after = await look(client, machines.folder);
    const open = unsettled(after, (node) => machines.directoryOf(node));
    const twice = await runningTwice(machines.folder);
    if (twice.length > 0) return { after, unrest: twice };
    if (open.length === 0) return { after, unrest: [] };
    if (Date.now() > until)
      return { after, unrest: open.map((words) => `what is wanted comes about: ${words}`) };
  }
}

function countAdopted(before: Scene, after: Scene, killed: readonly string[]): number {
  const [was, is] = [tasksOf(before), tasksOf(after)];
  return before.allocations.filter(
    (one) =>
      isLive(one) &&
      killed.includes(one.NodeName) &&
      was.has(one.ID) &&
      was.get(one.ID)?.pid === is.get(one.ID)?.pid,
  ).length;
}
