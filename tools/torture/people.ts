/** What people ask of the cloud, by chance: errands whose every detail is drawn beforehand, so that a seed repeats them. */
import { ApiError } from "@fractus/client/error.ts";
import type { Client } from "@fractus/client/client.ts";
import { rollInteger, type Dice } from "@fractus/core/dice.ts";
import type { Account } from "./account.ts";
import { batchJob, dispatchedJob, serviceJob } from "./job-shapes.ts";
import type { JobState, Ledger, NodeState, VariableState } from "./ledger.ts";
import { type Machines, nodeNames } from "./machines.ts";

/** A request, and what it comes to for the one thing that it is about. */
export interface Errand {
  readonly name: string;
  /** Requests about one thing are made one after the other. */
  readonly subject: string;
  ask(client: Client, ledger: Ledger): Promise<void>;
  /** What is to be kept in mind if there is no answer. */
  doubt(ledger: Ledger): void;
  /** Whether the cloud may say no. */
  mayBeRefused(ledger: Ledger): boolean;
}

export type Answer = "acknowledged" | "refused" | "unanswered";

/** What must not have come of a request, in words. */
export interface Wrong {
  readonly wrong: string;
}

export const dispatched = "letters";

/** Makes one request, as soon as the cloud is there. */
export async function run(errand: Errand, machines: Machines, ledger: Ledger): Promise<Answer | Wrong> {
  const client = await machines.client();
  const { kills } = machines;
  try {
    await errand.ask(client, ledger);
    return "acknowledged";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) {
      errand.doubt(ledger);
      return machines.kills > kills
        ? "unanswered"
        : { wrong: `"${errand.name}" got no answer from a running cloud` };
    }
    if (error.status < 500 && errand.mayBeRefused(ledger)) return "refused";
    return { wrong: `"${errand.name}" was answered with ${error.status} ${error.message}` };
  }
}

/** The parameterized job that all dispatches are of, and a service of which nobody asks anything afterwards. */
export const foundations: readonly Errand[] = [foundDispatches(), foundSteady()];

function foundDispatches(): Errand {
  return about<JobState>({
    name: `register ${dispatched}`,
    subject: `job ${dispatched}`,
    account: (ledger) => ledger.job(dispatched),
    send: async (client) => ({
      index: (await client.jobs.register(dispatchedJob(dispatched))).JobModifyIndex,
    }),
    effect: (_, answer) => ({ marker: "first", count: 1, isStopped: false, ...answer }),
  });
}

function foundSteady(): Errand {
  const wish = { id: "steady", marker: "first", count: 6, memoryMb: 16, isRolling: false };
  return about<JobState>({
    name: "register steady",
    subject: "job steady",
    account: (ledger) => ledger.job("steady"),
    send: async (client) => ({ index: (await client.jobs.register(serviceJob(wish))).JobModifyIndex }),
    effect: (_, { index }) => job({ marker: "first", count: 6, isStopped: false }, undefined, index),
  });
}

export function drawErrand(dice: Dice, tag: string): Errand {
  const kinds = [
    [7, registerService],
    [4, scaleService],
    [2, stopService],
    [2, registerBatch],
    [3, dispatch],
    [4, putVariable],
    [1, deleteVariable],
    [1, drain],
    [2, setEligibility],
  ] as const;
  let left = rollInteger(dice, { low: 1, high: kinds.reduce((sum, [weight]) => sum + weight, 0) });
  const [, draw] = kinds.find(([weight]) => (left -= weight) <= 0)!;
  return draw(dice, tag);
}

interface About<T> {
  readonly name: string;
  readonly subject: string;
  account(ledger: Ledger): Account<T>;
  send(client: Client, known: T | undefined): Promise<Partial<T>>;
  effect(before: T | undefined, answer: Partial<T>): T | undefined;
  /** Absent: it never does. */
  isRefusedWhen?(state: T | undefined): boolean;
  mustBeRefusedWhen?(state: T | undefined): boolean;
}

