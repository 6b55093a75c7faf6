import { grown } from "./columns.ts";
import type { Cluster } from "./cluster.ts";
import { isUniqueTarget, resolveTarget } from "./constraint.ts";

/** The values of one attribute over the nodes, as small numbers. */
export class NodeValues {
  readonly #cluster: Cluster;
  readonly #attribute: string;
  readonly #isUnique: boolean;
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #byClass: (number | undefined)[] = [];

  constructor(cluster: Cluster, attribute: string) {
    this.#cluster = cluster;
    this.#attribute = attribute;
    this.#isUnique = isUniqueTarget(attribute);
  }

  /** How many values are known so far. */
  get count(): number {
    return this.#texts.length;
  }

  text(value: number): string {
    return this.#texts[value];
  }

  /** The number of the node's value, or -1 if it has none. */
  of(node: number): number {
    if (this.#isUnique) return this.#read(node);
    const index = this.#cluster.nodes.classOf[node];
    return (this.#byClass[index] ??= this.#read(node));
  }

  #read(node: number): number {
    const text = resolveTarget(this.#attribute, this.#cluster.nodes.at(node));
    if (text === undefined) return -1;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
}

/** How many instances are on nodes with each value of an attribute. */
export class ValueTally {
  readonly values: NodeValues;
  #counts = new Int32Array(16);

  constructor(values: NodeValues) {
    this.values = values;
  }

  of(value: number): number {
    return value < this.#counts.length ? this.#counts[value] : 0;
  }

  /** One more, or one fewer, on the node. */
  count(node: number, sign: 1 | -1): void {
    const value = this.values.of(node);
    if (value < 0) return;
    this.#counts = grown(this.#counts, value + 1);
    this.#counts[value] += sign;
  }
}
