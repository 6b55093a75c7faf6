import type { Constraint } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { holds, mentionsUnique, resolverOf } from "./constraint.ts";

/**
 * Nodes that no constraint can tell apart, but for `unique.` ones, are of one class: what holds for
 * one holds for all, and is worked out once. A class never changes; a node that changes moves to
 * another.
 */
export class NodeClasses {
  readonly #byKey = new Map<string, number>();
  readonly #examples: Node[] = [];
  readonly #keys: string[] = [];
  readonly #names: string[] = [];
  readonly #verdicts = new Map<string, Verdicts>();

  get count(): number {
    return this.#examples.length;
  }

  /** The number of the node's class, a new one if there is none like it. */
  classify(node: Node): number {
    const key = classKey(node);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const index = this.#examples.push(node) - 1;
    this.#keys.push(key);
    this.#byKey.set(key, index);
    return index;
  }

  /** What the class is called in the store: the same in every process and for ever. */
  nameOf(index: number): string {
    return (this.#names[index] ??= nameFor(this.#keys[index]));
  }

  /** Some node of the class. */
  example(index: number): Node {
    return this.#examples[index];
  }

  /** Whether a constraint holds on a node of the class; remembered unless nodes of it may differ. */
  holds(constraint: Constraint, node: Node, index: number): boolean {
    const verdicts = this.#verdictsOn(constraint);
    if (verdicts === undefined) return holds(constraint, resolverOf(node));
    const remembered = verdicts[index];
    if (remembered !== undefined) return remembered;
    const verdict = holds(constraint, resolverOf(node));
    verdicts[index] = verdict;
    return verdict;
  }

  #verdictsOn(constraint: Constraint): Verdicts | undefined {
    if (mentionsUnique(constraint)) return undefined;
    const key = `${constraint.attribute}\n${constraint.operator}\n${constraint.value}`;
    const known = this.#verdicts.get(key);
    if (known) return known;
    if (this.#verdicts.size >= mostConstraints) this.#verdicts.clear();
    const fresh: Verdicts = [];
    this.#verdicts.set(key, fresh);
    return fresh;
  }
}

/** By the number of the class. */
type Verdicts = (boolean | undefined)[];

const mostConstraints = 10_000;

function classKey(node: Node): string {
  return JSON.stringify([
    node.zone,
    node.pool,
    node.class,
    common(node.attributes),
    common(node.meta),
    Object.entries(node.drivers).sort(byFirst),
    node.devices.map(({ vendor, type, name, ids, attributes }) => [
      vendor,
      type,
      name,
      ids.length,
      common(attributes),
    ]),
    Object.entries(node.hostVolumes)
      .map(([name, volume]) => [name, volume.isReadOnly] as const)
      .sort(byFirst),
    Object.keys(node.hostNetworks).sort(),
    [...node.networkModes].sort(),
  ]);
}

/** FNV-1a with 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
function nameFor(key: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(key))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `v1:${hash}`;
}

function common(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values)
    .filter(([name]) => !name.startsWith("unique."))
    .sort(byFirst);
}

function byFirst(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
