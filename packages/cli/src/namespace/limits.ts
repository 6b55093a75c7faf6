/** What the jobs of a namespace may ask for together, as the command line and the file of a namespace say it. */
import type { NamespaceLimits } from "@fractus/client/types/namespace.ts";
import { suggest } from "@fractus/hcl/suggest.ts";
import { Failure } from "../failure.ts";

const names = ["cpu", "memory", "allocs"];
const mebibyte = 1024 ** 2;

/**
 * `cpu` in MHz, `memory` in MiB and `allocs` as a count; what is not named, or is 0, has no limit.
 *
 * @throws Failure for another name, or for what is no whole number
 */
export function limitsOf(given: Readonly<Record<string, unknown>>): NamespaceLimits {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = suggest(name, names);
    throw new Failure(
      `Error: a quota limits ${names.join(", ")}, not "${name}".${nearest ? ` Did you mean "${nearest}"?` : ""}`,
    );
  }
  return {
    CPU: limit("cpu", given["cpu"]),
    MemoryBytes: limit("memory", given["memory"]) * mebibyte,
    Allocs: limit("allocs", given["allocs"]),
  };
}

function limit(name: string, value: unknown): number {
  if (value === undefined) return 0;
  const text = typeof value === "number" ? value.toString() : typeof value === "string" ? value : "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure(`Error: the quota's ${name} is a whole number, not ${JSON.stringify(value)}.`);
}

/** The same back: `cpu = 500 MHz`; nothing for no limit at all. */
export function limitPairs(limits: NamespaceLimits | null | undefined): (readonly [string, string])[] {
  const { CPU = 0, MemoryBytes = 0, Allocs = 0 } = limits ?? {};
  return [
    ...(CPU ? [["cpu", `${CPU} MHz`] as const] : []),
    ...(MemoryBytes ? [["memory", `${Math.floor(MemoryBytes / mebibyte)} MiB`] as const] : []),
    ...(Allocs ? [["allocs", String(Allocs)] as const] : []),
  ];
}
