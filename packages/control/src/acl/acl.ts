/**
 * What somebody may do: the policies of a token, put together.
 *
 * Of several patterns that fit a name the longest counts, that is the one that leaves the fewest
 * characters to its asterisks; what several policies say of the same pattern adds up, and `deny` beats
 * everything. What nobody allows is forbidden.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/secure/acl/policies
 */
import type { Level, NamespaceCapability, VariableCapability, VolumeCapability } from "./capabilities.ts";
import type { PolicyRules, VariableRule } from "./policy-rules.ts";

export interface Acl {
  /** It may do everything, also give rights to others. */
  readonly isManagement: boolean;
  /** Whether it may do this to what is in a namespace. */
  allows(namespace: string, capability: NamespaceCapability): boolean;
  /** Whether it may do anything at all in a namespace, so that it may know that there is one. */
  sees(namespace: string): boolean;
  /** Whether there is any namespace in which it may do this. */
  allowsSomewhere(capability: NamespaceCapability): boolean;
  allowsVariable(namespace: string, path: string, capability: VariableCapability): boolean;
  allowsPool(pool: string, level: "read" | "write"): boolean;
  allowsVolume(volume: string, capability: VolumeCapability): boolean;
  allowsAt(place: "node" | "agent" | "operator" | "quota" | "plugin", level: "read" | "write"): boolean;
}

const everything: Acl = {
  isManagement: true,
  allows: () => true,
  sees: () => true,
  allowsSomewhere: () => true,
  allowsVariable: () => true,
  allowsPool: () => true,
  allowsVolume: () => true,
  allowsAt: () => true,
};

/** May do everything. */
export const managementAcl: Acl = everything;

/** The rights that come of several policies. Without any it is those of nobody. */
export function aclOf(policies: readonly PolicyRules[]): Acl {
  const namespaces = merged(policies.flatMap((one) => one.namespaces));
  const pools = policies.flatMap((one) => one.nodePools);
  const volumes = merged(policies.flatMap((one) => one.hostVolumes));
  const variables = policies.flatMap((one) => one.namespaces);
  const has = (capabilities: ReadonlySet<string> | undefined, wanted: string) =>
    capabilities !== undefined && !capabilities.has("deny") && capabilities.has(wanted);
  return {
    isManagement: false,
    allows: (namespace, capability) => has(longest(namespaces, namespace), capability),
    sees: (namespace) => {
      const capabilities = longest(namespaces, namespace);
      const isNamed = capabilities !== undefined && capabilities.size > 0 && !capabilities.has("deny");
      return isNamed || variablesIn(variables, namespace).length > 0;
    },
    allowsSomewhere: (capability) => [...namespaces.values()].some((one) => has(one, capability)),
    allowsVariable: (namespace, path, capability) =>
      has(longest(merged(variablesIn(variables, namespace)), path), capability),
    allowsPool: (pool, level) => {
      const pattern = longestPattern(
        pools.map((one) => one.pattern),
        pool,
      );
      return reaches(
        pools.filter((one) => one.pattern === pattern).map((one) => one.level),
        level,
      );
    },
    allowsVolume: (volume, capability) => has(longest(volumes, volume), capability),
    allowsAt: (place, level) =>
      reaches(
        policies.flatMap((one) => one[place] ?? []),
        level,
      ),
  };
}

/** The rules for variables of the namespace's longest pattern. A namespace that is denied has none. */
function variablesIn(rules: PolicyRules["namespaces"], namespace: string): VariableRule[] {
  const pattern = longestPattern(
    rules.map((one) => one.pattern),
    namespace,
  );
  const fitting = rules.filter((one) => one.pattern === pattern);
  if (fitting.some((one) => one.capabilities.includes("deny"))) return [];
  return fitting.flatMap((one) => one.variables);
}

/** What all rules of one pattern say together. */
function merged(
  rules: readonly { readonly pattern: string; readonly capabilities: readonly string[] }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { pattern, capabilities } of rules) {
    const set = found.get(pattern) ?? new Set();
    for (const one of capabilities) set.add(one);
    found.set(pattern, set);
  }
  return found;
}

function longest(
  rules: ReadonlyMap<string, ReadonlySet<string>>,
  name: string,
): ReadonlySet<string> | undefined {
  const pattern = longestPattern([...rules.keys()], name);
  return pattern === undefined ? undefined : rules.get(pattern);
}

/** The pattern that fits the name and leaves the fewest characters of it to its asterisks. */
function longestPattern(patterns: readonly string[], name: string): string | undefined {
  if (patterns.includes(name)) return name;
  let best: string | undefined;
  for (const pattern of patterns) {
    if (!fits(pattern, name)) continue;
    if (best === undefined || literalLength(pattern) > literalLength(best)) best = pattern;
  }
  return best;
}

function literalLength(pattern: string): number {
  return pattern.replaceAll("*", "").length;
}

/** Whether a name fits a pattern in which `*` stands for any text. */
export function fits(pattern: string, name: string): boolean {
  const [first, ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

const ranks: Readonly<Record<Level, number>> = { deny: 0, list: 1, read: 2, write: 3 };

function reaches(levels: readonly Level[], wanted: Level): boolean {
  if (levels.length === 0 || levels.includes("deny")) return false;
  return Math.max(...levels.map((one) => ranks[one])) >= ranks[wanted];
}
