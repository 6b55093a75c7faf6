/** What is at the far end of a wire: a machine with a disk, on which an agent runs tasks. */
import type { ControlLink, NodeFacts } from "@fractus/agent/control-link.ts";
import type { Assignment } from "@fractus/agent/control-link.ts";
import type { InstanceStatus } from "@fractus/core/allocation.ts";
import type { Clock } from "@fractus/core/clock.ts";
import type { Life } from "./sim-clock.ts";
import {
  type Fate,
  type Machine,
  nextChangeMs,
  SimulatedAgent,
  statusOf,
  turnOff,
} from "./simulated-agent.ts";

export interface Host {
  readonly facts: NodeFacts;
  /** What really runs: by allocation id, how many copies. */
  readonly copies: ReadonlyMap<string, number>;
  /** How an allocation fares as its node knows it, and whether that can become another thing by itself. */
  look(allocationId: string): { readonly status: InstanceStatus; readonly isAtRest: boolean } | undefined;
  /** An agent begins; it ends with its life, at any moment, while its tasks go on. */
  startAgent(process: AgentProcess): void;
  /** Everything that runs ends; what is on its disk stays unless that is lost, too. */
  turnOff(losesDisk: boolean): void;
}

export interface AgentProcess {
  readonly life: Life;
  readonly link: ControlLink;
  /** Stands still when the life is over. */
  readonly clock: Clock;
}

export interface HostOptions {
  readonly facts: NodeFacts;
  readonly clock: Clock;
  readonly fateOf: (assignment: Assignment) => Fate;
}

/** The simulator's own agent: nothing but the protocol. */
export function simulatedHost({ facts, clock, fateOf }: HostOptions): Host {
  const machine: Machine = { facts, runs: new Map(), copies: new Map() };
  return {
    facts,
    copies: machine.copies,
    look(allocationId) {
      const run = machine.runs.get(allocationId);
      const nowMs = clock.nowMs();
      return run && { status: statusOf(run, nowMs), isAtRest: nextChangeMs(run, nowMs) === Infinity };
    },
    startAgent: (process) => new SimulatedAgent({ machine, fateOf, ...process }).start(),
    turnOff: (losesDisk) => turnOff(machine, clock.nowMs(), losesDisk),
  };
}
