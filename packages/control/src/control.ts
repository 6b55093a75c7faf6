/**
 * The control plane: what is wanted is written down by commands, and loops bring it about. It can be
 * killed at any moment; started again on the same store it goes on where it was.
 */
import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import { AgentLink } from "./agent-link.ts";
import { builtInPools, defaultProject } from "./commands/projects.ts";
import { type Context, type Terms, usualTerms } from "./context.ts";
import { collect } from "./loops/collect.ts";
import { DeploymentLoop } from "./loops/deployments.ts";
import { EvaluationLoop } from "./loops/evaluations.ts";
import { Loop } from "./loops/loop.ts";
import { DrainLoop, HeartbeatLoop } from "./loops/nodes.ts";
import { PeriodicLoop } from "./loops/periodic.ts";
import { ClusterMirror } from "./placement/cluster-mirror.ts";
import { Ledger, type LedgerStore, restoreState, type StoredRow } from "./state/ledger.ts";
import { State } from "./state/state.ts";

/** Where rows are kept; `load` gives back what was written. */
export interface ControlStore extends LedgerStore {
  load(): Promise<{ readonly index: number; readonly rows: Iterable<StoredRow> }>;
}

export interface ControlOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly newSecret: () => string;
  readonly terms?: Partial<Terms>;
  readonly log: Context["log"];
}

export interface Control extends Context {
  /** For agents. */
  readonly link: AgentLink;
  /** Makes an agent known under which a node can be reached, until the function that is returned is called. */
  attachAgent(nodeId: string, agent: AgentAccess): () => void;
  /** Ends the loops; what runs on the nodes goes on. */
  close(): Promise<void>;
}

export async function startControl(options: ControlOptions): Promise<Control> {
  const { store, clock, dice, newSecret, log } = options;
  const state = new State();
  const stored = await store.load();
  restoreState(state, stored.rows, stored.index);
  const ledger = new Ledger(state, store);
  const mirror = new ClusterMirror(state);
  ledger.listen((committed) => mirror.follow(committed));
  await writeBuiltIns(ledger);
  const terms = { ...usualTerms, ...options.terms };
  const context: Context = { state, ledger, mirror, clock, dice, agents: new Map(), newSecret, terms, log };
  const heartbeats = new HeartbeatLoop(context);
  const link = new AgentLink(context, heartbeats);
  ledger.listen((committed) => link.follow(committed));
  const loops = startLoops(context, heartbeats);
  return {
    ...context,
    link,
    attachAgent(nodeId, agent) {
      context.agents.set(nodeId, agent);
      return () => {
        if (context.agents.get(nodeId) === agent) context.agents.delete(nodeId);
      };
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
      await ledger.idle();
    },
  };
}

async function writeBuiltIns(ledger: Ledger): Promise<void> {
  await ledger.transact("project", (draft) => {
    if (!draft.state.projects.get(defaultProject.name)) draft.put("projects", defaultProject);
    for (const pool of builtInPools) if (!draft.state.pools.get(pool.name)) draft.put("pools", pool);
  });
}

function startLoops(context: Context, heartbeats: HeartbeatLoop): Loop[] {
  const { clock, ledger, log, terms } = context;
  const onError = (name: string, error: unknown) =>
    log(`the loop for ${name} failed and goes on`, {
      error: String(error instanceof Error ? error.stack : error),
    });
  const evaluations = new EvaluationLoop(context);
  const deployments = new DeploymentLoop(context);
  const drains = new DrainLoop(context);
  const periodic = new PeriodicLoop(context);
  const start = (
    name: string,
    loop: {
      step(): Promise<number | undefined | void>;
      concerns?(committed: Parameters<EvaluationLoop["concerns"]>[0]): boolean;
    },
    times: { readonly everyMs: number; readonly restMs?: number },
  ) => {
    const running = new Loop({ name, clock, onError, step: () => loop.step(), ...times });
    if (loop.concerns) ledger.listen((committed) => void (loop.concerns!(committed) && running.wake()));
    return running;
  };
  return [
    start("evaluations", evaluations, { everyMs: 30_000 }),
    start("deployments", deployments, { everyMs: 30_000, restMs: 50 }),
    start("drains", drains, { everyMs: 30_000, restMs: 50 }),
    start("heartbeats", heartbeats, { everyMs: 5_000 }),
    start("periodic jobs", periodic, { everyMs: 30_000 }),
    start(
      "collection",
      { step: () => collect(context, { isForced: false }) },
      { everyMs: terms.collectEveryMs },
    ),
  ];
}