function about<T>({ account, send, effect, ...more }: About<T>): Errand {
  const { name, subject, isRefusedWhen, mustBeRefusedWhen } = more;
  return {
    name,
    subject,
    async ask(client, ledger) {
      const known = account(ledger).certain;
      const mustBeRefused =
        mustBeRefusedWhen && !account(ledger).isPossible((one) => !mustBeRefusedWhen(one));
      const answer = await send(client, known);
      if (mustBeRefused) throw new Error(`"${name}" was acknowledged and had to be refused`);
      account(ledger).acknowledged((before) => effect(before, answer));
    },
    doubt: (ledger) => account(ledger).unanswered((before) => effect(before, {})),
    mayBeRefused: (ledger) => isRefusedWhen !== undefined && account(ledger).isPossible(isRefusedWhen),
  };
}

const services = ["web-0", "web-1", "web-2", "web-3", "web-4", "web-5"];
const paths = ["a", "b/c", "d"];

function registerService(dice: Dice, marker: string): Errand {
  const id = pick(dice, services);
  const count = rollInteger(dice, { low: 1, high: 3 });
  const memoryMb = pick(dice, [32, 64, 96]);
  const isRolling = dice.roll() < 0.5;
  return about<JobState>({
    name: `register ${id}, ${count} of ${memoryMb} MB${isRolling ? ", rolling" : ""}`,
    subject: `job ${id}`,
    account: (ledger) => ledger.job(id),
    async send(client) {
      const wish = { id, marker, count, memoryMb, isRolling };
      return { index: (await client.jobs.register(serviceJob(wish))).JobModifyIndex };
    },
    effect: (before, { index }) => job({ marker, count, isStopped: false }, next(before), index),
  });
}

function scaleService(dice: Dice): Errand {
  const id = pick(dice, services);
  const count = rollInteger(dice, { low: 0, high: 3 });
  return about<JobState>({
    name: `scale ${id} to ${count}`,
    subject: `job ${id}`,
    account: (ledger) => ledger.job(id),
    send: async (client) => ({
      index: (await client.jobs.scale(id, { group: "group", count })).JobModifyIndex,
    }),
    effect: (before, { index }) =>
      before && before.count !== count ? job({ ...before, count }, next(before), index) : before,
    isRefusedWhen: (state) => state === undefined,
    mustBeRefusedWhen: (state) => state === undefined,
  });
}

function stopService(dice: Dice): Errand {
  const id = pick(dice, services);
  const purge = dice.roll() < 0.5;
  return about<JobState>({
    name: `${purge ? "purge" : "stop"} ${id}`,
    subject: `job ${id}`,
    account: (ledger) => ledger.job(id),
    send: async (client) => ({ index: (await client.jobs.stop(id, { purge })).JobModifyIndex }),
    effect(before, { index }) {
      if (purge || before?.isStopped) return purge ? undefined : before;
      return before && job({ ...before, isStopped: true }, next(before), index);
    },
    isRefusedWhen: (state) => state === undefined,
    mustBeRefusedWhen: (state) => state === undefined,
  });
}

function registerBatch(dice: Dice, marker: string): Errand {
  const id = `sum-${marker}`;
  const count = rollInteger(dice, { low: 1, high: 3 });
  const lines = rollInteger(dice, { low: 1, high: 30 });
  return about<JobState>({
    name: `register ${id}, ${count} of ${lines} lines`,
    subject: `job ${id}`,
    account: (ledger) => ledger.job(id),
    send: async (client) => ({
      index: (await client.jobs.register(batchJob({ id, marker, count, lines }))).JobModifyIndex,
    }),
    effect: (before, { index }) => job({ marker, count, isStopped: false }, next(before), index),
  });
}

function job(
  said: Pick<JobState, "marker" | "count" | "isStopped">,
  version: number | undefined,
  index: number | undefined,
): JobState {
  const { marker, count, isStopped } = said;
  return { marker, count, isStopped, ...(version !== undefined && { version }), ...(index && { index }) };
}

function next(before: JobState | undefined): number | undefined {
  return before?.version === undefined ? undefined : before.version + 1;
}

