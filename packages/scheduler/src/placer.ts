import type { Ask } from "./ask.ts";
import { choose } from "./choice.ts";
import type { Cluster } from "./cluster.ts";
import { Ranking } from "./ranking.ts";
import { type NodeRefusal, refusals } from "./refusals.ts";
import type { Algorithm } from "./score.ts";

export interface PlaceOptions {
  /** `binpack` unless said otherwise. */
  readonly algorithm?: Algorithm;
  /** Whether less important instances may have to make room. */
  readonly mayEvict?: boolean;
}

/** One copy to be placed now. */
export interface Copy {
  /** The very node, or none: a copy of a system job. */
  readonly onNode?: string;
  /** Node on which its predecessor ran and should run again if there is room: sticky disks. */
  readonly previousNode?: string;
  /** Nodes on which it, or one that it stands in for, failed. */
  readonly failedOn?: readonly string[];
}

/** Where a copy went, and who had to make room. */
export interface Spot {
  readonly row: number;
  readonly score: number;
  readonly evicted: readonly Victim[];
}

/** An instance that was evicted; one without an id was placed in the same plan. */
export interface Victim {
  readonly id: string | undefined;
  readonly job: string;
  readonly group: string;
}

/**
 * Places copy after copy, of one ask or of several in turn, and keeps the ranking of each up to date
 * meanwhile. From the first call to the last nothing else may change the cluster.
 */
export class Placer {
  readonly #cluster: Cluster;
  readonly #options: PlaceOptions;
  readonly #sessions = new Map<Ask, Session>();

  constructor(cluster: Cluster, options: PlaceOptions = {}) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Puts one more copy on the best node; `undefined` if none can take it. */
  next(ask: Ask, copy: Copy = {}): Spot | undefined {
    const session = this.#session(ask);
    const mayEvict = this.#options.mayEvict ?? false;
    const choice = choose(this.#cluster, ask, session.ranking, { copy, mayEvict });
    if (choice === undefined) return undefined;
    const evicted = choice.victims.map((row) => this.#evict(row));
    const row = this.#cluster.settle(choice.node, ask, session.turn);
    session.turn += ask.ports.length;
    for (const { ranking } of this.#sessions.values()) ranking.changed(ask, choice.node, 1);
    return { row, score: choice.score, evicted };
  }

  /** Takes away an instance in whose stead another is to be placed. */
  remove(row: number): void {
    const footprint = this.#cluster.instances.footprint(row);
    const node = this.#cluster.instances.nodeOf[row];
    this.#cluster.remove(row);
    for (const { ranking } of this.#sessions.values()) ranking.changed(footprint, node, -1);
  }

  /** The best node for one more copy, and its score. */
  best(ask: Ask): { readonly node: number; readonly score: number } | undefined {
    return this.#session(ask).ranking.best();
  }

  /** What a node scores for one more copy; `undefined` if it can take none. */
  scoreOf(ask: Ask, node: number): number | undefined {
    return this.#session(ask).ranking.scoreOf(node);
  }

  /** What every node has against one more copy. */
  refusals(ask: Ask): NodeRefusal[] {
    return refusals(this.#cluster, ask, this.#session(ask).ranking.company);
  }

  #evict(row: number): Victim {
    const { job, group } = this.#cluster.instances.footprint(row);
    const id = this.#cluster.instances.id(row);
    this.remove(row);
    return { id, job, group };
  }

  #session(ask: Ask): Session {
    const known = this.#sessions.get(ask);
    if (known) return known;
    const ranking = new Ranking(this.#cluster, ask, this.#options.algorithm ?? "binpack");
    const session = { ranking, turn: firstTurn(ask) };
    this.#sessions.set(ask, session);
    return session;
  }
}

interface Session {
  readonly ranking: Ranking;
  /** Where the search for free ports begins next, see `PortMap.choose`. */
  turn: number;
}

/** A number that follows from the name (FNV-1a). */
function firstTurn(ask: Ask): number {
  let hash = 0x811c9dc5;
  for (const text of [ask.job, ask.group]) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
