import type { GrantedDevice, GrantedPort } from "@fractus/core/allocation.ts";
import type { Cluster } from "./cluster.ts";
import type { Spot, Victim } from "./placer.ts";

/** The rows and scores of copies that were placed, as columns; what else there is to know on request. */
export class Placements {
  readonly #cluster: Cluster;
  readonly #rows: Int32Array;
  readonly #scores: Float64Array;
  readonly #evicted = new Map<number, readonly Victim[]>();
  #length = 0;

  constructor(cluster: Cluster, most: number) {
    this.#cluster = cluster;
    this.#rows = new Int32Array(most);
    this.#scores = new Float64Array(most);
  }

  get length(): number {
    return this.#length;
  }

  row(index: number): number {
    return this.#rows[index];
  }

  score(index: number): number {
    return this.#scores[index];
  }

  nodeId(index: number): string {
    const { nodes, instances } = this.#cluster;
    return nodes.at(instances.nodeOf[this.#rows[index]]).id;
  }

  /** Everything about one placement; valid as long as it is on the cluster. */
  at(index: number): Placement {
    const row = this.#rows[index];
    const exclusive = this.#cluster.instances.exclusive(row);
    return {
      row,
      nodeId: this.nodeId(index),
      score: this.#scores[index],
      ports: this.#cluster.portsOf(row),
      devices: exclusive?.devices ?? [],
      cores: exclusive?.cores ?? [],
      evicted: this.#evicted.get(index) ?? [],
    };
  }

  add({ row, score, evicted }: Spot): void {
    this.#rows[this.#length] = row;
    this.#scores[this.#length] = score;
    if (evicted.length > 0) this.#evicted.set(this.#length, evicted);
    this.#length++;
  }
}

export interface Placement {
  readonly row: number;
  readonly nodeId: string;
  /** The mean of the terms that apply. */
  readonly score: number;
  readonly ports: readonly GrantedPort[];
  readonly devices: readonly GrantedDevice[];
  readonly cores: readonly number[];
  /** Who had to make room. */
  readonly evicted: readonly Victim[];
}