/** Its token makes it harmless to ask again, and whoever got no answer does: see `repeatDispatches`. */
function dispatch(_: Dice, token: string): Errand {
  return {
    name: `dispatch ${dispatched} ${token}`,
    subject: `dispatch ${token}`,
    async ask(client, ledger) {
      const { DispatchedJobID } = await client.jobs.dispatch(dispatched, { idempotencyToken: token });
      ledger.dispatches.set(token, DispatchedJobID);
    },
    doubt: (ledger) => ledger.dispatches.set(token, undefined),
    mayBeRefused: () => false,
  };
}

function putVariable(dice: Dice, value: string): Errand {
  const path = pick(dice, paths);
  const check = pick(dice, ["none", "right", "wrong"] as const);
  return about<VariableState>({
    name: `write variable ${path}${check === "none" ? "" : ` with ${check} index`}`,
    subject: `variable ${path}`,
    account: (ledger) => ledger.variable(path),
    async send(client, known) {
      const isRight = check === "right" && known?.index !== undefined;
      const options = isRight
        ? { checkIndex: known.index }
        : check === "wrong"
          ? { checkIndex: 1_000_000_007 }
          : {};
      return { index: (await client.variables.put(path, { value }, options)).ModifyIndex };
    },
    effect: (before, { index }) =>
      check === "wrong" && index === undefined ? before : { value, ...(index && { index }) },
    isRefusedWhen: () => check === "wrong",
    mustBeRefusedWhen: () => check === "wrong",
  });
}

function deleteVariable(dice: Dice): Errand {
  const path = pick(dice, paths);
  return about<VariableState>({
    name: `delete variable ${path}`,
    subject: `variable ${path}`,
    account: (ledger) => ledger.variable(path),
    send: async (client) => (await client.variables.delete(path), {}),
    effect: () => undefined,
    isRefusedWhen: (state) => state === undefined,
  });
}

function drain(dice: Dice): Errand {
  const name = pick(dice, nodeNames);
  const deadlineSeconds = pick(dice, [-1, 2]);
  return about<NodeState>({
    name: `drain ${name} within ${deadlineSeconds} s`,
    subject: `node ${name}`,
    account: (ledger) => ledger.node(name),
    async send(client) {
      const drain = { Deadline: deadlineSeconds * 1_000_000_000, IgnoreSystemJobs: false };
      await client.nodes.drain(await nodeId(client, name), drain);
      return {};
    },
    effect: () => ({ isEligible: false }),
  });
}

function setEligibility(dice: Dice): Errand {
  const name = pick(dice, nodeNames);
  const isEligible = dice.roll() < 0.5;
  return about<NodeState>({
    name: `make ${name} ${isEligible ? "eligible" : "ineligible"}`,
    subject: `node ${name}`,
    account: (ledger) => ledger.node(name),
    async send(client) {
      await client.nodes.setEligibility(await nodeId(client, name), isEligible ? "eligible" : "ineligible");
      return {};
    },
    effect: () => ({ isEligible }),
    isRefusedWhen: (state) => isEligible && !state?.isEligible, // while it drains
  });
}

async function nodeId(client: Client, name: string): Promise<string> {
  const nodes = await client.nodes.list();
  return nodes.find((one) => one.Name === name)!.ID;
}

/** All nodes take work again, so that what is wanted can come about. */
export async function openNodes(client: Client, ledger: Ledger): Promise<void> {
  for (const name of nodeNames) {
    await client.nodes.drain(await nodeId(client, name), undefined, { markEligible: true });
    ledger.node(name).acknowledged(() => ({ isEligible: true }));
  }
}

/** Whoever got no answer asks again, with the same token. */
export async function repeatDispatches(client: Client, ledger: Ledger): Promise<void> {
  for (const [token, made] of ledger.dispatches) {
    if (made !== undefined) continue;
    const { DispatchedJobID } = await client.jobs.dispatch(dispatched, { idempotencyToken: token });
    ledger.dispatches.set(token, DispatchedJobID);
  }
}

export function pick<T>(dice: Dice, things: readonly T[]): T {
  return things[rollInteger(dice, { low: 0, high: things.length - 1 })];
}
