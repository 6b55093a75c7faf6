import { type Ask, demandMhz, type Footprint } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { Company } from "./company.ts";
import { chooseDevices, totalDeviceWeight } from "./devices.ts";
import { feasibleNodes, suitsNeighbours } from "./feasible.ts";
import { fits } from "./fit.ts";
import { poolsOf, type Pool } from "./pools.ts";
import {
  affinityScore,
  type Algorithm,
  antiAffinityScore,
  fitScore,
  freeShare,
  reschedulePenalty,
  serverGroupScore,
} from "./score.ts";
import { spreadBoosts, worstBoost } from "./spread.ts";
import { Tournament } from "./tournament.ts";

/**
 * All nodes that suit an ask, ranked: who is best is known at any time, and after a placement only
 * the node that was chosen is scored again.
 *
 * The score is a mean, and a spread changes it for many nodes at once. So nodes with the same values
 * of all spread attributes form a pool, for which a spread says one thing, the boost. Within a pool
 * the order by the sum of the other terms is the order by score, provided that equally many terms
 * apply. Hence each pool holds up to three tournaments, the lanes: for nodes with none, one, or both
 * of the terms that apply to some nodes only (anti-affinity and reschedule penalty). The best node is
 * the best of the winners of all lanes of all pools.
 *
 * A pool is also closed as a whole once a distinct property allows no more copies on its value.
 */
export class Ranking {
  readonly company: Company;
  /** The nodes that suit, by number, lowest first. */
  readonly candidates: Int32Array;

  readonly #cluster: Cluster;
  readonly #ask: Ask;
  readonly #algorithm: Algorithm;
  readonly #deviceWeight: number;
  readonly #affinities: Float64Array | undefined;
  readonly #pools: readonly Pool[];
  readonly #poolOf: Int32Array;
  readonly #leafOf: Int32Array;
  /** Which lane a candidate is in; -1 if it can take no copy. */
  readonly #laneOf: Int8Array;
  readonly #indexOf: Int32Array;
  #penalized: ReadonlySet<number> = new Set<number>();
  #boosts: readonly Float64Array[];

  /** Terms that apply to every candidate. */
  readonly #commonTerms: number;
  /** What `#measure` found: the sum of the terms, spreads aside, and the lane. */
  #sum = 0;
  #lane = -1;

