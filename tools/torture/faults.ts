/** What goes wrong, once a round: drawn beforehand, done in real time. */
import { setTimeout as sleep } from "node:timers/promises";
import { rollInteger, type Dice } from "@fractus/core/dice.ts";
import { type Machines, nodeNames } from "./machines.ts";
import { pick } from "./people.ts";
import { taskProcesses } from "./processes.ts";

export interface Fault {
  readonly name: string;
  /** How long after the first request. */
  readonly afterMs: number;
  /** The nodes whose agent dies, so that their tasks have to be adopted. */
  readonly killed: readonly string[];
  /** Requests come all at once. */
  readonly isBurst?: boolean;
  /** Resolves when all that was ended is started again. @returns the process of a task that it has killed */
  cause(machines: Machines): Promise<number | undefined>;
}

const draws: readonly ((dice: Dice) => Fault)[] = [
  (dice) => killing("the cloud is killed", dice, ["near"]),
  (dice) => killing("an agent is killed", dice, [anAgent(dice)]),
  (dice) => killing("the cloud and an agent are killed", dice, ["near", anAgent(dice)]),
  (dice) => ({
    ...killing("the cloud is killed in a burst", dice, ["near"]),
    afterMs: between(dice, 5, 80),
    isBurst: true,
  }),
  (dice) => ({
    ...killing("both agents are killed in a burst", dice, nodeNames.slice(1)),
    afterMs: between(dice, 20, 600),
    isBurst: true,
  }),
  killedWhileItStarts,
  agentSleeps,
  taskIsKilled,
  supervisorIsKilled,
];

/** All kinds come in turn, in an order of the seed's own. */
export function drawFaultKinds(dice: Dice): readonly ((dice: Dice) => Fault)[] {
  const left = [...draws];
  return draws.map(() => left.splice(between(dice, 0, left.length - 1), 1)[0]);
}

function killing(name: string, dice: Dice, nodes: readonly string[]): Fault {
  const awayMs = nodes.map(() => between(dice, 0, 1500));
  return {
    name,
    afterMs: between(dice, 0, 1500),
    killed: nodes,
    async cause(machines) {
      await Promise.all(nodes.map((node) => machines.kill(node)));
      const restarts = nodes.map(async (node, at) => {
        await sleep(awayMs[at]);
        await machines.start(node);
      });
      await Promise.all(restarts);
      return undefined;
    },
  };
}

/** The store is opened, agents adopt, and then it dies again. */
function killedWhileItStarts(dice: Dice): Fault {
  const startingMs = [between(dice, 100, 500), between(dice, 300, 900)];
  return {
    name: "the cloud is killed while it starts",
    afterMs: between(dice, 0, 1000),
    killed: ["near"],
    async cause(machines) {
      await machines.kill("near");
      for (const forMs of startingMs) {
        machines.launch("near");
        await sleep(forMs);
        await machines.kill("near");
      }
      await machines.start("near");
      return undefined;
    },
  };
}

/** For less time than it takes to be called dead. */
function agentSleeps(dice: Dice): Fault {
  const node = anAgent(dice);
  const forMs = between(dice, 1000, 5000);
  return {
    name: "an agent is suspended",
    afterMs: between(dice, 0, 500),
    killed: [],
    cause: async (machines) => (await machines.suspend(node, forMs), undefined),
  };
}

function taskIsKilled(dice: Dice): Fault {
  const chance = dice.roll();
  return {
    name: "a task is killed",
    afterMs: between(dice, 0, 1000),
    killed: [],
    async cause({ folder }) {
      const tasks = taskProcesses(folder).filter((one) => one.isTask);
      if (tasks.length === 0) return undefined;
      const { pid } = tasks[Math.floor(chance * tasks.length)];
      process.kill(pid, "SIGKILL");
      return pid;
    },
  };
}

/** A task goes on without its supervisor. */
function supervisorIsKilled(dice: Dice): Fault {
  const chance = dice.roll();
  return {
    name: "a supervisor is killed",
    afterMs: between(dice, 0, 1000),
    killed: [],
    async cause({ folder }) {
      const tasks = taskProcesses(folder).filter((one) => one.isTask && one.supervisor !== undefined);
      if (tasks.length > 0) process.kill(tasks[Math.floor(chance * tasks.length)].supervisor!, "SIGKILL");
      return undefined;
    },
  };
}

function anAgent(dice: Dice): string {
  return pick(dice, nodeNames.slice(1));
}

function between(dice: Dice, low: number, high: number): number {
  return rollInteger(dice, { low, high });
}
