import type { Constraint } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { matchesPattern } from "./regexp.ts";
import { satisfiesVersion } from "./version.ts";

/** What a target such as `${attr.kernel.name}` stands for; `undefined` if there is no such thing. */
export type Resolve = (target: string) => string | undefined;

/**
 * Whether a constraint holds, its two sides being literals or targets.
 * https://developer.hashicorp.com/nomad/docs/job-specification/constraint
 *
 * `distinct_hosts` and `distinct_property` speak of other instances, not of the node, and hold here.
 */
export function holds(constraint: Constraint, resolve: Resolve): boolean {
  const left = resolve(constraint.attribute);
  const right = resolve(constraint.value);
  const both = (test: (left: string, right: string) => boolean) =>
    left !== undefined && right !== undefined && test(left, right);
  switch (constraint.operator) {
    case "=":
      return both((a, b) => a === b);
    case "!=":
      return left !== right;
    case "<":
      return both((a, b) => compareValues(a, b) < 0);
    case "<=":
      return both((a, b) => compareValues(a, b) <= 0);
    case ">":
      return both((a, b) => compareValues(a, b) > 0);
    case ">=":
      return both((a, b) => compareValues(a, b) >= 0);
    case "is_set":
      return left !== undefined;
    case "is_not_set":
      return left === undefined;
    case "version":
    case "semver":
      return both((a, b) => satisfiesVersion(a, b, constraint.operator as "version" | "semver"));
    case "regexp":
      return both((text, pattern) => matchesPattern(pattern, text));
    case "set_contains":
      return both((set, wanted) => items(wanted).every((item) => items(set).includes(item)));
    case "set_contains_any":
      return both((set, wanted) => items(wanted).some((item) => items(set).includes(item)));
    default:
      return true;
  }
}

/** What the targets of constraints stand for on a node. */
export function resolverOf(node: Node): Resolve {
  return (target) => resolveTarget(target, node);
}

export function resolveTarget(target: string, node: Node): string | undefined {
  if (!target.startsWith("${")) return target;
  const name = target.slice(2, -1);
  if (name.startsWith("attr.")) return own(node.attributes, name.slice("attr.".length));
  if (name.startsWith("meta.")) return own(node.meta, name.slice("meta.".length));
  switch (name) {
    case "node.unique.id":
      return node.id;
    case "node.unique.name":
      return node.name;
    case "node.datacenter":
      return node.zone;
    case "node.class":
      return node.class;
    case "node.pool":
      return node.pool;
    default:
      return undefined;
  }
}

/** Whether the verdict may differ between two nodes of one class. */
export function mentionsUnique(constraint: Constraint): boolean {
  return isUniqueTarget(constraint.attribute) || isUniqueTarget(constraint.value);
}

export function isUniqueTarget(target: string): boolean {
  return /^\$\{(?:attr|meta|node)\.unique\./.test(target);
}

/** As whole numbers if both are, else as numbers if both are, else as text. */
function compareValues(a: string, b: string): number {
  if (integer.test(a) && integer.test(b)) return compare(BigInt(a), BigInt(b));
  if (decimal.test(a) && decimal.test(b)) return Number(a) - Number(b);
  return compare(a, b);
}

const integer = /^-?\d{1,18}$/;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

function own(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
