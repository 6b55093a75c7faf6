import type { NodeFacts } from "../control-link.ts";

/** What runtime references in a job may name. */
export interface Scope {
  readonly env: Readonly<Record<string, string>>;
  readonly node: NodeFacts;
}

/**
 * Replaces references in one pass: `${NAME}`, `${env.NAME}` and `${env["NAME"]}` by the environment,
 * `${node.…}`, `${attr.…}` and `${meta.…}` by what is known of the node. What names nothing stays as
 * it is, and `$${` becomes `${`.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/reference/runtime-variable-interpolation
 */
export function interpolate(text: string, scope: Scope): string {
  if (!text.includes("${")) return text;
  return text.replace(
    /(\$?)\$\{([^{}]*)\}|\$\$\{/g,
    (whole, escape: string | undefined, name: string | undefined) => {
      if (name === undefined || escape === "$") return whole.slice(1);
      return lookUp(name.trim(), scope) ?? whole;
    },
  );
}

/** `interpolate` for every string in a JSON value; names of members stay as they are. */
export function interpolateAll<T>(value: T, scope: Scope): T;
export function interpolateAll(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") return interpolate(value, scope);
  if (Array.isArray(value)) return value.map((item: unknown) => interpolateAll(item, scope));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, interpolateAll(item, scope)]));
}

function lookUp(name: string, { env, node }: Scope): string | undefined {
  const own = nodeProperties(node)[name];
  if (own !== undefined) return own;
  const [, root, member] = /^(attr|meta|env)(?:\.|(?=\[))(.+)$/.exec(name) ?? [];
  if (root === undefined) return valueOf(env, name);
  const key = /^\["(.*)"\]$/.exec(member)?.[1] ?? member;
  if (root === "env") return valueOf(env, key);
  return valueOf(root === "attr" ? node.attributes : node.meta, key);
}

function nodeProperties(node: NodeFacts): Partial<Record<string, string>> {
  return {
    "node.unique.id": node.id,
    "node.unique.name": node.name,
    "node.datacenter": node.zone,
    "node.class": node.class,
    "node.pool": node.pool,
    "node.region": "global",
  };
}

function valueOf(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