  constructor(cluster: Cluster, ask: Ask, algorithm: Algorithm) {
    this.#cluster = cluster;
    this.#ask = ask;
    this.#algorithm = algorithm;
    this.company = new Company(cluster, ask);
    this.candidates = feasibleNodes(cluster, ask);
    this.#deviceWeight = totalDeviceWeight(ask.devices);
    this.#affinities = affinitiesOf(cluster, ask, this.candidates);
    this.#commonTerms =
      1 +
      Number(this.#deviceWeight > 0) +
      Number(this.#affinities !== undefined) +
      Number(softPolicy(ask) !== undefined);
    const { pools, poolOf, leafOf } = poolsOf(this.candidates, this.company);
    this.#pools = pools;
    this.#poolOf = poolOf;
    this.#leafOf = leafOf;
    this.#laneOf = new Int8Array(this.candidates.length).fill(-1);
    this.#indexOf = new Int32Array(cluster.nodes.count).fill(-1);
    for (let index = 0; index < this.candidates.length; index++)
      this.#indexOf[this.candidates[index]] = index;
    this.#boosts = this.#currentBoosts();
    this.#fill();
  }

  /** The best node for one more copy, and its score; `undefined` if none can take it. */
  best(): { readonly node: number; readonly score: number } | undefined {
    let best = -1;
    let highest = -Infinity;
    for (const pool of this.#pools) {
      if (this.#isClosed(pool)) continue;
      const boost = this.#boostOf(pool);
      for (let lane = 0; lane < pool.lanes.length; lane++) {
        const tournament = pool.lanes[lane];
        const leaf = tournament ? tournament.best : -1;
        if (tournament === undefined || leaf < 0) continue;
        const score = this.#mean(tournament.keyOf(leaf), lane, boost);
        const index = pool.members[leaf];
        if (score > highest || (score === highest && index < best)) {
          highest = score;
          best = index;
        }
      }
    }
    return best < 0 ? undefined : { node: this.candidates[best], score: highest };
  }

  /** Whether the node suits, with or without room. */
  isCandidate(node: number): boolean {
    return this.#indexOf[node] >= 0;
  }

  /** The score of a node as it stands; `undefined` if it can take no copy. */
  scoreOf(node: number): number | undefined {
    const index = this.#indexOf[node];
    if (index < 0 || this.#isClosed(this.#pools[this.#poolOf[index]])) return undefined;
    this.#measure(index);
    return this.#lane < 0
      ? undefined
      : this.#mean(this.#sum, this.#lane, this.#boostOf(this.#pools[this.#poolOf[index]]));
  }

  /** What the score of a node would be with one more term, given that the node has room. */
  scoreWith(node: number, term: number): number {
    const index = this.#indexOf[node];
    this.#measure(index);
    const boost = this.#boostOf(this.#pools[this.#poolOf[index]]);
    const terms = this.#commonTerms + this.#lane + 1 + Number(boost !== 0);
    return (this.#sum + boost + term) / terms;
  }

  /** The terms of a node's score by name, in the order in which they are added up. */
  terms(node: number): ScoreTerm[] {
    const index = this.#indexOf[node];
    const { members, sameGroup } = this.company;
    const terms: ScoreTerm[] = [{ name: this.#algorithm, value: this.#fitTerm(node) }];
    const add = (name: ScoreTerm["name"], value: number) => terms.push({ name, value });
    const policy = softPolicy(this.#ask);
    if (this.#deviceWeight > 0) add("devices", this.#deviceTerm(node));
    if (sameGroup[node] > 0) add("job-anti-affinity", antiAffinityScore(sameGroup[node], this.#ask.count));
    if (this.#penalized.has(node)) add("node-reschedule-penalty", reschedulePenalty);
    if (this.#affinities) add("node-affinity", this.#affinities[index]);
    if (policy) add("server-group", serverGroupScore(policy, members[node]));
    const boost = this.#boostOf(this.#pools[this.#poolOf[index]]);
    if (boost !== 0) add("allocation-spread", boost);
    return terms;
  }

  /** An instance, of the ask or of something else, has come to a node or has left it. */
  changed(footprint: Footprint, node: number, sign: 1 | -1): void {
    const members = this.company.memberCount;
    this.company.count(this.#ask, footprint, node, sign);
    const isOurs = footprint.job === this.#ask.job && footprint.group === this.#ask.group;
    if (isOurs && this.company.spreads.length > 0) this.#boosts = this.#currentBoosts();
    const hasGroupMoved = (members === 0) !== (this.company.memberCount === 0);
    if (hasGroupMoved && this.#ask.serverGroup?.policy === "affinity") this.#refreshAll();
    else this.refresh(node);
  }

  /** Scores a node again after something else on it has changed. */
  refresh(node: number): void {
    const index = this.#indexOf[node];
    if (index < 0) return;
    const before = this.#laneOf[index];
    this.#measure(index);
    if (before >= 0 && before !== this.#lane) this.#enter(index, before, -Infinity);
    if (this.#lane >= 0) this.#enter(index, this.#lane, this.#sum);
    this.#laneOf[index] = this.#lane;
  }

  /** From now on these nodes, and no others, have the reschedule penalty. */
  penalize(nodes: readonly number[]): void {
    if (nodes.length === 0 && this.#penalized.size === 0) return;
    const changed = new Set([...nodes, ...this.#penalized]);
    this.#penalized = new Set(nodes);
    for (const node of changed) this.refresh(node);
  }

  #refreshAll(): void {
    for (const node of this.candidates) this.refresh(node);
  }

  #fill(): void {
    for (const pool of this.#pools) {
      const lanes: (Float64Array | undefined)[] = [];
      for (let leaf = 0; leaf < pool.members.length; leaf++) {
        const index = pool.members[leaf];
        this.#measure(index);
        this.#laneOf[index] = this.#lane;
        if (this.#lane < 0) continue;
        const keys = (lanes[this.#lane] ??= new Float64Array(pool.members.length).fill(-Infinity));
        keys[leaf] = this.#sum;
      }
      for (const [lane, keys] of lanes.entries()) if (keys) this.#laneOfPool(pool, lane).fill(keys);
    }
  }

  #enter(index: number, lane: number, key: number): void {
    this.#laneOfPool(this.#pools[this.#poolOf[index]], lane).set(this.#leafOf[index], key);
  }

  #laneOfPool(pool: Pool, lane: number): Tournament {
    return (pool.lanes[lane] ??= new Tournament(pool.members.length));
  }

  #measure(index: number): void {
    const node = this.candidates[index];
    this.#lane = -1;
    if (!fits(this.#cluster, this.#ask, node) || !suitsNeighbours(this.#ask, this.company, node)) return;
    const { members, sameGroup } = this.company;
    let sum = this.#fitTerm(node);
    let lane = 0;
    if (this.#deviceWeight > 0) sum += this.#deviceTerm(node);
    if (sameGroup[node] > 0) {
      sum += antiAffinityScore(sameGroup[node], this.#ask.count);
      lane++;
    }
    if (this.#penalized.has(node)) {
      sum += reschedulePenalty;
      lane++;
    }
    if (this.#affinities) sum += this.#affinities[index];
    const policy = softPolicy(this.#ask);
    if (policy) sum += serverGroupScore(policy, members[node]);
    this.#sum = sum;
    this.#lane = lane;
  }

  #fitTerm(node: number): number {
    const { nodes } = this.#cluster;
    const { resources } = this.#ask;
    const cpu = nodes.cpuUsed[node] + demandMhz(resources, nodes.at(node));
    const memory = nodes.memoryUsed[node] + resources.memoryBytes;
    return fitScore(
      { cpu: freeShare(cpu, nodes.cpuRoom[node]), memory: freeShare(memory, nodes.memoryRoom[node]) },
      this.#algorithm,
    );
  }

  #deviceTerm(node: number): number {
    const isTaken = (group: string, id: string) => this.#cluster.isDeviceTaken(node, group, id);
    const { metWeight } = chooseDevices(this.#cluster.nodes.at(node), this.#ask.devices, isTaken);
    return affinityScore(metWeight, this.#deviceWeight);
  }

  #mean(sum: number, lane: number, boost: number): number {
    return boost === 0 ? sum / (this.#commonTerms + lane) : (sum + boost) / (this.#commonTerms + lane + 1);
  }

  #boostOf({ spreadValues }: Pool): number {
    let total = 0;
    for (let spread = 0; spread < spreadValues.length; spread++) {
      const value = spreadValues[spread];
      total += value < 0 ? worstBoost : this.#boosts[spread][value];
    }
    return total;
  }

  #isClosed({ properties }: Pool): boolean {
    for (let index = 0; index < properties.length; index++) {
      const value = properties[index];
      const { limit } = this.#ask.distinctProperties[index];
      if (value < 0 || this.company.properties[index].of(value) >= limit) return true;
    }
    return false;
  }

  #currentBoosts(): Float64Array[] {
    const { spreads, count } = this.#ask;
    const totalWeight = spreads.reduce((sum, { weight }) => sum + weight, 0);
    return spreads.map((spread, index) =>
      spreadBoosts({ spread, count, totalWeight }, this.company.spreads[index]),
    );
  }
}

/** One part of a score, named as `nomad alloc status -verbose` names it. */
export interface ScoreTerm {
  readonly name:
    | Algorithm
    | "devices"
    | "job-anti-affinity"
    | "node-reschedule-penalty"
    | "node-affinity"
    | "server-group"
    | "allocation-spread"
    | "preemption";
  readonly value: number;
}

function softPolicy({ serverGroup }: Ask): "soft-affinity" | "soft-anti-affinity" | undefined {
  const policy = serverGroup?.policy;
  return policy === "soft-affinity" || policy === "soft-anti-affinity" ? policy : undefined;
}

/** The affinity term of each candidate, or `undefined` if the ask has no affinities. */
function affinitiesOf({ nodes }: Cluster, ask: Ask, candidates: Int32Array): Float64Array | undefined {
  const total = ask.affinities.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  if (total === 0) return undefined;
  return Float64Array.from(candidates, (node) => {
    const met = ask.affinities.filter((affinity) =>
      nodes.classes.holds(affinity, nodes.at(node), nodes.classOf[node]),
    );
    return affinityScore(
      met.reduce((sum, { weight }) => sum + weight, 0),
      total,
    );
  });
}
