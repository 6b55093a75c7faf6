import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { ClusterMirror } from "./placement/cluster-mirror.ts";
import type { Ledger } from "./state/ledger.ts";
import type { State } from "./state/state.ts";

/** What commands and loops work with. */
export interface Context {
  readonly state: State;
  readonly ledger: Ledger;
  /** The scheduler's view of nodes and instances, always that of the state. */
  readonly mirror: ClusterMirror;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Agents that can be reached now, by node id. */
  readonly agents: Map<string, AgentAccess>;
  /** Text that nobody can guess. */
  readonly newSecret: () => string;
  readonly terms: Terms;
  readonly log: (line: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** Times and limits of the control plane. */
export interface Terms {
  /** How long a node may be silent before it counts as down. */
  readonly heartbeatTtlMs: number;
  readonly heartbeatGraceMs: number;
  /** After a start of control, nodes have this long to say that they are still there. */
  readonly startGraceMs: number;
  readonly collectEveryMs: number;
  readonly evaluationKeptMs: number;
  readonly batchEvaluationKeptMs: number;
  readonly jobKeptMs: number;
  readonly deploymentKeptMs: number;
  readonly nodeKeptMs: number;
}

/** After https://developer.hashicorp.com/nomad/docs/configuration/server, shorter where one machine needs no patience. */
export const usualTerms: Terms = {
  heartbeatTtlMs: 10_000,
  heartbeatGraceMs: 10_000,
  startGraceMs: 30_000,
  collectEveryMs: 300_000,
  evaluationKeptMs: 3_600_000,
  batchEvaluationKeptMs: 24 * 3_600_000,
  jobKeptMs: 4 * 3_600_000,
  deploymentKeptMs: 3_600_000,
  nodeKeptMs: 24 * 3_600_000,
};
