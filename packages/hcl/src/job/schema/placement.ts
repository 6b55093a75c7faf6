/** Where work may run, where it would rather run, and how it is spread: constraint, affinity, spread. */
import { bool, integer, many, string, type BlockSchema } from "./block.ts";

const operators = [
  "=",
  "==",
  "is",
  "!=",
  "not",
  ">",
  ">=",
  "<",
  "<=",
  "regexp",
  "version",
  "semver",
  "set_contains",
  "set_contains_all",
  "set_contains_any",
] as const;

const target = string("LTarget", "What is looked at on the node, for example ${attr.cpu.arch}.");
const value = string("RTarget", "What it is compared with; it may be interpolated too.");

const shorthands = {
  version: string("RTarget", "Short for the operator version with this range of versions.", {
    operator: "version",
  }),
  semver: string("RTarget", "Short for the operator semver with this range of versions.", {
    operator: "semver",
  }),
  regexp: string("RTarget", "Short for the operator regexp with this expression in RE2 syntax.", {
    operator: "regexp",
  }),
  set_contains: string("RTarget", "Short for the operator set_contains: each of these must be in the set.", {
    operator: "set_contains",
  }),
  set_contains_all: string("RTarget", "Another name for set_contains.", { operator: "set_contains_all" }),
  set_contains_any: string("RTarget", "Short for set_contains_any: one of these must be in the set.", {
    operator: "set_contains_any",
  }),
};

export const constraint: BlockSchema = {
  page: "constraint",
  doc: "A condition that a node must meet to be considered.",
  fields: {
    attribute: target,
    operator: string("Operand", "How the two are compared.", {
      default: "=",
      values: [...operators, "is_set", "is_not_set", "distinct_hosts", "distinct_property"],
    }),
    value,
    ...shorthands,
    distinct_hosts: bool("RTarget", "No two allocations on one node.", { operator: "distinct_hosts" }),
    distinct_property: string("LTarget", "An attribute of which each value is used at most `value` times.", {
      operator: "distinct_property",
    }),
  },
};

export const affinity: BlockSchema = {
  page: "affinity",
  doc: "A condition that makes a node preferred, or avoided if its weight is negative.",
  fields: {
    attribute: target,
    operator: string("Operand", "How the two are compared.", { default: "=", values: operators }),
    value,
    weight: integer("Weight", "From -100 (avoid) to 100 (prefer); never 0.", { default: 50 }),
    ...shorthands,
  },
};

const spreadTarget: BlockSchema = {
  page: "spread",
  doc: "The share of the allocations that one value of the attribute is meant to get.",
  label: { name: "attribute value", json: "Value" },
  fields: { percent: integer("Percent", "The share, from 0 to 100.", { unit: "%" }) },
};

export const spread: BlockSchema = {
  page: "spread",
  doc: "An attribute over whose values the allocations of a group are distributed.",
  fields: {
    attribute: string("Attribute", "The attribute, for example ${node.datacenter}."),
    weight: integer("Weight", "How much this spread counts beside others, from 1 to 100.", { default: 50 }),
    target: many("SpreadTarget", spreadTarget),
  },
};
